"""Do two sets of samples tell the same? Fold changes beside fold changes, and levels beside levels, gene by gene."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.differential import Comparison, welch
from synthome.analysis.run_comparison import SampleSet

__all__ = ["Changes", "Levels", "changes_beside", "levels_beside"]

Array = npt.NDArray[np.float64]

MOST_ADJUSTED_P = 0.05
LEAST_LOG2 = 1.0
"""Log2 fold change from which a gene is called, and difference of levels that is worth a colour: twofold."""
_CALLED = ("neither", "A", "B", "both")


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Log2 fold changes of genes between two groups of A, and between two of B.

    Attributes
    ----------
    rows : DataFrame, index: Ensembl id
        ``symbol``; ``change_a``, ``change_b``: log2 fold changes; ``adjusted_p_a``, ``adjusted_p_b``: of Welch's test,
        NaN where a gene was not tested; ``difference``: that of B less that of A; ``called``: ``both``, ``A``, ``B`` or
        ``neither``.
    names_a, names_b : pairs of str
        The group and its reference.
    correlation : float
        Pearson's r of the fold changes of all genes that vary in both sets; NaN where there are fewer than three.
    same_sign : float
        Share, 0 to 1, of the genes called in A or B that change in the same direction; NaN where none is called.
    """

    rows: pd.DataFrame
    names_a: tuple[str, str]
    names_b: tuple[str, str]
    correlation: float
    same_sign: float

    @property
    def tested(self) -> bool:
        """Whether genes could be called in both sets."""
        return bool(self.rows["adjusted_p_a"].notna().any() and self.rows["adjusted_p_b"].notna().any())

    def number(self, called: str) -> int:
        """How many genes are called in ``both``, in ``A`` alone, in ``B`` alone or in ``neither``."""
        return int((self.rows["called"] == called).sum())

    @property
    def sorted_rows(self) -> pd.DataFrame:
        """The genes, those called in both first, then those of one, the largest change first in each."""
        rank = self.rows["called"].map({"both": 0, "A": 1, "B": 1, "neither": 2})
        largest = -self.rows[["change_a", "change_b"]].abs().max(axis=1)
        return self.rows.iloc[np.lexsort((largest, rank))]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Mean log2(CPM + 1) of genes in a group of A, and in one of B.

    ``rows`` are indexed by Ensembl id: ``symbol``, ``mean_a``, ``mean_b``, ``difference`` (B less A). ``correlation``
    is Pearson's r of the means over all genes that are above zero in either; NaN where there are fewer than three.
    """

    rows: pd.DataFrame
    name_a: str
    name_b: str
    correlation: float

    @property
    def sorted_rows(self) -> pd.DataFrame:
        """The genes, the largest difference first."""
        return self.rows.iloc[np.argsort(-self.rows["difference"].abs().to_numpy(), kind="stable")]


def changes_beside(
    first: SampleSet, second: SampleSet, genes: pd.DataFrame, pair_a: tuple[str, str], pair_b: tuple[str, str]
) -> Changes:
    """Compare how genes change between the groups ``pair_a`` of ``first`` and between ``pair_b`` of ``second``.

    Parameters
    ----------
    genes : DataFrame
        Index: Ensembl ids of the sets' columns; column ``symbol``.
    pair_a, pair_b : pairs of str
        Group and reference; a positive change is higher in the group. A gene is called where its adjusted p is at most
        0.05 and it changes at least twofold; in a pair with a group of one sample, none is.
    """
    change_a, p_a = _changes(first, genes, pair_a)
    change_b, p_b = _changes(second, genes, pair_b)
    in_a, in_b = _is_called(change_a, p_a), _is_called(change_b, p_b)
    rows = pd.DataFrame(
        {
            "symbol": genes["symbol"].to_numpy(),
            "change_a": change_a,
            "adjusted_p_a": p_a,
            "change_b": change_b,
            "adjusted_p_b": p_b,
            "difference": change_b - change_a,
            "called": np.array(_CALLED)[in_a + 2 * in_b],
        },
        index=genes.index,
    )
    either = in_a | in_b
    same = np.sign(change_a[either]) == np.sign(change_b[either])
    varies = (change_a != 0) & (change_b != 0)
    return Changes(
        rows,
        pair_a,
        pair_b,
        _correlation(change_a[varies], change_b[varies]),
        float(same.mean()) if len(same) else math.nan,
    )


def levels_beside(first: SampleSet, second: SampleSet, genes: pd.DataFrame, group_a: str, group_b: str) -> Levels:
    """Compare how high genes stand in ``group_a`` of ``first`` and in ``group_b`` of ``second``."""
    mean_a, mean_b = first.mean(group_a), second.mean(group_b)
    rows = pd.DataFrame(
        {
            "symbol": genes["symbol"].to_numpy(),
            "mean_a": mean_a,
            "mean_b": mean_b,
            "difference": mean_b - mean_a,
        },
        index=genes.index,
    )
    seen = (mean_a > 0) | (mean_b > 0)
    return Levels(rows, group_a, group_b, _correlation(mean_a[seen], mean_b[seen]))


def _changes(part: SampleSet, genes: pd.DataFrame, pair: tuple[str, str]) -> tuple[Array, Array]:
    """Log2 fold changes and adjusted p-values."""
    group, reference = (part.rows(name) for name in pair)
    if min(len(group), len(reference)) < 2:
        return part.mean(pair[0]) - part.mean(pair[1]), np.full(len(genes), np.nan)
    rows = welch(part.log_expression, genes, Comparison(group, reference, *pair)).rows
    return rows["log2_fold_change"].to_numpy(), rows["adjusted_p_value"].to_numpy()


def _is_called(change: Array, adjusted_p: Array) -> npt.NDArray[np.bool_]:
    called: npt.NDArray[np.bool_] = (adjusted_p <= MOST_ADJUSTED_P) & (np.abs(change) >= LEAST_LOG2)
    return called


def _correlation(first: Array, second: Array) -> float:
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return math.nan
    return float(np.corrcoef(first, second)[0, 1])
