"""What the two answerers over HTTP have in common."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from synthome.errors import FieldError
from synthome.models.answer import Answer, as_prediction
from synthome.models.unchecked import UncheckedVocabulary
from synthome.models.wire import Timing
from synthome.prediction import Prediction
from synthome.query import Query, Vocabulary, example_query

__all__ = ["RemoteModel"]


class RemoteModel:
    """A model that is asked over HTTP; those below it say how, in ``predict``.

    The key stays in this object and in the header of requests to the service. ``known_genes``, a table as in
    :class:`~synthome.prediction.Prediction`, lends its symbols to the genes it has.
    """

    answered_by: Literal["hosted", "self-hosted"]

    def __init__(
        self,
        model_id: str,
        base_url: str,
        api_key: str | None = None,
        *,
        known_genes: pd.DataFrame | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._model_id = model_id
        self._base_url = base_url
        self._api_key = api_key
        self._known_genes = known_genes
        self._timing = timing or Timing()
        self._version: str = self.answered_by

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._model_id!r})"

    @property
    def model_id(self) -> str:
        """The contract's name."""
        return self._model_id

    @property
    def version(self) -> str:
        """The version that answered last; before that, who answers."""
        return self._version

    def vocabulary(self) -> Vocabulary:
        """Everything that the contract allows, unchecked."""
        return UncheckedVocabulary(f"The {self.answered_by} model decides when it is asked.")

    def example_query(self) -> Query:
        """The contract's example, known without asking."""
        return example_query(self._model_id)

    def faults(self, query: Query) -> list[FieldError]:  # noqa: ARG002 - the protocol's
        """None: the service decides when it is asked."""
        return []

    def _prediction(self, answer: Answer, query: Query) -> Prediction:
        """The service's answer, checked against what was asked; from now on ``version`` is the one that gave it."""
        prediction = as_prediction(
            answer, query, model_id=self._model_id, answered_by=self.answered_by, known_genes=self._known_genes
        )
        self._version = answer.model_version
        return prediction
