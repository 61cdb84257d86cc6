"""How far a source's profile of a drug would be found again, told from drugs that two sources share.

On shared drugs the correlation of two sources' profiles is observed. It is explained by

- corroboration: how well the profile matches the five nearest *other* drugs of the other sources (a MEK inhibitor
  looks like another laboratory's MEK inhibitors; noise looks like nothing), and
- the source's own measure of the drug's activity (spread of z in L1000, agreement of cell types in NeurIPS).

The regression then gives every drug, shared or not, an expected correlation with an independent experiment. Where two
sources share the drug and agree better than expected, what they observe is averaged with it, each weighed by its
precision. Where they agree worse, either of them may be at fault, and the expectation stands.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.compound_sources import DrugResponses, SourceName

__all__ = ["landmark_correlations", "reliabilities"]

NEAREST = 5
"""Drugs of other sources whose mean correlation corroborates a profile."""
LEAST_GENES = 300
"""Shared genes under which a gene that some of the drugs lack counts, too."""
LEAST, MOST = 0.01, 0.6
"""Limits of the expected correlation: no drug is nothing but noise, and none is the same in all cells."""
LEAST_PAIRS = 20
"""Shared drugs from which the regression is fitted."""
UNCALIBRATED_SCATTER = 0.1
"""Standard deviation of observed around expected correlations, where it was not."""
NOISE = 0.038
"""Standard error of a correlation over some 700 landmarks."""
UNCALIBRATED: Mapping[SourceName, tuple[float, float, float]] = {
    "L1000": (-0.05, 0.06, 0.4),
    "Tahoe": (-0.12, 0.0, 1.2),
    "NeurIPS": (-0.08, 0.05, 0.7),
}
"""Intercept, slopes on activity and corroboration where fewer than LEAST_PAIRS drugs are shared (measured on all)."""

Array = npt.NDArray[np.float64]


def landmark_correlations(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Correlation of every drug of ``one`` with every drug of ``other`` over the genes that both measure."""
    shared = one.notna().all(axis=1) & other.notna().any(axis=1)
    if shared.sum() < LEAST_GENES:
        shared = one.notna().any(axis=1) & other.notna().any(axis=1)
    left, right = _unit(one[shared]), _unit(other[shared])
    return pd.DataFrame(left.T @ right, one.columns, other.columns)


def _unit(profiles: pd.DataFrame) -> Array:
    values = profiles.sub(profiles.mean()).fillna(0.0).to_numpy()
    unit: Array = values / np.maximum(np.linalg.norm(values, axis=0), 1e-12)
    return unit


def reliabilities(responses: Mapping[SourceName, DrugResponses], landmarks: pd.Index) -> dict[SourceName, pd.Series]:
    """Expected correlation with an independent experiment, one a drug, by source."""
    tables = {name: response.profiles.reindex(landmarks) for name, response in responses.items()}
    found = {}
    for name, response in responses.items():
        others = [landmark_correlations(tables[name], tables[other]) for other in responses if other != name]
        features = _features(response.activity, _corroboration(others, response.profiles.columns))
        observed = [_observed(table) for table in others]
        found[name] = _expected(features, observed, UNCALIBRATED[name])
    return found


def _corroboration(tables: list[pd.DataFrame], drugs: pd.Index) -> pd.Series:
    """Mean correlation with the nearest other drugs; zero where there is no other source."""
    if not tables:
        return pd.Series(0.0, drugs)
    joined = pd.concat([table.mask(np.equal.outer(table.index, table.columns)) for table in tables], axis=1)
    values = np.where(joined.isna(), -1.0, joined)
    nearest = np.sort(values, axis=1)[:, -NEAREST:]
    return pd.Series(nearest.mean(axis=1), drugs)


def _features(activity: pd.Series, corroboration: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"one": 1.0, "activity": activity, "corroboration": corroboration})


def _observed(table: pd.DataFrame) -> pd.Series:
    shared = [drug for drug in table.index if drug in table.columns]
    return pd.Series([table.loc[drug, drug] for drug in shared], shared, dtype=float)


def _expected(features: pd.DataFrame, observed: list[pd.Series], uncalibrated: tuple[float, ...]) -> pd.Series:
    seen = pd.concat([pd.Series(dtype=float), *observed])
    coefficients, scatter = np.array(uncalibrated), UNCALIBRATED_SCATTER
    if len(seen) >= LEAST_PAIRS:
        design = features.loc[seen.index].to_numpy()
        coefficients, *_ = np.linalg.lstsq(design, seen.to_numpy(), rcond=None)
        scatter = float(np.std(seen.to_numpy() - design @ coefficients))
    expected = pd.Series(features.to_numpy() @ coefficients, features.index)
    own = seen.groupby(level=0).agg(["sum", "count"])
    weight = (scatter / NOISE) ** 2
    averaged = (expected[own.index] + weight * own["sum"]) / (1 + weight * own["count"])
    expected[own.index] = np.maximum(expected[own.index], averaged)
    return expected.clip(LEAST, MOST)
