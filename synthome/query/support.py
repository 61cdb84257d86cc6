"""What a model knows of a value: the marks that people see before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Status", "Support", "Vocabulary"]

Status = Literal["known", "extrapolated", "no effect", "refused", "unchecked"]


@dataclass(frozen=True, slots=True)
class Support:
    """What a model makes of one metadata value.

    ``known``: learned from data. ``extrapolated``: answered from ``relatives`` (term ids) in the ontology.
    ``no effect``: accepted and returned, but it changes no number. ``refused``: an error, ``relatives`` being
    the nearest values that would be answered. ``unchecked``: a remote model decides when it is asked, and nothing is
    claimed before, so ``confidence`` is 0. ``confidence`` runs from 0 to 1 and is 1 for what is known.
    ``reason`` is one sentence for people.
    """

    key: str
    value: str
    status: Status
    reason: str
    relatives: tuple[str, ...] = ()
    confidence: float = 1.0


class Vocabulary(Protocol):
    """What a model accepts, key by key and condition by condition."""

    def support(self, key: str, value: str) -> Support:
        """What the model makes of ``value`` under the metadata key ``key``, taken by itself."""
        ...

    def supports(self, given: Mapping[str, str]) -> Mapping[str, Support]:
        """What the model makes of each value of a condition, all values considered.

        ``given`` holds values that the contract allows; a cell line decides over a tissue, a perturbation's type over
        what its id means.
        """
        ...

    def label(self, value: str) -> str:
        """What people call the term, gene or organism ``value``; ``value`` itself where nobody says."""
        ...

    def learned(self, key: str) -> Mapping[str, int]:
        """Values of ``key`` learned from data, each with the number of studies behind it; best supported first."""
        ...
