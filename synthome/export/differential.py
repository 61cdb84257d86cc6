"""A comparison as a file."""

from __future__ import annotations

from synthome.analysis.differential.comparison import DifferentialTable
from synthome.export.tables import table_csv

__all__ = ["differential_csv"]


def differential_csv(table: DifferentialTable) -> bytes:
    """Every gene in UTF-8, the smallest p-value first; genes that were not tested come last with empty cells."""
    rows = table.sorted_rows
    return table_csv(["gene_id", *rows.columns], rows.itertuples())
