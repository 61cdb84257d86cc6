"""How the variance of genes goes with their mean, and what of it counting alone would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from synthome.analysis.normalisation import FloatArray
from synthome.analysis.variable_genes import counting_variance, gene_variances

__all__ = ["MeanVariance", "mean_variance"]

Array = npt.NDArray[np.float64]

_SIGNIFICANCE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class MeanVariance:
    """Mean and variance of each gene's log2(CPM + 1) over samples, one value a gene.

    Attributes
    ----------
    mean, variance : float arrays, one value a gene
        The variance is the sample variance (n - 1), zero for a single sample.
    library_size : float
        Typical counts a sample.
    n_samples : int
    """

    mean: Array
    variance: Array
    library_size: float
    n_samples: int

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """Whether any sample has a count of the gene."""
        counted: npt.NDArray[np.bool_] = self.mean > 0
        return counted

    @property
    def excess(self) -> Array:
        """Variance beyond what counting alone gives a gene of that mean."""
        return self.variance - self.counting(self.mean)

    @property
    def clearly_above(self) -> npt.NDArray[np.bool_]:
        """Whether a gene varies more than counting alone would have it in 99 of 100 cases.

        The sample variance of n counts of the same rate is about ``counting * chi2(n - 1) / (n - 1)``.
        """
        if self.n_samples < 2:
            return np.zeros(len(self.mean), dtype=bool)
        degrees = self.n_samples - 1
        limit = self.counting(self.mean) * chi2.isf(_SIGNIFICANCE, degrees) / degrees
        above: npt.NDArray[np.bool_] = self.variance > limit
        return above

    def counting(self, mean: Array) -> Array:
        """Variance that Poisson counts give to genes with these means of log2(CPM + 1)."""
        if self.library_size <= 0:
            return np.zeros(len(mean))
        return counting_variance(mean, self.library_size)


def mean_variance(log_expression: FloatArray, library_size: float) -> MeanVariance:
    """The trend of variance with mean.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    library_size : float
        Typical counts a sample.
    """
    n, genes = log_expression.shape
    if n == 0:
        return MeanVariance(np.zeros(genes), np.zeros(genes), library_size, 0)
    mean, variance = gene_variances(log_expression)
    same = log_expression.max(axis=0) == log_expression.min(axis=0)
    return MeanVariance(mean, np.where(same, 0.0, variance), library_size, n)
