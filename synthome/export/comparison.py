"""Two sets of samples beside each other, as files."""

from __future__ import annotations

import csv
import io

import pandas as pd

from synthome.export.tables import as_cell

__all__ = ["comparison_csv"]


def comparison_csv(rows: pd.DataFrame, named: str = "gene_id") -> bytes:
    """Every row in UTF-8, its index first under the heading ``named``; missing values are empty cells."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([named, *rows.columns])
    for name, cells in zip(rows.index, rows.itertuples(index=False), strict=True):
        writer.writerow([as_cell(cell) for cell in (name, *cells)])
    return buffer.getvalue().encode()
