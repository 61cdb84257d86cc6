"""Intervals by resampling conditions (Efron 1979, percentile method)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["interval", "mean_interval", "median_interval"]

Array = npt.NDArray[np.float64]
DRAWS = 2_000
SEED = 20_240_601
LEVEL = 0.95


def interval(values: Array, statistic: Callable[[Array], float], draws: int = DRAWS) -> tuple[float, float]:
    """95 per cent interval of ``statistic``.

    Parameters
    ----------
    values : conditions, or conditions x whatever belongs to one condition
        Rows are drawn with replacement; always the same draws for the same number of rows.
    statistic
        From such an array to a number.
    """
    generator = np.random.default_rng(SEED)
    drawn = generator.integers(0, len(values), (draws, len(values)))
    found = np.array([statistic(values[rows]) for rows in drawn])
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def mean_interval(values: npt.ArrayLike) -> tuple[float, float]:
    """95 per cent interval of the mean over conditions."""
    return interval(np.asarray(values, dtype=np.float64), lambda rows: float(rows.mean()))


def median_interval(values: npt.ArrayLike) -> tuple[float, float]:
    """95 per cent interval of the median over conditions."""
    return interval(np.asarray(values, dtype=np.float64), lambda rows: float(np.median(rows)))
