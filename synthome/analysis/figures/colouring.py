"""What the points of a figure are coloured by: groups of samples, or a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.analysis.figures.words import is_given, value_label
from synthome.errors import SynthomeError
from synthome.prediction import GROUP, Prediction
from synthome.query.units import read_dose, read_time

__all__ = ["CONDITION", "Groups", "group_samples", "missing_name", "numbers"]

CONDITION = "condition"
"""Colours samples by their condition, in place of a metadata key."""
NUMERIC_KEYS = frozenset({"age_years"})
"""Keys whose values are numbers; an NCBI Taxonomy id, say, only looks like one."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Samples in named groups. ``index`` gives each of n samples its group, -1 where nothing is given."""

    names: tuple[str, ...]
    index: npt.NDArray[np.intp]


def numbers(prediction: Prediction, key: str) -> npt.NDArray[np.float64] | None:
    """Values of a numeric key, NaN where not given; ``None`` for a key of groups or where a value is no number."""
    _check(prediction, key)
    if key not in NUMERIC_KEYS:
        return None
    values = [_number(value) for value in prediction.metadata[key]]
    if None in values or all(value is None or math.isnan(value) for value in values):
        return None
    return np.array(values, dtype=np.float64)


def group_samples(prediction: Prediction, key: str, labels: Mapping[str, str]) -> Groups:
    """Samples by condition or by the values of a metadata key.

    Conditions stand in the query's order, doses and times from small to large, other values as they first appear.
    """
    _check(prediction, key)
    if key == CONDITION:
        return Groups(prediction.condition_names, np.asarray(prediction.condition, dtype=np.intp))
    values = [str(value) if is_given(value) else None for value in prediction.metadata[key]]
    names = list(dict.fromkeys(value for value in values if value is not None))
    names.sort(key=_magnitude)
    place = {name: index for index, name in enumerate(names)}
    index = np.array([-1 if value is None else place[value] for value in values], dtype=np.intp)
    return Groups(tuple(value_label(name, labels) for name in names), index)


def missing_name(key: str) -> str:
    """What samples without a value of ``key`` are called."""
    return "the others" if key == GROUP else "not given"


def _check(prediction: Prediction, key: str) -> None:
    allowed = (CONDITION, *map(str, prediction.metadata.columns))
    if key not in allowed:
        message = f"Samples cannot be coloured by '{key}': no condition gives it. Choose one of {', '.join(allowed)}."
        raise SynthomeError(message)


def _number(value: object) -> float | None:
    if not is_given(value):
        return math.nan
    try:
        return float(str(value))
    except ValueError:
        return None


def _magnitude(value: str) -> tuple[str, float]:
    """Sorts quantities of one dimension by size; whatever is none keeps its place."""
    quantity = read_dose(value) or read_time(value)
    return (quantity.dimension, quantity.magnitude) if quantity else ("", 0.0)
