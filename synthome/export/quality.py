"""The quality of samples as a file."""

from __future__ import annotations

from synthome.analysis.quality import Quality
from synthome.export.tables import table_csv
from synthome.prediction import Prediction

__all__ = ["quality_csv"]


def quality_csv(found: Quality, prediction: Prediction) -> bytes:
    """One row a sample in UTF-8: its name, its condition, and each measure; shares are 0 to 1, empty where unknown."""
    table = found.table(prediction.sample_names)
    told = zip(table.index, prediction.conditions, table.itertuples(index=False), strict=True)
    rows = ((name, condition, *cells) for name, condition, cells in told)
    return table_csv(["sample", "condition", *table.columns], rows)
