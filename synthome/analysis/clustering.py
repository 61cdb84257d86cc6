"""Hierarchical clustering, and the clustered values that a heatmap shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import pdist, squareform

from synthome.analysis.normalisation import FloatArray
from synthome.analysis.views import Linkage, Metric, Values

__all__ = [
    "MAX_GENES",
    "MAX_SAMPLES",
    "Clustering",
    "Heatmap",
    "cluster",
    "cut",
    "heatmap",
    "z_scores",
]

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]

MAX_GENES = 500
"""Most genes in one heatmap: more rows are lower than what an eye tells apart on a screen."""
MAX_SAMPLES = 2_000
"""Most samples in one heatmap: more are narrower than a pixel, and clustering grows with their square."""
_MAX_CELLS = 400_000
"""Most cells: what a browser is sent stays under 3 MB."""
_MAX_ORDERED = 300
"""Most leaves whose order is optimised; the time for it grows with the third power."""


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The order of m leaves, and the tree over them as SciPy writes it: (m - 1) x 4; ``None`` for fewer than two."""

    order: npt.NDArray[np.intp]
    linkage: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Values of g genes in n samples, clustered.

    Attributes
    ----------
    levels : float32 array, g x n
        z-scores of each gene over the samples shown, or log2(CPM + 1); rows and columns in display order (top to
        bottom, left to right).
    genes, samples : int arrays, g and n
        Columns and rows of the log CPM matrix that they stand for, in display order.
    gene_tree, sample_tree : float array or None
        Linkages whose leaf i is the i-th row or column of ``levels``; no ``sample_tree`` where samples stand by
        condition.
    n_available : int
        Samples there were; more than n where they were thinned.
    """

    levels: FloatArray
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


def cluster(
    values: npt.NDArray[np.floating], metric: Metric = "correlation", method: Linkage = "average"
) -> Clustering:
    """Cluster the rows of ``values``.

    Parameters
    ----------
    values : float array, m x p
    metric : "correlation" or "euclidean"
        Correlation distance is ``1 - r`` (Pearson); a constant row correlates with none, so it lies at distance 1.
    method : "average", "complete", "single" or "ward"
        How far apart two clusters are. Ward's criterion is a sum of squares, which only Euclidean distance has.

    Returns
    -------
    Clustering
        Up to 300 leaves stand in the order with the least distance between neighbours (Bar-Joseph, Gifford and
        Jaakkola, Bioinformatics 2001, 17:S22); more stand as the tree gives them.

    Raises
    ------
    ValueError
        Ward's linkage is asked for with correlation distance.
    """
    if method == "ward" and metric != "euclidean":
        message = "Ward's linkage is defined for Euclidean distance only"
        raise ValueError(message)
    if len(values) < 2:
        return Clustering(np.arange(len(values)), None)
    rows = np.asarray(values, dtype=np.float64)
    distance = pdist(rows) if metric == "euclidean" else _correlation_distance(rows)
    tree = linkage(distance, method)
    if len(rows) <= _MAX_ORDERED:
        tree = optimal_leaf_ordering(tree, distance)
    return Clustering(leaves_list(tree).astype(np.intp), tree)


def cut(tree: Array | None, n_leaves: int, n_clusters: int) -> Labels:
    """The cluster of each leaf when ``tree`` is cut into ``n_clusters``, counted from 1 in the order of the leaves.

    Fewer come out where merges tie, or where there are fewer leaves.

    >>> tree = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 2], [4, 5, 9.0, 4]])
    >>> cut(tree, 4, 2).tolist()
    [1, 1, 2, 2]
    """
    if tree is None or n_clusters < 2:
        return np.ones(n_leaves, dtype=np.intp)
    found = fcluster(tree, n_clusters, "maxclust")
    _, first, index = np.unique(found, return_index=True, return_inverse=True)
    number = np.empty(len(first), dtype=np.intp)
    number[np.argsort(first)] = np.arange(1, len(first) + 1)
    return number[index]


def heatmap(
    log_expression: FloatArray,
    columns: npt.NDArray[np.intp],
    *,
    values: Values = "z-score",
    metric: Metric = "correlation",
    method: Linkage = "average",
    groups: Labels | None = None,
) -> Heatmap:
    """Values of the genes in ``columns`` with genes and samples clustered by what is shown.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    columns : int array
        The genes to show, for example those of :func:`~synthome.analysis.variable_genes.variable_genes`; past
        ``MAX_GENES`` they are left out.
    values : "z-score" or "log CPM"
    metric, method
        As in :func:`cluster`, for genes and samples alike.
    groups : int array, n, optional
        Samples then stand by group, within each as they come, and are not clustered.

    Returns
    -------
    Heatmap
        Of more than ``MAX_SAMPLES`` samples, or more than make 400,000 cells, as many are shown, taken at even
        distances.
    """
    n = len(log_expression)
    columns = np.asarray(columns, dtype=np.intp)[:MAX_GENES]
    most = min(MAX_SAMPLES, _MAX_CELLS // max(len(columns), 1))
    taken = np.arange(n) if n <= most else np.linspace(0, n - 1, most).round().astype(np.intp)
    cells = log_expression[np.ix_(taken, columns)]
    if values == "z-score":
        cells = z_scores(cells)
    genes = cluster(cells.T, metric, method)
    if groups is None:
        samples = cluster(cells, metric, method)
    else:
        samples = Clustering(np.argsort(groups[taken], kind="stable"), None)
    return Heatmap(
        levels=np.ascontiguousarray(cells.T[np.ix_(genes.order, samples.order)]),
        genes=columns[genes.order],
        samples=taken[samples.order],
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
