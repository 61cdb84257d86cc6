"""What the two answerers over HTTP have in common."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from synthome.errors import FieldError, ModelError, QueryError
from synthome.models.answer import Answer, as_prediction
from synthome.models.api_key import ApiKey
from synthome.models.timing import Timing
from synthome.models.unchecked import UncheckedVocabulary
from synthome.models.wire import Service
from synthome.prediction import Prediction
from synthome.query import Query, Vocabulary, example_query, query_type
from synthome.query.vocabulary import MODEL_RULES, operation_of

__all__ = ["RemoteModel"]


class RemoteModel:
    """A model that is asked over HTTP; those below it say how, in ``predict``.

    The key stays in this object and in the header of requests to the service; a pickled model has lost it.
    ``known_genes``, a table as in :class:`~synthome.prediction.Prediction`, lends its symbols to the genes it has.
    """

    answered_by: Literal["hosted", "self-hosted"]
    service_name: str
    """What messages call the service."""

    def __init__(
        self,
        model_id: str,
        base_url: str,
        api_key: ApiKey | str | None = None,
        *,
        known_genes: pd.DataFrame | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._model_id = model_id
        self._base_url = base_url
        self._key = ApiKey(api_key)
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
        """The contract's example of a described condition.

        Raises
        ------
        ModelError
            For a model that is asked with real samples: which genes they are counted for is the service's to say.
        """
        if self._model_id in MODEL_RULES:
            return example_query(self._model_id)
        message = (
            f"There is no example for {self._model_id} of {self.service_name}: it is asked with "
            f"{_INPUTS[operation_of(self._model_id)]}, in an order of genes that only the service knows. Bring a "
            "sample of your own, or take the example of the embedded model."
        )
        raise ModelError(message)

    def faults(self, query: Query) -> list[FieldError]:
        """That ``query`` is one to another kind of model, if so; of everything else the service decides."""
        if type(query) is query_type(self._model_id):
            return []
        allowed = f"a query as {self._model_id} answers it, with {_INPUTS[operation_of(self._model_id)]}"
        return [FieldError("inputs", "inputs", "", f"inputs: these are for another model; needed: {allowed}", allowed)]

    def _service(self) -> Service:
        return Service(self.service_name, self._base_url, self._key, self._timing)

    def _check(self, query: Query) -> None:
        faults = self.faults(query)
        if faults:
            raise QueryError(faults)

    def _prediction(self, answer: Answer, query: Query) -> Prediction:
        """The service's answer, checked against what was asked; from now on ``version`` is the one that gave it."""
        prediction = as_prediction(
            answer, query, model_id=self._model_id, answered_by=self.answered_by, known_genes=self._known_genes
        )
        self._version = answer.model_version
        return prediction


_INPUTS = {
    "baseline": "described conditions",
    "reference-conditioning": "counts of real samples and their perturbation",
    "predict-metadata": "counts of real samples alone",
}
