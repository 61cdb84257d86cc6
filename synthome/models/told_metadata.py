"""What real samples were told to be, as a remote model says it: probabilities, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from synthome.errors import AnswerError

__all__ = ["classifier_probs"]


def classifier_probs(rows: Sequence[Mapping[str, Any]], samples: int) -> pd.DataFrame:
    """One row a sample, one column for each thing told; each cell a mapping from value to probability, 0 to 1.

    A thing that a sample is not told has an empty mapping. Values without a probability are left out: an Arrow stream
    writes every value of every sample.

    Raises
    ------
    AnswerError
        Where a sample is told nothing, or a probability is none.

    >>> classifier_probs([{"sex": {"male": 0.75, "female": 0.25}}], 1)["sex"].tolist()
    [{'male': 0.75, 'female': 0.25}]
    """
    if len(rows) != samples or not all(rows):
        message = (
            "The answer does not tell of every sample what it is. It may be one of another model: check the address of "
            "the service, and try again."
        )
        raise AnswerError(message)
    things = dict.fromkeys(thing for row in rows for thing in row)
    columns = {thing: pd.Series([_cell(row.get(thing), thing) for row in rows], dtype=object) for thing in things}
    return pd.DataFrame(columns)


def _cell(told: object, thing: str) -> dict[str, float]:
    if told is None:
        return {}
    if not isinstance(told, Mapping):
        raise _wrong(thing, told)
    return {str(value): _probability(chance, thing) for value, chance in told.items() if chance is not None}


def _probability(chance: object, thing: str) -> float:
    if isinstance(chance, bool) or not isinstance(chance, (int, float)):
        raise _wrong(thing, chance)
    # False for NaN too.
    if not 0 <= chance <= 1 + 1e-6:
        raise _wrong(thing, chance)
    return min(float(chance), 1.0)


def _wrong(thing: str, value: object) -> AnswerError:
    return AnswerError(
        f"The answer gives '{str(value)[:40]}' as a probability of {thing[:40]}; probabilities are numbers from 0 to "
        "1. Try again; if it stays so, report it to the service."
    )
