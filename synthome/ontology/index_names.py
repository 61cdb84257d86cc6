"""The names of the search index: which there are, in which order, and by which tokens each is found.

Half a million names are made when the index is built, so whatever can be is done to a whole column of them, or to all
of them as one text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from math import log2
from typing import NamedTuple

from synthome.ontology.curated import Curated
from synthome.ontology.names import fold_all, singular_all, squash
from synthome.ontology.snapshot import SYNONYM_SEPARATOR, Columns, Row
from synthome.ontology.terms import Ontology, SynonymScope, full_id, local_id, ontology_of

__all__ = [
    "KEY_LENGTH",
    "MOST_WORDS",
    "Content",
    "Names",
    "count_families",
    "label_names",
    "synonym_names",
    "with_names",
]

KEY_LENGTH = 48
"""Most characters of a squashed name that are indexed; longer names are compared in full when they are read."""
MOST_WORDS = 10
"""Most words of a name that are indexed one by one. Systematic names of compounds have up to hundreds; nobody types the
eleventh, and half of all words would be theirs."""

_FAMILY_WEIGHT = 1.5
"""Characters for each doubling of the labels that begin with this label: ``liver`` before ``liver bud``."""
_CHILDREN_WEIGHT = 1.0
"""Characters for each doubling of a term's children."""
_DEFINED = 2.0
"""Characters for a term that its curators defined."""
_CELL_LINE = -4.0
"""Characters for a cell line: there are 167,000, many with names of two or three letters."""
_CATALOGUE = "NCI-"
"""What the labels of the National Cancer Institute's lines begin with."""
_STEREO = re.compile(
    r"^\d*(?:alpha|beta)?-(?=[a-z])|^all-trans-|\(\d[+-]\)$|\([RSEZ0-9,]+\)-|\([+-]\)-|(?<![A-Za-z])[LD]-(?=[a-z])"
)
"""Parts of a compound's name that say which of its forms it is."""
_SELDOM_MEANT = -8.0
"""Characters for a disease of animals (MONDO numbers these from 1010000), or for what merely makes one likelier."""
_TIERS = {1: 7.0, 2: 4.5, 3: 2.5}
"""Characters for a term that people mean often, by how often."""
_LEARNED = 1.5
"""Characters for a term that the embedded models learned."""
_SCOPE = {"E": 0.0, "N": -2.0, "B": -2.0, "R": -3.0}
"""Characters for a synonym by its scope."""


class Names(NamedTuple):
    """Names by columns, the best first.

    The cost is the length of the squashed name, less what its term's standing is worth in characters: short names and
    common terms come first. Tokens are one text a name, separated by spaces.
    """

    terms: list[int]
    costs: list[float]
    texts: list[str]
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class Content:
    """One ontology: its lines by columns, its labels folded, its terms numbered from ``first``.

    ``standing`` is what each term is worth in characters of its name, whichever name that is.
    """

    ontology: Ontology
    first: int
    columns: Columns
    folded: list[str]
    standing: list[float]

    @classmethod
    def of(cls, ontology: Ontology, first: int, columns: Columns, curated: Curated) -> Content:
        """Prepare the terms of ``columns``."""
        return cls(ontology, first, columns, fold_all(columns.label), _standing(ontology, columns, curated))

    def __len__(self) -> int:
        return len(self.folded)

    def tiers(self, curated: Curated) -> Iterator[tuple[int, int]]:
        """Numbers of the terms that people mean often, with how often."""
        tier = {
            local_id(term_id): tier for term_id, tier in curated.tier.items() if ontology_of(term_id) == self.ontology
        }
        for local, number in zip(self.columns.local, self.numbers, strict=True):
            if local in tier:
                yield number, tier[local]

    @property
    def numbers(self) -> range:
        """The numbers of its terms, in the order of the columns."""
        return range(self.first, self.first + len(self))


def count_families(contents: Iterable[Content]) -> Counter[str]:
    """How many labels begin with each run of one, two or three words: many for a name that others are made from."""
    counts: Counter[str] = Counter()
    for content in contents:
        parts = [label.split(" ", 3) for label in content.folded if label]
        counts.update([part[0] for part in parts])
        counts.update([f"{part[0]} {part[1]}" for part in parts if len(part) > 1])
        counts.update([f"{part[0]} {part[1]} {part[2]}" for part in parts if len(part) > 2])
    return counts


def label_names(content: Content, families: Counter[str]) -> Names:
    """Labels of the current terms."""
    # Counts are few, labels many.
    worth = {count: _FAMILY_WEIGHT * log2(count + 1) for count in {0, *families.values()}}
    counts = [families.get(label, 0) for label in content.folded]
    bonuses = [standing + worth[count] for standing, count in zip(content.standing, counts, strict=True)]
    current = [not obsolete for obsolete in content.columns.obsolete]
    return _names(
        list(compress(content.columns.label, current)),
        list(compress(content.folded, current)),
        list(compress(content.numbers, current)),
        list(compress(bonuses, current)),
    )


def synonym_names(content: Content) -> Names:
    """Synonyms of the current terms."""
    columns = content.columns
    scoped = [
        (term, standing, text)
        for term, standing, synonyms, obsolete in zip(
            content.numbers, content.standing, columns.synonyms, columns.obsolete, strict=True
        )
        if synonyms and not obsolete
        for text in synonyms.split(SYNONYM_SEPARATOR)
    ]
    texts = [text[1:] for _, _, text in scoped]
    bonuses = [standing + _SCOPE[text[0]] for _, standing, text in scoped]
    return _names(texts, fold_all(texts), [term for term, _, _ in scoped], bonuses)


def with_names(lines: list[str], ontology: Ontology, curated: Curated) -> list[str]:
    """Lines of a snapshot with the curated names among the synonyms."""
    usual = curated.tier.keys() | curated.learned if ontology == "CHEBI" else frozenset[str]()
    told = {local_id(term_id) for term_id in {*curated.names, *usual} if ontology_of(term_id) == ontology}
    out = list(lines)
    for place, line in enumerate(lines):
        # Of half a million lines few have such names, and to look is all that most may cost.
        local = line[: line.index("\t")]
        if local in told or ontology == "HsapDv" or (ontology == "CVCL" and _CATALOGUE in line):
            term_id = full_id(ontology, local)
            label = line.split("\t", 2)[1]
            names = [*curated.names.get(term_id, ()), *_made_names(label, ontology, term_id in usual)]
            out[place] = _with_names(line, names)
    return out


def _made_names(label: str, ontology: Ontology, usual: bool) -> list[tuple[SynonymScope, str]]:
    """Names that follow from a label by rule, as people shorten it.

    Cell lines of the National Cancer Institute go without its name. Compounds that people mean often go without
    descriptors of stereochemistry and charge, of which there is usually one form that is meant. Stages that are an age
    are written as one.
    """
    if ontology == "HsapDv":
        return [("EXACT", name) for name in _ages(label)]
    if ontology == "CVCL" and label.startswith(_CATALOGUE):
        return [("RELATED", label.removeprefix(_CATALOGUE))]
    plain = _STEREO.sub("", label) if usual else label
    return [("RELATED", plain)] if plain not in ("", label) else []


def _ages(label: str) -> list[str]:
    """How people write the age that a stage of HsapDv is.

    >>> _ages("30-year-old stage")[:2], _ages("15th week post-fertilization stage")[:1]
    (['30 years', '30 year old'], ['15 weeks post conception'])
    """
    if found := re.match(r"(\d+)-(year|month)-old", label):
        number, unit = found.groups()
        short = "yo" if unit == "year" else "mo"
        return [f"{number} {unit}s", f"{number} {unit} old", f"{number} {short}", f"{number} {unit[0]}"]
    if found := re.match(r"(\d+)(?:st|nd|rd|th) week post-fertilization", label):
        return [
            f"{found.group(1)} {words}" for words in ("weeks post conception", "pcw", "post conception weeks", "wpc")
        ]
    return []


def _with_names(line: str, names: list[tuple[SynonymScope, str]]) -> str:
    row = Row._make(line.split("\t"))
    present = row.synonyms.split(SYNONYM_SEPARATOR) if row.synonyms else []
    known = {row.label.casefold(), *(text[1:].casefold() for text in present)}
    added = [f"{scope[0]}{name}" for scope, name in names if name.casefold() not in known]
    return "\t".join(row._replace(synonyms=SYNONYM_SEPARATOR.join([*present, *added])))


def _standing(ontology: Ontology, columns: Columns, curated: Curated) -> list[float]:
    base = _CELL_LINE if ontology == "CVCL" else 0.0
    standing = [base + _DEFINED if definition else base for definition in columns.definition]
    children = Counter(" ".join([parents for parents in columns.parents if parents]).split())
    for place, local in enumerate(columns.local):
        if local in children:
            worth = _CHILDREN_WEIGHT * log2(children[local] + 1)
            standing[place] = base + worth + (_DEFINED if columns.definition[place] else 0.0)
    if ontology == "MONDO":
        for place, (local, label) in enumerate(zip(columns.local, columns.label, strict=True)):
            if local.startswith("101") or "susceptibility" in label:
                standing[place] += _SELDOM_MEANT
    place_of = dict(zip(columns.local, range(len(standing)), strict=True))
    for term_id, worth in _worth(curated):
        if ontology_of(term_id) == ontology and local_id(term_id) in place_of:
            standing[place_of[local_id(term_id)]] += worth
    return standing


def _worth(curated: Curated) -> Iterator[tuple[str, float]]:
    """What it is worth to be meant often, and to have been learned."""
    yield from ((term_id, _TIERS[tier]) for term_id, tier in curated.tier.items())
    yield from ((term_id, _LEARNED) for term_id in curated.learned)


def _names(texts: Sequence[str], folded: Sequence[str], terms: Sequence[int], bonuses: Sequence[float]) -> Names:
    """Names in the order of their cost, those of equal cost by their text; ``terms`` ascend."""
    if not texts:
        return Names([], [], [], [])
    keys = [key if len(key) <= KEY_LENGTH else key[:KEY_LENGTH] for key in squash("\n".join(folded)).split("\n")]
    costs = [len(key) - bonus for key, bonus in zip(keys, bonuses, strict=True)]
    tokens = _tokens(folded, keys)
    # Two sorts by one plain value each take half the time of one by tuples.
    order = sorted(range(len(texts)), key=texts.__getitem__)
    order.sort(key=costs.__getitem__)
    rounded = {cost: round(cost, 3) for cost in set(costs)}
    return Names(
        [terms[place] for place in order],
        [rounded[costs[place]] for place in order],
        [texts[place] for place in order],
        [tokens[place] for place in order],
    )


def _tokens(folded: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Words of each name, its key and, where it is another, the key of its singular."""
    return [
        f"{_first_words(name)} ={key}" if bare == name else f"{_first_words(name)} ={key} ~{squash(bare)[:KEY_LENGTH]}"
        for name, bare, key in zip(folded, singular_all(folded), keys, strict=True)
    ]


def _first_words(name: str) -> str:
    return name if name.count(" ") < MOST_WORDS else " ".join(name.split(" ", MOST_WORDS)[:MOST_WORDS])
