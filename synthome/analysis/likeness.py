"""How alike samples are: the correlation of every two, and of each with the others of its condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.analysis.normalisation import FloatArray

__all__ = ["IDENTICAL", "MAX_CORRELATED", "Correlations", "correlations", "likeness", "sample_correlation"]

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

MAX_CORRELATED = 200
"""Most samples in one correlation matrix: more are too narrow to be seen."""
IDENTICAL = 1 - 1e-12
"""Correlation from which samples are the same but for rounding."""
_ROWS = 128
"""Samples handled at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """Pearson correlation of every two of m samples.

    Attributes
    ----------
    r : float array, m x m
    samples : int array, m
        The samples' rows in the expression matrix, condition after condition.
    n_available, n_genes : int
        Samples there were, more than m where they were thinned; genes that the correlation is over.
    """

    r: Array
    samples: Rows
    n_available: int
    n_genes: int


def correlations(log_expression: FloatArray, condition: Rows, most: int = MAX_CORRELATED) -> Correlations:
    """Correlation of samples over all genes that are counted in any sample, in the order of their conditions.

    Genes that no sample has would only raise every correlation alike. Of more than ``most`` samples, as many are
    taken at even distances, though at least one of each condition where there are no more conditions than half of
    ``most``.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    condition : int array, n
    """
    shown = _evenly(condition, most)
    columns = np.flatnonzero(log_expression.max(axis=0, initial=0) > 0)
    return Correlations(sample_correlation(log_expression[shown], columns), shown, len(condition), len(columns))


def sample_correlation(log_expression: FloatArray, columns: Rows) -> Array:
    """Pearson correlation of every two samples over the genes in ``columns``: n x n.

    A sample that is the same in all of them correlates with none but itself.
    """
    units = _units(log_expression[:, columns])
    correlation: Array = np.clip(units @ units.T, -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def likeness(log_expression: FloatArray, condition: Rows) -> Array:
    """Pearson correlation of each sample with the mean of the others of its condition, n long.

    It is over the genes that are counted in any sample, in log2(CPM + 1); NaN for the only sample of a condition.
    """
    found = np.full(len(condition), np.nan)
    counted = log_expression.max(axis=0, initial=0) > 0
    for index in np.unique(condition):
        rows = np.flatnonzero(condition == index)
        if len(rows) < 2:
            continue
        own = log_expression[np.ix_(rows, counted)]
        total = own.sum(axis=0, dtype=np.float64)
        for start in range(0, len(rows), _ROWS):
            block = own[start : start + _ROWS].astype(np.float64)
            others = _units(total - block)
            found[rows[start : start + _ROWS]] = np.einsum("ij,ij->i", _units(block), others)
    clipped: Array = np.clip(found, -1.0, 1.0)
    return clipped


def _units(values: npt.NDArray[np.floating]) -> Array:
    """Rows centred and of length 1; constant ones are zero."""
    centred = values.astype(np.float64)
    centred -= centred.sum(axis=1, keepdims=True) / max(centred.shape[1], 1)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    units: Array = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    return units


def _evenly(condition: Rows, most: int) -> Rows:
    ordered = np.argsort(condition, kind="stable")
    if len(ordered) <= most:
        return ordered
    _, first = np.unique(condition[ordered], return_index=True)
    kept = first if 2 * len(first) <= most else first[:0]
    spread = np.linspace(0, len(ordered) - 1, most - len(kept)).round().astype(np.intp)
    shown: Rows = ordered[np.union1d(spread, kept)]
    return shown
