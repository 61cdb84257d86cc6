"""Levels of a few genes as a file."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from synthome.analysis.normalisation import FloatArray
from synthome.analysis.views import CONDITION
from synthome.export.tables import table_csv
from synthome.prediction import Prediction

__all__ = ["gene_levels_csv"]


def gene_levels_csv(
    prediction: Prediction, log_expression: FloatArray, genes: Sequence[str], by: str = CONDITION
) -> bytes:
    """One row a sample and gene, in UTF-8.

    Parameters
    ----------
    log_expression : float32 array, n x all genes, in log2(CPM + 1)
    genes : sequence of str
        Ensembl ids.
    by : "condition" or a metadata key
        A column beside the condition, as the contract writes its values.

    Returns
    -------
    bytes
        Columns ``sample``, ``condition``, the key, ``gene_id``, ``symbol``, ``count`` and ``log2_cpm``, the latter
        log2(CPM + 1).
    """
    keys = [] if by == CONDITION else [by]
    header = ["sample", "condition", *keys, "gene_id", "symbol", "count", "log2_cpm"]
    lines: list[list[object]] = []
    values = [prediction.metadata[key].tolist() for key in keys]
    places = prediction.genes.index.get_indexer(pd.Index(genes, dtype=object)).tolist()
    for gene, place in zip(genes, places, strict=True):
        counts = prediction.expression.iloc[:, place].tolist()
        symbol = prediction.genes["symbol"].iloc[place]
        rows = zip(
            prediction.sample_names, prediction.conditions, *values, counts, log_expression[:, place], strict=True
        )
        for *sample, count, level in rows:
            lines.append([*sample, gene, symbol, count, f"{level:.4f}"])
    return table_csv(header, lines)
