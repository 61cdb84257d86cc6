"""What the contract promises to the last count: determinism, prefix stability, library sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthome.models.embedded import EmbeddedModel
from synthome.prediction import Prediction
from synthome.query import read_query
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score

__all__ = ["measure"]

TOTALS = (1_000, 12_345, 10_000_000)
CONDITIONS: tuple[dict[str, str], ...] = (
    {"tissue_ontology_id": "UBERON:0002107", "sex": "female"},
    {"tissue_ontology_id": "UBERON:0000955"},
    {"cell_type_ontology_id": "CL:0000236"},
    {},
)


def measure(evidence: Evidence) -> list[Score]:
    """Shares of cases in which what must be exact is."""
    same, prefix, totals, repeated = [], [], [], []
    for model, strategies in (
        (evidence.bulk, ("sample generation", "mean estimation")),
        (evidence.cells, ("mean estimation",)),
    ):
        for strategy in strategies:
            for total in TOTALS:
                first = _predict(model, strategy, total, 4)
                same.append(_equal(first, _predict(model, strategy, total, 4)))
                prefix += _prefixes(first, _predict(model, strategy, total, 6), 4, 6)
                totals += (first.expression.sum(axis=1) == total).tolist()
            fixed = _predict(model, "mean estimation", 10_000, 3, deterministic_latents=True)
            other = _predict(model, "mean estimation", 10_000, 3, deterministic_latents=True, seed=99)
            repeated.append(_identical_within(fixed, 3) and fixed.expression.equals(other.expression))
    return [
        _exact(
            "same seed, same numbers",
            same,
            "queries",
            "Two people who send the same query with the same seed get the same counts and latents.",
        ),
        _exact(
            "more samples keep the first ones",
            prefix,
            "conditions",
            "Asking for two samples more leaves those already seen as they were.",
        ),
        _exact(
            "library size",
            totals,
            "samples",
            "Each sample's counts add up to the library size asked for, to the last count.",
        ),
        _exact(
            "mean estimation with fixed latents",
            repeated,
            "queries",
            "All samples of a condition are identical then, whatever the seed.",
        ),
    ]


def _predict(model: EmbeddedModel, strategy: str, total: int, samples: int, **extra: Any) -> Prediction:
    body = {
        "sampling_strategy": strategy,
        "seed": 11,
        "total_count": total,
        "inputs": [{"metadata": metadata, "num_samples": samples} for metadata in CONDITIONS],
    }
    return model.predict(read_query(body | extra))


def _equal(a: Prediction, b: Prediction) -> bool:
    return a.expression.equals(b.expression) and a.latents.equals(b.latents)


def _prefixes(short: Prediction, long: Prediction, fewer: int, more: int) -> list[bool]:
    out = []
    for i in range(len(CONDITIONS)):
        a = slice(i * fewer, (i + 1) * fewer)
        b = slice(i * more, i * more + fewer)
        counts = np.array_equal(short.expression.to_numpy()[a], long.expression.to_numpy()[b])
        out.append(counts and short.latents[a].reset_index(drop=True).equals(long.latents[b].reset_index(drop=True)))
    return out


def _identical_within(prediction: Prediction, samples: int) -> bool:
    counts = prediction.expression.to_numpy().reshape(len(CONDITIONS), samples, -1)
    return bool((counts == counts[:, :1]).all())


def _exact(name: str, cases: list[bool], of: str, meaning: str) -> Score:
    return Score(name, float(np.mean(cases)), f"{len(cases)} {of}", meaning, at_least=1.0)
