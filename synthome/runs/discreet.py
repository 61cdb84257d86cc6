"""A remote model that is asked with a key, and of which nothing comes back that holds it.

Services echo what they were sent, in the oddest places: the path of a fault, the name of a gene. What a run tells is
kept on disk and shown, so it is looked through here, once, whatever the wire was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from synthome.errors import AnswerError, FieldError, QueryError, ServiceBusyError, SynthomeError
from synthome.models.protocol import Cancelled, Model, ProgressCallback, never_cancelled, no_progress
from synthome.prediction import Prediction
from synthome.query import Query, Vocabulary

__all__ = ["DiscreetModel"]

_INSTEAD = "(key)"
_SHORTEST = 6
"""Characters of a key; a shorter text is none, and stands in ordinary words."""


class DiscreetModel:
    """``model``, which is asked with ``api_key``, as the runner may hear it."""

    def __init__(self, model: Model, api_key: str) -> None:
        self.model = model
        forms = (api_key, quote(api_key), quote(api_key, safe="")) if len(api_key) >= _SHORTEST else ()
        self._forms = tuple(dict.fromkeys(forms))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r})"

    @property
    def model_id(self) -> str:
        """The contract's name."""
        return self.model.model_id

    @property
    def version(self) -> str:
        """The version that answered last, without the key."""
        return self._without(self.model.version)

    def vocabulary(self) -> Vocabulary:
        """The model's own."""
        return self.model.vocabulary()

    def example_query(self) -> Query:
        """The model's own."""
        return self.model.example_query()

    def faults(self, query: Query) -> list[FieldError]:
        """The model's own; it has not been asked yet."""
        return self.model.faults(query)

    def predict(
        self,
        query: Query,
        progress: ProgressCallback = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> Prediction:
        """The model's answer; its errors without the key, and an ``AnswerError`` where the answer holds it."""
        try:
            prediction = self.model.predict(query, progress, cancelled)
        except QueryError as error:
            raise QueryError(map(self._discreet_fault, error.errors)) from None
        except ServiceBusyError as error:
            raise ServiceBusyError(self._without(str(error)), error.retry_after) from None
        except SynthomeError as error:
            raise type(error)(self._without(str(error))) from None
        if any(form in text for text in _texts(prediction) for form in self._forms):
            message = (
                "The answer repeats your API key, and so it was not kept. Report that to the service, and ask it for "
                "another key."
            )
            raise AnswerError(message)
        return prediction

    def _without(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, _INSTEAD)
        return text

    def _discreet_fault(self, fault: FieldError) -> FieldError:
        return replace(
            fault,
            path=self._without(fault.path),
            key=self._without(fault.key),
            value=self._without(fault.value),
            message=self._without(fault.message),
            allowed=self._without(fault.allowed),
            suggestion=None if fault.suggestion is None else self._without(fault.suggestion),
        )


def _texts(prediction: Prediction) -> Iterator[str]:
    """Everything in an answer that is no number."""
    yield repr(prediction.provenance)
    yield from prediction.sample_names
    yield from prediction.condition_names
    yield from map(str, prediction.expression.columns)
    tables = [prediction.metadata, prediction.genes]
    if prediction.classifier_probs is not None:
        tables.append(prediction.classifier_probs)
    for table in tables:
        yield from map(str, table.columns)
        for name in table.columns:
            yield from map(str, table[name])
