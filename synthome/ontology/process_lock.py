"""A lock between processes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

__all__ = ["is_taken", "process_lock"]

_POLL_SECONDS = 0.1


@contextmanager
def process_lock(path: Path, patience: float = 0.0, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Let one process in at a time; who finds it taken waits ``patience`` seconds and calls ``waiting`` meanwhile.

    The lock is an SQLite transaction on an empty file: held by the operating system, on every one of them, and
    released by it if the process dies.

    Raises
    ------
    sqlite3.OperationalError
        Where the lock is still taken then (see :func:`is_taken`), or its file cannot be written.
    """
    deadline = time.monotonic() + patience
    with closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as connection:
        while True:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if not is_taken(error) or time.monotonic() >= deadline:
                    raise
                if waiting is not None:
                    waiting()
                time.sleep(_POLL_SECONDS)
            else:
                break
        yield
        connection.execute("ROLLBACK")


def is_taken(error: sqlite3.OperationalError) -> bool:
    """Whether the lock could not be had because somebody has it."""
    return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
