"""The family of errors that Synthome raises on purpose; everything else is a defect.

Each says what was wrong, what is allowed and what to do next. They are raised where the fault is
noticed and shown once, at the edge: beside its field in the interface, as JSON in the API.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AddressError",
    "AnswerError",
    "AuthenticationError",
    "FieldError",
    "ModelError",
    "OntologyError",
    "PredictionCancelled",
    "QueryError",
    "RefreshCancelled",
    "RunNotFoundError",
    "SampleFileError",
    "ServiceBusyError",
    "ServiceUnavailableError",
    "SheetError",
    "SynthomeError",
    "TooManyRequestsError",
    "UnknownModelError",
    "VocabularyFileError",
]


class SynthomeError(Exception):
    """Root of the family. ``str(error)`` is a sentence that can be shown to a user."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of a query, tied to the place it stands in.

    ``path`` is dotted with list indices (``inputs.0.metadata.sex``); ``key`` is its last name.
    ``allowed`` describes what would be accepted; ``suggestion`` is the closest valid value, if any is close.
    """

    path: str
    key: str
    value: str
    message: str
    allowed: str = ""
    suggestion: str | None = None

    def __str__(self) -> str:
        return self.message


class QueryError(SynthomeError):
    """A query that no model, or not this one, can answer. ``errors`` holds every fault, not just the first."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(error.message for error in self.errors))


class SampleFileError(SynthomeError):
    """A file of counts that cannot be read, or holds none. Says where in the file, and what to do."""


class SheetError(SynthomeError):
    """A sample sheet that cannot be read, or makes no design. Says where in the sheet, and what to do."""


class AddressError(SynthomeError):
    """An address of a service that is none, or that carries what belongs elsewhere."""


class VocabularyFileError(SynthomeError):
    """A file of valid values that cannot be read or kept. Says what such a file looks like."""


class OntologyError(SynthomeError):
    """The ontology snapshot or its index cannot be read or built."""


class RefreshCancelled(SynthomeError):  # noqa: N818 - an outcome that was asked for, not a fault
    """Refreshing the ontologies was stopped because its user asked for that."""


class ModelError(SynthomeError):
    """A model could not answer."""


class UnknownModelError(ModelError):
    """No model of that name."""


class AuthenticationError(ModelError):
    """The service refused the API key, or none was given."""


class ServiceUnavailableError(ModelError):
    """The service cannot be reached, or failed."""


class ServiceBusyError(ModelError):
    """The service, or our own queue, takes no more work just now. ``retry_after`` is in seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class TooManyRequestsError(ServiceBusyError):
    """One client asks more often than it may."""


class AnswerError(ModelError):
    """The service's answer is cut off or not as agreed."""


class PredictionCancelled(ModelError):  # noqa: N818 - an outcome that was asked for, not a fault
    """The prediction was stopped because its user asked for that."""


class RunNotFoundError(SynthomeError):
    """No run of that id in this workspace."""
