"""The work of a query cut into chunks that a few threads share, with progress and a way out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from synthome.errors import PredictionCancelled
from synthome.models.protocol import Cancelled, Progress, ProgressCallback

__all__ = ["Chunk", "in_chunks"]

CHUNK = 25
"""Samples made between two looks at ``cancelled``: a tenth of a second's work."""
THREADS = 2
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples ``first`` to ``last`` (without it) of a condition; ``row`` is the answer's row of the first of them."""

    condition: int
    first: int
    last: int
    row: int


def in_chunks(
    samples: Sequence[int],
    make: Callable[[Chunk, threading.Event], int],
    activity: str,
    progress: ProgressCallback,
    cancelled: Cancelled,
    size: int | None = None,
) -> None:
    """Call ``make`` for all samples, some at a time.

    Parameters
    ----------
    samples
        How many each condition has.
    make
        Makes a chunk and returns how many samples that were. It stops early where the event is set.
    activity
        What is said to be done, in the progress.
    size
        Most samples of a chunk; ``CHUNK`` unless given.

    Raises
    ------
    PredictionCancelled
        When ``cancelled`` said so.
    """
    total, done = sum(samples), 0
    stop = threading.Event()
    chunks = _chunks(samples, CHUNK if size is None else size)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="embedded-model") as pool:
        pending: set[Future[int]] = set()
        try:
            while True:
                if cancelled():
                    raise PredictionCancelled("The prediction was cancelled.")
                while len(pending) < 2 * THREADS and (chunk := next(chunks, None)) is not None:
                    pending.add(pool.submit(make, chunk, stop))
                if not pending:
                    break
                finished, pending = wait(pending, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                done += sum(future.result() for future in finished)
                progress(Progress(done, total, activity))
        finally:
            stop.set()


def _chunks(samples: Sequence[int], size: int) -> Iterator[Chunk]:
    row = 0
    for condition, number in enumerate(samples):
        for first in range(0, number, size):
            last = min(first + size, number)
            yield Chunk(condition, first, last, row)
            row += last - first
