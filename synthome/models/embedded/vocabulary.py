"""What an embedded model makes of every value: known, extrapolated from relatives, without effect, or refused.

A term that was not learned is answered from learned relatives in its ontology
(:mod:`~synthome.models.embedded.smoother`), and refused where they explain less than a fifth of what sets it apart.
Cellosaurus has no graph here, so an unlearned cell line has no relatives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz, process

from synthome.models.embedded.circumstances import CircumstanceFinder
from synthome.models.embedded.notes import learned_from
from synthome.models.embedded.perturbations import DOSE, IDENTITY, TIME, TYPE, PerturbationFinder
from synthome.models.embedded.signatures import Effects
from synthome.models.embedded.smoother import NOISE, Extrapolation, OntologySmoother
from synthome.models.embedded.weights import Learned, Weights
from synthome.ontology import Term, TermIndex
from synthome.query.support import Support

__all__ = ["LEARNED_KEYS", "EmbeddedVocabulary"]

LEARNED_KEYS = MappingProxyType(
    {"tissue_ontology_id": "tissue", "cell_type_ontology_id": "cell_type", "cell_line_ontology_id": "cell_line"}
)
"""Metadata keys whose terms have profiles, and the vocabulary that holds them."""
LEAST_CONFIDENCE = 0.2
"""A term of whose deviation from the average its relatives explain a smaller part is refused: learned tissues that were
hidden with so little were answered hardly better than by the average (5 % of the variance explained)."""
_CACHED = 4096
_CACHED_ANSWERS = 256
_WITH_PERTURBATION = (TYPE, DOSE, TIME)
_KIND = {"tissue_ontology_id": "tissue", "cell_type_ontology_id": "cell type", "cell_line_ontology_id": "cell line"}


class EmbeddedVocabulary:
    """What the model with these weights accepts, key by key."""

    def __init__(self, weights: Weights, effects: Effects, index: TermIndex) -> None:
        self._weights = weights
        self._index = index
        self.circumstances = CircumstanceFinder(effects, index, single_cell=weights.dispersion is None)
        self.perturbations = PerturbationFinder(
            effects, list(weights.genes.index), list(weights.genes["symbol"]), index
        )
        self._supports = lru_cache(_CACHED)(self._support)
        self._extrapolations = lru_cache(_CACHED_ANSWERS)(self._extrapolation)
        self._smoothers = self._make_smoothers()

    def support(self, key: str, value: str) -> Support:
        """What the model makes of ``value`` under ``key``, taken by itself."""
        return self._supports(key, value)

    def learned(self, key: str) -> Mapping[str, int]:
        """Learned values of ``key`` with the number of studies behind each, best supported first."""
        if key == "sex":
            return {"female": 5, "male": 5}
        if key == IDENTITY:
            return self.perturbations.learned()
        family = self.family(key)
        if family is None:
            return self.circumstances.learned(key)
        ordered = sorted(family.terms, key=lambda term: (-len(term.studies), term.label))
        return {term.id: len(term.studies) for term in ordered}

    def family(self, key: str) -> Learned | None:
        """The learned terms of a metadata key, or ``None`` where it has none."""
        return self._weights.learned.get(LEARNED_KEYS.get(key, ""))

    def current(self, value: str) -> Term | None:
        """The term that ``value`` stands for today; ``None`` where there is no such term."""
        return self._index.current(value)

    def label(self, value: str) -> str:
        """What people call a term, a gene or an organism; the id itself where nobody says."""
        return self.perturbations.label(value)

    def extrapolation(self, key: str, value: str, hidden: Collection[str] = ()) -> Extrapolation | None:
        """What learned relatives say of an unlearned term; ``None`` where they say next to nothing.

        ``hidden`` terms are treated as not learned: that is how extrapolation is measured.
        """
        found = self._extrapolations(key, value, frozenset(hidden))
        return found if found is not None and found.confidence >= LEAST_CONFIDENCE else None

    def nearest(self, key: str, value: str) -> tuple[str, ...]:
        """Learned terms to suggest in place of a refused one, nearest first."""
        found = self._extrapolations(key, value, frozenset())
        if found is not None:
            return found.relatives[:3]
        family = self.family(key)
        if family is None:
            return ()
        names = {term.id: term.label.lower() for term in family.terms}
        matches = process.extract(self.label(value).lower(), names, scorer=fuzz.WRatio, limit=3)
        return tuple(term_id for _, _, term_id in matches)

    def named(self, term_ids: tuple[str, ...]) -> str:
        """Terms in words: ``lung (UBERON:0002048), liver (UBERON:0002107)``."""
        return ", ".join(f"{self.label(term_id)} ({term_id})" for term_id in term_ids)

    def _make_smoothers(self) -> Mapping[str, OntologySmoother]:
        """By metadata key; they do nothing until asked."""
        noise = {
            "cell_type_ontology_id": NOISE["cell_type"],
            "tissue_ontology_id": NOISE["cells_of_tissue" if self._weights.dispersion is None else "tissue"],
        }
        families = {key: family for key in noise if (family := self.family(key)) is not None}
        return {key: OntologySmoother(self._index.graph, family.ids, noise[key]) for key, family in families.items()}

    def _extrapolation(self, key: str, value: str, hidden: frozenset[str]) -> Extrapolation | None:
        smoother = self._smoothers.get(key)
        return None if smoother is None else smoother.extrapolate(value, hidden)

    def _support(self, key: str, value: str) -> Support:
        if key == "sex":
            return Support(key, value, "known", "Learned from donors of both sexes.")
        if key == IDENTITY:
            return self.perturbations.alone(value)
        if key in _WITH_PERTURBATION:
            return Support(key, value, "known", "Applied together with the perturbation.")
        if key not in LEARNED_KEYS:
            return self.circumstances.support(key, value)
        term = self.current(value)
        kind = _KIND[key]
        if term is None:
            reason = f"There is no {kind} {value} in the ontology; pick one from the list."
            return Support(key, value, "refused", reason, self.nearest(key, value), 0.0)
        family = self.family(key)
        if family is not None and term.id in family:
            studies = family.term(term.id).studies
            return Support(key, value, "known", learned_from(studies))
        found = self.extrapolation(key, term.id)
        if found is None:
            nearest = self.nearest(key, term.id)
            reason = f"The model has not learned {term.label}, nor anything near; nearest: {self.named(nearest)}."
            return Support(key, value, "refused", reason, nearest, 0.0)
        ids = found.relatives
        reason = f"Not learned itself: answered from its relatives {self.named(ids)}, drawn towards the average."
        return Support(key, value, "extrapolated", reason, ids, round(found.confidence, 2))
