"""Who answers: one Protocol and everything that keeps it. ``embedded`` runs in this process."""

from functools import lru_cache

from synthome.errors import UnknownModelError
from synthome.models.embedded import (
    EmbeddedMetadataModel,
    EmbeddedModel,
    EmbeddedReferenceModel,
    SampleReader,
    load_model,
)
from synthome.models.protocol import Cancelled, Model, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.ontology import TermIndex, default_index
from synthome.query import MODEL_RULES
from synthome.query.vocabulary import (
    CONTRACT_MODELS,
    PREDICT_METADATA,
    REFERENCE_CONDITIONING,
    base_model,
    operation_of,
)

__all__ = [
    "MODEL_IDS",
    "Cancelled",
    "Model",
    "Progress",
    "ProgressCallback",
    "embedded_model",
    "never_cancelled",
    "no_progress",
]

MODEL_IDS = CONTRACT_MODELS
"""Names of the contract's models."""


def embedded_model(model_id: str) -> Model:
    """The open model that answers the contract of ``model_id``; loaded once for the ontologies in use, and shared.

    >>> embedded_model("gem-1-bulk").version
    'synthome-open-1.2 (gem-1-bulk contract)'
    """
    if model_id not in MODEL_IDS:
        message = f"There is no model '{model_id}'; the models are {' and '.join(MODEL_IDS)}."
        raise UnknownModelError(message)
    return _answering(model_id, default_index())


@lru_cache(maxsize=len(MODEL_IDS))
def _answering(model_id: str, index: TermIndex) -> Model:
    """The model of an operation, on top of the baseline model that it shares with the others."""
    base, operation = _loaded(base_model(model_id), index), operation_of(model_id)
    if operation == REFERENCE_CONDITIONING:
        return EmbeddedReferenceModel(base, _reader(base))
    if operation == PREDICT_METADATA:
        return EmbeddedMetadataModel(base, _reader(base))
    return base


@lru_cache(maxsize=len(MODEL_RULES))
def _loaded(model_id: str, index: TermIndex) -> EmbeddedModel:
    return load_model(model_id, index)


@lru_cache(maxsize=len(MODEL_RULES))
def _reader(base: EmbeddedModel) -> SampleReader:
    """Reads real samples for both operations on them; what it compares them with is made at the first one."""
    return SampleReader(base)
