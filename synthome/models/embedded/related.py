"""Which signature answers for a disease or a compound: its own, or those of its relatives in the ontology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.notes import learned_from
from synthome.models.embedded.signatures import SignatureFamily, SignatureTerm
from synthome.models.embedded.smoother import Relation
from synthome.ontology import TermIndex
from synthome.query.support import Support

__all__ = ["SignatureFinder", "SignatureSource", "known_signature"]

Array = npt.NDArray[np.float64]
MOST_MEMBERS = 40
"""A class with more learned members than this says too little to stand for any of them."""
CLASS_CONFIDENCE = 0.6
"""What the mean of a class' members is worth beside a member's own signature."""
UP_CONFIDENCE = 0.5
"""What the signature of a more general term is worth for one of its kinds."""
SIBLING_SIMILARITY = 0.6
"""Share of common ancestors from which a sibling may answer."""
MOST_SIBLINGS = 4
_NAMED = 4
"""Learned terms named in the reason of an answer from relatives."""
_CACHED = 2048


def known_signature(key: str, value: str, term: SignatureTerm, where: str = "") -> Support:
    """The mark of a value that has a signature of its own."""
    reason = learned_from(term.studies, where, term.note)
    return Support(key, value, "known", reason, (), round(term.reliability, 2))


@dataclass(frozen=True, slots=True)
class SignatureSource:
    """Where an answer comes from: learned terms with weights that sum to one. ``own`` where it is the term's own."""

    terms: tuple[Relation, ...]
    confidence: float
    own: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The learned terms."""
        return tuple(term.id for term in self.terms)


class SignatureFinder:
    """Finds the signatures that answer for terms of one family.

    Order: the term itself or one of its aliases; its learned kinds (descendants); what it is a kind of, at most two
    steps up; for diseases, siblings that share most ancestors.
    """

    def __init__(self, family: SignatureFamily, index: TermIndex, *, siblings: bool) -> None:
        self._family = family
        self._index = index
        self._siblings = siblings
        self._sources = lru_cache(_CACHED)(self._find)

    def find(self, term_id: str) -> SignatureSource | None:
        """What answers for ``term_id``, or ``None`` where nothing learned is near."""
        return self._sources(term_id)

    def values(self, source: SignatureSource) -> Array:
        """Log expression change of ``source``."""
        return sum((term.weight * self._family.values(term.id) for term in source.terms), np.zeros(self._family.genes))

    def support(self, key: str, value: str, source: SignatureSource) -> Support:
        """The mark of ``value``, for which ``source`` answers."""
        terms = [self._family.term(term_id) for term_id in source.ids]
        if source.own:
            where = self._index.label(terms[0].context) if terms[0].context else ""
            return known_signature(key, value, terms[0], where)
        names = ", ".join([term.label for term in terms[:_NAMED]] + ["…"] * (len(terms) > _NAMED))
        reason = f"Not learned itself: answered from {names}."
        return Support(key, value, "extrapolated", reason, source.ids, source.confidence)

    def _find(self, term_id: str) -> SignatureSource | None:
        if term_id in self._family:
            term = self._family.term(term_id)
            return SignatureSource((Relation(term.id, 1.0),), term.reliability, own=True)
        members = self._members.get(term_id, ())
        if 0 < len(members) <= MOST_MEMBERS:
            return self._mean(members, CLASS_CONFIDENCE)
        above = self._index.graph.ancestors(term_id)
        near = [ancestor for ancestor, steps in above.items() if steps <= 2 and ancestor in self._family]
        if near:
            nearest = [ancestor for ancestor in near if above[ancestor] == above[near[0]]]
            return self._mean(tuple(nearest), UP_CONFIDENCE)
        if self._siblings and not members:
            return self._from_siblings(term_id)
        return None

    def _from_siblings(self, term_id: str) -> SignatureSource | None:
        relatives = self._index.graph.nearest(term_id, self._family.ids)
        near = [r for r in relatives[:MOST_SIBLINGS] if r.similarity >= SIBLING_SIMILARITY]
        return self._mean(tuple(r.id for r in near), UP_CONFIDENCE * near[0].similarity) if near else None

    def _mean(self, ids: tuple[str, ...], worth: float) -> SignatureSource:
        """Learned terms weighted by how reliable they are."""
        reliability = np.array([self._family.term(i).reliability for i in ids])
        weights = (reliability + 0.05) / (reliability + 0.05).sum()
        related = tuple(Relation(self._family.term(i).id, float(w)) for i, w in zip(ids, weights, strict=True))
        return SignatureSource(related, round(worth * float(reliability.mean()), 3), own=False)

    @cached_property
    def _members(self) -> Mapping[str, tuple[str, ...]]:
        """Learned terms below each term; made at the first question that needs it."""
        below: dict[str, list[str]] = {}
        for term in self._family.terms:
            for ancestor in self._index.graph.ancestors(term.id):
                below.setdefault(ancestor, []).append(term.id)
        return {ancestor: tuple(ids) for ancestor, ids in below.items()}
