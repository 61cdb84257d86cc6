"""Which component follows what: how much of each principal component a metadata key explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import false_discovery_control, pearsonr

from synthome.analysis.description import variance_between
from synthome.analysis.figures.colouring import CONDITION, missing_name, numbers
from synthome.analysis.figures.words import is_given, key_label
from synthome.analysis.principal_components import PCA
from synthome.prediction import GROUP, Prediction

__all__ = ["SIGNIFICANCE", "Associations", "associations", "describe_associations", "factors_of"]

Array = npt.NDArray[np.float64]

SIGNIFICANCE = 0.05
"""Largest adjusted p-value at which a component counts as following a key."""
_CLEARLY_MORE = 0.1
"""By how much more the condition has to explain than any one key to be named in its place. Conditions are made of keys
and are never explained by them better."""


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

    def share(self, key: str, component: int) -> float:
        """Share of the variance of ``component``, counted from 1, that ``key`` explains."""
        return float(self.explained[f"PC{component}"].to_numpy(dtype=np.float64)[self.explained.index == key][0])

    def strongest(self, component: int, most_adjusted_p: float = SIGNIFICANCE) -> str | None:
        """The key that ``component``, counted from 1, follows most; ``None`` where it follows none."""
        name = f"PC{component}"
        if name not in self.explained.columns:
            return None
        passes = self.adjusted_p_value[name] <= most_adjusted_p
        return str(self.explained.loc[passes, name].idxmax()) if passes.any() else None


def factors_of(prediction: Prediction) -> pd.DataFrame:
    """What may be followed: the metadata keys and the condition, n rows; numbers where a key holds numbers."""
    found: dict[str, pd.Series] = {}
    for key in map(str, prediction.metadata.columns):
        values = numbers(prediction, key)
        if values is not None:
            found[key] = pd.Series(values)
        else:
            unknown = missing_name(key) if key == GROUP else None
            given = [str(value) if is_given(value) else unknown for value in prediction.metadata[key]]
            found[key] = pd.Series(given, dtype=object)
    found[CONDITION] = pd.Series([str(index) for index in prediction.condition], dtype=object)
    return pd.DataFrame(found)


def describe_associations(found: Associations, most: int = 3) -> str:
    """Which key each of the first components follows; why there is nothing to say where there is none."""
    if found.explained.shape[1] == 0:
        return "There is no component that could follow anything."
    if found.explained.empty:
        return (
            "There is nothing to follow: every key has one value only, or one of its own for each sample. "
            "Ask for conditions that differ, or for more samples of each."
        )
    followed = [
        f"{name} follows {_called(key)} ({100 * found.share(key, place):.0f} % of its variance)"
        for place, name in enumerate(found.explained.columns[:most], start=1)
        if (key := _named(found, place)) is not None
    ]
    if not followed:
        n = min(most, found.explained.shape[1])
        which = "PC1 follows no key" if n == 1 else f"None of the first {n} components follows a key"
        return f"{which} more than chance would."
    said = " and ".join([", ".join(followed[:-1]), followed[-1]]) if len(followed) > 1 else followed[0]
    return f"{said}."


def _named(found: Associations, component: int) -> str | None:
    """The key that the component follows most; the condition only where it explains clearly more than any one key."""
    strongest = found.strongest(component)
    if strongest != CONDITION:
        return strongest
    keys = found.explained.index != CONDITION
    other = Associations(found.explained[keys], found.adjusted_p_value[keys]).strongest(component)
    if other is None or found.share(CONDITION, component) > found.share(other, component) + _CLEARLY_MORE:
        return CONDITION
    return other


def _called(key: str) -> str:
    return "the named groups" if key == GROUP else key_label(key).lower()


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
