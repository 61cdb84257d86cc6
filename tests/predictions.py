"""Predictions for tests: negative-binomial counts of groups of samples, each group with marker genes of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from synthome.prediction import Prediction, Provenance

MARKERS_PER_GROUP = 30
FOLD = 12.0


def make_prediction(
    sizes: Sequence[int],
    *,
    n_genes: int = 1500,
    library_size: int = 10_000_000,
    dispersion: float = 0.05,
    seed: int = 1,
    names: Sequence[str] | None = None,
    metadata: pd.DataFrame | None = None,
    markers: bool = True,
    shift: float = 0.0,
) -> Prediction:
    """``sizes[i]`` samples of group i. Without ``markers`` the groups do not differ.

    Counts are gamma-Poisson with this dispersion, 0 giving rounded means, so that the samples of a group are identical.
    The markers of group i are genes ``30 i`` to ``30 i + 29`` (modulo the number of genes), 12 times as high as
    elsewhere. ``shift`` is the standard deviation of a factor that all samples share, in log units.
    """
    rng = np.random.default_rng(seed)
    condition = np.repeat(np.arange(len(sizes)), sizes)
    level = rng.lognormal(1.0, 2.0, n_genes)
    profile = np.tile(level, (len(sizes), 1))
    if markers:
        for group in range(len(sizes)):
            profile[group, marker_columns(group, n_genes)] = np.median(level) * FOLD
    expected = profile[condition]
    if shift:
        weights = rng.normal(size=n_genes)
        expected = expected * np.exp(shift * rng.normal(size=(len(condition), 1)) * weights)
    expected = expected / expected.sum(axis=1, keepdims=True) * library_size
    counts = rng.poisson(rng.gamma(1 / dispersion, dispersion * expected)) if dispersion else expected.round()
    ids = [f"ENSG{index:011d}" for index in range(n_genes)]
    symbols = [f"G{index}" if index % 50 else "" for index in range(n_genes)]
    return Prediction(
        metadata=_metadata(condition) if metadata is None else metadata,
        expression=pd.DataFrame(counts.astype(np.int32), columns=ids),
        latents=pd.DataFrame(
            {
                name: [rng.normal(size=3).tolist() for _ in condition]
                for name in ("biological", "technical", "perturbation")
            }
        ),
        genes=pd.DataFrame({"symbol": symbols, "biotype": "protein_coding", "chromosome": "1"}, index=ids),
        condition=condition,
        condition_names=tuple(names) if names is not None else tuple(f"Group {i + 1}" for i in range(len(sizes))),
        provenance=Provenance("gem-1-bulk", "1.0", "embedded", 7),
    )


def marker_columns(group: int, n_genes: int) -> np.ndarray:
    """Columns of the genes planted as markers of one group."""
    return np.arange(MARKERS_PER_GROUP * group, MARKERS_PER_GROUP * (group + 1)) % n_genes


def _metadata(condition: np.ndarray) -> pd.DataFrame:
    sample = np.arange(len(condition))
    return pd.DataFrame(
        {
            "tissue_ontology_id": [("UBERON:0002107", "UBERON:0000956")[i % 2] for i in condition],
            "sex": [("female", "male", None)[i % 3] for i in sample],
            "age_years": [None if i % 5 == 4 else str(20 + 3 * (i % 17)) for i in sample],
        }
    )
