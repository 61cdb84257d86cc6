"""The runner and the drafts of this process, in the folder and with the limits of its settings."""

from __future__ import annotations

import threading

from synthome.runs.drafts import DraftStore
from synthome.runs.jobs import Runner
from synthome.runs.store import RunStore
from synthome.runs.workspaces import API_WORKSPACE
from synthome.settings import settings

__all__ = ["default_drafts", "default_runner"]

_runner: Runner | None = None
_lock = threading.Lock()


def default_runner() -> Runner:
    """The one runner of this process, made when it is first asked for."""
    global _runner
    with _lock:
        if _runner is None:
            limits = settings()
            shares = {API_WORKSPACE: limits.api_kept_bytes}
            _runner = Runner(RunStore(limits.data_dir / "runs", limits.kept_bytes, shares))
        return _runner


def default_drafts() -> DraftStore:
    """The drafts of this installation."""
    return DraftStore(settings().data_dir / "drafts")
