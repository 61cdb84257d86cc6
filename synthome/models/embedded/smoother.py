"""Learned terms speak for their unlearned relatives: a Gaussian field over the graph of an ontology.

A term's deviation from the mean of its family is the sum of what every one of its ancestors, itself among them, adds.
These additions are independent; the variance of each is the ancestor's information content, ln((N + 1) / (n + 1)) where
n of the N learned terms descend from it, so that "organ" says little and "respiratory system" much. Ancestors that a
term shares with no learned one count as one (as more where they are unusually many: a bone of the skull among organs),
and a learned term adds :data:`OWN` more, for it and its descendants.
Deviations are brought to unit variance. Two terms then correlate by the variance of their common ancestors, and an
unlearned one is answered by the field's posterior mean given the learned ones, seen with noise (simple kriging;
Rasmussen and Williams 2006, eq. 2.23). What the weights lack of one stays with the family's mean; the posterior
variance says how much of the deviation stays unknown.

The constants were chosen by hiding learned tissues and cell types in turn with all that rest on the same samples:
``python -m training.hidden`` prints the errors over a grid. A field in which a term is the mean of its parents and a
step of its own did worse (tissues: 0.82 of the error of the mean, beside 0.77).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from synthome.ontology.graph import Graph

__all__ = ["NOISE", "OWN", "Extrapolation", "OntologySmoother", "Relation"]

Array = npt.NDArray[np.float64]
OWN = 6.0
"""Variance that a learned term adds for itself and its descendants, in units of information content."""
NOISE = MappingProxyType({"tissue": 0.1, "cell_type": 0.5, "cells_of_tissue": 2.0})
"""Variance of what learned profiles have alone: hundreds of donors stand behind most tissues in bulk, one atlas behind
most cell types; the average cells of two tissues tell more of how the atlases were made than of each other."""
_TINY = 1e-12
LEAST_NAMED = 0.25
"""A learned term is named as a relative where its weight is at least this part of the largest."""
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Relation:
    """A learned term and its weight in an answer; negative where a nearer relative overstates what both share."""

    id: str
    weight: float


@dataclass(frozen=True, slots=True)
class Extrapolation:
    """What the learned terms say of an unlearned one.

    The answer is mean + the sum of weight x (profile - mean) over ``relations``, heaviest first. ``confidence`` is the
    share of the deviation's variance that they explain, 0 to 1.
    """

    relations: tuple[Relation, ...]
    confidence: float

    @property
    def relatives(self) -> tuple[str, ...]:
        """Learned terms that the answer rests on, heaviest first, to name to people."""
        heaviest = self.relations[0].weight if self.relations else 0.0
        named = [r.id for r in self.relations if 0.0 < LEAST_NAMED * heaviest <= r.weight]
        return tuple(named[:MOST_NAMED])

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each learned term."""
        return {relation.id: relation.weight for relation in self.relations}


class OntologySmoother:
    """Answers for terms of one ontology from ``learned`` ones, whose profiles hold ``noise``.

    Made in some milliseconds at the first question (the learned terms' ancestors are read once); every further term
    takes its own ancestors and one product with a matrix.
    """

    def __init__(self, graph: Graph, learned: Sequence[str], noise: float, own: float = OWN) -> None:
        self._graph = graph
        self._learned = tuple(learned)
        self._noise = noise
        self._own = own

    def extrapolate(self, term_id: str, hidden: Collection[str] = ()) -> Extrapolation | None:
        """What the learned terms, without ``hidden`` ones, say of ``term_id``; ``None`` where they say nothing."""
        correlation = self._with_learned(term_id)
        chosen = np.array([i for i, term in enumerate(self._learned) if term not in hidden], dtype=np.intp)
        if hidden:
            weights = np.linalg.solve(self._field.seen[np.ix_(chosen, chosen)], correlation[chosen])
        else:
            weights = self._field.inverse @ correlation
        confidence = float(np.clip(correlation[chosen] @ weights, 0.0, 1.0))
        if confidence == 0.0:
            return None
        order = np.argsort(-weights, kind="stable")
        relations = tuple(Relation(self._learned[chosen[i]], float(weights[i])) for i in order)
        return Extrapolation(relations, confidence)

    def _with_learned(self, term_id: str) -> Array:
        """Correlation of a term with every learned one."""
        field = self._field
        lineage = self._lineage(term_id)
        shared = [field.column[ancestor] for ancestor in lineage if ancestor in field.column]
        # A general term stands for the learned ones below it; any other has something of its own.
        alone = 0.0 if term_id in field.column else self._own
        alone += self._rarest * field.strangeness(len(lineage) - len(shared))
        variance = field.variance[shared]
        correlation: Array = field.loadings[:, shared] @ np.sqrt(variance / max(variance.sum() + alone, _TINY))
        return correlation

    @property
    def _rarest(self) -> float:
        """Information content of what a single term has."""
        return float(np.log((len(self._learned) + 1.0) / 2.0))

    def _lineage(self, term_id: str) -> tuple[str, ...]:
        return (term_id, *self._graph.ancestors(term_id))

    @cached_property
    def _field(self) -> _Field:
        lineages = [self._lineage(term) for term in self._learned]
        below = Counter(ancestor for lineage in lineages for ancestor in lineage)
        column = {ancestor: i for i, ancestor in enumerate(sorted(below))}
        counts = np.array([below[ancestor] for ancestor in column])
        variance = np.log((len(self._learned) + 1.0) / (counts + 1.0))
        member = np.zeros((len(self._learned), len(column)), dtype=bool)
        privates = []
        for row, lineage in enumerate(lineages):
            member[row, [column[ancestor] for ancestor in lineage]] = True
            private = member[row] & (counts == 1)
            if private.any():
                privates.append(int(private.sum()))
                variance[private] = self._rarest / privates[-1]
        variance[[column[term] for term in self._learned]] += self._own
        loadings = member * np.sqrt(variance)
        loadings /= np.sqrt((loadings**2).sum(axis=1, keepdims=True))
        seen = loadings @ loadings.T + self._noise * np.eye(len(self._learned))
        usual = float(np.mean(privates)) if privates else 1.0
        return _Field(column, variance, loadings, seen, np.linalg.inv(seen), usual)


@dataclass(frozen=True, slots=True)
class _Field:
    """``variance`` of what each ancestor adds; ``loadings`` (learned x ancestors) in units of a term's deviation.

    ``seen`` is the covariance of the learned terms with noise; ``usual`` the mean number of ancestors that a learned
    term shares with no other.
    """

    column: Mapping[str, int]
    variance: Array
    loadings: Array
    seen: Array
    inverse: Array
    usual: float

    def strangeness(self, unshared: int) -> float:
        """What ``unshared`` ancestors count for: one, or more where a learned term has fewer alone."""
        return max(1.0, unshared / self.usual) if unshared else 0.0
