"""Principal components as files: where the samples lie, and what each gene weighs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from synthome.analysis.principal_components import PCA
from synthome.export.tables import as_cell
from synthome.prediction import Prediction

__all__ = ["coordinates_csv", "loadings_csv"]

_DIGITS = 9


def coordinates_csv(pca: PCA, prediction: Prediction) -> bytes:
    """A row a sample in UTF-8: its name, its condition, its metadata as the contract writes them, its PC1, PC2, ..."""
    keys = list(map(str, prediction.metadata.columns))
    told = [prediction.sample_names, prediction.conditions, *(prediction.metadata[key] for key in keys)]
    return _csv(["sample", "condition", *keys], zip(*told, strict=True), pca.scores)


def loadings_csv(pca: PCA, prediction: Prediction) -> bytes:
    """A row for each gene used, the most variable first, in UTF-8: its Ensembl id, its symbol, its loadings."""
    symbols = prediction.genes["symbol"].reindex(pca.genes)
    return _csv(["gene_id", "symbol"], zip(pca.genes, symbols, strict=True), pca.loadings)


def _csv(header: list[str], told: Iterable[tuple[object, ...]], numbers: npt.NDArray[np.float64]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")  # with it alone a carriage return within a cell is quoted
    writer.writerow([*header, *(f"PC{i + 1}" for i in range(numbers.shape[1]))])
    for cells, row in zip(told, numbers, strict=True):
        writer.writerow([*map(as_cell, cells), *(f"{value:.{_DIGITS}g}" for value in row)])
    return buffer.getvalue().encode()
