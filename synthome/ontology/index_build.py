"""Building the search index, an SQLite file, from a snapshot.

Names are numbered so that search need not sort: by ontology, in it labels before synonyms, in these the best name
first, that is the one of least :class:`cost <_Name>`. A full-text query asks for a range of numbers in order and stops
at its limit, so it takes as long for ``ca`` as for ``carcinoma``. Each name is indexed as its words, and squashed into
one token (``=hct116``), with a second one where plural endings are dropped (``~tcell``): prefix and exact matches of
whole names are then full-text queries as well.
"""

from __future__ import annotations

import gc
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from math import log2
from pathlib import Path

from synthome.ontology.names import fold_all, singular_all, squash
from synthome.ontology.snapshot import Row, Snapshot, full_id
from synthome.ontology.terms import ONTOLOGIES, Ontology

__all__ = ["KEY_LENGTH", "LONGEST_PREFIX", "MOST_WORDS", "SCHEMA_VERSION", "Progress", "write_index"]

SCHEMA_VERSION = 2
"""Changes with the tables or the order of names: an index of another version is stale."""
KEY_LENGTH = 48
"""Most characters of a squashed name that are indexed; longer names are compared in full when they are read."""
MOST_WORDS = 10
"""Most words of a name that are indexed one by one. Systematic names of compounds have up to hundreds; nobody types the
eleventh, and half of all words would be theirs."""

Progress = Callable[[float, str], None]

LONGEST_PREFIX = 4
"""Letters of a token, its sign included, up to which names that begin with them are kept in order."""

_TABLES = """
CREATE TABLE property (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE term (number INTEGER PRIMARY KEY, id TEXT NOT NULL, successor INTEGER, line TEXT NOT NULL);
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

_Name = tuple[float, str, int, str]
"""A name's cost, text, number of its term, and tokens.

The cost is the length of the squashed name, less what its term's standing is worth in characters: short names and
common terms come first.
"""
_FAMILY_WEIGHT = 1.5
"""Characters for each doubling of the labels that begin with this label: ``liver`` before ``liver bud``."""
_CHILDREN_WEIGHT = 1.0
"""Characters for each doubling of a term's children."""
_DEFINED = 2.0
"""Characters for a term that its curators defined."""
_CELL_LINE = -4.0
"""Characters for a cell line: there are 167,000, many with names of two or three letters."""
_SCOPE = {"E": 0.0, "N": -2.0, "B": -2.0, "R": -3.0}
"""Characters for a synonym by its scope."""


@dataclass(frozen=True, slots=True)
class _Content:
    """One ontology: its lines taken apart, its labels folded, its terms numbered from ``first``."""

    ontology: Ontology
    first: int
    rows: list[Row]
    folded: list[str]

    def numbered(self) -> Iterator[tuple[int, Row]]:
        return enumerate(self.rows, self.first)


def write_index(path: Path, snapshot: Snapshot, progress: Progress) -> None:
    """Write the index of ``snapshot`` to ``path``, an empty file or one that does not exist yet."""
    collecting = gc.isenabled()
    gc.disable()  # half a million small tuples that all stay: looking for garbage among them costs a fifth of the time
    try:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as database:
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")
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
    # SQLite lets go of the interpreter for as long as a statement runs, and each batch is one statement: a second
    # thread stores one batch while this one prepares the next.
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
        "terms": {content.ontology: snapshot.manifest.ontologies[content.ontology].current for content in contents},
    }
    database.executemany("INSERT INTO property VALUES (?, ?)", [(k, json.dumps(v)) for k, v in properties.items()])


def _store_terms(snapshot: Snapshot, store: Callable[..., None], progress: Progress) -> list[_Content]:
    """Read the snapshot and have its terms and edges stored."""
    ontologies = [ontology for ontology in ONTOLOGIES if ontology in snapshot.manifest.ontologies]
    contents: list[_Content] = []
    first = 0
    for step, ontology in enumerate(ontologies):
        progress(0.3 * step / len(ontologies), f"reading {ontology}")
        lines = snapshot.lines(ontology)
        rows = [Row._make(line.split("\t")) for line in lines]
        store(_write_terms, ontology, first, lines)
        contents.append(_Content(ontology, first, rows, fold_all([row.label for row in rows])))
        store(_write_edges, _edges(contents[-1]))
        first += len(rows)
    return contents


def _store_names(
    contents: list[_Content], store: Callable[..., None], progress: Progress
) -> dict[str, tuple[int, int]]:
    """Have all names stored; returns the first and last number of those of each ontology and kind."""
    families = _families([content.folded for content in contents])
    ranges: dict[str, tuple[int, int]] = {}
    number = 0
    total = sum(len(content.rows) for content in contents)
    for content in contents:
        done = (content.first + len(content.rows) / 2) / total
        progress(0.3 + 0.6 * done, f"indexing {len(content.rows):,} terms of {content.ontology}")
        for kind, names in (("label", _labels(content, families)), ("synonym", _synonyms(content))):
            store(_write_names, number, names)
            ranges[f"{content.ontology}.{kind}"] = (number, number + len(names) - 1)
            number += len(names)
    return ranges


# Terms and edges ----------------------------------------------------------------------------------------------------


def _write_terms(database: sqlite3.Connection, ontology: Ontology, first: int, lines: list[str]) -> None:
    """Store lines as they are; a term's id is the first field of its line with the prefix of the ontology."""
    database.execute(
        "INSERT INTO term SELECT :first + key, :prefix || substr(value, 1, instr(value, char(9)) - 1), :first + key, "
        "value FROM json_each(:lines)",
        {"first": first, "prefix": full_id(ontology, ""), "lines": json.dumps(lines)},
    )


def _write_edges(database: sqlite3.Connection, edges: list[tuple[int, int]]) -> None:
    database.execute(
        "INSERT INTO edge SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)",
        (json.dumps(edges),),
    )


def _edges(content: _Content) -> list[tuple[int, int]]:
    """Numbers of parent and child of each edge, in order."""
    numbers = {row.local: number for number, row in content.numbered()}
    edges = [
        (numbers[parent], number)
        for number, row in content.numbered()
        if row.parents
        for parent in row.parents.split(" ")
    ]
    edges.sort()
    return edges


def _write_successors(database: sqlite3.Connection, contents: Iterable[_Content]) -> None:
    """Point each obsolete term at the current one that stands for it, through any number of replacements."""
    replaced = {
        full_id(content.ontology, row.local): row.replaced_by
        for content in contents
        for row in content.rows
        if row.obsolete
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


# Names --------------------------------------------------------------------------------------------------------------


def _families(ontologies: Iterable[list[str]]) -> Counter[str]:
    """How many labels begin with each run of one, two or three words: many for a name that others are made from."""
    counts: Counter[str] = Counter()
    for folded in ontologies:
        parts = [label.split(" ", 3) for label in folded if label]
        counts.update([part[0] for part in parts])
        counts.update([f"{part[0]} {part[1]}" for part in parts if len(part) > 1])
        counts.update([f"{part[0]} {part[1]} {part[2]}" for part in parts if len(part) > 2])
    return counts


def _labels(content: _Content, families: Counter[str]) -> list[_Name]:
    """Labels of the current terms."""
    standing = _standing(content)
    texts, folded, terms, bonuses = [], [], [], []
    for (term, row), label, worth in zip(content.numbered(), content.folded, standing, strict=True):
        if not row.obsolete:
            texts.append(row.label)
            folded.append(label)
            terms.append(term)
            bonuses.append(worth + _FAMILY_WEIGHT * log2(families[label] + 1))
    return _names(texts, folded, terms, bonuses)


def _synonyms(content: _Content) -> list[_Name]:
    """Synonyms of the current terms."""
    texts, terms, bonuses = [], [], []
    for (term, row), worth in zip(content.numbered(), _standing(content), strict=True):
        if row.synonyms and not row.obsolete:
            for scope, text in row.scoped_names():
                texts.append(text)
                terms.append(term)
                bonuses.append(worth + _SCOPE[scope])
    return _names(texts, fold_all(texts) if texts else [], terms, bonuses)


def _standing(content: _Content) -> list[float]:
    """What each term is worth in characters of its name, whichever name that is."""
    children = Counter([parent for row in content.rows if row.parents for parent in row.parents.split(" ")])
    base = _CELL_LINE if content.ontology == "CVCL" else 0.0
    return [
        base + _CHILDREN_WEIGHT * log2(children[row.local] + 1) + (_DEFINED if row.definition else 0.0)
        for row in content.rows
    ]


def _names(texts: list[str], folded: list[str], terms: list[int], bonuses: list[float]) -> list[_Name]:
    """Names in the order of their cost."""
    names = []
    for text, name, bare, term, bonus in zip(texts, folded, singular_all(folded), terms, bonuses, strict=True):
        key = name.replace(" ", "")[:KEY_LENGTH]
        words = name if name.count(" ") < MOST_WORDS else " ".join(name.split(" ", MOST_WORDS)[:MOST_WORDS])
        tokens = f"{words} ={key}" if bare == name else f"{words} ={key} ~{squash(bare)[:KEY_LENGTH]}"
        names.append((len(key) - bonus, text, term, tokens))
    names.sort()
    return names


def _write_names(database: sqlite3.Connection, first: int, names: list[_Name]) -> None:
    database.execute(
        "INSERT INTO name SELECT ? + key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), "
        "json_extract(value, '$[2]') FROM json_each(?)",
        (first, json.dumps([(term, round(cost, 3), text) for cost, text, term, _ in names])),
    )
    database.execute(
        "INSERT INTO word(rowid, token) SELECT ? + key, value FROM json_each(?)",
        (first, json.dumps([tokens for _, _, _, tokens in names])),
    )
