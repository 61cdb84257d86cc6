"""A comparison as a file."""

from __future__ import annotations

import csv
import io

from synthome.analysis.differential.comparison import DifferentialTable
from synthome.export.tables import as_cell

__all__ = ["differential_csv"]


def differential_csv(table: DifferentialTable) -> bytes:
    """Every gene in UTF-8, the smallest p-value first; genes that were not tested come last with empty cells."""
    rows = table.sorted_rows
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["gene_id", *rows.columns])
    for gene, cells in zip(rows.index, rows.itertuples(index=False), strict=True):
        writer.writerow([as_cell(cell) for cell in (gene, *cells)])
    return buffer.getvalue().encode()
