"""What stays of queries and answers: over a restart, and as time goes by."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI

from synthome.api.backend import Backend
from synthome.query import BULK, SINGLE_CELL, example_query
from synthome.runs import Runner, RunState, RunStore
from tests.api.client import fault, finished_link, finished_status, get, predict
from tests.api.conftest import Configure
from tests.models_for_tests import SmallModel, liver_query
from tests.walking import ROOT


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
    _wait_until_running(runner, unfinished)
    again = Runner(RunStore(tmp_path / "runs", 10**9))
    served[0].state.backend = Backend(again, models=models)
    assert requests.get(link, timeout=10).content == before
    status = get(base, f"model-queries/{unfinished}/status").json()
    assert status["status"] == "failed"
    assert "interrupted" in status["message"]
    again.close()


def _wait_until_running(runner: Runner, query_id: str) -> None:
    end = time.monotonic() + 5
    while runner.get("api", query_id).state is not RunState.RUNNING and time.monotonic() < end:
        time.sleep(0.01)


@contextmanager
def _process(folder: Path, port: int) -> Iterator[str]:
    """A server that is killed, not stopped, in the end."""
    environment = {**os.environ, "SYNTHOME_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "tests.api.small_server", str(folder), str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while True:
            try:
                requests.get(f"{url}/api/models", timeout=1)
                break
            except requests.ConnectionError:
                assert time.monotonic() < end
                assert server.poll() is None
                time.sleep(0.05)
        yield url
    finally:
        server.kill()
        server.wait(10)


def test_a_link_outlives_the_death_of_its_server(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with _process(tmp_path, port) as url:
        query_id = predict(url, example_query(SINGLE_CELL).to_contract(), SINGLE_CELL).json()["modelQueryId"]
        link = finished_status(url, query_id)["downloadUrl"]
        before = requests.get(link, timeout=10).content
        cut_off, waiting, queued = [predict(url, liver_query(5).to_contract()).json()["modelQueryId"] for _ in range(3)]
    with _process(tmp_path, port) as url:
        assert requests.get(link, timeout=10).content == before
        assert finished_status(url, query_id)["status"] == "ready"
        for unfinished in (cut_off, waiting, queued):
            status = finished_status(url, unfinished)
            assert status["status"] == "failed"
            assert "Synthome stopped before it was done" in status["message"]


# Expiry -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(base: str, configure: Configure, runner: Runner, tmp_path: Path) -> tuple[str, str]:
    """The id and the link of an answer that was given 25 hours ago."""
    configure()
    query_id = predict(base).json()["modelQueryId"]
    run = runner.wait("api", query_id, 5)
    link = finished_status(base, query_id)["downloadUrl"]
    assert run.finished is not None
    _grow_old(tmp_path, runner, query_id, hours=25)
    return query_id, link


def _grow_old(tmp_path: Path, runner: Runner, query_id: str, hours: float) -> None:
    run = runner.get("api", query_id)
    assert run.finished is not None
    then = run.finished - timedelta(hours=hours)
    RunStore(tmp_path / "runs", 10**9).save(replace(run, finished=then, source=None))
    os.utime(tmp_path / "runs" / "api" / query_id / "run.json", (then.timestamp(), then.timestamp()))


def test_an_answer_expires_without_anybody_asking_anything_new(base: str, answered: tuple[str, str]) -> None:
    query_id, link = answered
    for answer in (get(base, f"model-queries/{query_id}/status"), requests.get(link, timeout=10)):
        status, sentence = fault(answer)
        assert status == 404
        assert query_id in sentence
        assert "expired" in sentence
        assert "kept for 24 hours" in sentence


def test_an_unknown_query_is_told_like_one_that_expired(base: str, configure: Configure) -> None:
    configure(api_kept_hours=3)
    status, sentence = fault(get(base, "model-queries/never-asked/status"))
    assert status == 404
    assert "kept for 3 hours" in sentence
    assert "never asked" in sentence


def test_expired_answers_are_removed_when_the_next_query_comes(
    base: str, answered: tuple[str, str], served: tuple[FastAPI, str], runner: Runner, models: dict[str, SmallModel]
) -> None:
    served[0].state.backend = Backend(runner, models=models)  # it has not looked for expired ones in this minute
    new = predict(base).json()["modelQueryId"]
    assert [run.id for run in runner.runs("api")] == [new]


def test_only_what_is_finished_grows_old(
    base: str, configure: Configure, served: tuple[FastAPI, str], runner: Runner, tmp_path: Path
) -> None:
    configure(api_kept_hours=1)
    slow = SmallModel(seconds_per_sample=0.3)
    served[0].state.backend = Backend(runner, models={BULK: slow})
    query_id = predict(base).json()["modelQueryId"]
    _wait_until_running(runner, query_id)
    long_ago = time.time() - 7200
    os.utime(tmp_path / "runs" / "api" / query_id / "run.json", (long_ago, long_ago))
    predict(base)
    assert finished_status(base, query_id)["status"] == "ready"
