"""Waiting for what cannot be interrupted, while listening for a cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from synthome.errors import PredictionCancelled
from synthome.models.protocol import Cancelled

__all__ = ["interruptible", "sleep_unless_cancelled"]

_LOOK_EVERY = 0.1

T = TypeVar("T")


def sleep_unless_cancelled(seconds: float, cancelled: Cancelled) -> None:
    """Sleep; ``PredictionCancelled`` within 0.1 s of a cancel."""
    end = time.monotonic() + seconds
    _check(cancelled)
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(_LOOK_EVERY, left))
        _check(cancelled)


def interruptible(
    call: Callable[[threading.Event], T], cancelled: Cancelled, tick: Callable[[], None] | None = None
) -> T:
    """The result of ``call``, which runs in a thread of its own; ``PredictionCancelled`` within 0.1 s of a cancel.

    A read from a socket cannot be stopped from outside, so a cancelled ``call`` is left behind to end by itself: it is
    handed an event that is set then, and looks at it whenever it can. The thread that waits calls ``tick`` now and
    then.
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
    threading.Thread(target=run, name="synthome-exchange", daemon=True).start()
    while not wait([result], timeout=_LOOK_EVERY).done:
        if cancelled():
            abandoned.set()
            _check(cancelled)
        if tick is not None:
            tick()
    return result.result()


def _check(cancelled: Cancelled) -> None:
    if cancelled():
        message = "The prediction was cancelled."
        raise PredictionCancelled(message)
