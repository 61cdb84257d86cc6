"""The counts of a real sample in a query: one whole number a gene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import PlainValidator, WithJsonSchema

from synthome.query.faults import as_pydantic
from synthome.query.values import refusal, shown

__all__ = ["COUNTS_ALLOWED", "MAX_COUNT", "Counts"]

MAX_COUNT = 2**31 - 1
"""Largest count of one gene: counts are 32-bit everywhere."""
COUNTS_ALLOWED = "a list of whole numbers of 0 or more, one for each of the model's genes, in the model's order"


def _checked(value: object) -> tuple[int, ...]:
    """``value`` as counts; the contract's older form, an object with ``counts`` in it, is read too."""
    if isinstance(value, Mapping) and set(value) == {"counts"}:
        value = value["counts"]
    if not isinstance(value, (list, tuple)) or not value:
        raise as_pydantic(refusal("counts", value, COUNTS_ALLOWED))
    if any(type(count) not in (int, float) for count in value):
        wrong = next(index for index, count in enumerate(value) if type(count) not in (int, float))
        raise as_pydantic(refusal("counts", _place(value, wrong), COUNTS_ALLOWED))
    numbers = np.asarray(value, dtype=np.float64)
    fits = (numbers >= 0) & (numbers <= MAX_COUNT) & (numbers == np.floor(numbers))
    if not fits.all():
        raise as_pydantic(refusal("counts", _place(value, int(np.argmin(fits))), COUNTS_ALLOWED))
    if not numbers.any():
        raise as_pydantic(refusal("counts", "0 in every gene", "counts of which some are above 0"))
    return tuple(numbers.astype(np.int64).tolist())


def _place(counts: list[object] | tuple[object, ...], index: int) -> str:
    return f"{shown(counts[index])} for gene {index + 1:,}"


Counts = Annotated[
    tuple[int, ...],
    PlainValidator(_checked),
    WithJsonSchema({"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}, "minItems": 1}),
]
"""Counts of a real sample, one a gene."""
