"""Time from a prediction to its PCA plot and heatmap, beside the plain way, in one run.

``python -m benchmarks.plots [samples …]``. The plain way: scikit-learn's PCA over every gene, and SciPy's clustering
of samples over every gene with no selection. It draws nothing and clusters no genes, so it is given an advantage.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from sklearn import decomposition

from synthome.analysis import heatmap, heatmap_figure, library_sizes, log_cpm, pca, pca_figure, variable_genes
from synthome.analysis.views import HeatmapView
from synthome.prediction import Prediction, Provenance

T = TypeVar("T")
GENES = 19_000
SIZES = (20, 200, 1_000)


def made_up(n_samples: int) -> Prediction:
    """Two conditions of gamma-Poisson counts with 500 genes that differ between them."""
    rng = np.random.default_rng(0)
    level = np.tile(rng.lognormal(1, 2, GENES), (2, 1))
    level[1, :500] *= 8
    condition = np.repeat([0, 1], [n_samples - n_samples // 2, n_samples // 2])
    expected = level / level.sum(axis=1, keepdims=True) * 1e7
    counts = np.empty((n_samples, GENES), np.int32)
    for row, group in enumerate(condition):
        counts[row] = rng.poisson(rng.gamma(10, expected[group] / 10))
    ids = [f"ENSG{index:011d}" for index in range(GENES)]
    return Prediction(
        metadata=pd.DataFrame({"sex": rng.choice(["female", "male"], n_samples)}),
        expression=pd.DataFrame(counts, columns=ids),
        latents=pd.DataFrame(index=range(n_samples)),
        genes=pd.DataFrame({"symbol": ids, "biotype": "", "chromosome": ""}, index=ids),
        condition=condition,
        condition_names=("Liver", "Cerebral cortex"),
        provenance=Provenance("gem-1-bulk", "benchmark", "embedded", 0),
    )


def timed(work: Callable[[], T], repeats: int = 3) -> tuple[T, float]:
    """The result of ``work`` and the least of its times, in seconds."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, best


def pca_plot(prediction: Prediction) -> str:
    """All of it: counts to the JSON that is sent."""
    depth = float(np.median(library_sizes(prediction.expression)))
    result = pca(log_cpm(prediction.expression), prediction.genes.index, library_size=depth)
    return str(pca_figure(result, prediction, ellipses=True).to_json())


def heatmap_plot(prediction: Prediction, n_genes: int) -> str:
    depth = float(np.median(library_sizes(prediction.expression)))
    log_expression = log_cpm(prediction.expression)
    columns = variable_genes(log_expression, n_genes, depth)
    view = HeatmapView(tuple(prediction.genes.index[columns]), f"the {n_genes} most variable genes")
    return str(heatmap_figure(heatmap(log_expression, columns), prediction, view).to_json())


def plain_pca(prediction: Prediction) -> None:
    decomposition.PCA(10, svd_solver="full").fit_transform(log_cpm(prediction.expression))


def plain_clustering(prediction: Prediction) -> None:
    linkage(pdist(log_cpm(prediction.expression), "correlation"), "average")


def report(n_samples: int) -> None:
    prediction = made_up(n_samples)
    repeats = 3 if n_samples <= 200 else 1
    _, cold = timed(lambda: (pca_plot(prediction), heatmap_plot(prediction, 50)), 1)
    plot, pca_time = timed(lambda: pca_plot(prediction))
    picture, heatmap_time = timed(lambda: heatmap_plot(prediction, 200))
    _, plain_pca_time = timed(lambda: plain_pca(prediction), repeats)
    _, plain_heatmap_time = timed(lambda: plain_clustering(prediction), repeats)
    print(
        f"{n_samples:>7,} {cold:>8.3f} {pca_time:>8.3f} {plain_pca_time:>8.3f} {plain_pca_time / pca_time:>6.1f}x"
        f" {heatmap_time:>8.3f} {plain_heatmap_time:>8.3f} {plain_heatmap_time / heatmap_time:>6.1f}x"
        f" {(len(plot) + len(picture)) / 1e6:>8.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", nargs="*", type=int, default=SIZES)
    sizes = parser.parse_args().samples
    print(f"{GENES:,} genes; seconds; the first column is the first PCA and heatmap (50 genes) of that size together")
    print("samples    first      PCA    plain  ratio  heatmap    plain  ratio  sent/MB")
    for n_samples in sizes:
        report(n_samples)


if __name__ == "__main__":
    main()
