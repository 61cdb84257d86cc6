"""Marker genes: those by which each group of samples stands out from all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import ttest_ind_from_stats

from synthome.analysis.normalisation import FloatArray

__all__ = ["Markers", "markers"]

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]

_ROUNDING = 1e-5
"""A standard deviation of log2(CPM + 1) below this is what 32-bit numbers are rounded by."""
_ROWS = 128
"""Samples handled at a time, so that no second matrix of the whole size is held."""


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """m marker genes, group after group, the clearest of each group first.

    Attributes
    ----------
    columns, group : int arrays, m
        Columns of the log CPM matrix, and the group that each marks.
    log2_fold_change, p_value : float arrays, m
        Of the group's samples against all others (Welch's test); p is NaN where the samples do not allow a test.
    """

    columns: Labels
    group: Labels
    log2_fold_change: Array
    p_value: Array


def markers(
    log_expression: FloatArray, group: Labels, per_group: int, *, least_log2_fold_change: float = 1.0
) -> Markers:
    """The ``per_group`` clearest marker genes of every group.

    A gene can mark one group only, that in which its mean is highest. It does where that mean lies
    ``least_log2_fold_change`` or more above the mean of all other samples. Within a group, genes are ranked by the
    p-value of Welch's test of the group against all others, then by fold change. A gene that cannot be tested, because
    the group or the rest is a single sample or neither varies, stands after those that can.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    group : int array, n
        The group of each sample, -1 for samples that are left out.
    per_group : int
        How many are wanted; fewer are returned where fewer stand out.

    Returns
    -------
    Markers
        Empty where there are fewer than two groups.

    Notes
    -----
    B. L. Welch, Biometrika 1947, 34:28. As a ranking: the groups were not chosen independently of what a model drew.
    """
    names = np.unique(group[group >= 0])
    if len(names) < 2:
        return _chosen(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0), np.empty(0))
    sizes = np.array([np.count_nonzero(group == name) for name in names])
    means, squares = _moments(log_expression, [np.flatnonzero(group == name) for name in names])
    highest = means.argmax(axis=0)
    genes = np.arange(means.shape[1])
    own, others = sizes[highest], sizes.sum() - sizes[highest]
    rest_mean = (sizes @ means - own * means[highest, genes]) / others
    apart = sizes[:, None] * (means - rest_mean) ** 2 + squares
    apart[highest, genes] = 0
    change = means[highest, genes] - rest_mean
    p_value = _welch(means[highest, genes], squares[highest, genes], own, rest_mean, apart.sum(axis=0), others)
    best = [
        where[np.lexsort((-change[where], p_value[where]))][:per_group]
        for where in (
            np.flatnonzero((highest == place) & (change >= least_log2_fold_change)) for place in range(len(names))
        )
    ]
    columns = np.concatenate(best)
    return _chosen(columns, names[highest[columns]], change[columns], p_value[columns])


def _chosen(columns: Labels, group: Labels, change: Array, p_value: Array) -> Markers:
    return Markers(columns.astype(np.intp), group.astype(np.intp), change, p_value)


def _moments(log_expression: FloatArray, rows_of_groups: list[Labels]) -> tuple[Array, Array]:
    """Mean, and sum of squared differences from it, of every gene in every group: groups x genes."""
    means = np.stack([log_expression[rows].mean(axis=0, dtype=np.float64) for rows in rows_of_groups])
    squares = np.zeros_like(means)
    for place, rows in enumerate(rows_of_groups):
        for start in range(0, len(rows), _ROWS):
            difference = log_expression[rows[start : start + _ROWS]] - means[place]
            squares[place] += np.einsum("ij,ij->j", difference, difference)
    return means, squares


def _welch(
    mean: Array, squares: Array, size: Labels, rest_mean: Array, rest_squares: Array, rest_size: Labels
) -> Array:
    """Two-sided p-values, NaN where a side is one sample or no side varies."""
    deviation = np.sqrt(squares / np.maximum(size - 1, 1))
    rest_deviation = np.sqrt(rest_squares / np.maximum(rest_size - 1, 1))
    tested = (size > 1) & (rest_size > 1) & (np.maximum(deviation, rest_deviation) > _ROUNDING)
    p_value = np.full(len(mean), np.nan)
    p_value[tested] = ttest_ind_from_stats(
        mean[tested],
        deviation[tested],
        size[tested],
        rest_mean[tested],
        rest_deviation[tested],
        rest_size[tested],
        equal_var=False,
    ).pvalue
    return p_value
