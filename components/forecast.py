"""What a design will cost: genes, seconds and bytes, before it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType

from synthome.query.designs import Design
from synthome.query.vocabulary import BULK, MEAN_ESTIMATION, SAMPLE_GENERATION, SINGLE_CELL
from synthome.runs import AnswererName, Run, RunState, number_of_genes

__all__ = ["Forecast", "forecast"]

_SECONDS_A_SAMPLE = MappingProxyType(
    {
        (BULK, SAMPLE_GENERATION): 0.002,
        (BULK, MEAN_ESTIMATION): 0.0007,
        (SINGLE_CELL, MEAN_ESTIMATION): 0.0006,
    }
)
"""The embedded models on two cores, measured with ``python -m benchmarks.generation``; earlier runs say it better."""
_TELLING_SAMPLES = 50
"""A run of fewer samples is over before it tells a rate."""
_TELLING_RUNS = 5
_BYTES_A_COUNT = 4
"""Counts are kept as 32-bit integers."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What to expect. ``None`` where nobody can know: a remote model that has not answered yet."""

    genes: int | None
    seconds: float | None
    table_bytes: int | None


def forecast(design: Design, answerer: AnswererName, runs: Iterable[Run]) -> Forecast:
    """What ``design`` will cost, from the earlier ``runs`` (newest first) that were answered alike.

    Where there is none, the embedded models' rates are those measured when this was written.
    """
    alike = [
        run
        for run in runs
        if run.state is RunState.DONE
        and (run.answerer, run.model_id, run.query.sampling_strategy)
        == (answerer, design.model_id, design.sampling_strategy)
    ]
    genes = next((run.num_genes for run in alike if run.num_genes), None) or number_of_genes(design.model_id, answerer)
    rate = _rate(alike)
    if rate is None and answerer == "embedded":
        rate = _SECONDS_A_SAMPLE.get((design.model_id, design.sampling_strategy))
    return Forecast(
        genes,
        rate * design.num_samples if rate is not None else None,
        genes * design.num_samples * _BYTES_A_COUNT if genes is not None else None,
    )


def _rate(runs: list[Run]) -> float | None:
    """Seconds a sample, the median of the newest telling runs."""
    rates = [
        (run.finished - run.started).total_seconds() / run.query.num_samples
        for run in runs
        if run.started is not None and run.finished is not None and run.query.num_samples >= _TELLING_SAMPLES
    ]
    return median(rates[:_TELLING_RUNS]) if rates else None
