"""Who may ask the server, how often, and for how long what it answered can be fetched."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi import FastAPI

from synthome import settings as settings_module
from synthome.api import download_links
from synthome.api.backend import Backend
from synthome.query import BULK
from synthome.runs import Runner, RunState, RunStore
from synthome.settings import Settings
from tests.models_for_tests import SmallModel, liver_query

Configure = Callable[..., None]
KEY = "class-of-2026"


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Configure]:
    """Set some settings of the installation, for one test."""

    def change(**changes: Any) -> None:
        settings_module.settings.cache_clear()
        for name, value in {"data_dir": tmp_path, **changes}.items():
            monkeypatch.setenv(f"SYNTHOME_{name.upper()}", str(value))

    yield change
    settings_module.settings.cache_clear()


def predict(base: str, key: str | None = None, num_samples: int = 1) -> requests.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    body = liver_query(num_samples).to_contract()
    return requests.post(f"{base}/api/models/{BULK}/predict", json=body, headers=headers, timeout=10)


def get(base: str, path: str, key: str | None = None) -> requests.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return requests.get(f"{base}/api/{path}", headers=headers, timeout=10)


def fault(answer: requests.Response) -> tuple[int, str]:
    content = answer.json()
    assert set(content) == {"error", "errors"}
    return answer.status_code, content["error"]


def finished_link(base: str, runner: Runner, key: str | None = None) -> str:
    query_id = predict(base, key).json()["modelQueryId"]
    runner.wait("api", query_id, 5)
    link: str = get(base, f"model-queries/{query_id}/status", key).json()["downloadUrl"]
    return link


# Keys -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [None, "wrong", KEY[:-1], f"{KEY} {KEY}", "ü"])
@pytest.mark.parametrize("path", ["models", f"models/{BULK}/example-query", "model-queries/x/status"])
def test_with_keys_set_nobody_gets_in_without_one(base: str, configure: Configure, path: str, sent: str | None) -> None:
    configure(api_keys=f"other, {KEY}")
    headers = {} if sent is None else {"Authorization": f"Bearer {sent}".encode()}
    answer = requests.get(f"{base}/api/{path}", headers=headers, timeout=10)
    status, sentence = fault(answer)
    assert status == 401
    assert "Authorization: Bearer" in sentence
    assert KEY not in answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_with_keys_set_a_prediction_needs_one_of_them(base: str, configure: Configure) -> None:
    configure(api_keys=f"other,{KEY}")
    assert fault(predict(base))[0] == 401
    assert predict(base, KEY).status_code == 200
    assert predict(base, "other").status_code == 200


def test_terms_can_be_searched_without_a_key(base: str, configure: Configure) -> None:
    configure(api_keys=KEY)
    assert get(base, "terms?q=liver").status_code == 200


def test_without_keys_set_any_or_none_will_do(base: str, configure: Configure) -> None:
    configure()
    assert get(base, "models").status_code == get(base, "models", "anything").status_code == 200


def test_keys_are_not_shown_with_the_settings() -> None:
    assert KEY not in repr(Settings(api_keys=KEY))


# Links ----------------------------------------------------------------------------------------------------------------


def test_the_link_of_an_answer_needs_no_key(base: str, configure: Configure, runner: Runner) -> None:
    configure(api_keys=KEY)
    assert requests.get(finished_link(base, runner, KEY), timeout=10).status_code == 200


def test_a_link_that_was_changed_or_made_up_is_refused(base: str, configure: Configure, runner: Runner) -> None:
    configure()
    link = finished_link(base, runner)
    other = finished_link(base, runner)
    path, _, parameters = link.partition("?")
    for spoilt in (
        path,
        link.replace("expires=", "expires=9"),
        link[:-1],
        f"{other.partition('?')[0]}?{parameters}",
        f"{path}?expires=never&signature=ü",
    ):
        status, sentence = fault(requests.get(spoilt, timeout=10))
        assert (status, "not given out here" in sentence) == (403, True), spoilt


def test_an_old_link_says_to_ask_for_a_fresh_one(
    base: str, configure: Configure, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure()
    monkeypatch.setattr(download_links, "LIFETIME", -1)
    status, sentence = fault(requests.get(finished_link(base, runner), timeout=10))
    assert status == 403
    assert "expired" in sentence
    assert "fresh one" in sentence


def test_the_secret_of_links_is_for_its_owner_alone_and_outlives_the_process(
    base: str, configure: Configure, runner: Runner, tmp_path: Path
) -> None:
    configure()
    link = finished_link(base, runner)
    assert stat.S_IMODE((tmp_path / "download_secret").stat().st_mode) == 0o600
    download_links._secret.cache_clear()  # as a new process begins
    assert requests.get(link, timeout=10).status_code == 200


def test_a_secret_that_was_left_half_written_is_made_anew(configure: Configure, tmp_path: Path) -> None:
    configure()
    (tmp_path / "download_secret").write_bytes(b"half")
    download_links._secret.cache_clear()
    download_links.check_signature("q", **download_links.signature_of("q"))
    assert len((tmp_path / "download_secret").read_bytes()) == 32


# Limits ---------------------------------------------------------------------------------------------------------------


def test_more_predictions_than_allowed_in_a_minute_are_told_to_wait(base: str, configure: Configure) -> None:
    configure(api_predictions_per_minute=2)
    answers = [predict(base, key) for key in ("a", "b", "c")]
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


def test_zero_is_no_limit(base: str, configure: Configure) -> None:
    configure(api_requests_per_minute=0, api_predictions_per_minute=0)
    assert {get(base, "models").status_code for _ in range(20)} == {200}


def test_people_at_the_pages_keep_a_part_of_the_queue(
    base: str, configure: Configure, served: tuple[FastAPI, str], tmp_path: Path
) -> None:
    configure(max_running=1, max_waiting=3, api_waiting=1)
    slow = SmallModel(seconds_per_sample=5)
    runner = Runner(RunStore(tmp_path / "runs", 10**9), max_running=1, max_waiting=3)
    served[0].state.backend = Backend(runner, models={BULK: slow})
    codes = [predict(base).status_code for _ in range(3)]
    assert codes == [200, 200, 503]
    assert runner.submit("a-person", liver_query(1), slow).state is not RunState.FAILED
    runner.close(0.1)


def test_more_samples_than_allowed_are_refused_with_the_limit(base: str, configure: Configure) -> None:
    body = liver_query(6).to_contract()
    configure(max_samples=5)
    answer = requests.post(f"{base}/api/models/{BULK}/predict", json=body, timeout=10)
    assert answer.status_code == 422
    assert "1 to 5" in answer.text


# A restart --------------------------------------------------------------------------------------------------------


def test_finished_answers_survive_a_restart_and_unfinished_ones_say_so(
    base: str,
    configure: Configure,
    served: tuple[FastAPI, str],
    runner: Runner,
    models: dict[str, SmallModel],
    tmp_path: Path,
) -> None:
    configure()
    link = finished_link(base, runner)
    before = requests.get(link, timeout=10).content
    models[BULK].seconds_per_sample = 5
    unfinished = predict(base).json()["modelQueryId"]
    end = time.monotonic() + 5
    while runner.get("api", unfinished).state is not RunState.RUNNING and time.monotonic() < end:
        time.sleep(0.01)
    again = Runner(RunStore(tmp_path / "runs", 10**9))
    served[0].state.backend = Backend(again, models=models)
    assert requests.get(link, timeout=10).content == before
    status = get(base, f"model-queries/{unfinished}/status").json()
    assert status["status"] == "failed"
    assert "interrupted" in status["message"]
    again.close()


def test_a_run_that_was_told_to_be_running_long_ago_has_not_expired(
    base: str, configure: Configure, runner: Runner, tmp_path: Path
) -> None:
    """Only what is finished grows old."""
    configure(api_kept_hours=1)
    query_id = predict(base).json()["modelQueryId"]
    run = runner.wait("api", query_id, 5)
    RunStore(tmp_path / "runs", 10**9).save(replace(run, created=run.created.replace(year=2020), source=None))
    assert get(base, f"model-queries/{query_id}/status").json()["status"] == "ready"
