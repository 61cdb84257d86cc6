"""The perturbed gene itself: lower where it is knocked down, higher where it is overexpressed, in made samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from synthome.models.embedded import EmbeddedModel
from training.scorecard.asking import expected_cpm, generated, log2_cpm
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score

__all__ = ["measure"]

Array = npt.NDArray[np.float64]
DOWN, UP = ("crispr", "shrna", "sirna"), ("overexpression",)
CONTEXTS: tuple[dict[str, str], ...] = (
    {"cell_line_ontology_id": "CVCL_0004"},
    {"cell_line_ontology_id": "CVCL_0023"},
    {"cell_line_ontology_id": "CVCL_0027"},
    {"cell_type_ontology_id": "CL:0000057"},
    {"tissue_ontology_id": "UBERON:0002107"},
)
CELL_CONTEXTS: tuple[dict[str, str], ...] = (
    {"cell_type_ontology_id": "CL:0000236"},
    {"cell_type_ontology_id": "CL:0001054"},
)
GENES = 40
SAMPLED, SAMPLES = 10, 4
LEAST_CPM = 5.0
"""A gene below cannot be knocked down for anyone to see."""


def measure(evidence: Evidence) -> list[Score]:
    """Expected counts in both models, and samples with noise in bulk."""
    return [
        *_expected(evidence.bulk, CONTEXTS, "bulk"),
        *_expected(evidence.cells, CELL_CONTEXTS, "single cells"),
        _sampled(evidence.bulk),
    ]


def _expected(model: EmbeddedModel, contexts: Sequence[dict[str, str]], of: str) -> list[Score]:
    return [
        _score(
            f"{done}, {of}",
            [_share(model, context, types, sign, seed) for seed, context in enumerate(contexts)],
            f"{GENES} genes by {', '.join(types)} in {len(contexts)} contexts",
        )
        for done, types, sign in (("knocked down", DOWN, -1.0), ("overexpressed", UP, 1.0))
    ]


def _share(model: EmbeddedModel, context: dict[str, str], types: Sequence[str], sign: float, seed: int) -> float:
    before = expected_cpm(model, [context])[:, 0]
    rows = _targets(model, before, types, seed)
    asked = [(row, kind) for row in rows for kind in types]
    after = expected_cpm(model, [_perturbed(model, context, row, kind) for row, kind in asked])
    moved = [sign * (after[row, i] - before[row]) for i, (row, _) in enumerate(asked)]
    return float(np.mean(np.array(moved) > 0))


def _sampled(model: EmbeddedModel) -> Score:
    shares = []
    for seed, context in enumerate(CONTEXTS):
        before = expected_cpm(model, [context])[:, 0]
        right = []
        for sign, kind in ((-1.0, "crispr"), (1.0, "overexpression")):
            rows = _targets(model, before, (kind,), seed)[:SAMPLED]
            conditions = [context, *(_perturbed(model, context, row, kind) for row in rows)]
            made = generated(model, conditions, SAMPLES, seed=70 + seed).expression.to_numpy()
            mean = log2_cpm(made.T, 0.5).T.reshape(len(conditions), SAMPLES, -1).mean(axis=1)
            right += [sign * (mean[i + 1, row] - mean[0, row]) > 0 for i, row in enumerate(rows)]
        shares.append(float(np.mean(right)))
    return _score(f"mean of {SAMPLES} samples with noise", shares, f"{2 * SAMPLED} genes in {len(CONTEXTS)} contexts")


def _score(name: str, shares: Sequence[float], n: str) -> Score:
    return Score(
        name,
        float(np.mean(shares)),
        n,
        "The gene that is perturbed moves the way the experiment moves it, whether its effects were learned or not.",
        mean_interval(shares),
        {"chance": 0.5},
        ("chance",),
        at_least=1.0,
    )


def _targets(model: EmbeddedModel, cpm: Array, types: Sequence[str], seed: int) -> list[int]:
    """Expressed genes drawn at random, half of them with learned effects of their own where there are as many."""
    place = {gene: row for row, gene in enumerate(model.genes.index)}
    learned = [place[g] for g in model.vocabulary().learned("perturbation_ontology_id") if g in place]
    generator = np.random.default_rng((seed, len(types)))
    expressed = set(np.flatnonzero(cpm > LEAST_CPM).tolist())
    own = sorted(expressed & set(learned))
    drawn = generator.permutation(own)[: GENES // 2].tolist()
    rest = generator.permutation(sorted(expressed - set(drawn)))[: GENES - len(drawn)].tolist()
    # Mixed, so that a first part of them holds both kinds.
    return [int(row) for row in generator.permutation(drawn + rest)]


def _perturbed(model: EmbeddedModel, context: dict[str, str], row: int, kind: str) -> dict[str, str]:
    return context | {"perturbation_type": kind, "perturbation_ontology_id": str(model.genes.index[row])}
