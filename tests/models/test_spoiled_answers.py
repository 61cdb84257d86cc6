"""Answers spoiled at one place or another: each makes a whole prediction, or one of our errors, and never a fault."""

from __future__ import annotations

import copy
import io
import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import requests
from urllib3 import HTTPResponse

from synthome.errors import QueryError, SynthomeError
from synthome.models.answer import Answer, as_prediction
from synthome.models.arrow_answer import ArrowStream
from synthome.models.failures import CutOff
from synthome.models.json_answer import JsonDownload
from synthome.models.timing import Timing
from synthome.models.wire import Service
from synthome.prediction import Prediction
from synthome.query import Query
from synthome.query.vocabulary import ARROW_STREAM
from synthome.runs import Runner, RunState
from synthome.runs.store import RunStore
from tests.models.leaks import places_with
from tests.models.remote_services import (
    DOWNLOAD,
    KEY,
    ORDER,
    PREDICT,
    STATUS,
    answer,
    as_stream,
    hosted,
    outputs,
    stream,
)
from tests.models.test_real_samples_elsewhere import TELLING, TOLD, telling_query
from tests.models_for_tests import liver_query
from tests.servers import Reply, ScriptedServer

HALF = "half\ud800"
"""JSON can spell half a character; no file can hold it."""
OTHER_VALUES: list[Any] = [
    *(None, True, -1, 1.5, 0, 2**31, 2**63, 10**400, float("nan"), float("inf")),
    *("", "x", HALF, ORDER[0], [], [None], [[1]], [1, 2, 3], ["a", "b", "c"]),
    *({}, {"": None}, {"counts": [1, 2, 3]}, {"counts": {}}, {ORDER[0]: -1}),
    *(json.loads("[" * depth + "]" * depth) for depth in (100, 400, 800)),
]
ANSWERS = [
    pytest.param(answer(), liver_query(1), "gem-1-bulk", id="lists"),
    pytest.param(
        {"outputs": outputs({ORDER[0]: 1, ORDER[2]: 2}), "gene_order": ORDER},
        liver_query(1),
        "gem-1-bulk",
        id="mappings before genes",
    ),
    pytest.param({"gene_order": ORDER, "outputs": TOLD}, telling_query(), TELLING, id="told metadata"),
]


def _places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value within ``value``."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        yield (*before, name)
        yield from _places(value[name], (*before, name))


def _with(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(content)
    within = changed
    for name in place[:-1]:
        within = within[name]
    within[place[-1]] = value
    return changed


@pytest.mark.parametrize(("content", "query", "model_id"), ANSWERS)
def test_whatever_stands_in_the_place_of_a_value(content: Any, query: Query, model_id: str) -> None:
    for place in _places(content):
        for value in OTHER_VALUES:
            body = json.dumps(_with(content, place, value)).encode()
            _read(lambda service, body=body: JsonDownload(service, 2).read(_response(body), _never()), query, model_id)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_to_the_bytes_of_an_arrow_stream(seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - no secret
    told = as_stream(pa.Table.from_pylist(TOLD), batch=1, request_type="predict_metadata")
    for body, query, model_id in ((stream(batch=1), liver_query(1), "gem-1-bulk"), (told, telling_query(), TELLING)):
        for _ in range(400):
            spoiled = bytearray(body)
            for _ in range(drawn.choice([1, 1, 2, 8])):
                spoiled[drawn.randrange(len(spoiled))] = drawn.choice([0, 1, 127, 255, drawn.randrange(256)])
            response = _response(bytes(spoiled), ARROW_STREAM)
            _read(
                lambda service, response=response, model_id=model_id: ArrowStream(service, model_id, 2).read(
                    response, _never()
                ),
                query,
                model_id,
            )


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_to_the_text_of_a_download(seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - no secret
    body = json.dumps(answer()).encode()
    for _ in range(500):
        at = drawn.randrange(len(body))
        put = drawn.choice([b"", b"[", b"}", b'"', b",", b"-", b"1e999", b"9" * 30, b"null", b"\xff", b"\\ud800"])
        spoiled = body[:at] + put + body[at + drawn.randrange(4) :]
        _read(
            lambda service, spoiled=spoiled: JsonDownload(service, 2).read(_response(spoiled), _never()),
            liver_query(1),
            "gem-1-bulk",
        )


def _read(read: Callable[[Service], Answer], query: Query, model_id: str) -> None:
    """Read an answer; anything but a whole prediction or an error of ours fails the test."""
    try:
        answered = read(Service("the hosted service", "https://example.org", KEY, Timing()))
        prediction = as_prediction(answered, query, model_id=model_id, answered_by="hosted", known_genes=None)
    except (SynthomeError, CutOff):
        return
    _check_whole(prediction)


def _check_whole(prediction: Prediction) -> None:
    counts = prediction.expression.to_numpy()
    assert counts.dtype.kind == "i"
    assert counts.shape == (2, 3)
    assert counts.min() >= 0
    str(prediction.metadata.to_dict()).encode()
    "".join(prediction.expression.columns).encode()


def _response(body: bytes, kind: str = "application/json") -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = kind
    response.raw = HTTPResponse(io.BytesIO(body), preload_content=False)
    return response


def _never() -> threading.Event:
    return threading.Event()


# What is kept of it ---------------------------------------------------------------------------------------------------

_HALF_FAILED = {"status": "failed", "errors": [{"path": HALF, "message": HALF}]}
_KEY_IN_PATH = Reply(422, {"errors": [{"path": f"inputs.0.{KEY}", "message": "no"}, {"loc": [KEY], "msg": "no"}]})


@pytest.mark.parametrize(
    ("path", "reply", "state"),
    [
        (DOWNLOAD, Reply(body=answer(model_version=HALF)), RunState.DONE),
        (DOWNLOAD, Reply(body=answer(gene_order=[HALF, *ORDER[1:]])), RunState.DONE),
        (DOWNLOAD, Reply(body=answer([{"counts": [1, 2, 3], "metadata": {HALF: HALF}}] * 2)), RunState.DONE),
        (STATUS, Reply(body={"status": "failed", "message": HALF}), RunState.FAILED),
        (STATUS, Reply(body=_HALF_FAILED), RunState.FAILED),
        (PREDICT, Reply(422, {"error": HALF}), RunState.FAILED),
    ],
)
def test_half_a_character_does_not_keep_a_run_from_being_kept(
    server: ScriptedServer, query: Query, tmp_path: Path, path: tuple[str, str], reply: Reply, state: RunState
) -> None:
    server.on(*path, reply)
    runner = Runner(RunStore(tmp_path, 10**9), max_running=1)
    try:
        run = runner.submit("w" * 22, query, hosted(server))
        runner.wait("w" * 22, run.id, timeout=10)
    finally:
        runner.close()
    again = Runner(RunStore(tmp_path, 10**9), max_running=1)
    try:
        kept = again.get("w" * 22, run.id)
    finally:
        again.close()
    assert kept.state is state
    assert (kept.error is None) is (state is RunState.DONE)


def test_a_key_that_is_repeated_as_the_place_of_a_fault_is_hidden(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, _KEY_IN_PATH)
    model = hosted(server)
    with pytest.raises(QueryError) as caught:
        model.predict(query)
    assert [error.path for error in caught.value.errors] == ["inputs.0.(key)", "(key)"]
    assert places_with(KEY, error=caught.value, model=model, log="") == []
