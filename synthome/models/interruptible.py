"""Waiting for what cannot be interrupted, while listening for a cancel and looking at the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from synthome.errors import PredictionCancelled
from synthome.models.protocol import Cancelled
from synthome.models.timing import Deadline

__all__ = ["TimeLimitReached", "interruptible", "sleep_unless_cancelled"]

_LOOK_EVERY = 0.05

T = TypeVar("T")


class TimeLimitReached(Exception):  # noqa: N818 - an outcome; whoever waits tells it in words
    """The deadline passed before the result was there."""


def sleep_unless_cancelled(seconds: float, cancelled: Cancelled) -> None:
    """Sleep; ``PredictionCancelled`` within 0.1 s of a cancel."""
    end = time.monotonic() + seconds
    _check(cancelled)
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(_LOOK_EVERY, left))
        _check(cancelled)


def interruptible(
    call: Callable[[threading.Event], T],
    cancelled: Cancelled,
    deadline: Deadline,
    tick: Callable[[], None] | None = None,
    *,
    name: str | None = None,
) -> T:
    """The result of ``call``, which runs in a thread of its own.

    ``PredictionCancelled`` within 0.1 s of a cancel, ``TimeLimitReached`` within 0.1 s of ``deadline``. A read from a
    socket cannot be stopped from this thread, so a ``call`` that is given up is left behind to end by itself: it is
    handed an event that is set then, and looks at it whenever it can. The thread that waits calls ``tick`` now and
    then. ``name`` is that of the thread that is waited for.
    """
    abandoned = threading.Event()
    result: Future[T] = Future()

    def run() -> None:
        try:
            value = call(abandoned)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
            result.set_exception(error)
        else:
            result.set_result(value)

    _check(cancelled)
    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        while not wait([result], timeout=min(_LOOK_EVERY, deadline.left)).done:
            _check(cancelled)
            _check_time(deadline)
            if tick is not None:
                tick()
    except BaseException:
        abandoned.set()
        raise
    return result.result()


def _check_time(deadline: Deadline) -> None:
    if deadline.passed:
        raise TimeLimitReached


def _check(cancelled: Cancelled) -> None:
    if cancelled():
        message = "The prediction was cancelled."
        raise PredictionCancelled(message)
