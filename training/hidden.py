"""``python -m training.hidden``: learned terms hidden in turn, to choose the constants of the ontology smoother.

With a term go all others that rest on the same samples (the same columns of a source, a general cell type and its
parts), so that nothing of it is left. Errors are root mean squared errors of log expression, averaged over all learned
terms of a family, as a part of what the mean of the others gives. The shipped weights are read.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.smoother import NOISE, OWN, OntologySmoother
from synthome.models.embedded.weights import Learned, load_weights
from synthome.ontology import Graph, default_index
from training.sources import mapping, parts

__all__ = ["Hidden", "Products", "hidden_terms", "terms_of_the_same_samples"]

Array = npt.NDArray[np.float64]
OWNS = (0.0, 1.0, 3.0, 6.0, 10.0)
NOISES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 2.0)
FAMILIES = (
    ("bulk", "tissue", "tissue"),
    ("bulk", "cell_type", "cell_type"),
    ("single_cell", "tissue", "cells_of_tissue"),
    ("single_cell", "cell_type", "cell_type"),
)
"""Weights, family, and the kind of noise that its smoother assumes."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """One hidden term: errors of the field's answer, of the mean of the others and of the nearest relative.

    ``r`` is the correlation of the answer's and the truth's deviation from the mean.
    """

    term: str
    error: float
    of_mean: float
    of_nearest: float
    r: float


def terms_of_the_same_samples(family: str) -> dict[str, set[str]]:
    """For each term of ``tissue`` or ``cell_type`` all that share samples with it, itself among them."""
    behind = _samples_of_tissues() if family == "tissue" else _samples_of_cell_types()
    return {term: {other for other in behind if behind[other] & mine} | {term} for term, mine in behind.items()}


def _samples_of_tissues() -> dict[str, set[tuple[str, str]]]:
    rows = mapping("tissues")
    rows = rows[rows["uberon_id"] != ""]
    return {term: set(zip(part["source"], part["column"], strict=True)) for term, part in parts(rows, "uberon_id")}


def _samples_of_cell_types() -> dict[str, set[tuple[str, str]]]:
    rows = mapping("cell_types")
    rows = rows[rows["cl_id"] != ""]
    behind = {t: set(zip(part["dataset"], part["cell_type"], strict=True)) for t, part in parts(rows, "cl_id")}
    direct = mapping("cell_types_bulk")
    for source, column, term in zip(direct["source"], direct["column"], direct["cl_id"], strict=True):
        behind.setdefault(term, set()).add((source, column))
    general = {
        term: set().union(*(behind.get(part, set()) for part in part_rows["part_id"]))
        for term, part_rows in parts(mapping("cell_type_parts"), "cl_id")
    }
    return {term: behind.get(term, set()) | general.get(term, set()) for term in sorted(behind.keys() | general.keys())}


@dataclass(frozen=True, slots=True)
class Products:
    """Inner products over genes of a family's profiles, as they are and each with its own mean over genes taken out.

    All answers are weighted sums of profiles, so every error follows from these (terms x terms).
    """

    terms: tuple[str, ...]
    plain: Array
    centred: Array

    @classmethod
    def of(cls, learned: Learned) -> Products:
        """The products of all learned terms of a family, divided by the number of genes."""
        theta = np.stack([learned.theta(term) for term in learned.ids])
        apart = theta - theta.mean(axis=1, keepdims=True)
        return cls(learned.ids, theta @ theta.T / theta.shape[1], apart @ apart.T / theta.shape[1])

    def distance(self, x: Array, y: Array) -> float:
        """Root mean squared difference of two weighted sums of profiles."""
        return math.sqrt(max(float((x - y) @ self.plain @ (x - y)), 0.0))

    def correlation(self, x: Array, y: Array) -> float:
        """Pearson r of two weighted sums of profiles over genes; 0 where one does not vary."""
        spread = math.sqrt(float(x @ self.centred @ x)) * math.sqrt(float(y @ self.centred @ y))
        return float(x @ self.centred @ y / spread) if spread > 0.0 else 0.0


def hidden_terms(
    products: Products, kin: Mapping[str, set[str]], graph: Graph, noise: float, own: float = OWN
) -> Iterator[Hidden]:
    """Every learned term hidden in turn and answered from the rest."""
    smoother = OntologySmoother(graph, products.terms, noise, own)
    place = {term: i for i, term in enumerate(products.terms)}
    one = np.eye(len(place))
    for term, i in place.items():
        hidden = kin.get(term, {term})
        rest = [other for other in products.terms if other not in hidden]
        mean = one[[place[other] for other in rest]].mean(axis=0)
        answer = smoother.extrapolate(term, hidden)
        weights = answer.weights if answer else {}
        guess = mean + sum((w * (one[place[other]] - mean) for other, w in weights.items()), np.zeros(len(place)))
        near = graph.nearest(term, rest, limit=1)
        nearest = one[place[near[0].id]] if near else mean
        error, of_mean, of_nearest = (products.distance(x, one[i]) for x in (guess, mean, nearest))
        r = products.correlation(guess - mean, one[i] - mean)
        yield Hidden(term, error, of_mean, of_nearest, r)


def _beside_mean(found: list[Hidden]) -> float:
    return sum(h.error for h in found) / sum(h.of_mean for h in found)


def main() -> None:
    """Errors over the grid, then those of the constants in use beside the plain answers."""
    graph = default_index().graph
    for model, name, kind in FAMILIES:
        family = Products.of(load_weights(model).learned[name])
        kin = terms_of_the_same_samples(name)
        sys.stdout.write(
            f"{model}, {name}: {len(family.terms)} terms\n  noise " + "".join(f"{n:8}" for n in NOISES) + "\n"
        )
        for own in OWNS:
            errors = [_beside_mean(list(hidden_terms(family, kin, graph, noise, own))) for noise in NOISES]
            sys.stdout.write(f"  own {own:4}" + "".join(f"{e:8.4f}" for e in errors) + "\n")
        found = list(hidden_terms(family, kin, graph, NOISE[kind]))
        nearest = sum(h.of_nearest for h in found) / sum(h.of_mean for h in found)
        r = np.mean([h.r for h in found])
        sys.stdout.write(
            f"  in use: own {OWN}, noise {NOISE[kind]}: {_beside_mean(found):.3f} of the mean's error, "
            f"nearest relative {nearest:.3f}, centred r {r:.2f}\n"
        )


if __name__ == "__main__":
    main()
