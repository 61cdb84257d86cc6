"""Welch's t-test on log CPM with Benjamini-Hochberg's adjustment: at once, and good enough for a look."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, ttest_ind_from_stats

from synthome.analysis.differential.comparison import Comparison, DifferentialTable
from synthome.analysis.normalisation import FloatArray

__all__ = ["welch"]

_ROUNDING = 1e-5
"""A standard deviation of log2(CPM + 1) below this is what 32-bit numbers are rounded by."""


def welch(log_expression: FloatArray, genes: pd.DataFrame, comparison: Comparison) -> DifferentialTable:
    """Compare two groups gene by gene.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    genes : DataFrame
        As in :class:`~synthome.prediction.Prediction`.
    comparison : Comparison

    Returns
    -------
    DifferentialTable
        ``base_mean`` is the mean of log2(CPM + 1), ``log2_fold_change`` the difference of the groups' means of it. A
        gene that does not vary within either group has no p-value: mean estimates of one condition may be identical.

    Notes
    -----
    B. L. Welch, Biometrika 1947, 34:28; Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 1995, 57:289.
    """
    group = log_expression[comparison.group].astype(np.float64)
    reference = log_expression[comparison.reference].astype(np.float64)
    deviations = group.std(axis=0, ddof=1), reference.std(axis=0, ddof=1)
    varies = np.maximum(*deviations) > _ROUNDING
    size = log_expression.shape[1]
    statistic, p_value = np.full(size, np.nan), np.full(size, np.nan)
    statistic[varies], p_value[varies] = ttest_ind_from_stats(
        group.mean(axis=0)[varies],
        deviations[0][varies],
        len(group),
        reference.mean(axis=0)[varies],
        deviations[1][varies],
        len(reference),
        equal_var=False,
    )
    difference = group.mean(axis=0) - reference.mean(axis=0)
    error = np.sqrt(deviations[0] ** 2 / len(group) + deviations[1] ** 2 / len(reference))
    rows = pd.DataFrame(
        {
            "symbol": genes["symbol"].to_numpy(),
            "base_mean": log_expression[comparison.samples].mean(axis=0, dtype=np.float64),
            "log2_fold_change": difference,
            "standard_error": error,
            "statistic": statistic,
            "p_value": p_value,
            "adjusted_p_value": _adjusted(p_value),
        },
        index=genes.index,
    )
    return DifferentialTable(rows, comparison, "welch")


def _adjusted(p_value: np.ndarray) -> np.ndarray:
    out = np.full(len(p_value), np.nan)
    tested = ~np.isnan(p_value)
    if tested.any():
        out[tested] = false_discovery_control(p_value[tested])
    return out
