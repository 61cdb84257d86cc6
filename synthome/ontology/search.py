"""Finding terms by what people type or paste, the best first.

Classes of matches, in this order; a term counts in the first class that it fits:

1. an id, in any spelling (that of an obsolete term finds what replaced it; names of obsolete terms are not searched)
2. the label: to the letter, but for case; run together (``hepg2`` for ``Hep-G2``); but for plural endings
3. a synonym, in the same three ways
4. the same with British spelling, Latin plurals, Roman numbers and markers (``CD8+``) put otherwise
5. the beginning of a label
6. the beginning of a synonym
7. a whole name once words that say little are left out (``HeLa cells``, ``human liver tissue``)
8. words: each one typed begins a word of a label, or of a synonym, in any order (``cancer of the breast``)
9. for pasted text such as ``liver, left lobe, FFPE``: its longest stretch that is a whole name
10. where nothing else is found: a name spelled much alike

Within a class, names are in the order of the index: short names and common terms first. Classes 2 to 4 are one list:
what people mean often comes first in it although its name is a synonym or spelled a little otherwise (``PC3`` is the
line PC-3, not the rare one of that very label).
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
from synthome.ontology.names import fold, respelled, singular, squash
from synthome.ontology.terms import Ontology

__all__ = ["Hit", "Search"]

Kind = Literal["label", "synonym", "prefix", "token", "span", "fuzzy"]
NameKind = Literal["label", "synonym"]
NAME_KINDS: tuple[NameKind, NameKind] = ("label", "synonym")

_LONGEST_TEXT = 400
"""Characters of a text that are looked at; no name of three words or fewer is longer."""
_MOST_WORDS = 24
_MOST_SPAN_WORDS = 5
_MOST_TYPED_WORDS = 7
"""Words of a name as it is typed; more are a description that was pasted."""
_SHORTEST_NAME = 3
"""Letters that a part of a text must have to be taken for the name of something."""
_MOST_EXACT = 20
_MOST_CUT = 400
"""Names that are read where many may share a key: cut off at its greatest length, or one of many stretches."""
_GENERIC = frozenset(
    {"a", "adult", "an", "and", "biopsy", "cell", "culture", "derived", "donor", "fresh", "from", "frozen", "healthy"}
    | {"homo", "human", "in", "line", "normal", "of", "patient", "primary", "sample", "sapien", "specimen", "the"}
    | {"tissue", "whole", "with"}
)
"""Words, without plural endings, that say little about what a sample is."""
_INCIDENTAL = _GENERIC | frozenset(
    {"age", "alpha", "batch", "beta", "clone", "condition", "control", "day", "delta", "dose", "experiment"}
    | {"female", "gamma", "gender", "genotype", "grade", "group", "high", "hour", "hr", "id", "knockdown", "knockout"}
    | {"low", "male", "min", "mock", "negative", "none", "passage", "positive", "rep", "replicate", "rna", "run", "seq"}
    | {"sex", "stage", "strain", "time", "total", "treated", "treatment", "type", "untreated", "vehicle", "week"}
    | {"wild", "year"}
)
"""Words of descriptions that are names of something too, but are not meant so."""
_UNLIKENESS = (0.0, 0.5, 1.0, 3.0, 3.5, 4.0)
"""Characters that a name is set back by: a label to the letter, run together, without plural endings; a synonym so."""
_RESPELLED = 2.0
"""The same for another spelling than typed."""
_MEANT = {1: 6.0, 2: 4.0, 3: 2.0}
"""Characters for a term that people mean often: a famous line's name in other spelling is meant, not a rare one's."""
_MOST_REORDERED = 40

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
    def index_keys(self) -> tuple[str, ...]:
        """The tokens of the index that names of this spelling have, with and without plural endings."""
        bare = "".join(self.singular_words)[:KEY_LENGTH]
        return f"={self.key[:KEY_LENGTH]}", f"={bare}", f"~{bare}"

    @property
    def singular_words(self) -> tuple[str, ...]:
        return tuple(singular(" ".join(self.words)).split())

    @property
    def is_name(self) -> bool:
        """Whether it may be one name, and no description that was pasted."""
        return len(self.words) <= _MOST_TYPED_WORDS

    @property
    def of_one(self) -> _Typed:
        """The same without plural endings."""
        return _Typed(self.text, self.singular_words)

    def respelled(self) -> list[_Typed]:
        """What may be the usual spellings of what is typed, if it is short enough to be a name."""
        if not self.is_name:
            return []
        return [_Typed.of(other) for other in respelled(self.text)]

    def without_generic_words(self) -> _Typed | None:
        """What is left without words that say little; ``None`` where there are none, or too little is left."""
        kept = [word for word, bare in zip(self.words, self.singular_words, strict=True) if bare not in _GENERIC]
        if len(kept) == len(self.words) or len("".join(kept)) < _SHORTEST_NAME:
            return None
        return _Typed.of(" ".join(kept))


class Search:
    """Search over one index.

    ``reading`` lends a connection; ``ranges`` gives the first and last number of the names of each ontology, under
    ``UBERON.label``, ``UBERON.synonym`` and so on; ``tiers`` how often people mean a term, 1 being most often.
    """

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[sqlite3.Connection]],
        ranges: Mapping[str, tuple[int, int]],
        tiers: Mapping[int, int],
    ) -> None:
        self._reading = reading
        self._ranges = ranges
        self._tiers = tiers
        self._spelling = Spelling()

    def warm(self) -> None:
        """Read beforehand what spelling errors are compared with."""
        with self._reading() as database:
            self._spelling.warm(database)

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
        return _Cascade(database, self._ranges, self._tiers, self._spelling, ontologies, limit)


@dataclass(frozen=True, slots=True)
class _Cascade:
    """The classes of matches over some ontologies, each read from the index only when the ones before fell short."""

    database: sqlite3.Connection
    ranges: Mapping[str, tuple[int, int]]
    tiers: Mapping[int, int]
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
        respelled = typed.respelled()
        yield self._whole_names(typed, *respelled)
        bare = typed.without_generic_words()
        if typed.is_name and len(typed.words) > 1:
            yield self._same_words(typed, bare)
            if not found:
                for other in respelled:
                    yield self._same_words(other, other.without_generic_words())
        for kind in NAME_KINDS:
            yield self._beginnings(typed, kind)
        if not found:
            for other in respelled:
                yield self._beginnings(other, "label")
        if bare is not None:
            yield (Hit(hit.term, hit.matched, "span") for hit in self._whole_names(bare))
        if typed.is_name and len(typed.key) > 1:
            yield from self._words((bare or typed).words, "token")
            if not found:
                for other in ((bare or typed).of_one, *respelled):
                    yield from self._words(other.words, "token")
        if len(typed.words) > 1:
            if typed.is_name and not found:
                yield self._similar(self.spelling.similar_keys(self.database, typed.key, SLIP))
                yield from self._corrected(typed)
            yield self._stretches(typed.words)
        if not found:
            yield self.closest(typed)

    def closest(self, typed: _Typed) -> Iterator[Hit]:
        """Names spelled much alike, then names that hold the words spelled much alike."""
        if not typed.words:
            return
        yield from self._similar(self.spelling.similar_keys(self.database, typed.key))
        for hits in self._corrected(typed):
            yield from hits

    def _corrected(self, typed: _Typed) -> Iterator[Iterable[Hit]]:
        """Names that hold all words, each that begins no word of a name put as one that is spelled much alike."""
        words = self.spelling.corrected(self.database, typed.words)
        if words is not None:
            yield from self._words(tuple(words), "fuzzy")

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

    def _whole_names(self, typed: _Typed, *respelled: _Typed) -> list[Hit]:
        """Names that are what is typed, or another spelling of it."""
        forms = (typed, *respelled)
        expression = " OR ".join(f'"{key}"' for key in dict.fromkeys(key for form in forms for key in form.index_keys))
        most = _MOST_EXACT if all(len(form.key) < KEY_LENGTH for form in forms) else _MOST_CUT
        ranked = [
            (_UNLIKENESS[likeness] + (_RESPELLED if place else 0.0) - self._meant(name), name)
            for kind in NAME_KINDS
            for name in self._names(expression, kind, most)
            for place, form in enumerate(forms)
            if (likeness := _likeness(name, form)) is not None
        ]
        ranked.sort()
        return [name.hit("label" if name.is_label else "synonym") for _, name in ranked]

    def _meant(self, name: _Name) -> float:
        """What it is worth that people mean the term often."""
        return _MEANT.get(self.tiers.get(name.term, 0), 0.0)

    def _same_words(self, typed: _Typed, bare: _Typed | None) -> list[Hit]:
        """Names of the words typed and no others, in another order; words that say little may be more or fewer."""
        telling = frozenset((bare or typed).of_one.words)
        whole = frozenset(typed.singular_words)
        expression = _beginning_words(tuple(telling))
        ranked: list[tuple[bool, float, _Name]] = []
        for kind in NAME_KINDS:
            for name in self._names(expression, kind, _MOST_REORDERED):
                words = frozenset(singular(fold(name.text)).split())
                if words - _GENERIC == telling - _GENERIC:
                    ranked.append((words != whole, name.cost - self._meant(name), name))
        ranked.sort()
        return [name.hit("token") for _, _, name in ranked]

    def _beginnings(self, typed: _Typed, kind: NameKind) -> Iterator[Hit]:
        key = f"={typed.key[:KEY_LENGTH]}"
        cut = len(typed.key) > KEY_LENGTH
        for name in self._beginning_with([key])(f'"{key}"*', kind, _MOST_CUT if cut else 2 * self.limit):
            if not cut or squash(fold(name.text)).startswith(typed.key):
                yield name.hit("prefix")

    def _words(self, words: tuple[str, ...], hit_kind: Kind) -> Iterator[Iterable[Hit]]:
        expression = _beginning_words(words)
        for kind in NAME_KINDS:
            yield [name.hit(hit_kind) for name in self._beginning_with(words)(expression, kind, 2 * self.limit)]

    def _stretches(self, words: tuple[str, ...]) -> list[Hit]:
        stretches = _stretches(words)
        if not stretches:
            return []
        expression = " OR ".join(f'"={key}" OR "~{key}"' for key in stretches)
        ranked: list[tuple[int, float, bool, _Name]] = []
        for kind in NAME_KINDS:
            for name in self._names(expression, kind, _MOST_CUT):
                folded = fold(name.text)
                length = stretches.get(squash(folded)) or stretches.get(squash(singular(folded)))
                if length is not None:
                    ranked.append((-length, -self._meant(name), not name.is_label, name))
        ranked.sort()
        return [name.hit("span") for *_, name in ranked]

    def _similar(self, keys: list[str]) -> list[Hit]:
        if not keys:
            return []
        place = {key: position for position, key in enumerate(keys)}
        expression = " OR ".join(f'"={key}"' for key in keys)
        ranked = [
            (place.get(squash(fold(name.text)), len(keys)) - self._meant(name), name)
            for kind in NAME_KINDS
            for name in self._names(expression, kind, _MOST_CUT)
        ]
        ranked.sort()
        return [name.hit("fuzzy") for _, name in ranked]


def _beginning_words(words: tuple[str, ...]) -> str:
    """A full-text expression: each word begins a word of the name.

    A single letter is taken for a whole word: as a beginning it would fit a tenth of all names.
    """
    return " AND ".join(f'"{word}"*' if len(word) > 1 else f'"{word}"' for word in sorted(set(words)))


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
            if _SHORTEST_NAME <= len(key) <= KEY_LENGTH and not key.isdigit() and singular(stretch) not in _INCIDENTAL:
                lengths.setdefault(key, len(key))
                lengths.setdefault(squash(singular(stretch)), len(key))
    return lengths
