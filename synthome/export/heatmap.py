"""A heatmap as files: its cells as CSV, as GCT for Morpheus, and the clusters of its genes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthome.analysis.clustering import Heatmap, cut
from synthome.analysis.normalisation import FloatArray
from synthome.analysis.views import CONDITION, HeatmapView
from synthome.export.gct import gct_text
from synthome.export.tables import table_csv
from synthome.prediction import Prediction

__all__ = ["cells_csv", "cells_gct", "cluster_table", "clusters_csv"]


def cells_csv(heatmap: Heatmap, prediction: Prediction) -> bytes:
    """The values shown as CSV in UTF-8: gene id, symbol, then a column a sample, in the order of the figure."""
    genes = prediction.genes.iloc[heatmap.genes]
    rows = zip(genes.index, genes["symbol"], heatmap.levels.tolist(), strict=True)
    lines = [[gene, symbol, *(f"{value:.4f}" for value in values)] for gene, symbol, values in rows]
    return table_csv(["gene_id", "symbol", *_names(heatmap, prediction)], lines)


def cells_gct(heatmap: Heatmap, prediction: Prediction, view: HeatmapView) -> bytes:
    """The values shown as GCT 1.3 in the order of the figure, the tracks above the samples.

    Where the genes are cut into clusters, their numbers are an annotation of the rows.
    """
    genes = prediction.genes.iloc[heatmap.genes][["symbol", "biotype", "chromosome"]]
    if view.clusters > 1:
        genes = genes.assign(cluster=cut(heatmap.gene_tree, len(genes), view.clusters))
    columns = {key: [_values(prediction, key)[row] for row in heatmap.samples] for key in dict.fromkeys(view.tracks)}
    return gct_text(heatmap.levels, genes, _names(heatmap, prediction), columns)


def cluster_table(
    heatmap: Heatmap, prediction: Prediction, view: HeatmapView, log_expression: FloatArray
) -> pd.DataFrame:
    """One row a gene from top to bottom: ``cluster``, ``gene_id``, ``symbol``, and the mean of each condition.

    Parameters
    ----------
    log_expression : float32 array, n x genes, in log2(CPM + 1)
        Of all samples; the means are of it, whatever is shown.
    """
    genes = prediction.genes.iloc[heatmap.genes]
    table = pd.DataFrame(
        {
            "cluster": cut(heatmap.gene_tree, len(genes), view.clusters),
            "gene_id": list(genes.index),
            "symbol": list(genes["symbol"]),
        }
    )
    condition = np.asarray(prediction.condition)
    present = np.unique(condition)
    means = [log_expression[np.ix_(condition == place, heatmap.genes)].mean(axis=0, dtype=float) for place in present]
    names = [f"mean log2 CPM, {prediction.condition_names[place]}" for place in present]
    return pd.concat([table, pd.DataFrame(np.column_stack(means), columns=names)], axis=1)


def clusters_csv(table: pd.DataFrame) -> bytes:
    """A :func:`cluster_table` as CSV in UTF-8, means with four decimals."""
    rounded = table.round(4)
    return table_csv(rounded.columns, rounded.itertuples(index=False))


def _names(heatmap: Heatmap, prediction: Prediction) -> list[str]:
    return [prediction.sample_names[row] for row in heatmap.samples]


def _values(prediction: Prediction, key: str) -> list[object]:
    return list(prediction.conditions) if key == CONDITION else list(prediction.metadata[key])
