"""How often, how much and how deeply one client may ask, and what stays for the others."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from fastapi import FastAPI

from synthome.api import model_routes
from synthome.api.backend import Backend
from synthome.prediction import Prediction
from synthome.query import BULK
from synthome.runs import Runner, RunState, RunStore
from synthome.settings import settings
from tests.api.client import ARROW, fault, fault_paths, finished_link, get, predict
from tests.api.conftest import Configure
from tests.models_for_tests import AnsweredModel, SmallModel, liver_query
from tests.predictions import make_prediction

# How often ----------------------------------------------------------------------------------------------------------


def test_more_predictions_than_allowed_in_a_minute_are_told_to_wait(base: str, configure: Configure) -> None:
    configure(api_predictions_per_minute=2)
    answers = [predict(base, key=key) for key in ("a", "b", "c")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "More than 2 predictions in a minute" in fault(answers[2])[1]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60


def test_more_requests_than_allowed_in_a_minute_are_told_to_wait(base: str, configure: Configure) -> None:
    configure(api_requests_per_minute=3)
    codes = [get(base, "models").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    assert get(base, "terms?q=liver").status_code == 200


def test_each_key_is_counted_for_itself(base: str, configure: Configure) -> None:
    configure(api_keys="a,b", api_requests_per_minute=1)
    assert [get(base, "models", key).status_code for key in ("a", "b", "a")] == [200, 200, 429]


def test_keys_cannot_be_guessed_without_end(base: str, configure: Configure) -> None:
    configure(api_keys="the-key", api_requests_per_minute=3)
    codes = [get(base, "models", f"guess-{number}").status_code for number in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    assert get(base, "models", "the-key").status_code == 200


def test_downloads_count_as_requests(base: str, configure: Configure, runner: Runner) -> None:
    configure()
    link = finished_link(base, runner)
    configure(api_requests_per_minute=1)
    answers = [requests.get(link, timeout=10) for _ in range(2)]
    assert answers[0].status_code == 200
    assert fault(answers[1])[0] == 429


def test_zero_is_no_limit(base: str, configure: Configure) -> None:
    configure(api_requests_per_minute=0, api_predictions_per_minute=0)
    assert {get(base, "models").status_code for _ in range(20)} == {200}


def test_a_class_of_thirty_behind_one_address_is_let_in(base: str, configure: Configure) -> None:
    """Each asks for four predictions in a minute, and polls once a second."""
    configure()
    limits = settings()
    assert limits.api_predictions_per_minute >= 30 * 4
    assert limits.api_requests_per_minute >= 30 * 60 + 30 * 4


# The queue ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow_server(
    base: str, configure: Configure, served: tuple[FastAPI, str], tmp_path: Path
) -> Iterator[tuple[str, Runner, SmallModel]]:
    """One prediction under way and one waiting are all that clients may have; people may have two more waiting."""
    configure(max_running=1, max_waiting=3, api_waiting=1)
    slow = SmallModel(seconds_per_sample=5)
    runner = Runner(RunStore(tmp_path / "slow", 10**9), max_running=1, max_waiting=3)
    served[0].state.backend = Backend(runner, models={BULK: slow})
    yield base, runner, slow
    runner.close()


def test_people_at_the_pages_keep_a_part_of_the_queue(slow_server: tuple[str, Runner, SmallModel]) -> None:
    base, runner, slow = slow_server
    answers = [predict(base) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 503]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert "Try again" in fault(answers[2])[1]
    assert runner.submit("a-person", liver_query(1), slow).state is not RunState.FAILED


def test_asking_all_at_once_takes_no_more_of_the_queue(slow_server: tuple[str, Runner, SmallModel]) -> None:
    base, _, _ = slow_server
    with ThreadPoolExecutor(12) as pool:
        codes = sorted(pool.map(lambda _: predict(base).status_code, range(12)))
    assert codes == [200, 200] + [503] * 10


def test_the_disk_of_peoples_runs_is_not_taken_by_answers_over_http(tmp_path: Path) -> None:
    probe = Runner(RunStore(tmp_path / "probe", 10**9))
    probe.wait("api", probe.submit("api", liver_query(1), SmallModel()).id, 5)
    size = sum(
        -(-path.stat().st_size // 4096) * 4096 for path in (tmp_path / "probe" / "api").rglob("*") if path.is_file()
    )
    probe.close()
    store = RunStore(tmp_path / "runs", 100 * size, {"api": 5 * size})
    runner = Runner(store, max_waiting=100)
    mine = runner.submit("a-person", liver_query(1), SmallModel())
    runner.wait("a-person", mine.id, 5)
    for _ in range(10):
        runner.wait("api", runner.submit("api", liver_query(1), SmallModel()).id, 5)
    assert 1 <= len(runner.runs("api")) <= 5
    assert len(runner.get("a-person", mine.id).prediction.expression) == 2
    runner.close()


# How much -----------------------------------------------------------------------------------------------------------


def test_more_samples_than_allowed_are_refused_with_the_limit(base: str, configure: Configure) -> None:
    body = liver_query(6).to_contract()
    configure(max_samples=5)
    answer = predict(base, body)
    assert answer.status_code == 422
    assert "1 to 5" in answer.text


def test_more_conditions_than_allowed_are_refused_with_the_limit(base: str, configure: Configure) -> None:
    configure(max_conditions=3)
    body = liver_query(1).to_contract()
    body["inputs"] *= 2
    answer = predict(base, body)
    assert fault_paths(answer) == (422, ["inputs"])
    assert "1 to 3 conditions" in answer.text


def test_a_hundred_real_samples_of_twenty_thousand_genes_fit_into_a_body(configure: Configure) -> None:
    configure()
    counts = [48_213, 0, 7, 911, 12_345] * 4_000  # longer than real ones: most genes of a sample have few counts
    assert len(json.dumps({"inputs": [{"counts": counts}] * 100})) < settings().max_body_bytes


@pytest.mark.parametrize("nested", ['[{"a":' * 15 + "1" + "}]" * 15, "[" * 300 + "]" * 300, "[" * 950 + "]" * 950])
@pytest.mark.parametrize("place", ["metadata", "query", "body"])
def test_a_body_nested_deeply_is_refused(base: str, nested: str, place: str) -> None:
    query = liver_query(1).to_contract()
    if place == "metadata":
        query["inputs"][0]["metadata"]["sex"] = "HERE"
    elif place == "query":
        query["sauce"] = "HERE"
    body = nested if place == "body" else json.dumps(query).replace('"HERE"', nested)
    url = f"{base}/api/models/{BULK}/predict"
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    assert fault_paths(answer) == (422, [""])
    assert "nested more than 20 levels" in answer.text


@pytest.mark.parametrize("levels", range(4, 30))
def test_nesting_never_breaks_the_server(base: str, levels: int) -> None:
    query = liver_query(1).to_contract()
    query["inputs"][0]["metadata"]["genotype"] = json.loads("[" * levels + "]" * levels)
    assert fault(predict(base, query))[0] == 422


# Answers that nobody reads ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large() -> Prediction:
    """400 samples of 10,000 genes: 16 MB of counts, 15 MB of JSON."""
    return make_prediction([400], n_genes=10_000)


@pytest.mark.parametrize("form", ["json_stream", "arrow_stream"])
def test_a_client_that_does_not_read_holds_the_answer_back(
    base: str,
    served: tuple[FastAPI, str],
    runner: Runner,
    large: Prediction,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    served[0].state.backend = Backend(runner, models={BULK: AnsweredModel(answer=large)})
    given, whole = _counted(monkeypatch, form)
    with _connected(base, runner, form) as connection:
        connection.recv(1000)
        seen = _settled(given)
        assert 0 < seen < 0.75 * len(b"".join(whole(large)))
        while connection.recv(2**20):
            pass
    assert sum(given) == len(b"".join(whole(large)))


def _counted(monkeypatch: pytest.MonkeyPatch, form: str) -> tuple[list[int], Any]:
    """The sizes of what a stream has given to the server so far, and the stream itself."""
    whole = getattr(model_routes, form)
    given: list[int] = []

    def counted(prediction: Prediction) -> Iterator[bytes]:
        for part in whole(prediction):
            given.append(len(part))
            yield part

    monkeypatch.setattr(model_routes, form, counted)
    return given, whole


def _connected(base: str, runner: Runner, form: str) -> socket.socket:
    """A connection whose buffers are small, on which an answer begins to come."""
    address = urlsplit(base)
    assert address.hostname is not None
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    connection.connect((address.hostname, address.port or 80))
    connection.settimeout(20)
    if form == "json_stream":
        link = urlsplit(finished_link(base, runner))
        request = f"GET {link.path}?{link.query} HTTP/1.1\r\n"
        body = ""
    else:
        body = json.dumps(liver_query(1).to_contract())
        request = f"POST /api/models/{BULK}/predict HTTP/1.1\r\nAccept: {ARROW}\r\n"
        request += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    connection.sendall(f"{request}Host: {address.netloc}\r\nConnection: close\r\n\r\n{body}".encode())
    return connection


def _settled(given: list[int]) -> int:
    """How much was given once no more comes."""
    seen = -1
    while seen != sum(given) or seen == 0:
        seen = sum(given)
        time.sleep(0.5)
    return seen
