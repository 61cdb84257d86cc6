"""Past runs on disk: a folder a workspace, a folder a run, readable after a restart.

::

    <folder>/<workspace>/<run id>/run.json       the query, its state, times, provenance
    <folder>/<workspace>/<run id>/prediction/    counts, metadata, latents
    <folder>/<workspace>/<run id>/groups.json    the groups of its samples that the user has named
    <folder>/.genes/<hash>.parquet               gene tables, shared by the runs of a model

Everything is written under another name first and renamed when whole, so that a crash leaves either the old or the
new. A run's state on disk is ``done`` only after its prediction is there.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from synthome.errors import RunNotFoundError
from synthome.prediction import Prediction
from synthome.runs.atomic import write_atomically
from synthome.runs.prediction_files import read_prediction, write_prediction
from synthome.runs.run import Run, interrupted, read_run, write_run
from synthome.runs.sample_groups import SampleGroups, read_sample_groups

__all__ = ["RunStore", "check_name"]

_logger = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BLOCK = 4096
_GENES = ".genes"
_GROUPS = "groups.json"
_LARGE = 2_000_000
"""Bytes of a run's file past which it is read anew each time: the counts of real samples would fill the memory."""
_ABANDONED = 3600
"""Seconds after which nobody is still writing a draft."""


def check_name(kind: str, name: str) -> str:
    """``name`` where it can be a folder's; else ``RunNotFoundError``. ``kind`` says of what, for the message.

    >>> check_name("run", "aB3_-")
    'aB3_-'
    """
    if _NAME.fullmatch(name) is None:
        message = f"There is no {kind} '{name[:64]}': a {kind} is named by 1 to 64 letters, digits, '-' and '_'."
        raise RunNotFoundError(message)
    return name


class RunStore:
    """The runs kept in ``folder``, of all workspaces together no more than ``budget`` bytes.

    A workspace named in ``shares`` may take that many of them; past it, its own oldest runs are removed first.

    One process at a time owns a folder: a run that stands as queued or running on disk, and that this process does
    not work on, was interrupted, and is told so.
    """

    def __init__(self, folder: Path, budget: int, shares: Mapping[str, int] | None = None) -> None:
        self._folder = folder
        self._budget = budget
        self._shares = shares or {}
        self._lock = threading.RLock()
        self._read: dict[Path, tuple[tuple[int, int], Run]] = {}
        self._sizes: dict[Path, int] = {}
        self._sweep()

    def save(self, run: Run) -> None:
        """Write ``run`` as it stands, without its prediction."""
        text = write_run(run)
        with self._lock:
            folder = self._run_folder(run.workspace, run.id)
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / "run.json", text)

    def save_prediction(self, run: Run, prediction: Prediction) -> None:
        """Write the prediction of ``run``, which was saved before, then make room by removing the oldest other runs."""
        folder = self._run_folder(run.workspace, run.id)
        draft = folder / f".{secrets.token_hex(4)}"
        draft.mkdir()
        try:
            write_prediction(prediction, draft, self._folder / _GENES)
            with self._lock:
                self._discard(folder / "prediction")
                draft.rename(folder / "prediction")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._make_room(folder)

    def drop_prediction(self, workspace: str, run_id: str) -> None:
        """Remove the prediction of a run and keep the rest."""
        self._discard(self._run_folder(workspace, run_id) / "prediction")

    def load(self, workspace: str, run_id: str) -> Run:
        """One run; ``RunNotFoundError`` where there is none, or none that can be read."""
        run = self._load(self._run_folder(workspace, run_id))
        if run is None:
            message = f"There is no run '{run_id}' here; it may have been deleted, or removed to make room."
            raise RunNotFoundError(message)
        return run

    def prediction(self, workspace: str, run_id: str) -> Prediction:
        """The prediction of a run, its counts memory-mapped; ``RunNotFoundError`` where it is gone or damaged."""
        folder = self._run_folder(workspace, run_id) / "prediction"
        try:
            return read_prediction(folder, self._folder / _GENES)
        except (OSError, ValueError, KeyError) as error:
            _logger.warning("The prediction in %s cannot be read: %s", folder, error)
            message = f"The result of run '{run_id}' is gone or damaged; run its query again with the same seed."
            raise RunNotFoundError(message) from error

    def runs(self, workspace: str) -> list[Run]:
        """The runs of a workspace, newest first; folders that cannot be read are left out and logged."""
        folder = self._folder / check_name("workspace", workspace)
        found = [run for path in _folders(folder) if (run := self._load(path)) is not None]
        return sorted(found, key=lambda run: (run.created, run.id), reverse=True)

    def finished_before(self, workspace: str, moment: datetime) -> list[str]:
        """Ids of the runs of a workspace that finished before ``moment``. Files written since are not opened."""
        folders = _folders(self._folder / check_name("workspace", workspace))
        old = [path for path in folders if _modified(path / "run.json") < moment.timestamp()]
        runs = [run for path in old if (run := self._load(path)) is not None]
        return [run.id for run in runs if run.finished is not None and run.finished < moment]

    def rename(self, workspace: str, run_id: str, title: str) -> Run:
        """Give a run another title."""
        with self._lock:
            run = replace(self.load(workspace, run_id), title=title)
            self.save(run)
            return run

    def save_groups(self, workspace: str, run_id: str, groups: SampleGroups) -> None:
        """Replace the groups of a run's samples; ``RunNotFoundError`` where there is no such run."""
        with self._lock:
            self.load(workspace, run_id)
            write_atomically(self._run_folder(workspace, run_id) / _GROUPS, groups.to_json())

    def groups(self, workspace: str, run_id: str) -> SampleGroups | None:
        """The groups of a run's samples; ``None`` where there are none that can be read."""
        path = self._run_folder(workspace, run_id) / _GROUPS
        try:
            return read_sample_groups(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            _logger.warning("The groups in %s cannot be read and are left out: %s", path, error)
            return None

    def delete(self, workspace: str, run_id: str) -> None:
        """Remove a run and its files; one that is not there is no error."""
        self._discard(self._run_folder(workspace, run_id))

    def _run_folder(self, workspace: str, run_id: str) -> Path:
        return self._folder / check_name("workspace", workspace) / check_name("run", run_id)

    def _load(self, folder: Path) -> Run | None:
        path = folder / "run.json"
        try:
            stat = path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino)
            cached = self._read.get(path)
            if cached is not None and cached[0] == seen:
                return cached[1]
            run = _in_its_place(read_run(path.read_bytes()), folder)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            _logger.warning("The run in %s cannot be read and is left out: %s", folder, error)
            return None
        if not run.state.finished:
            run = interrupted(run)
        run = replace(run, source=partial(self.prediction, run.workspace, run.id))
        if stat.st_size < _LARGE:
            self._read[path] = (seen, run)
        return run

    def _discard(self, folder: Path) -> None:
        """Remove ``folder`` by one rename, so that it is never seen half removed."""
        doomed = folder.parent / f".{secrets.token_hex(8)}"
        with self._lock:
            try:
                folder.rename(doomed)
            except FileNotFoundError:
                return
            self._read.pop(folder / "run.json", None)
            self._sizes.pop(folder, None)
            self._sizes.pop(folder.parent, None)
        shutil.rmtree(doomed, ignore_errors=True)

    def _make_room(self, newest: Path) -> None:
        """Remove the oldest runs, ``newest`` excepted, until its workspace fits its share and all fit the budget."""
        with self._lock:
            self._sizes.pop(newest, None)
            share = self._shares.get(newest.parent.name)
            if share is not None:
                self._remove_oldest(list(_folders(newest.parent)), share, newest)
            runs = [path for workspace in _folders(self._folder) for path in _folders(workspace)]
            self._remove_oldest(runs, self._budget, newest)

    def _remove_oldest(self, runs: list[Path], most: int, newest: Path) -> None:
        """Remove the oldest of ``runs``, ``newest`` excepted, until the rest takes no more than ``most`` bytes."""
        sizes = {path: self._size(path) for path in runs}
        excess = sum(sizes.values()) - most
        if excess <= 0:
            return
        for path in sorted(sizes, key=self._created):
            if path == newest:
                continue
            _logger.info("Removing %s to keep within %d bytes", path, most)
            self._discard(path)
            excess -= sizes[path]
            if excess <= 0:
                return

    def _size(self, folder: Path) -> int:
        """Bytes of disk that a run takes, measured when its prediction was last written or removed."""
        if folder not in self._sizes:
            self._sizes[folder] = _size(folder)
        return self._sizes[folder]

    def _created(self, folder: Path) -> datetime:
        run = self._load(folder)
        return datetime.min.replace(tzinfo=UTC) if run is None else run.created

    def _sweep(self) -> None:
        """Remove what a crash left half written or half removed, but nothing that may be under way elsewhere."""
        for workspace in _folders(self._folder):
            for path in (workspace, *_folders(workspace)):
                for remnant in path.glob(".*"):
                    if time.time() - _modified(remnant) > _ABANDONED:
                        _remove(remnant)


def _folders(folder: Path) -> Iterator[Path]:
    """Folders inside ``folder`` that hold workspaces or runs; none where it does not exist."""
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if not path.name.startswith(".") and path.is_dir())


def _in_its_place(run: Run, folder: Path) -> Run:
    """``run``, which must be the one that ``folder`` is named after."""
    if (run.workspace, run.id) != (folder.parent.name, folder.name):
        message = f"run.json is that of {run.workspace}/{run.id}"
        raise ValueError(message)
    return run


def _size(folder: Path) -> int:
    """Bytes of disk that ``folder`` takes, in whole blocks."""
    sizes = [_file_size(path) for path in folder.rglob("*")]
    return _BLOCK + sum(-(-size // _BLOCK) * _BLOCK for size in sizes)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed by another thread meanwhile
        return time.time()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # removed by another thread meanwhile
        return 0
