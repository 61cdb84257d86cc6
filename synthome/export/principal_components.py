"""Principal components as files: where the samples lie, and how much each gene weighs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from synthome.analysis import PCA
from synthome.export.tables import as_cell
from synthome.prediction import Prediction

__all__ = ["coordinates_csv", "loadings_csv"]


def coordinates_csv(components: PCA, prediction: Prediction) -> bytes:
    """Coordinates in UTF-8, a row a sample: its name, its condition, and one column a component."""
    rows = zip(prediction.sample_names, prediction.conditions, components.scores.tolist(), strict=True)
    return _csv(components, ["sample", "condition"], ([name, condition, *scores] for name, condition, scores in rows))


def loadings_csv(components: PCA, symbols: Sequence[str]) -> bytes:
    """Weights in UTF-8, a row a gene, the most variable first: Ensembl id, symbol, and one column a component.

    ``symbols`` are those of the genes used, in their order.
    """
    rows = zip(components.genes, symbols, components.loadings.tolist(), strict=True)
    return _csv(components, ["gene_id", "symbol"], ([gene, symbol, *weights] for gene, symbol, weights in rows))


def _csv(components: PCA, head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*head, *(f"PC{number}" for number in range(1, components.n_components + 1))])
    writer.writerows([as_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()
