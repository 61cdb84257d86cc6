"""The index of all terms: look a term up by its id, search by name, walk the graph.

:func:`open_index` builds the index file from the snapshot where there is none that fits; :func:`default_index` is the
one that a process shares. Reading is safe from any number of threads.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from synthome.ontology.connections import ConnectionPool
from synthome.ontology.graph import Graph
from synthome.ontology.index_build import Progress, write_index
from synthome.ontology.index_file import ready_index
from synthome.ontology.index_process import write_index_apart
from synthome.ontology.refreshed import INDEX, refreshed_snapshot
from synthome.ontology.search import Hit, Search
from synthome.ontology.snapshot import Manifest, Row, Snapshot
from synthome.ontology.terms import ONTOLOGIES, Match, Ontology, Term, normalise_id, ontology_of
from synthome.settings import settings

__all__ = ["TermIndex", "default_index", "open_index", "renew_default_index"]


_IDS: Mapping[Ontology, str] = {
    **{ontology: f"{ontology}:*" for ontology in ONTOLOGIES},
    "CVCL": "CVCL_*",
    "ENSEMBL": "ENSG*",
    "NCBITaxon": "[0-9]*",
}
"""How the ids of each ontology begin, as SQLite's patterns."""


class TermIndex:
    """All terms of a snapshot. Made by :func:`open_index`; a context manager that closes its file.

    Ids may be spelled in any way that :func:`~synthome.ontology.terms.normalise_id` reads.

    Attributes
    ----------
    path : Path
        The index file.
    manifest : Manifest
        Versions, licences and counts of the ontologies.
    graph : Graph
        Parents, children, ancestors, relatives.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._connections = ConnectionPool(path)
        with self._connections.reading() as database:
            properties = {name: json.loads(value) for name, value in database.execute("SELECT * FROM property")}
        self._counts: dict[Ontology, int] = properties["terms"]
        ranges = {name: (first, last) for name, (first, last) in properties["ranges"].items()}
        tiers = {int(number): tier for number, tier in properties["tiers"].items()}
        self._search = Search(self._connections.reading, ranges, tiers)
        self.graph = Graph(self._connections.reading)

    # Terms ----------------------------------------------------------------------------------------------------------

    def term(self, term_id: str) -> Term | None:
        """The term of that id, obsolete or not; ``None`` where there is none."""
        return next(iter(self.terms([term_id]).values()), None)

    def terms(self, term_ids: Iterable[str]) -> dict[str, Term]:
        """The terms of those ids, by their normalised id and in the order asked for; unknown ids are left out."""
        wanted = dict.fromkeys(normal for term_id in term_ids if (normal := normalise_id(term_id)) is not None)
        found: dict[str, Term] = {}
        with self._connections.reading() as database:
            for term_id in wanted:
                row = database.execute("SELECT id, line FROM term WHERE id = ?", (term_id,)).fetchone()
                if row is not None:
                    found[term_id] = _term(*row)
        return found

    def all_terms(self, ontology: Ontology) -> list[Term]:
        """Every current term of an ontology, by id."""
        with self._connections.reading() as database:
            rows = database.execute(
                "SELECT id, line FROM term WHERE id GLOB ? AND successor = number ORDER BY id", (_IDS[ontology],)
            ).fetchall()
        return [_term(term_id, line) for term_id, line in rows]

    def label(self, term_id: str) -> str:
        """The label of a term; the id itself where there is no such term or it has no label."""
        term = self.term(term_id)
        return term.label if term is not None and term.label else term_id

    def current(self, term_id: str) -> Term | None:
        """The term that stands for ``term_id`` today: itself, or what replaced it.

        ``None`` where there is no such term, or where it is obsolete and nothing replaces it.
        """
        with self._connections.reading() as database:
            row = database.execute(
                "SELECT standing.id, standing.line FROM term AS asked "
                "JOIN term AS standing ON standing.number = asked.successor WHERE asked.id = ?",
                (normalise_id(term_id),),
            ).fetchone()
        return _term(*row) if row is not None else None

    def __len__(self) -> int:
        """How many current terms there are in all ontologies."""
        return sum(self._counts.values())

    @property
    def counts(self) -> Mapping[Ontology, int]:
        """How many current terms each ontology has."""
        return dict(self._counts)

    # Search ---------------------------------------------------------------------------------------------------------

    def search(self, text: str, ontologies: Sequence[Ontology] = ONTOLOGIES, limit: int = 10) -> list[Match]:
        """Terms that ``text`` may mean, best first, each once; :mod:`synthome.ontology.search` tells the order."""
        return self._matches(self._search.find(text, tuple(ontologies), limit))

    def suggest_closest(self, text: str, ontologies: Sequence[Ontology] = ONTOLOGIES, limit: int = 3) -> list[Match]:
        """Terms with a name spelled much like ``text``, most alike first."""
        return self._matches(self._search.closest(text, tuple(ontologies), limit))

    def warm(self) -> None:
        """Read what spelling errors are compared with: a second's work, which the first slip would have to wait for."""
        self._search.warm()

    def _matches(self, hits: list[Hit]) -> list[Match]:
        with self._connections.reading() as database:
            return [Match(_numbered(database, hit.term), hit.matched, hit.kind) for hit in hits]

    # Closing --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the file. Whoever reads at this moment finishes; later reading is an ``OntologyError``."""
        self._connections.close()

    def __enter__(self) -> TermIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _numbered(database: sqlite3.Connection, number: int) -> Term:
    return _term(*database.execute("SELECT id, line FROM term WHERE number = ?", (number,)).fetchone())


def _term(term_id: str, line: str) -> Term:
    return Row._make(line.split("\t")).term(ontology_of(term_id))


def open_index(
    progress: Progress | None = None,
    *,
    snapshot_dir: Path | None = None,
    index_path: Path | None = None,
    apart: bool = False,
) -> TermIndex:
    """Open the index, building it first where it is missing, damaged or older than the snapshot.

    The snapshot is the refreshed one where there is one to use (:mod:`synthome.ontology.refreshed`), with an index of
    its own beside it; else the shipped one.

    Parameters
    ----------
    progress : callable, optional
        Called while the index is built (a few seconds) with the part that is done, 0 to 1, and what is done just now.
    snapshot_dir, index_path : Path, optional
        Other places than those of the settings. Where the folder of the index cannot be written, the index is built
        in the data folder instead.
    apart : bool
        Build in a process of its own, for a process that has more to do meanwhile.

    Raises
    ------
    OntologyError
        Where there is no snapshot, it is damaged, or there is no place to write to.
    """
    refreshed = refreshed_snapshot() if snapshot_dir is None else None
    snapshot = refreshed or Snapshot(snapshot_dir or settings().snapshot_dir)
    preferred = index_path or (settings().index_path if refreshed is None else refreshed.folder / INDEX)
    places = [preferred] if refreshed is not None else [preferred, settings().data_dir / preferred.name]
    path = ready_index(snapshot, places, progress or _silent, write_index_apart if apart else write_index)
    return TermIndex(path, snapshot.manifest)


_shared: TermIndex | None = None
_sharing = threading.Lock()


def default_index(progress: Progress | None = None, *, apart: bool = False) -> TermIndex:
    """The index that all of this process shares, opened when it is first asked for; who asks meanwhile waits.

    ``progress`` and ``apart`` are those of :func:`open_index`.
    """
    global _shared
    with _sharing:
        if _shared is None:
            _shared = open_index(progress, apart=apart)
        return _shared


def renew_default_index() -> None:
    """Let :func:`default_index` be, from now on, that of the snapshot to use now: to be called after a refresh.

    The old index is not closed: a search or a prediction that holds it finishes with it, and it is closed when nobody
    does any more. Whoever asks :func:`default_index` each time, as pages and models do, has the new one at once.
    """
    global _shared
    fresh = open_index(apart=True)
    fresh.warm()
    with _sharing:
        _shared = fresh


def _silent(fraction: float, activity: str) -> None:
    """Tell nobody."""
