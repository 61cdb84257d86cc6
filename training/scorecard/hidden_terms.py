"""Terms that were not learned: each learned term hidden in turn and answered as an unlearned one would be.

With a term go all others that rest on the same samples (the same columns of a source, a general cell type and its
parts), so that nothing of it is left. General cell types, which are means of others, are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.models.embedded import EmbeddedModel
from synthome.models.embedded.smoother import NOISE, OntologySmoother
from synthome.models.embedded.vocabulary import LEARNED_KEYS
from synthome.ontology import default_index
from training.hidden import terms_of_the_same_samples
from training.scorecard.bootstrap import interval, mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.sources import mapping, parts

__all__ = ["Comparison", "compared", "measure"]

Array = npt.NDArray[np.float64]
TISSUE, CELL_TYPE = "tissue_ontology_id", "cell_type_ontology_id"
LOG2 = np.log(2.0)
GAIN = 0.95
"""An extrapolated profile's error must be at most this part of the average profile's."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One hidden term: root mean squared error (log2) of three answers, and r of deviations from the average."""

    error: float
    of_average: float
    of_nearest: float
    r: float


def measure(evidence: Evidence) -> list[Score]:
    """Tissues in bulk, cell types in both models."""
    cases = (
        (evidence.bulk, TISSUE, "tissues", terms_of_the_same_samples("tissue")),
        (evidence.bulk, CELL_TYPE, "cell types, bulk", _with_what_they_are_part_of()),
        (evidence.cells, CELL_TYPE, "cell types, single cells", _with_what_they_are_part_of()),
    )
    return [score for model, key, of, kin in cases for score in _scores(model, key, of, kin)]


def _scores(model: EmbeddedModel, key: str, of: str, kin: Mapping[str, set[str]]) -> list[Score]:
    found = _hidden_in_turn(model, key, kin)
    table = np.array([(c.error, c.of_average, c.of_nearest) for c in found])

    def ratio(rows: Array, column: int) -> float:
        return float(rows[:, column].mean() / rows[:, 1].mean())

    correlations = np.array([c.r for c in found])
    n = f"{len(found)} {of.split(',')[0]}"
    return [
        Score(
            f"error beside the average's, {of}",
            ratio(table, 0),
            n,
            f"Root mean squared error of a hidden term's profile (mean {table[:, 0].mean():.2f} in log2 CPM) as a part "
            "of the error made by answering with the average of all others: 1 would mean that relatives tell nothing.",
            interval(table, lambda rows: ratio(rows, 0)),
            {"average of all others": 1.0, "nearest relative": ratio(table, 2)},
            ("average of all others", "nearest relative"),
            at_most=GAIN,
            higher_is_better=False,
        ),
        Score(
            f"direction, {of}",
            float(correlations.mean()),
            n,
            "Correlation of predicted and true deviations from the average: 0 is knowing nothing, 1 is all.",
            mean_interval(correlations),
            {"average of all others": 0.0},
            ("average of all others",),
        ),
    ]


def _hidden_in_turn(model: EmbeddedModel, key: str, kin: Mapping[str, set[str]]) -> list[Comparison]:
    family = model.vocabulary().family(key)
    if family is None:
        message = f"{model.model_id} has learned nothing of {key}"
        raise LookupError(message)
    theta = {term: family.theta(term) for term in family.ids}
    graph = default_index().graph
    out = []
    for term in [t for t in family.ids if t in kin]:
        hidden = kin[term] | {term}
        rest = [t for t in family.ids if t not in hidden]
        average = np.mean([theta[t] for t in rest], axis=0)
        # Fitted without the hidden terms, so that nothing knows that they exist.
        found = OntologySmoother(graph, rest, NOISE[LEARNED_KEYS[key]]).extrapolate(term)
        # A term without relatives is answered by nothing better than the average.
        guess = average
        if found is not None:
            guess = average + sum((r.weight * (theta[r.id] - average) for r in found.relations), np.zeros(1))
        near = graph.nearest(term, rest, limit=1)
        nearest = theta[near[0].id] if near else average
        out.append(compared(guess, theta[term], average, nearest))
    return out


def compared(guess: Array, truth: Array, average: Array, nearest: Array) -> Comparison:
    """Errors (ln profiles in, log2 out) of the model's guess, the average of all others and the nearest relative."""

    def error(answer: Array) -> float:
        return float(np.sqrt(((answer - truth) ** 2).mean()) / LOG2)

    moved = guess - average
    r = float(np.corrcoef(moved, truth - average)[0, 1]) if moved.any() else 0.0
    return Comparison(error(guess), error(average), error(nearest), r)


def _with_what_they_are_part_of() -> dict[str, set[str]]:
    """For each elementary cell type the general ones that are means over it."""
    general: dict[str, Sequence[str]] = {
        term: rows["part_id"].tolist() for term, rows in parts(mapping("cell_type_parts"), "cl_id")
    }
    named = set(mapping("cell_types")["cl_id"]) | set(mapping("cell_types_bulk")["cl_id"])
    elementary = named - set(general) - {""}
    return {term: {g for g, of in general.items() if term in of} for term in elementary}
