"""Building the search index, an SQLite file, from a snapshot.

Names are numbered so that search need not sort: by ontology, in it labels before synonyms, in these the best name
first, that is the one of least
:class:`cost <synthome.ontology.index_names.Names>`. A full-text query asks for a range of numbers in order and stops
at its limit, so it takes as long for ``ca`` as for ``carcinoma``. Each name is indexed as its words, and squashed into
one token (``=hct116``), with a second one where plural endings are dropped (``~tcell``): prefix and exact matches of
whole names are then full-text queries as well.
"""

from __future__ import annotations

import gc
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from synthome.ontology.curated import read_curated
from synthome.ontology.index_names import (
    KEY_LENGTH,
    MOST_WORDS,
    Content,
    Names,
    count_families,
    label_names,
    synonym_names,
    with_names,
)
from synthome.ontology.snapshot import Columns, Snapshot
from synthome.ontology.terms import ONTOLOGIES, full_id

__all__ = ["KEY_LENGTH", "LONGEST_PREFIX", "MOST_WORDS", "SCHEMA_VERSION", "Progress", "write_index"]

SCHEMA_VERSION = 4
"""Changes with the tables or the order of names: an index of another version is stale."""
Progress = Callable[[float, str], None]

LONGEST_PREFIX = 4
"""Letters of a token, its sign included, up to which names that begin with them are kept in order."""

_PRAGMAS = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA secure_delete = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
"""
_TABLES = """
CREATE TABLE property (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE term (number INTEGER PRIMARY KEY, id TEXT NOT NULL, successor INTEGER, line TEXT NOT NULL);
CREATE TABLE xref (id TEXT NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (id, term)) WITHOUT ROWID;
CREATE TABLE edge (parent INTEGER NOT NULL, child INTEGER NOT NULL, PRIMARY KEY (parent, child)) WITHOUT ROWID;
CREATE TABLE name (number INTEGER PRIMARY KEY, term INTEGER NOT NULL, cost REAL NOT NULL, text TEXT NOT NULL);
CREATE VIRTUAL TABLE word USING fts5(
    token, content = '', columnsize = 0, detail = none, prefix = '2 3 4', tokenize = "ascii tokenchars '=~'"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(word, row);
INSERT INTO word(word, rank) VALUES ('hashsize', 536870912);
"""
_INDEXES = """
INSERT INTO word(word, rank) VALUES ('hashsize', 1048576);
CREATE UNIQUE INDEX term_id ON term (id);
CREATE INDEX edge_up ON edge (child, parent);
"""

_ROWS = 1000
"""Rows of one statement; its four variables a row are well below SQLite's limit of 32,766."""


def write_index(path: Path, snapshot: Snapshot, progress: Progress) -> None:
    """Write the index of ``snapshot`` to ``path``, an empty file or one that does not exist yet."""
    collecting = gc.isenabled()
    gc.disable()  # half a million small tuples that all stay: looking for garbage among them costs a fifth of the time
    try:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as database:
            database.executescript(_PRAGMAS)
            database.execute("BEGIN")
            _run(database, _TABLES)
            _fill(database, snapshot, progress)
            database.execute("COMMIT")
    finally:
        if collecting:
            gc.enable()


def _run(database: sqlite3.Connection, statements: str) -> None:
    """Run statements within the transaction; ``executescript`` would end it."""
    for statement in statements.strip().split(";\n"):
        database.execute(statement)


def _fill(database: sqlite3.Connection, snapshot: Snapshot, progress: Progress) -> None:
    # SQLite lets go of the interpreter for as long as a statement runs, and a statement stores thousands of rows: a
    # second thread stores one batch while this one prepares the next.
    with ThreadPoolExecutor(max_workers=1) as second:
        stored: list[Future[None]] = []

        def store(write: Callable[..., None], *values: object) -> None:
            stored.append(second.submit(write, database, *values))

        contents = _store_terms(snapshot, store, progress)
        ranges = _store_names(contents, store, progress)
        for finished in stored:
            finished.result()
    progress(0.9, "finishing")
    _run(database, _INDEXES)
    _write_successors(database, contents)
    properties = {
        "ranges": ranges,
        "tiers": {number: tier for content in contents for number, tier in content.tiers(read_curated())},
        "terms": {content.ontology: snapshot.manifest.ontologies[content.ontology].current for content in contents},
    }
    database.executemany("INSERT INTO property VALUES (?, ?)", [(k, json.dumps(v)) for k, v in properties.items()])


def _store_terms(snapshot: Snapshot, store: Callable[..., None], progress: Progress) -> list[Content]:
    """Read the snapshot and have its terms and edges stored."""
    ontologies = [ontology for ontology in ONTOLOGIES if ontology in snapshot.manifest.ontologies]
    curated = read_curated()
    contents: list[Content] = []
    first = 0
    for step, ontology in enumerate(ontologies):
        progress(0.3 * step / len(ontologies), f"reading {ontology}")
        lines = with_names(snapshot.lines(ontology), ontology, curated)
        content = Content.of(ontology, first, Columns.of(lines), curated)
        store(_write_terms, content, lines)
        store(_write_edges, _edges(content))
        store(_write_xrefs, _xrefs(content))
        contents.append(content)
        first += len(content)
    return contents


def _store_names(contents: list[Content], store: Callable[..., None], progress: Progress) -> dict[str, tuple[int, int]]:
    """Have all names stored; returns the first and last number of those of each ontology and kind."""
    families = count_families(contents)
    ranges: dict[str, tuple[int, int]] = {}
    number = 0
    total = sum(len(content) for content in contents)
    for content in contents:
        done = (content.first + len(content) / 2) / total
        progress(0.3 + 0.6 * done, f"indexing {len(content):,} terms of {content.ontology}")
        for kind, names in (("label", label_names(content, families)), ("synonym", synonym_names(content))):
            store(_write_names, number, names)
            count = len(names.texts)
            ranges[f"{content.ontology}.{kind}"] = (number, number + count - 1)
            number += count
    return ranges


def _write_terms(database: sqlite3.Connection, content: Content, lines: list[str]) -> None:
    """Store lines as they are, each term as its own successor."""
    prefix = full_id(content.ontology, "")
    ids = [prefix + local for local in content.columns.local]
    _insert(database, "term", content.numbers, ids, content.numbers, lines)


def _edges(content: Content) -> list[tuple[int, int]]:
    """Numbers of parent and child of each edge, in order."""
    numbers = dict(zip(content.columns.local, content.numbers, strict=True))
    edges = [
        (numbers[parent], number)
        for number, parents in zip(content.numbers, content.columns.parents, strict=True)
        if parents
        for parent in parents.split(" ")
    ]
    edges.sort(key=itemgetter(0))  # children are in order already, and sorting keeps that
    return edges


def _write_edges(database: sqlite3.Connection, edges: list[tuple[int, int]]) -> None:
    _insert(database, "edge", [parent for parent, _ in edges], [child for _, child in edges])


def _xrefs(content: Content) -> list[tuple[str, int]]:
    """Ids elsewhere with the numbers of the terms that they are of, in order."""
    return sorted(
        (xref, number)
        for number, xrefs in zip(content.numbers, content.columns.xrefs, strict=True)
        if xrefs
        for xref in xrefs.split(" ")
    )


def _write_xrefs(database: sqlite3.Connection, xrefs: list[tuple[str, int]]) -> None:
    _insert(database, "xref", [xref for xref, _ in xrefs], [number for _, number in xrefs])


def _write_names(database: sqlite3.Connection, first: int, names: Names) -> None:
    numbers = range(first, first + len(names.texts))
    _insert(database, "name", numbers, names.terms, names.costs, names.texts)
    # A full-text table sorts and writes what it holds in memory after a statement of many rows: it gets one statement.
    database.execute(
        "INSERT INTO word(rowid, token) SELECT ? + key, value FROM json_each(?)", (first, json.dumps(names.tokens))
    )


def _insert(database: sqlite3.Connection, table: str, *columns: Sequence[object]) -> None:
    """Insert rows, given by columns, many in a statement."""
    width = len(columns)
    values: list[object] = [None] * (width * len(columns[0]))
    for place, column in enumerate(columns):
        values[place::width] = column
    size = _ROWS * width
    whole = len(values) - len(values) % size
    database.executemany(
        _insertion(table, width, _ROWS), [values[start : start + size] for start in range(0, whole, size)]
    )
    if whole < len(values):
        database.execute(_insertion(table, width, (len(values) - whole) // width), values[whole:])


def _insertion(table: str, width: int, rows: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"INSERT INTO {table} VALUES {', '.join([row] * rows)}"  # noqa: S608 - a table of this file


def _write_successors(database: sqlite3.Connection, contents: Iterable[Content]) -> None:
    """Point each obsolete term at the current one that stands for it, through any number of replacements."""
    replaced = {
        full_id(content.ontology, local): replaced_by
        for content in contents
        for local, obsolete, replaced_by in zip(
            content.columns.local, content.columns.obsolete, content.columns.replaced_by, strict=True
        )
        if obsolete
    }
    database.executemany(
        "UPDATE term SET successor = (SELECT number FROM term WHERE id = ?) WHERE id = ?",
        [(_last(term_id, replaced), term_id) for term_id in replaced],
    )


def _last(term_id: str, replaced: Mapping[str, str]) -> str | None:
    """The end of a chain of replacements; ``None`` where it ends in nothing or runs in a circle."""
    seen = {term_id}
    successor = replaced[term_id]
    while successor in replaced and successor not in seen:
        seen.add(successor)
        successor = replaced[successor]
    return successor if successor and successor not in seen else None
