"""Which component follows what: how much of each principal component a metadata key explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control, pearsonr

from synthome.analysis.description import variance_between
from synthome.analysis.principal_components import PCA

__all__ = ["Associations", "associations"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Associations:
    """How far each of k components follows each of m keys.

    Attributes
    ----------
    explained : DataFrame, m x k
        Share of a component's variance, 0 to 1: eta squared of the groups that a key makes, or the squared correlation
        with a key that holds numbers. Columns ``PC1`` and so on.
    adjusted_p_value : DataFrame, m x k
        Of an F test or a correlation, adjusted over the whole table (Benjamini-Hochberg).
    """

    explained: pd.DataFrame
    adjusted_p_value: pd.DataFrame

    def strongest(self, component: int, most_adjusted_p: float = 0.05) -> str | None:
        """The key that ``component``, counted from 1, follows most; ``None`` where it follows none."""
        name = f"PC{component}"
        if name not in self.explained.columns:
            return None
        passes = self.adjusted_p_value[name] <= most_adjusted_p
        return str(self.explained.loc[passes, name].idxmax()) if passes.any() else None


def associations(components: PCA, factors: pd.DataFrame, most_components: int = 6) -> Associations:
    """How far components follow the columns of ``factors``.

    Parameters
    ----------
    components : PCA of n samples
    factors : DataFrame, n rows
        Text makes groups, numbers are correlated; missing values are left out. A key is left out where it has one
        value only, or a value of its own for every sample.
    """
    names = [f"PC{i + 1}" for i in range(min(components.n_components, most_components))]
    kept = [column for column in factors.columns if _tells_apart(factors[column])]
    explained = pd.DataFrame(0.0, index=kept, columns=names)
    p_value = pd.DataFrame(1.0, index=kept, columns=names)
    for column in kept:
        for place, name in enumerate(names):
            explained.loc[column, name], p_value.loc[column, name] = _follows(
                components.scores[:, place], factors[column]
            )
    if p_value.size:
        p_value.loc[:, :] = false_discovery_control(p_value.to_numpy().ravel()).reshape(p_value.shape)
    return Associations(explained, p_value)


def _tells_apart(factor: pd.Series) -> bool:
    given = factor.dropna()
    different = given.nunique()
    if different < 2:
        return False
    return pd.api.types.is_numeric_dtype(factor) or different < len(given)


def _follows(scores: Array, factor: pd.Series) -> tuple[float, float]:
    given = factor.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(factor):
        values = factor[given].to_numpy(dtype=np.float64)
        if len(values) < 3 or np.ptp(scores[given]) == 0:
            return 0.0, 1.0
        found = pearsonr(scores[given], values)
        return float(found.statistic**2), float(found.pvalue)
    codes = pd.factorize(factor[given])[0].astype(np.intp)
    return variance_between(scores[given], codes)
