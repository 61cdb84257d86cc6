"""What the hosted models accept, as far as the lists that a user loaded tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import process

from synthome.ontology import default_index
from synthome.query import KEYS, Support, Vocabulary

__all__ = ["ListedVocabulary", "ValueLists"]

ValueLists = Mapping[str, Mapping[str, str]]
"""By metadata key, the values that a model accepts, each with its label or an empty string."""

_FEW = 3
_MEASURED = ("perturbation_dose", "perturbation_time")
_ANCESTORS = 8
"""Under so many of a term's nearest ancestors others are looked for that stand beside it."""
_MOST_COMPARED = 5_000
"""Relatives of an unlisted term are looked for among its own kin, and by name among so many listed values."""


@dataclass(frozen=True, slots=True)
class ListedVocabulary:
    """``known`` where the list of a key has the value, ``refused`` where it lacks it; else what ``otherwise`` says.

    What the contract refuses stays refused. A key without a list is left to ``otherwise`` as a whole.
    """

    otherwise: Vocabulary
    lists: ValueLists

    def support(self, key: str, value: str) -> Support:
        """Whether the list of ``key`` has ``value``, to the letter: the service takes no other spelling."""
        support = self.otherwise.support(key, value)
        listed = self.lists.get(key)
        if support.status == "refused" or not listed:
            return support
        label = KEYS[key].label.lower()
        if value in listed or (key in _MEASURED and _has_unit(value, listed)):
            return Support(key, value, "known", f"In the hosted model's list of {len(listed):,} values for {label}.")
        reason = f"Not in the hosted model's list of {len(listed):,} values for {label}: it would refuse it."
        return Support(key, value, "refused", reason, _nearest(key, value, listed), confidence=0.0)

    def supports(self, given: Mapping[str, str]) -> Mapping[str, Support]:
        """Each value by itself."""
        return {key: self.support(key, value) for key, value in given.items()}

    def label(self, value: str) -> str:
        """The label that a list gives ``value``."""
        told = (listed[value] for listed in self.lists.values() if listed.get(value))
        return next(told, "") or self.otherwise.label(value)

    def learned(self, key: str) -> Mapping[str, int]:
        """Nothing: a list says what is accepted, not how much it rests on."""
        return self.otherwise.learned(key)


def _has_unit(value: str, listed: Mapping[str, str]) -> bool:
    """Whether ``listed`` are units alone, and that of ``value`` is one of them."""
    return not any(re.search(r"\d", unit) for unit in listed) and value.partition(" ")[2] in listed


def _nearest(key: str, value: str, listed: Mapping[str, str]) -> tuple[str, ...]:
    """The listed values nearest to ``value``: another spelling, kin in the ontology, a close number, a like name."""
    spelled_alike = [other for other in listed if other.casefold() == value.casefold()]
    if spelled_alike:
        return tuple(spelled_alike[:_FEW])
    if key == "age_years":
        return _closest_numbers(value, listed)
    kin = _kin(value, listed) if KEYS[key].ontologies else ()
    return kin or _alike(value, listed)


def _closest_numbers(value: str, listed: Mapping[str, str]) -> tuple[str, ...]:
    numbers = [other for other in listed if re.fullmatch(r"\d+(?:\.\d+)?", other)]
    return tuple(sorted(numbers, key=lambda other: abs(float(other) - float(value)))[:_FEW])


def _kin(value: str, listed: Mapping[str, str]) -> tuple[str, ...]:
    """Listed terms above and beneath a term, the nearest first; where they are few, also those beside it."""
    graph = default_index().graph
    above = graph.ancestors(value)
    distances = graph.descendants(value, _MOST_COMPARED) | above
    kin = sorted((term for term in distances if term in listed), key=distances.__getitem__)
    for ancestor in list(above)[:_ANCESTORS]:
        if len(kin) >= _FEW:
            break
        beside = graph.descendants(ancestor, _MOST_COMPARED)
        kin += [term for term in beside if term in listed and term not in kin]
    return tuple(kin[:_FEW])


def _alike(value: str, listed: Mapping[str, str]) -> tuple[str, ...]:
    """Listed values whose name is spelled much like that of ``value``."""
    term = default_index().term(value)
    wanted = term.label if term is not None else value
    some = dict(list(listed.items())[:_MOST_COMPARED])
    names = {other: label or other for other, label in some.items()}
    found = process.extract(wanted.lower(), {k: v.lower() for k, v in names.items()}, limit=_FEW, score_cutoff=60)
    return tuple(other for _, _, other in found)
