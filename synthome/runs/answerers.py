"""Who may answer: the embedded models, the hosted service, a self-hosted container. The interface's way to models."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from synthome.errors import UnknownModelError
from synthome.models import MODEL_IDS, embedded_model
from synthome.models.embedded import EmbeddedModel
from synthome.models.hosted import HostedModel
from synthome.models.protocol import Model
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import Vocabulary
from synthome.runs.run import AnswererName
from synthome.settings import settings

__all__ = ["MODEL_IDS", "Answerer", "answerers", "model_for", "number_of_genes", "vocabulary_for"]


@dataclass(frozen=True, slots=True)
class Answerer:
    """One choice of who answers. ``note`` is a sentence for people; what is not ``available`` says there why."""

    name: AnswererName
    label: str
    note: str
    needs_key: bool
    available: bool


def answerers() -> tuple[Answerer, ...]:
    """The three answerers, the default first."""
    container = settings().self_hosted_url
    return (
        Answerer(
            "embedded",
            "Embedded model",
            "An open model fitted to public data; it runs here, without a network.",
            needs_key=False,
            available=True,
        ),
        Answerer(
            "hosted",
            "Hosted service",
            f"The models of {settings().hosted_url}; queries leave this computer. Needs an API key.",
            needs_key=True,
            available=True,
        ),
        Answerer(
            "self-hosted",
            "Self-hosted container",
            f"The container at {container}."
            if container
            else "No container is set; SYNTHOME_SELF_HOSTED_URL names one.",
            needs_key=False,
            available=bool(container),
        ),
    )


def model_for(model_id: str, answerer: AnswererName = "embedded", api_key: str | None = None) -> Model:
    """The model of that name and answerer. A remote one is not asked before a query is: nothing is sent here.

    Raises
    ------
    UnknownModelError
        For a name that is not one of ``MODEL_IDS``.
    """
    if model_id not in MODEL_IDS:
        message = f"There is no model '{model_id[:60]}'; the models are {' and '.join(MODEL_IDS)}."
        raise UnknownModelError(message)
    if answerer == "embedded":
        return embedded_model(model_id)
    genes = _known_genes(model_id)
    if answerer == "hosted":
        return HostedModel(model_id, settings().hosted_url, api_key, known_genes=genes)
    return SelfHostedModel(model_id, settings().self_hosted_url, api_key, known_genes=genes)


def vocabulary_for(model_id: str, answerer: AnswererName = "embedded") -> Vocabulary:
    """What the model accepts, and how well it knows it."""
    return model_for(model_id, answerer).vocabulary()


def number_of_genes(model_id: str, answerer: AnswererName = "embedded") -> int | None:
    """Genes of each answer; ``None`` where only the answer tells."""
    genes = _known_genes(model_id) if answerer == "embedded" else None
    return len(genes) if genes is not None else None


def _known_genes(model_id: str) -> pd.DataFrame | None:
    """The embedded model's table of genes, which lends symbols to remote answers."""
    model = embedded_model(model_id)
    return model.genes if isinstance(model, EmbeddedModel) else None
