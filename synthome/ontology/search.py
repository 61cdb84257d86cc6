"""Finding terms by what people type or paste, the best first.

Classes of matches, in this order; a term counts in the first class that it fits:

1. an id, in any spelling (that of an obsolete term finds what replaced it; names of obsolete terms are not searched)
2. the label: to the letter, but for case; run together (``hepg2`` for ``Hep-G2``); but for plural endings
3. a synonym, in the same three ways
4. the beginning of a label
5. the beginning of a synonym
6. a whole name once words that say little are left out (``HeLa cells``, ``human liver tissue``)
7. words: each one typed begins a word of a label, or of a synonym
8. for pasted text such as ``liver, left lobe, FFPE``: its longest stretch that is a whole name
9. where nothing else is found: a name spelled much alike

Within a class, names are in the order of the index: short names and common terms first.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from synthome.ontology.fuzzy import SLIP, Spelling
from synthome.ontology.index_build import KEY_LENGTH, LONGEST_PREFIX
from synthome.ontology.lookup import find_ids
from synthome.ontology.names import fold, singular, squash
from synthome.ontology.terms import Ontology

__all__ = ["Hit", "Search"]

Kind = Literal["label", "synonym", "prefix", "token", "span", "fuzzy"]
NameKind = Literal["label", "synonym"]
NAME_KINDS: tuple[NameKind, NameKind] = ("label", "synonym")

_LONGEST_TEXT = 400
"""Characters of a text that are looked at; no name of three words or fewer is longer."""
_MOST_WORDS = 24
_MOST_SPAN_WORDS = 6
_SHORTEST_NAME = 3
"""Letters that a part of a text must have to be taken for the name of something."""
_MOST_EXACT = 20
_MOST_CUT = 400
"""Names that are read where many may share a key: cut off at its greatest length, or one of many stretches."""
_GENERIC = frozenset(
    {"adult", "biopsy", "cell", "culture", "derived", "donor", "fresh", "frozen", "healthy", "homo", "human", "line"}
    | {"normal", "of", "patient", "primary", "sample", "sapien", "specimen", "the", "tissue", "whole"}
)
"""Words, without plural endings, that say little about what a sample is."""

_NAME = "SELECT cost, term, text FROM name WHERE number = ?"
_FITTING = "SELECT rowid FROM word WHERE word MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid"
_BEST = """
SELECT name.cost, name.term, name.text FROM word CROSS JOIN name ON name.number = word.rowid
WHERE word MATCH ? AND word.rowid BETWEEN ? AND ? ORDER BY word.rowid LIMIT ?
"""


class Hit(NamedTuple):
    """A term, by its number in the index, and the name that matched."""

    term: int
    matched: str
    kind: Literal["id"] | Kind


class _Name(NamedTuple):
    cost: float
    term: int
    text: str
    is_label: bool

    def hit(self, kind: Kind) -> Hit:
        return Hit(self.term, self.text, kind)


_Reader = Callable[[str, NameKind, int], list[_Name]]


@dataclass(frozen=True, slots=True)
class _Typed:
    """A text as it is looked for: to the letter, its words folded, and these run together."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Typed:
        return cls(" ".join(text.split()).casefold(), tuple(fold(text).split()[:_MOST_WORDS]))

    @property
    def key(self) -> str:
        return "".join(self.words)

    @property
    def singular_words(self) -> tuple[str, ...]:
        return tuple(singular(" ".join(self.words)).split())

    def without_generic_words(self) -> _Typed | None:
        """What is left without words that say little; ``None`` where there are none, or too little is left."""
        kept = [word for word, bare in zip(self.words, self.singular_words, strict=True) if bare not in _GENERIC]
        if len(kept) == len(self.words) or len("".join(kept)) < _SHORTEST_NAME:
            return None
        return _Typed.of(" ".join(kept))


class Search:
    """Search over one index.

    ``reading`` lends a connection; ``ranges`` gives the first and last number of the names of each ontology, under
    ``UBERON.label``, ``UBERON.synonym`` and so on.
    """

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[sqlite3.Connection]],
        ranges: Mapping[str, tuple[int, int]],
    ) -> None:
        self._reading = reading
        self._ranges = ranges
        self._spelling = Spelling()

    def find(self, text: str, ontologies: tuple[Ontology, ...], limit: int) -> list[Hit]:
        """At most ``limit`` hits, each of another term, best first."""
        if limit < 1:
            return []
        text = text[:_LONGEST_TEXT]
        found: dict[int, Hit] = {}
        with self._reading() as database:
            for hits in self._cascade(database, ontologies, limit).classes(text, found):
                for hit in hits:
                    found.setdefault(hit.term, hit)
                if len(found) >= limit:
                    break
        return list(found.values())[:limit]

    def closest(self, text: str, ontologies: tuple[Ontology, ...], limit: int) -> list[Hit]:
        """Hits of the last class alone."""
        found: dict[int, Hit] = {}
        with self._reading() as database:
            for hit in self._cascade(database, ontologies, max(limit, 0)).closest(_Typed.of(text[:_LONGEST_TEXT])):
                found.setdefault(hit.term, hit)
        return list(found.values())[: max(limit, 0)]

    def _cascade(self, database: sqlite3.Connection, ontologies: tuple[Ontology, ...], limit: int) -> _Cascade:
        return _Cascade(database, self._ranges, self._spelling, ontologies, limit)


@dataclass(frozen=True, slots=True)
class _Cascade:
    """The classes of matches over some ontologies, each read from the index only when the ones before fell short."""

    database: sqlite3.Connection
    ranges: Mapping[str, tuple[int, int]]
    spelling: Spelling
    ontologies: tuple[Ontology, ...]
    limit: int
    read: dict[str, list[int]] = field(default_factory=dict)

    def classes(self, text: str, found: Mapping[int, Hit]) -> Iterator[Iterable[Hit]]:
        """Hits class by class; ``found`` is what the caller has collected so far."""
        yield (Hit(term, term_id, "id") for term, term_id in find_ids(self.database, text, self.ontologies, self.limit))
        typed = _Typed.of(text)
        if not typed.words:
            return
        yield self._whole_names(typed)
        for kind in NAME_KINDS:
            yield self._beginnings(typed, kind)
        bare = typed.without_generic_words()
        if bare is not None:
            yield (Hit(hit.term, hit.matched, "span") for hit in self._whole_names(bare))
        if len(typed.key) > 1:
            yield from self._words(typed.words, "token")
            if typed.singular_words != typed.words:
                yield from self._words(typed.singular_words, "token")
        if len(typed.words) > 1:
            if not found:
                yield self._similar(self.spelling.similar_keys(self.database, typed.key, SLIP))
            yield self._stretches(typed.words)
        if not found:
            yield self.closest(typed)

    def closest(self, typed: _Typed) -> Iterator[Hit]:
        """Names spelled much alike, then names that hold the words spelled much alike."""
        if not typed.words:
            return
        yield from self._similar(self.spelling.similar_keys(self.database, typed.key))
        words = self.spelling.corrected(self.database, typed.words)
        if words is not None:
            for hits in self._words(tuple(words), "fuzzy"):
                yield from hits

    def _names(self, expression: str, kind: NameKind, most: int) -> list[_Name]:
        """Names that fit a full-text expression: the best of each ontology, in order."""
        numbers = self._fitting(expression)
        picked: list[int] = []
        for ontology in self.ontologies:
            first, last = self.ranges.get(f"{ontology}.{kind}", (0, -1))
            start = bisect_left(numbers, first)
            picked += numbers[start : min(start + most, bisect_right(numbers, last))]
        rows = [self.database.execute(_NAME, (number,)).fetchone() for number in picked]
        return sorted(_Name(cost, term, text, kind == "label") for cost, term, text in rows)

    def _fitting(self, expression: str) -> list[int]:
        """The numbers of all names that fit an expression, in order; read once for both kinds of names."""
        if expression not in self.read:
            ends = [self.ranges[key] for key in self.ranges if key.split(".")[0] in self.ontologies]
            first, last = min((end[0] for end in ends), default=0), max((end[1] for end in ends), default=-1)
            self.read[expression] = [number for (number,) in self.database.execute(_FITTING, (expression, first, last))]
        return self.read[expression]

    def _best_names(self, expression: str, kind: NameKind, most: int) -> list[_Name]:
        """The same for an expression that thousands of names fit but that is read in order without preparation."""
        names: list[_Name] = []
        for ontology in self.ontologies:
            first, last = self.ranges.get(f"{ontology}.{kind}", (0, -1))
            rows = self.database.execute(_BEST, (expression, first, last, most))
            names.extend(_Name(cost, term, text, kind == "label") for cost, term, text in rows)
        return sorted(names)

    def _beginning_with(self, words: Iterable[str]) -> _Reader:
        """How to read names by beginnings of words: SQLite keeps short ones in order, longer ones it has to merge."""
        return self._best_names if all(len(word) <= LONGEST_PREFIX for word in words) else self._names

    def _whole_names(self, typed: _Typed) -> list[Hit]:
        bare = "".join(typed.singular_words)
        keys = dict.fromkeys((f"={typed.key[:KEY_LENGTH]}", f"={bare[:KEY_LENGTH]}", f"~{bare[:KEY_LENGTH]}"))
        expression = " OR ".join(f'"{key}"' for key in keys)
        most = _MOST_EXACT if len(typed.key) < KEY_LENGTH else _MOST_CUT
        ranked = [
            (likeness, name)
            for kind in NAME_KINDS
            for name in self._names(expression, kind, most)
            if (likeness := _likeness(name, typed)) is not None
        ]
        ranked.sort()
        return [name.hit("label" if name.is_label else "synonym") for _, name in ranked]

    def _beginnings(self, typed: _Typed, kind: NameKind) -> Iterator[Hit]:
        key = f"={typed.key[:KEY_LENGTH]}"
        cut = len(typed.key) > KEY_LENGTH
        for name in self._beginning_with([key])(f'"{key}"*', kind, _MOST_CUT if cut else 2 * self.limit):
            if not cut or squash(fold(name.text)).startswith(typed.key):
                yield name.hit("prefix")

    def _words(self, words: tuple[str, ...], hit_kind: Kind) -> Iterator[Iterable[Hit]]:
        # A single letter is taken for a whole word: as a beginning it would fit a tenth of all names.
        expression = " AND ".join(f'"{word}"*' if len(word) > 1 else f'"{word}"' for word in words)
        for kind in NAME_KINDS:
            yield [name.hit(hit_kind) for name in self._beginning_with(words)(expression, kind, 2 * self.limit)]

    def _stretches(self, words: tuple[str, ...]) -> list[Hit]:
        stretches = _stretches(words)
        if not stretches:
            return []
        expression = " OR ".join(f'"={key}" OR "~{key}"' for key in stretches)
        ranked: list[tuple[int, bool, _Name]] = []
        for kind in NAME_KINDS:
            for name in self._names(expression, kind, _MOST_CUT):
                folded = fold(name.text)
                length = stretches.get(squash(folded)) or stretches.get(squash(singular(folded)))
                if length is not None:
                    ranked.append((-length, not name.is_label, name))
        ranked.sort()
        return [name.hit("span") for _, _, name in ranked]

    def _similar(self, keys: list[str]) -> list[Hit]:
        if not keys:
            return []
        place = {key: position for position, key in enumerate(keys)}
        expression = " OR ".join(f'"={key}"' for key in keys)
        ranked = [
            (place.get(squash(fold(name.text)), len(keys)), name)
            for kind in NAME_KINDS
            for name in self._names(expression, kind, _MOST_CUT)
        ]
        ranked.sort()
        return [name.hit("fuzzy") for _, name in ranked]


def _likeness(name: _Name, typed: _Typed) -> int | None:
    """How alike a name and a text of one key are, 0 being best; ``None`` for long names that differ past its end."""
    base = 0 if name.is_label else 3
    if " ".join(name.text.split()).casefold() == typed.text:
        return base
    folded = fold(name.text)
    if squash(folded) == typed.key:
        return base + 1
    return base + 2 if squash(singular(folded)) == "".join(typed.singular_words) else None


def _stretches(words: tuple[str, ...]) -> dict[str, int]:
    """Squashed stretches of words, with and without plural endings, each with its number of letters."""
    lengths: dict[str, int] = {}
    for count in range(min(_MOST_SPAN_WORDS, len(words) - 1), 0, -1):
        for start in range(len(words) - count + 1):
            stretch = " ".join(words[start : start + count])
            key = squash(stretch)
            if _SHORTEST_NAME <= len(key) <= KEY_LENGTH and not key.isdigit() and singular(stretch) not in _GENERIC:
                lengths.setdefault(key, len(key))
                lengths.setdefault(squash(singular(stretch)), len(key))
    return lengths
