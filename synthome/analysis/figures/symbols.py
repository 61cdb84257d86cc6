"""What the symbols of points stand for: few shapes that also the space can draw, so that any key has to fit them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthome.analysis.figures.colouring import Groups, group_samples, numbers
from synthome.prediction import Prediction

__all__ = ["GIVEN_SYMBOLS", "NOT_GIVEN_SYMBOL", "in_space", "symbol_groups"]

GIVEN_SYMBOLS = ("circle", "diamond", "square", "cross", "x", "diamond-open", "square-open")
"""Told apart at a glance, and known in the plane and in the space."""
NOT_GIVEN_SYMBOL = "circle-open"
_RANGES = 4
"""Into how many ranges of about as many samples each numbers are cut that have more values than there are symbols."""


def symbol_groups(prediction: Prediction, key: str, labels: Mapping[str, str]) -> Groups:
    """Samples by a key, in at most as many groups as there are symbols.

    Numbers of more values are cut into four ranges of about as many samples each; of other keys the values that most
    samples have keep a symbol of their own, and the rest share the last one.
    """
    groups = group_samples(prediction, key, labels)
    if len(groups.names) <= len(GIVEN_SYMBOLS):
        return groups
    values = numbers(prediction, key)
    return _most_frequent(groups) if values is None else _ranges(values)


def in_space(symbol: str) -> str:
    """The symbol itself, or another one where three-dimensional figures do not know it."""
    known = (*GIVEN_SYMBOLS, NOT_GIVEN_SYMBOL)
    return symbol if symbol in known else "cross"


def _ranges(values: np.ndarray) -> Groups:
    given = ~np.isnan(values)
    inner = np.quantile(values[given], np.linspace(0, 1, _RANGES + 1)[1:-1])
    raw = np.where(given, np.searchsorted(np.unique(inner), values, side="left"), -1)
    present = np.unique(raw[given])
    index = np.where(given, np.searchsorted(present, raw), -1).astype(np.intp)
    names = []
    for place in range(len(present)):
        within = values[index == place]
        low, high = f"{within.min():g}", f"{within.max():g}"
        names.append(low if low == high else f"{low} to {high}")
    return Groups(tuple(names), index)


def _most_frequent(groups: Groups) -> Groups:
    sizes = np.bincount(groups.index[groups.index >= 0], minlength=len(groups.names))
    own = np.sort(np.argsort(-sizes, kind="stable")[: len(GIVEN_SYMBOLS) - 1])
    place = np.full(len(groups.names) + 1, len(own))
    place[own] = np.arange(len(own))
    place[-1] = -1  # where nothing is given
    others = len(groups.names) - len(own)
    names = (*(groups.names[index] for index in own), f"{others} others")
    return Groups(names, place[groups.index].astype(np.intp))
