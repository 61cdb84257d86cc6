"""Short ways to ask an embedded model in tests."""

from __future__ import annotations

from typing import Any

import pandas as pd

from synthome.models import Model
from synthome.prediction import Prediction
from synthome.query import Query, read_query

LIVER, BRAIN, BLOOD, LUNG = "UBERON:0002107", "UBERON:0000955", "UBERON:0000178", "UBERON:0002048"


def query(*conditions: dict[str, str], n: int = 2, strategy: str = "sample generation", **extra: Any) -> Query:
    inputs = [{"metadata": metadata, "num_samples": n} for metadata in conditions]
    return read_query({"sampling_strategy": strategy, "inputs": inputs} | extra)


def ask(model: Model, *conditions: dict[str, str], **extra: Any) -> Prediction:
    return model.predict(query(*conditions, **extra))


def expected(model: Model, *conditions: dict[str, str]) -> pd.DataFrame:
    """Expected counts per million by gene symbol, one row a condition."""
    answer = ask(
        model, *conditions, n=1, strategy="mean estimation", deterministic_latents=True, total_count=100_000_000
    )
    return (answer.expression / 100).set_axis(answer.symbols(), axis=1)
