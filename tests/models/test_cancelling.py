"""A cancel is heard at every step, and leaves nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from synthome.errors import PredictionCancelled
from synthome.models.protocol import Model
from synthome.models.timing import Timing
from synthome.query import Query
from tests.models.misbehaviours import WHOLE
from tests.models.remote_services import DOWNLOAD, PREDICT, STATUS, answer, arrow_reply, hosted, self_hosted, stream
from tests.models.socket_tricks import drip, drip_the_headers, endless, fall_silent
from tests.servers import Reply, ScriptedServer

LONG = Timing(connect=5, read=5, total=60, first_poll=0.01, last_poll=0.02, attempts=9, backoff=5)

HOSTED = {
    "between polls": (STATUS, Reply(body={"status": "running"}), Timing(first_poll=60, last_poll=60)),
    "in a poll": (STATUS, Reply(body={"status": "running"}, delay=1.0), LONG),
    "while sending": (PREDICT, Reply(body={"modelQueryId": "q-1"}, delay=1.0), LONG),
    "while headers drip": (PREDICT, Reply(act=drip_the_headers), LONG),
    "before the download": (DOWNLOAD, Reply(body=answer(), delay=1.0), LONG),
    "in a download that drips": (DOWNLOAD, Reply(act=drip(WHOLE)), LONG),
    "in a download that fell silent": (DOWNLOAD, Reply(act=fall_silent(WHOLE)), LONG),
    "in a download without end": (DOWNLOAD, Reply(act=endless(b" " * 4096, b'{"outputs": ')), LONG),
    "in a value without end": (DOWNLOAD, Reply(act=endless(b"1," * 2048, b'{"x": [')), LONG),
    "before the next attempt to poll": (STATUS, Reply(503), LONG),
    "while the service is given time": (STATUS, Reply(503, headers={"Retry-After": "30"}), LONG),
    "before the query is sent again": (PREDICT, Reply(429), LONG),
}
SELF_HOSTED = {
    "while the container computes": (PREDICT, arrow_reply(stream(), delay=1.0), LONG),
    "while the answer drips": (PREDICT, Reply(act=drip(stream())), LONG),
    "in the midst of the answer": (PREDICT, Reply(act=fall_silent(stream(batch=1))), LONG),
    "before the query is sent again": (PREDICT, Reply(503, headers={"Retry-After": "30"}), LONG),
}
CASES = [pytest.param(hosted, *case, id=f"hosted: {name}") for name, case in HOSTED.items()]
CASES += [pytest.param(self_hosted, *case, id=f"self-hosted: {name}") for name, case in SELF_HOSTED.items()]


@pytest.mark.parametrize(("model", "path", "reply", "timing"), CASES)
def test_a_cancel_is_heard_within_a_fifth_of_a_second_and_no_thread_reads_on(
    server: ScriptedServer,
    query: Query,
    model: Callable[[ScriptedServer, Timing], Model],
    path: tuple[str, str],
    reply: Reply,
    timing: Timing,
) -> None:
    server.on(*path, reply)
    asked_at = 0.0

    def cancelled() -> bool:
        nonlocal asked_at
        reached = path[1] in server.paths()
        # A little later, so that the step is under way and not just begun.
        if reached and not asked_at:
            asked_at = time.monotonic() + 0.1
        return reached and time.monotonic() >= asked_at

    with pytest.raises(PredictionCancelled):
        model(server, timing).predict(query, cancelled=cancelled)
    assert time.monotonic() - asked_at < 0.2
    assert _readers_left(0.5) == []


def _readers_left(seconds: float) -> list[str]:
    """Threads that still read after a while."""
    end = time.monotonic() + seconds
    while True:
        left = [thread.name for thread in threading.enumerate() if thread.name == "synthome-exchange"]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.01)


def test_what_is_cancelled_beforehand_asks_nothing(server: ScriptedServer, query: Query) -> None:
    for model in (hosted(server), self_hosted(server)):
        with pytest.raises(PredictionCancelled):
            model.predict(query, cancelled=lambda: True)
    assert server.asked == []
