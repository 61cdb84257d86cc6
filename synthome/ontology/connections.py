"""Read-only connections to the index file, lent to one thread at a time."""

from __future__ import annotations

import queue
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synthome.errors import OntologyError

__all__ = ["ConnectionPool"]


class ConnectionPool:
    """As many connections as threads read at the same moment, kept for the next ones and closed all together.

    A connection for each thread would stay open until the thread ends; servers start and end threads as they like.
    """

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro"
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = threading.Event()
        self._finalizer = weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection. Where reading fails because the file is damaged, raises ``OntologyError``."""
        if self._closed.is_set():
            message = "The ontology index is closed; open it again with open_index()."
            raise OntologyError(message)
        connection = self._take()
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            message = f"The ontology index cannot be read ({error}). Restart Synthome: it is then checked and rebuilt."
            raise OntologyError(message) from error
        finally:
            self._idle.put(connection)
            if self._closed.is_set():
                _close_all(self._idle)

    def close(self) -> None:
        """Close every connection; one that is lent out is closed when it comes back."""
        self._closed.set()
        _close_all(self._idle)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            # Never used by two threads at once, but by different ones over time.
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False, isolation_level=None)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA cache_size = -16384")
            return connection


def _close_all(idle: queue.LifoQueue[sqlite3.Connection]) -> None:
    while True:
        try:
            idle.get_nowait().close()
        except queue.Empty:
            return
