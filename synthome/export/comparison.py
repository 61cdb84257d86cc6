"""Two sets of samples beside each other, as files."""

from __future__ import annotations

import pandas as pd

from synthome.export.tables import table_csv

__all__ = ["comparison_csv"]


def comparison_csv(rows: pd.DataFrame, named: str = "gene_id") -> bytes:
    """Every row in UTF-8, its index first under the heading ``named``; missing values are empty cells."""
    return table_csv([named, *rows.columns], rows.itertuples())
