"""Whatever a service does: the prediction ends in time, with the right words, and the key is nowhere to be read."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path
from typing import Any

import pytest

from synthome.errors import SynthomeError
from synthome.models.protocol import Cancelled, ProgressCallback
from synthome.models.remote import RemoteModel
from synthome.prediction import Prediction
from synthome.query import Query
from synthome.runs import Runner, RunState
from synthome.runs.store import RunStore
from tests.models.leaks import places_with
from tests.models.misbehaviours import SELF_HOSTED, Misbehaviour
from tests.models.misbehaviours_hosted import HOSTED
from tests.models.remote_services import KEY, hosted, self_hosted
from tests.servers import ScriptedServer

WORKSPACE = "w" * 22
SLACK = 0.6
"""Seconds that a busy machine may be late."""
CASES = [pytest.param("hosted", case, id=f"hosted: {name}") for name, case in HOSTED.items()]
CASES += [pytest.param("self-hosted", case, id=f"self-hosted: {name}") for name, case in SELF_HOSTED.items()]


def test_there_are_dozens_of_ways_to_misbehave() -> None:
    assert len({*HOSTED, *SELF_HOSTED}) >= 30


class Witnessed:
    """A model whose error is kept for a closer look; the runner asks it as any other."""

    def __init__(self, model: RemoteModel) -> None:
        self.model = model
        self.error: BaseException | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def predict(self, query: Query, progress: ProgressCallback, cancelled: Cancelled) -> Prediction:
        try:
            return self.model.predict(query, progress, cancelled)
        except SynthomeError as error:
            self.error = error
            raise


@pytest.mark.parametrize(("answerer", "case"), CASES)
def test_a_service_that_misbehaves_ends_in_words_in_time_and_the_key_is_nowhere(
    answerer: str,
    case: Misbehaviour,
    server: ScriptedServer,
    query: Query,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    case.script(server)
    model = Witnessed((hosted if answerer == "hosted" else self_hosted)(server, case.timing))
    runner = Runner(RunStore(tmp_path, 10**9), max_running=1)
    begun = time.monotonic()
    try:
        with caplog.at_level(logging.DEBUG):
            run = runner.submit(WORKSPACE, query, model)
            run = runner.wait(WORKSPACE, run.id, timeout=10)
    finally:
        runner.close()
    assert time.monotonic() - begun < case.timing.total + SLACK
    assert isinstance(model.error, case.error), repr(model.error)
    assert re.search(case.words, str(model.error)), str(model.error)
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.message == str(model.error)
    log = caplog.text + repr(run)
    assert places_with(KEY, error=model.error, model=model.model, log=log, folder=tmp_path) == []
