"""What an embedded model makes of every value: known, extrapolated from relatives, without effect, or refused.

A term that was not learned is answered from learned relatives in its ontology. How near they are is their proximity:
the share of ancestors that both terms have in common, times 0.85 for every edge between them, times 0.8 sideways. Below
0.2 a term is refused. These numbers were chosen on learned terms hidden one at a time (``python -m training.check``).
Cellosaurus has no graph here, so an unlearned cell line has no relatives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz, process

from synthome.models.embedded.weights import Learned, Weights
from synthome.ontology import Relative, Term, TermIndex
from synthome.query.support import Support
from synthome.query.vocabulary import KEYS

__all__ = ["LEARNED_KEYS", "EmbeddedVocabulary", "Neighbour"]

LEARNED_KEYS = MappingProxyType(
    {"tissue_ontology_id": "tissue", "cell_type_ontology_id": "cell_type", "cell_line_ontology_id": "cell_line"}
)
"""Metadata keys whose terms have profiles, and the vocabulary that holds them."""
EDGE_DECAY = 0.85
SIDEWAYS = 0.8
"""A sibling or cousin tells less of a term than what it is part of or consists of."""
LEAST_PROXIMITY = 0.2
MOST_RELATIVES = 6
REMEMBERED = 24
NEARLY_AS_NEAR = 0.3
"""A relative counts where its proximity is at least this part of the nearest one's."""
_CACHED = 4096
_KIND = {"tissue_ontology_id": "tissue", "cell_type_ontology_id": "cell type", "cell_line_ontology_id": "cell line"}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A learned term near another one.

    ``proximity`` runs from 0 to 1, ``weight`` is its part in the answer; ``via`` is the nearest ancestor of both, the
    neighbour itself where it is an ancestor.
    """

    id: str
    proximity: float
    via: str

    @property
    def weight(self) -> float:
        """What it counts for beside others, before they are made to sum to one."""
        return self.proximity**2


class EmbeddedVocabulary:
    """What the model with these weights accepts, key by key."""

    def __init__(self, weights: Weights, index: TermIndex) -> None:
        self._weights = weights
        self._index = index
        self._supports = lru_cache(_CACHED)(self._support)
        self._neighbours = lru_cache(_CACHED)(self._find_neighbours)

    def support(self, key: str, value: str) -> Support:
        """What the model makes of ``value`` under ``key``, taken by itself."""
        return self._supports(key, value)

    def learned(self, key: str) -> Mapping[str, int]:
        """Learned values of ``key`` with the number of studies behind each, best supported first."""
        if key == "sex":
            return {"female": 5, "male": 5}
        family = self.family(key)
        if family is None:
            return {}
        ordered = sorted(family.terms, key=lambda term: (-len(term.studies), term.label))
        return {term.id: len(term.studies) for term in ordered}

    def family(self, key: str) -> Learned | None:
        """The learned terms of a metadata key, or ``None`` where it has none."""
        return self._weights.learned.get(LEARNED_KEYS.get(key, ""))

    def current(self, value: str) -> Term | None:
        """The term that ``value`` stands for today; ``None`` where there is no such term."""
        return self._index.current(value)

    def label(self, term_id: str) -> str:
        """The label of a term, or the id itself."""
        return self._index.label(term_id)

    def neighbours(self, key: str, value: str, hidden: Collection[str] = ()) -> tuple[Neighbour, ...]:
        """The learned relatives that answer for an unlearned term, nearest first; empty where none is near enough.

        Where the nearest is what the term is part of or a kind of, relatives outside that are left out: a lobe of the
        liver is answered from the liver, not from other organs' lobes.

        ``hidden`` terms are treated as not learned: that is how extrapolation is measured.
        """
        near = [n for n in self._neighbours(key, value) if n.id not in hidden]
        if not near or near[0].proximity < LEAST_PROXIMITY:
            return ()
        nearest = near[0]
        if nearest.via == nearest.id:
            near = [n for n in near if n.via == nearest.id]
        return tuple(n for n in near[:MOST_RELATIVES] if n.proximity >= NEARLY_AS_NEAR * nearest.proximity)

    def nearest(self, key: str, value: str) -> tuple[str, ...]:
        """Learned terms to suggest in place of a refused one, nearest first."""
        near = self._neighbours(key, value)
        if near:
            return tuple(neighbour.id for neighbour in near[:3])
        family = self.family(key)
        if family is None:
            return ()
        names = {term.id: term.label.lower() for term in family.terms}
        matches = process.extract(self.label(value).lower(), names, scorer=fuzz.WRatio, limit=3)
        return tuple(term_id for _, _, term_id in matches)

    def named(self, term_ids: tuple[str, ...]) -> str:
        """Terms in words: ``lung (UBERON:0002048), liver (UBERON:0002107)``."""
        return ", ".join(f"{self.label(term_id)} ({term_id})" for term_id in term_ids)

    def _find_neighbours(self, key: str, value: str) -> tuple[Neighbour, ...]:
        family = self.family(key)
        if family is None or key == "cell_line_ontology_id":
            return ()
        relatives = self._index.graph.nearest(value, family.ids)
        near = [Neighbour(r.id, _proximity(r), r.via) for r in relatives]
        return tuple(sorted(near, key=lambda n: (-n.proximity, n.id))[:REMEMBERED])

    def _support(self, key: str, value: str) -> Support:
        if key == "sex":
            return Support(key, value, "known", "Learned from donors of both sexes.")
        if key not in LEARNED_KEYS:
            label = KEYS[key].label.lower() if key in KEYS else key
            reason = f"This version of the model has learned no effect of {label}; the value is kept with the samples."
            return Support(key, value, "no effect", reason)
        term = self.current(value)
        kind = _KIND[key]
        if term is None:
            reason = f"There is no {kind} {value} in the ontology; pick one from the list."
            return Support(key, value, "refused", reason, self.nearest(key, value), 0.0)
        family = self.family(key)
        if family is not None and term.id in family:
            studies = family.term(term.id).studies
            reason = f"Learned from {len(studies)} {'study' if len(studies) == 1 else 'studies'}: {', '.join(studies)}."
            return Support(key, value, "known", reason)
        near = self.neighbours(key, term.id)
        if not near:
            nearest = self.nearest(key, term.id)
            reason = f"The model has not learned {term.label}, nor anything near; nearest: {self.named(nearest)}."
            return Support(key, value, "refused", reason, nearest, 0.0)
        ids = tuple(neighbour.id for neighbour in near)
        reason = f"Not learned itself: answered from its relatives {self.named(ids)}, drawn towards the average."
        return Support(key, value, "extrapolated", reason, ids, round(near[0].proximity, 2))


def _proximity(relative: Relative) -> float:
    """From 0 to 1: common ancestors and edges between; sideways less than up or down."""
    part = SIDEWAYS if relative.relation == "sibling" else 1.0
    return relative.similarity * EDGE_DECAY**relative.distance * part
