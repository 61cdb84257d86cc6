"""Who answers: one Protocol and everything that keeps it. ``embedded`` runs in this process."""

from functools import lru_cache

from synthome.errors import UnknownModelError
from synthome.models.embedded import EmbeddedModel, load_model
from synthome.models.protocol import Cancelled, Model, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.ontology import TermIndex, default_index
from synthome.query import MODEL_RULES

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

MODEL_IDS = tuple(MODEL_RULES)
"""Names of the contract's models."""


def embedded_model(model_id: str) -> Model:
    """The open model that answers the contract of ``model_id``; loaded once for the ontologies in use, and shared.

    >>> embedded_model("gem-1-bulk").version
    'synthome-open-1.2 (gem-1-bulk contract)'
    """
    if model_id not in MODEL_IDS:
        message = f"There is no model '{model_id}'; the models are {' and '.join(MODEL_IDS)}."
        raise UnknownModelError(message)
    return _loaded(model_id, default_index())


@lru_cache(maxsize=len(MODEL_IDS))
def _loaded(model_id: str, index: TermIndex) -> EmbeddedModel:
    return load_model(model_id, index)
