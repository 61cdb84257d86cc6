"""The refresh of this process: in the background, one at a time, and the same for all who look at it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from synthome.errors import RefreshCancelled, SynthomeError
from synthome.ontology.changes import Summary
from synthome.ontology.index import renew_default_index
from synthome.ontology.refresh import RefreshProgress, refresh
from synthome.ontology.terms import Ontology

__all__ = ["RefreshJob", "RefreshState", "RefreshStatus", "default_refresh_job"]

_logger = logging.getLogger(__name__)


class RefreshState(Enum):
    """Where a refresh stands."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RefreshStatus:
    """The last refresh as it stands: ``summary`` once it is done, ``error``, a sentence, once it failed."""

    state: RefreshState = RefreshState.IDLE
    progress: RefreshProgress = field(default_factory=lambda: RefreshProgress(0.0, "starting"))
    summary: Summary | None = None
    error: str = ""
    cancelling: bool = False


class RefreshJob:
    """Runs refreshes in a thread. All methods may be called from any thread and return at once.

    It outlives the browser session that asked for it. The thread is a daemon: should the process end meanwhile, the
    ontologies in use stay as they are, and the next refresh removes what is left.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = RefreshStatus()
        self._cancelled = threading.Event()

    @property
    def status(self) -> RefreshStatus:
        """The last refresh."""
        return self._status

    def start(self, only: Sequence[Ontology]) -> None:
        """Begin, unless one is under way already."""
        with self._lock:
            if self._status.state is RefreshState.RUNNING:
                return
            self._status = RefreshStatus(RefreshState.RUNNING)
            self._cancelled = threading.Event()
        threading.Thread(target=self._run, args=(tuple(only), self._cancelled), name="refresh", daemon=True).start()

    def cancel(self) -> None:
        """Stop the one under way."""
        with self._lock:
            if self._status.state is RefreshState.RUNNING:
                self._status = replace(self._status, cancelling=True)
        self._cancelled.set()

    def _run(self, only: tuple[Ontology, ...], cancelled: threading.Event) -> None:
        try:
            summary = refresh(only, report=self._report, cancelled=cancelled.is_set)
            if summary.of("updated"):
                renew_default_index()
            self._end(RefreshStatus(RefreshState.DONE, summary=summary))
        except RefreshCancelled:
            self._end(RefreshStatus(RefreshState.CANCELLED))
        except SynthomeError as error:
            self._end(RefreshStatus(RefreshState.FAILED, error=str(error)))
        except Exception:
            _logger.exception("The ontologies could not be refreshed")
            message = "Refreshing failed through a fault of Synthome. The ontologies in use are untouched."
            self._end(RefreshStatus(RefreshState.FAILED, error=message))

    def _report(self, progress: RefreshProgress) -> None:
        with self._lock:
            self._status = replace(self._status, progress=progress)

    def _end(self, status: RefreshStatus) -> None:
        with self._lock:
            self._status = status


_job = RefreshJob()


def default_refresh_job() -> RefreshJob:
    """The one of this process."""
    return _job
