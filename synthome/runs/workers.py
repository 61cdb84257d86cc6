"""A queue of jobs and the few daemon threads that work it off."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Workers"]

Job = TypeVar("Job")


class Workers(Generic[Job]):
    """Hands jobs to ``work``, first come, first served, ``count`` at a time; ``work`` must not raise."""

    def __init__(self, count: int, work: Callable[[Job], None]) -> None:
        self._count = count
        self._work = work
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def put(self, job: Job) -> None:
        """Queue ``job``; after :meth:`close`, nothing happens to it."""
        with self._changed:
            self._waiting.append(job)
            if len(self._threads) < self._count and not self._closed:
                thread = threading.Thread(
                    target=self._serve, name=f"synthome-run-{len(self._threads) + 1}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def discard(self, job: Job) -> None:
        """Take ``job`` out of the queue if it still waits there."""
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)

    def close(self, timeout: float) -> None:
        """Let the threads end, waiting for each at most ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job = self._waiting.popleft()
            self._work(job)
