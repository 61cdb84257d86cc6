"""Hierarchical clustering, and the clustered z-scores that a heatmap shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import pdist, squareform

from synthome.analysis.normalisation import FloatArray

__all__ = ["MAX_SAMPLES", "Clustering", "Heatmap", "Metric", "cluster", "heatmap", "z_scores"]

Metric = Literal["correlation", "euclidean"]
Method = Literal["average", "ward"]
Array = npt.NDArray[np.float64]

MAX_SAMPLES = 2_000
"""Most samples in one heatmap: more are narrower than a pixel, and clustering grows with their square."""
_MAX_ORDERED = 300
"""Most leaves whose order is optimised; the time for it grows with the third power."""


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The order of m leaves, and the tree over them as SciPy writes it: (m - 1) x 4; ``None`` for fewer than two."""

    order: npt.NDArray[np.intp]
    linkage: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Clustered z-scores of g genes in n samples.

    Attributes
    ----------
    z : float32 array, g x n
        z-score of each gene over the samples shown, rows and columns in display order (top to bottom, left to right).
    genes, samples : int arrays, g and n
        Columns and rows of the log CPM matrix that they stand for, in display order.
    gene_tree, sample_tree : float array or None
        Linkages whose leaf i is the i-th row or column of ``z``.
    n_available : int
        Samples there were; more than n where they were thinned to ``MAX_SAMPLES``.
    """

    z: FloatArray
    genes: npt.NDArray[np.intp]
    samples: npt.NDArray[np.intp]
    gene_tree: Array | None
    sample_tree: Array | None
    n_available: int


def z_scores(log_expression: FloatArray) -> FloatArray:
    """Each gene (column) less its mean, divided by its sample standard deviation (n - 1); constant genes are zero."""
    if len(log_expression) < 2:
        return np.zeros_like(log_expression)
    centred = log_expression - log_expression.mean(axis=0, dtype=np.float64)
    deviation = np.sqrt(np.einsum("ij,ij->j", centred, centred) / (len(centred) - 1))
    constant = log_expression.max(axis=0) == log_expression.min(axis=0)
    centred[:, constant] = 0
    deviation[constant] = 1
    return np.asarray(centred / deviation, dtype=np.float32)


def cluster(values: npt.NDArray[np.floating], metric: Metric = "correlation", method: Method = "average") -> Clustering:
    """Cluster the rows of ``values``.

    Parameters
    ----------
    values : float array, m x p
    metric : "correlation" or "euclidean"
        Correlation distance is ``1 - r`` (Pearson); a constant row correlates with none, so it lies at distance 1.
    method : "average" or "ward"
        How far apart two clusters are. Ward's criterion is meant for Euclidean distance.

    Returns
    -------
    Clustering
        Up to 300 leaves stand in the order with the least distance between neighbours (Bar-Joseph, Gifford and
        Jaakkola, Bioinformatics 2001, 17:S22); more stand as the tree gives them.
    """
    if len(values) < 2:
        return Clustering(np.arange(len(values)), None)
    rows = np.asarray(values, dtype=np.float64)
    distance = pdist(rows) if metric == "euclidean" else _correlation_distance(rows)
    tree = linkage(distance, method)
    if len(rows) <= _MAX_ORDERED:
        tree = optimal_leaf_ordering(tree, distance)
    return Clustering(leaves_list(tree).astype(np.intp), tree)


def heatmap(
    log_expression: FloatArray,
    columns: npt.NDArray[np.intp],
    *,
    gene_metric: Metric = "correlation",
    sample_metric: Metric = "correlation",
    method: Method = "average",
) -> Heatmap:
    """Z-scores of the genes in ``columns`` with genes and samples clustered.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    columns : int array
        The genes to show, for example those of :func:`~synthome.analysis.variable_genes.variable_genes`.
    gene_metric, sample_metric, method
        As in :func:`cluster`.

    Returns
    -------
    Heatmap
        Of more than ``MAX_SAMPLES`` samples, as many are shown, taken at even distances.
    """
    n = len(log_expression)
    shown = np.arange(n) if n <= MAX_SAMPLES else np.linspace(0, n - 1, MAX_SAMPLES).round().astype(np.intp)
    z = z_scores(log_expression[np.ix_(shown, columns)])
    genes = cluster(z.T, gene_metric, method)
    samples = cluster(z, sample_metric, method)
    return Heatmap(
        z=np.ascontiguousarray(z.T[np.ix_(genes.order, samples.order)]),
        genes=np.asarray(columns, dtype=np.intp)[genes.order],
        samples=shown[samples.order],
        gene_tree=_in_order(genes),
        sample_tree=_in_order(samples),
        n_available=n,
    )


def _correlation_distance(rows: Array) -> Array:
    centred = rows - rows.sum(axis=1, keepdims=True) / max(rows.shape[1], 1)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    constant = lengths[:, 0] <= np.finfo(float).eps * np.abs(rows).max(axis=1, initial=0) * rows.shape[1]
    lengths[constant] = 1
    centred[constant] = 0
    units = centred / lengths
    distance = np.clip(1 - units @ units.T, 0, 2)
    np.fill_diagonal(distance, 0)
    return np.asarray(squareform(distance, checks=False))


def _in_order(clustering: Clustering) -> Array | None:
    """The tree with leaves renamed to their place in the order."""
    if clustering.linkage is None:
        return None
    tree = clustering.linkage.copy()
    place = np.arange(2 * len(clustering.order) - 1, dtype=np.float64)
    place[clustering.order] = np.arange(len(clustering.order))
    tree[:, :2] = place[tree[:, :2].astype(np.intp)]
    return tree
