"""The quality of samples as a file."""

from __future__ import annotations

import csv
import io

from synthome.analysis.quality import Quality
from synthome.export.tables import as_cell
from synthome.prediction import Prediction

__all__ = ["quality_csv"]


def quality_csv(found: Quality, prediction: Prediction) -> bytes:
    """One row a sample in UTF-8: its name, its condition, and each measure; shares are 0 to 1, empty where unknown."""
    table = found.table(prediction.sample_names)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["sample", "condition", *table.columns])
    for name, condition, cells in zip(table.index, prediction.conditions, table.itertuples(index=False), strict=True):
        writer.writerow([as_cell(cell) for cell in (name, condition, *cells)])
    return buffer.getvalue().encode()
