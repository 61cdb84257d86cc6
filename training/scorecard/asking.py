"""How the tests ask the models: through ``predict``, as anyone does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded import EmbeddedModel
from synthome.prediction import Prediction
from synthome.query import read_query
from synthome.settings import settings

__all__ = ["expected_cpm", "generated", "log2_cpm", "symbol_ids"]

Array = npt.NDArray[np.float64]
Metadata = Mapping[str, str]
DEPTH = 100_000_000
"""Library size at which rounding to whole counts does not matter."""


def expected_cpm(model: EmbeddedModel, conditions: Sequence[Metadata]) -> Array:
    """Expected CPM at the mean of the latents, genes x conditions."""
    parts = []
    most = settings().max_conditions
    for first in range(0, len(conditions), most):
        body = {
            "sampling_strategy": "mean estimation",
            "deterministic_latents": True,
            "total_count": DEPTH,
            "inputs": [{"metadata": dict(c), "num_samples": 1} for c in conditions[first : first + most]],
        }
        counts = model.predict(read_query(body)).expression.to_numpy()
        parts.append(counts.T * (1e6 / DEPTH))
    return np.concatenate(parts, axis=1)


def generated(
    model: EmbeddedModel, conditions: Sequence[Metadata], samples: int, *, seed: int, total_count: int | None = None
) -> Prediction:
    """``samples`` of every condition, with measurement error where the model has any."""
    strategy = "sample generation" if model.model_id == "gem-1-bulk" else "mean estimation"
    body = {
        "sampling_strategy": strategy,
        "seed": seed,
        "inputs": [{"metadata": dict(c), "num_samples": samples} for c in conditions],
    }
    if total_count is not None:
        body["total_count"] = total_count
    return model.predict(read_query(body))


def log2_cpm(counts: npt.ArrayLike, pseudo: float = 1.0) -> Array:
    """log2(CPM + pseudo) of genes x samples; genes not measured (NaN) stay so and do not count."""
    values = np.asarray(counts, dtype=np.float64)
    out: Array = np.log2(values / np.nansum(values, axis=0) * 1e6 + pseudo)
    return out


def symbol_ids(genes: pd.DataFrame) -> dict[str, str]:
    """Ensembl id of each symbol of a model's genes."""
    return {str(symbol): str(gene) for gene, symbol in genes["symbol"].items() if symbol}
