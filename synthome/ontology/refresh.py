"""Refreshing: the current official releases in place of those in use.

Each ontology stands by itself. One whose server is down, or whose file is not what it should be, stays at the release
in use, and the others are taken all the same: seven servers are seldom all well, and no term of one ontology needs a
certain release of another. The summary says which stayed, and why. Genes and organisms are lists of Synthome's own and
are carried over; so are the common names of compounds and their ChEMBL ids that the official file lacks. A term that an
official file no longer holds stays as an obsolete one.

Nothing that is in use is touched. Files are fetched into a folder of their own, read and checked in a process of their
own, and the new snapshot is written there, with its search index. When both are whole they are put to use in one step
(:mod:`synthome.ontology.refreshed`); a failure or a cancel before that leaves nothing behind.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from synthome.errors import OntologyError, RefreshCancelled
from synthome.ontology.build import provenance
from synthome.ontology.changes import Change, Summary
from synthome.ontology.download import Cancelled, Patience, Received, fetch, never
from synthome.ontology.index_file import ready_index
from synthome.ontology.index_process import write_index_apart
from synthome.ontology.process_lock import is_taken, process_lock
from synthome.ontology.refresh_process import Task, read_apart, write_apart
from synthome.ontology.refreshed import (
    INDEX,
    WORK_PREFIX,
    Record,
    adopt,
    record_of,
    refreshed_snapshot,
    remove_remains,
)
from synthome.ontology.snapshot import Snapshot
from synthome.ontology.sources import PUBLISHED, SOURCES, Source
from synthome.ontology.terms import Ontology
from synthome.settings import settings

__all__ = ["RefreshProgress", "refresh"]

_WEIGHTS: dict[Ontology, float] = {
    "UBERON": 2,
    "CL": 1,
    "MONDO": 2,
    "CHEBI": 5,
    "CVCL": 5,
    "HsapDv": 0.1,
    "HANCESTRO": 0.2,
}
"""How long one ontology takes beside another."""
_FETCHING, _READING = 0.5, 0.4
"""The parts of all work that are fetching and reading; writing the snapshot and its index is the rest."""


@dataclass(frozen=True, slots=True)
class RefreshProgress:
    """How far a refresh is: ``fraction`` of all, and what it does just now, with which ontology.

    ``num_bytes`` of ``total_bytes`` (``None`` where the server does not say) are there while a file is fetched.
    """

    fraction: float
    phase: str
    ontology: Ontology | None = None
    num_bytes: int = 0
    total_bytes: int | None = None


Report = Callable[[RefreshProgress], None]


def refresh(
    only: Sequence[Ontology] = PUBLISHED,
    *,
    report: Report = lambda _progress: None,
    cancelled: Cancelled = never,
    sources: Mapping[Ontology, Source] = SOURCES,
    shipped_dir: Path | None = None,
    folder: Path | None = None,
    patience: Patience | None = None,
) -> Summary:
    """Fetch the current releases of the ontologies ``only``, and use them from then on.

    Parameters
    ----------
    only : sequence of Ontology
        Which to refresh; the others stay as they are.
    report, cancelled : callable
        Told how far it is; asked, often, whether to stop.
    sources, shipped_dir, folder, patience
        Other addresses, snapshot, place and time-outs than those of the settings.

    Raises
    ------
    OntologyError
        Where another refresh is under way, or the folder cannot be written. What goes wrong with one ontology is told
        in the summary.
    RefreshCancelled
        On a cancel; nothing has changed then.
    """
    folder = folder or settings().refreshed_dir
    try:
        with _alone(folder), _work_folder(folder) as work:
            shipped = Snapshot(shipped_dir or settings().snapshot_dir)
            present = refreshed_snapshot(folder, shipped) or shipped
            return _Refresh(folder, work, shipped, present, report, cancelled, patience).run(only, sources)
    except OSError as error:
        message = f"{folder} cannot be written ({error.strerror or error}). {_MAKE_ROOM}"
        raise OntologyError(message) from error


_MAKE_ROOM = "Free some space there, or name another folder in SYNTHOME_DATA_DIR. The ontologies in use are untouched."


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one refresh at a time work in ``folder``, of all processes."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with process_lock(folder / "refresh.lock"):
            yield
    except sqlite3.OperationalError as error:
        if is_taken(error):
            message = "Another refresh of the ontologies is under way. Wait until it is done."
            raise OntologyError(message) from error
        message = f"{folder} cannot be written ({error}). {_MAKE_ROOM}"
        raise OntologyError(message) from error


@contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    remove_remains(folder)
    work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Refresh:
    """One refresh under way, in its folder of work."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        shipped: Snapshot,
        present: Snapshot,
        report: Report,
        cancelled: Cancelled,
        patience: Patience | None,
    ) -> None:
        self.folder = folder
        self.work = work
        self.present = present
        self.task = Task(present.folder, shipped.folder, work)
        self.cancelled = cancelled
        self.patience = patience
        refreshed = present.folder != shipped.folder
        self.record = record_of(present) if refreshed else Record(shipped.manifest.fingerprint)
        self._report = report

    def run(self, only: Sequence[Ontology], sources: Mapping[Ontology, Source]) -> Summary:
        """Refresh one ontology after the other, then put to use what came of it."""
        chosen = [ontology for ontology in PUBLISHED if ontology in only]
        total = sum(_WEIGHTS[ontology] for ontology in chosen)
        changes: list[Change] = []
        taken: dict[Ontology, Received] = {}
        start = 0.0
        for ontology in chosen:
            share = _WEIGHTS[ontology] / total
            change, received = self._refresh_one(sources[ontology], start, share)
            changes.append(change)
            if received is not None:
                taken[ontology] = received
            start += share * (_FETCHING + _READING)
        summary = Summary(tuple(changes))
        if taken:
            self._put_to_use(summary, taken)
        return summary

    def _refresh_one(self, source: Source, start: float, share: float) -> tuple[Change, Received | None]:
        """What became of one ontology; and what was fetched, where that is to be used.

        ``start`` is the part of all work that is done, ``share`` how much this ontology is of it.
        """
        ontology = source.ontology
        described = self.present.manifest.ontologies.get(ontology)
        version = described.version if described is not None else ""
        path = self.work / source.filename

        def on_bytes(there: int, total: int | None) -> None:
            part = there / total if total else 0.5
            self.tell("fetching", start + share * _FETCHING * min(part, 1.0), ontology, there, total)

        try:
            self.tell("fetching", start, ontology)
            received = fetch(
                source.url,
                path,
                known=self.record.downloads.get(ontology),
                report=on_bytes,
                cancelled=self.cancelled,
                patience=self.patience,
            )
            if received is None:
                return Change(ontology, "unchanged", version, version), None
            self.tell("reading", start + share * _FETCHING, ontology, received.size, received.size)
            return read_apart(self.task, ontology, path, source.url, self.cancelled), received
        except OntologyError as error:
            return Change(ontology, "kept", version, version, reason=str(error)), None
        except OSError as error:
            reason = f"{self.folder} cannot be written ({error.strerror or error}). {_MAKE_ROOM}"
            return Change(ontology, "kept", version, version, reason=reason), None
        finally:
            path.unlink(missing_ok=True)

    def _put_to_use(self, summary: Summary, taken: Mapping[Ontology, Received]) -> None:
        """Write the snapshot and its index, and let them take the place of those in use."""
        self.tell("writing the snapshot", _FETCHING + _READING)
        place = self.work / "snapshot"
        record = replace(self.record, downloads={**self.record.downloads, **taken})
        versions = {change.ontology: change.after for change in summary.of("updated")}
        notes = {name: (versions[name], provenance(received)) for name, received in taken.items()}
        write_apart(self.task, place, notes, _origin(record, self.present), self.cancelled)
        record.write(place)
        ready_index(Snapshot(place), [place / INDEX], self._on_index, write_index_apart)
        adopt(self.folder, place)

    def _on_index(self, fraction: float, _activity: str) -> None:
        self.tell("building the search index", 0.95 + 0.05 * fraction)

    def tell(self, phase: str, fraction: float, ontology: Ontology | None = None, *counts: int | None) -> None:
        """Report, and stop here where that was asked for."""
        if self.cancelled():
            message = "The refresh was cancelled."
            raise RefreshCancelled(message)
        num_bytes, total = counts or (0, None)
        self._report(RefreshProgress(fraction, phase, ontology, num_bytes or 0, total))


def _origin(record: Record, present: Snapshot) -> str:
    official = ", ".join(name for name in PUBLISHED if name in record.downloads)
    shipped = present.manifest.built_from.partition("; the rest: ")[2] or present.manifest.built_from
    return f"the official files of {official}; the rest: {shipped}"
