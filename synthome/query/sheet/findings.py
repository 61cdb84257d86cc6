"""What was made of the cells of a sheet: candidates to choose from, and how far each reading can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

__all__ = ["COUNT", "LIKELY", "SURE", "UNSURE", "Candidate", "Finding", "Level", "Reading"]

Level = Literal["sure", "likely", "unsure", "none"]
SURE, LIKELY, UNSURE = 0.9, 0.5, 0.01
"""The least confidence of each word; below the last it is none."""

COUNT = "num_samples"
"""What a number of samples is kept under, beside the metadata keys."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a text may mean: the ``values`` that it sets, by metadata key; none where it sets nothing.

    ``label`` is what people call it, ``term_id`` the id of a term, ``matched`` the name that was found where it is not
    the label.
    """

    values: Mapping[str, str]
    label: str
    term_id: str = ""
    matched: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def also(self, **values: str) -> Candidate:
        """The candidate, setting further values; those that it sets itself stand."""
        return replace(self, values={**values, **self.values})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as: candidates, best first, and the confidence in the first, 0 to 1, with its reason.

    From ``LIKELY`` on, the first candidate is proposed; below, nothing is until somebody chooses.
    """

    candidates: tuple[Candidate, ...] = ()
    confidence: float = 0.0
    reason: str = ""

    @property
    def level(self) -> Level:
        """The confidence in a word."""
        if not self.candidates or self.confidence < UNSURE:
            return "none"
        return "sure" if self.confidence >= SURE else "likely" if self.confidence >= LIKELY else "unsure"

    @property
    def proposed(self) -> Candidate | None:
        """The candidate that stands unless another is chosen."""
        return self.candidates[0] if self.level in ("sure", "likely") else None

    def at_most(self, confidence: float, reason: str) -> Reading:
        """The reading, trusted no further than ``confidence``."""
        if self.confidence <= confidence:
            return self
        return replace(self, confidence=confidence, reason=reason)


@dataclass(frozen=True, slots=True)
class Finding:
    """The reading of one distinct text of a column under a metadata key, and the rows that it stands in.

    Of a description, ``text`` is the stretch that was read. ``context`` is what the reading depended on besides: the
    type of a perturbation, the rest of a description. ``rows`` count from 0.
    """

    column: int
    text: str
    key: str
    reading: Reading
    rows: tuple[int, ...]
    context: str = ""

    @property
    def uid(self) -> str:
        """Tells findings of one sheet apart, and is the same for the same text in the same column."""
        return "\x1f".join((str(self.column), self.key, self.context, self.text))
