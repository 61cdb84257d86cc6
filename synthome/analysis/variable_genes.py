"""Which genes tell samples apart: the most variable ones, counting noise set aside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from synthome.analysis.normalisation import FloatArray

__all__ = ["counting_variance", "gene_variances", "variable_genes"]

_LARGE_COUNT = 30.0
"""Mean count from which the delta method gives the Poisson variance of log CPM to better than 3 %."""
_ROWS = 128
"""Samples handled at a time, so that the differences from the mean stay in cache."""


def variable_genes(log_expression: FloatArray, n_genes: int, library_size: float | None = None) -> npt.NDArray[np.intp]:
    """Columns of the ``n_genes`` most variable genes, the most variable first.

    Genes are ranked by their variance over samples less the variance that counting alone would give a gene of the
    same mean (see :func:`counting_variance`), so that a shallow library does not fill the list with genes of one or
    two counts.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    n_genes : int
        How many are wanted. Fewer are returned where fewer vary: a constant gene is never chosen.
    library_size : float, optional
        Typical counts a sample. Without it, counting noise is not set aside.

    Returns
    -------
    int array, at most ``n_genes`` long
        Genes that tie stand in column order.
    """
    if len(log_expression) < 2:
        return np.empty(0, dtype=np.intp)
    varies = log_expression.max(axis=0) > log_expression.min(axis=0)
    mean, variance = gene_variances(log_expression)
    if library_size:
        variance = variance - counting_variance(mean, library_size)
    ranked = np.argsort(np.where(varies, -variance, np.inf), kind="stable")
    return ranked[: min(n_genes, int(varies.sum()))]


def gene_variances(
    log_expression: FloatArray,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and sample variance (n - 1) of every gene, each one value a column."""
    n = len(log_expression)
    mean = log_expression.mean(axis=0, dtype=np.float64)
    centre = mean.astype(np.float32)
    squares = np.zeros(log_expression.shape[1])
    for start in range(0, n, _ROWS):
        difference = log_expression[start : start + _ROWS] - centre
        squares += np.einsum("ij,ij->j", difference, difference)
    return mean, squares / max(n - 1, 1)


def counting_variance(mean: npt.NDArray[np.float64], library_size: float) -> npt.NDArray[np.float64]:
    """Variance of log2(CPM + 1) that Poisson counts give to genes with these means of log2(CPM + 1).

    Mean and variance are computed for a range of Poisson rates (the sum over counts for small rates, the delta
    method ``(s^2 r) / ((1 + s r) ln 2)^2`` with ``s = 10^6 / library_size`` for large ones), and the variance is read
    off at each gene's mean. This is the technical trend of Lun, McCarthy and Marioni (F1000Research 2016, 5:2122,
    ``modelGeneVarByPoisson`` in scran).
    """
    per_count = 1e6 / library_size
    small = np.geomspace(1e-4, _LARGE_COUNT, 160)
    counts = np.arange(int(_LARGE_COUNT + 10 * np.sqrt(_LARGE_COUNT)))
    probability = np.exp(counts * np.log(small)[:, None] - small[:, None] - gammaln(counts + 1))
    level = np.log2(1 + per_count * counts)
    small_mean = probability @ level
    small_variance = probability @ level**2 - small_mean**2
    large = np.geomspace(_LARGE_COUNT * 1.05, max(library_size, _LARGE_COUNT * 2), 100)
    large_mean = np.log2(1 + per_count * large)
    large_variance = per_count**2 * large / ((1 + per_count * large) * np.log(2)) ** 2
    means = np.concatenate([[0.0], small_mean, large_mean])
    variances = np.concatenate([[0.0], small_variance, large_variance])
    return np.asarray(np.interp(mean, means, variances))
