"""What a heatmap shows, measured and put into a sentence, and the measures that sentences about figures rest on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster
from scipy.stats import f

from synthome.analysis.clustering import Heatmap, cut
from synthome.analysis.views import HeatmapView
from synthome.prediction import Prediction
from synthome.wording import counted

__all__ = ["adjusted_rand_index", "describe_heatmap", "separation", "variance_between"]

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


def describe_heatmap(heatmap: Heatmap, prediction: Prediction, view: HeatmapView) -> str:
    """Say which genes and samples are shown, how they are arranged, and whether the samples cluster by condition."""
    n_genes, n_samples = heatmap.levels.shape
    if not n_genes:
        return "No gene varies between these samples, so there is nothing to cluster."
    values = "z-scores" if view.values == "z-score" else "log2(CPM + 1)"
    what = f"{values} of {view.source} in {counted(n_samples, 'sample')}"
    if heatmap.n_available > n_samples:
        what += f" (of {heatmap.n_available:,}, taken evenly)"
    if n_samples > 1 and not np.ptp(heatmap.levels, axis=1).any():
        return f"{what}. The samples do not differ in them."
    parts = [f"{what}.", _say_clusters(heatmap, prediction, view), _say_cut(heatmap, view)]
    return " ".join(part for part in parts if part)


def variance_between(values: Array, labels: Labels) -> tuple[float, float]:
    """Share of the variance of ``values`` that lies between groups (eta squared), and the p-value of that (ANOVA F).

    The p-value is 1 where it is not defined: one group, or no group of two.
    """
    groups, index = np.unique(labels, return_inverse=True)
    n, k = len(values), len(groups)
    total = float(((values - values.mean()) ** 2).sum())
    if k < 2 or n <= k or total == 0:
        return (0.0 if k < 2 or total == 0 else 1.0), 1.0
    means = np.bincount(index, values) / np.bincount(index)
    within = float(((values - means[index]) ** 2).sum())
    ratio = np.inf if within <= total * 1e-12 else ((total - within) / (k - 1)) / (within / (n - k))
    return 1 - within / total, float(f.sf(ratio, k - 1, n - k))


def separation(points: Array, labels: Labels) -> dict[int, float]:
    """How far each group stands apart, -1 to 1: the mean simplified silhouette of its points.

    For a point, ``(b - a) / max(a, b)`` with a the distance to the mean of the others of its group and b the distance
    to the nearest other group's mean (Hruschka, Campello and de Castro, Information Sciences 2006, 176:1898). Groups
    of one are left out.
    """
    groups, index, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    if len(groups) < 2:
        return {}
    means = np.stack([points[index == place].mean(axis=0) for place in range(len(groups))])
    distance = np.linalg.norm(points[:, None, :] - means[None, :, :], axis=2)
    rows = np.arange(len(points))
    own = distance[rows, index] * sizes[index] / np.maximum(sizes[index] - 1, 1)
    distance[rows, index] = np.inf
    nearest = distance.min(axis=1)
    larger = np.maximum(own, nearest)
    silhouette = np.divide(nearest - own, larger, out=np.zeros(len(points)), where=larger > 0)
    return {
        int(group): float(silhouette[index == place].mean()) for place, group in enumerate(groups) if sizes[place] > 1
    }


def adjusted_rand_index(first: Labels, second: Labels) -> float:
    """Agreement of two groupings, 1 for the same and 0 for chance (Hubert and Arabie, J. Classif. 1985, 2:193)."""
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1) / 2).sum())

    together = pairs(table)
    rows, columns, all_pairs = pairs(table.sum(axis=1)), pairs(table.sum(axis=0)), pairs(np.array([len(first)]))
    expected = rows * columns / all_pairs if all_pairs else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _say_clusters(heatmap: Heatmap, prediction: Prediction, view: HeatmapView) -> str:
    condition = np.asarray(prediction.condition, dtype=np.intp)[heatmap.samples]
    present, index, sizes = np.unique(condition, return_inverse=True, return_counts=True)
    if len(present) == 1:
        return "All samples are of one condition."
    if view.samples == "by condition":
        return "The samples stand by condition; the genes are clustered."
    if heatmap.sample_tree is None or sizes.max() == 1:
        return "Each condition has one sample."
    found = fcluster(heatmap.sample_tree, len(present), "maxclust") - 1
    agreement = adjusted_rand_index(index, found.astype(np.intp))
    if agreement >= 0.9:
        return "The samples cluster by condition."
    if agreement >= 0.5:
        return "The samples cluster by condition for the most part."
    return "The samples do not cluster by condition."


def _say_cut(heatmap: Heatmap, view: HeatmapView) -> str:
    if view.clusters < 2 or heatmap.gene_tree is None:
        return ""
    sizes = np.bincount(cut(heatmap.gene_tree, len(heatmap.genes), view.clusters))[1:]
    if len(sizes) < 2:
        return "The genes are too alike to be cut into clusters."
    shown = ", ".join(f"{size:,}" for size in sizes[:-1])
    return f"The genes are cut into {len(sizes)} clusters of {shown} and {sizes[-1]:,}, from top to bottom."
