"""Quality of samples as people look at it first: depth, genes seen, mitochondrial and top genes, likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.normalisation import FloatArray, library_sizes
from synthome.analysis.variable_genes import gene_variances
from synthome.prediction import Prediction

__all__ = ["MeanVariance", "Quality", "mean_variance", "quality", "sample_correlation", "unusual_samples"]

Array = npt.NDArray[np.float64]

TOP_GENES = 50
"""How many of a sample's most abundant genes are summed."""
_FAR = 5.0
"""Median absolute deviations beyond which a sample is unusual."""
_LEAST_SPREAD = 0.02
"""Smallest deviation, as a share of the median, that is worth a word: samples that hardly differ have no outliers."""
_SCALE = 1.4826
"""Makes a median absolute deviation the standard deviation of a Normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """One value a sample, n long each.

    Attributes
    ----------
    library_size : int array
        Counts altogether.
    detected : int array
        Genes with a count.
    mitochondrial, top : float arrays
        Shares, 0 to 1, of counts in genes of the mitochondrial genome, and in the sample's 50 most abundant genes.
    """

    library_size: npt.NDArray[np.int64]
    detected: npt.NDArray[np.int64]
    mitochondrial: Array
    top: Array

    def table(self, sample_names: Sequence[str]) -> pd.DataFrame:
        """One row a sample, for people and for files."""
        return pd.DataFrame(
            {
                "library_size": self.library_size,
                "genes_detected": self.detected,
                "mitochondrial_share": self.mitochondrial,
                "top_50_share": self.top,
            },
            index=pd.Index(sample_names, name="sample"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class MeanVariance:
    """Mean and variance of each gene's log2(CPM + 1) over samples, one value a gene."""

    mean: Array
    variance: Array


def quality(prediction: Prediction) -> Quality:
    """Depth and composition of every sample."""
    counts = prediction.expression.to_numpy()
    sizes = library_sizes(prediction.expression)
    mitochondrial = counts[:, _is_mitochondrial(prediction.genes)].sum(axis=1, dtype=np.int64)
    top = min(TOP_GENES, counts.shape[1])
    highest = np.array([np.partition(row, len(row) - top)[len(row) - top :].sum(dtype=np.int64) for row in counts])
    return Quality(
        sizes, np.count_nonzero(counts, axis=1).astype(np.int64), _share(mitochondrial, sizes), _share(highest, sizes)
    )


def mean_variance(log_expression: FloatArray) -> MeanVariance:
    """The trend of variance with mean: n x genes in log2(CPM + 1)."""
    mean, variance = gene_variances(log_expression)
    return MeanVariance(mean, variance)


def sample_correlation(log_expression: FloatArray, columns: npt.NDArray[np.intp]) -> Array:
    """Pearson correlation of every two samples over the genes in ``columns``: n x n.

    A sample that is the same in all of them correlates with none but itself.
    """
    values = log_expression[:, columns].astype(np.float64)
    values -= values.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    units = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0)
    correlation: Array = np.clip(units @ units.T, -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def unusual_samples(found: Quality, sample_names: Sequence[str]) -> list[str]:
    """What stands out, a sentence each; empty where nothing does.

    A sample is unusual where it lies five median absolute deviations from the median, depth on a log scale (the rule
    of scater's ``isOutlier``; McCarthy et al., Bioinformatics 2017, 33:1179), and by at least 2 %.
    """
    measured = (
        ("library size", np.log(np.maximum(found.library_size, 1)), found.library_size, "{:,.0f} counts"),
        ("genes detected", found.detected.astype(float), found.detected, "{:,.0f} genes"),
        ("mitochondrial share", found.mitochondrial, 100 * found.mitochondrial, "{:.1f} %"),
        ("share of the 50 most abundant genes", found.top, 100 * found.top, "{:.1f} %"),
    )
    sentences = []
    for what, scale, shown, form in measured:
        for row in np.flatnonzero(_outlying(scale)):
            direction = "high" if scale[row] > np.median(scale) else "low"
            value, usual = form.format(shown[row]), form.format(float(np.median(shown)))
            sentences.append(f"{sample_names[int(row)]}: {what} is {direction}, {value} where {usual} is usual.")
    return sentences


def _outlying(values: Array) -> npt.NDArray[np.bool_]:
    centre = np.median(values)
    spread = max(_SCALE * float(np.median(np.abs(values - centre))), _LEAST_SPREAD * abs(float(centre)) / _FAR)
    if len(values) < 4 or spread == 0:
        return np.zeros(len(values), dtype=bool)
    far: npt.NDArray[np.bool_] = np.abs(values - centre) > _FAR * spread
    return far


def _is_mitochondrial(genes: pd.DataFrame) -> npt.NDArray[np.bool_]:
    by_place = genes["chromosome"].isin(["MT", "M", "chrM"])
    by_name = genes["symbol"].str.startswith("MT-")
    return (by_place | by_name).to_numpy(dtype=bool)


def _share(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Array:
    share: Array = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return share
