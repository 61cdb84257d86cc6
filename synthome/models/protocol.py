"""The one face of everything that answers queries.

A model is asked with a whole :class:`~synthome.query.Query` and answers with a whole
:class:`~synthome.prediction.Prediction`. While it works it calls ``progress`` now and then, and it looks at
``cancelled`` at least five times a second; when that says true it raises
:class:`~synthome.errors.PredictionCancelled`. A value it does not accept is a
:class:`~synthome.errors.QueryError` that names it; it never silently answers something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from synthome.errors import FieldError
from synthome.prediction import Prediction
from synthome.query import Query
from synthome.query.support import Vocabulary

__all__ = ["Cancelled", "Model", "Progress", "ProgressCallback", "never_cancelled", "no_progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` samples are made; ``activity`` says what is being made just now."""

    done: int
    total: int
    activity: str


ProgressCallback = Callable[[Progress], None]
Cancelled = Callable[[], bool]


def no_progress(progress: Progress) -> None:
    """Ignore progress."""


def never_cancelled() -> bool:
    """Never ask to stop."""
    return False


class Model(Protocol):
    """Something that answers queries. ``model_id`` is the contract's name, ``version`` says whose answer it is."""

    @property
    def model_id(self) -> str:
        """The contract's name of the model."""
        ...

    @property
    def version(self) -> str:
        """Whose answer it is, and of which version."""
        ...

    def vocabulary(self) -> Vocabulary:
        """What the model accepts and how well it knows it."""
        ...

    def example_query(self) -> Query:
        """A query that this model answers."""
        ...

    def faults(self, query: Query) -> list[FieldError]:
        """What the model is known to refuse of ``query`` before it is asked; empty where nothing is."""
        ...

    def predict(
        self,
        query: Query,
        progress: ProgressCallback = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> Prediction:
        """Answer ``query``. Raises ``QueryError``, ``PredictionCancelled`` or another ``ModelError``."""
        ...
