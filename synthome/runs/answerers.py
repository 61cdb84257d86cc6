"""Who may answer: the embedded models, the hosted service, a self-hosted container. The interface's way to models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from synthome.errors import ServiceUnavailableError, UnknownModelError
from synthome.models import MODEL_IDS, embedded_model
from synthome.models.embedded import EmbeddedModel
from synthome.models.embedded.scale import cpm_of
from synthome.models.hosted import HostedModel
from synthome.models.protocol import Model
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import MODEL_RULES, Vocabulary, base_model
from synthome.runs.addresses import container_addresses
from synthome.runs.discreet import DiscreetModel
from synthome.runs.listed_vocabulary import ListedVocabulary, ValueLists
from synthome.runs.run import AnswererName
from synthome.settings import settings

__all__ = [
    "MODEL_IDS",
    "Answerer",
    "answerers",
    "average_expression_of",
    "genes_of",
    "model_for",
    "number_of_genes",
    "vocabulary_for",
]

_BASELINE = tuple(MODEL_RULES)


@dataclass(frozen=True, slots=True)
class Answerer:
    """One choice of who answers. ``note`` is a sentence for people; what is not ``available`` says there why.

    ``models`` are the baseline models that it answers, as far as that is known before it is asked.
    """

    name: AnswererName
    label: str
    note: str
    needs_key: bool
    models: tuple[str, ...]

    @property
    def available(self) -> bool:
        """Whether it can be chosen at all."""
        return bool(self.models)

    def answers(self, model_id: str) -> bool:
        """Whether it answers ``model_id``, or the baseline model behind that."""
        return base_model(model_id) in self.models


def answerers(entered: Mapping[str, str] | None = None) -> tuple[Answerer, ...]:
    """The three answerers, the default first. ``entered`` are a single user's addresses of containers, by model."""
    containers = container_addresses(entered)
    return (
        Answerer(
            "embedded",
            "Embedded model",
            "An open model fitted to public data; it runs here, without a network.",
            needs_key=False,
            models=_BASELINE,
        ),
        Answerer(
            "hosted",
            "Hosted service",
            f"The models of {settings().hosted_url}; queries leave this computer. Needs an API key.",
            needs_key=True,
            models=_BASELINE,
        ),
        Answerer(
            "self-hosted",
            "Self-hosted container",
            _containers_note(containers),
            needs_key=False,
            models=tuple(containers),
        ),
    )


def _containers_note(containers: Mapping[str, str]) -> str:
    if not containers:
        return "No container is set; SYNTHOME_SELF_HOSTED_URL names one."
    if len(containers) == len(_BASELINE) and len(set(containers.values())) == 1:
        return f"The container at {next(iter(containers.values()))}."
    told = " and ".join(f"at {address} for {model_id}" for model_id, address in containers.items())
    return f"{'The container' if len(containers) == 1 else 'Containers'} {told}."


def model_for(
    model_id: str,
    answerer: AnswererName = "embedded",
    api_key: str | None = None,
    *,
    entered: Mapping[str, str] | None = None,
) -> Model:
    """The model of that name and answerer. A remote one is not asked before a query is: nothing is sent here.

    Raises
    ------
    UnknownModelError
        For a name that is not one of ``MODEL_IDS``.
    ServiceUnavailableError
        For a model that is behind no container, where a container shall answer.
    """
    _check_name(model_id)
    if answerer == "embedded":
        return embedded_model(model_id)
    genes = _known_genes(model_id)
    if answerer == "hosted":
        return _discreet(HostedModel(model_id, settings().hosted_url, api_key, known_genes=genes), api_key)
    containers = container_addresses(entered)
    address = containers.get(base_model(model_id))
    if address is None:
        others = f" (there is one for {' and '.join(containers)})" if containers else ""
        message = f"The address of a container for {model_id} is not set{others}. Set it under Settings."
        raise ServiceUnavailableError(message)
    return _discreet(SelfHostedModel(model_id, address, api_key, known_genes=genes), api_key)


def _discreet(model: Model, api_key: str | None) -> Model:
    """``model`` with nothing of its key in what it says; without a key there is nothing to hide."""
    return DiscreetModel(model, api_key) if api_key else model


def vocabulary_for(
    model_id: str, answerer: AnswererName = "embedded", *, lists: ValueLists | None = None
) -> Vocabulary:
    """What the model accepts, and how well it knows it; a hosted one as far as ``lists`` of its values tell."""
    _check_name(model_id)
    if answerer == "embedded":
        return embedded_model(model_id).vocabulary()
    # What may be asked hangs on no address: nothing is sent here.
    remote = HostedModel if answerer == "hosted" else SelfHostedModel
    vocabulary = remote(model_id, "").vocabulary()
    return ListedVocabulary(vocabulary, lists) if answerer == "hosted" and lists else vocabulary


def _check_name(model_id: str) -> None:
    if model_id not in MODEL_IDS:
        message = f"There is no model '{model_id[:60]}'; the models are {' and '.join(MODEL_IDS)}."
        raise UnknownModelError(message)


def number_of_genes(model_id: str, answerer: AnswererName = "embedded") -> int | None:
    """Genes of each answer; ``None`` where only the answer tells."""
    genes = _known_genes(model_id) if answerer == "embedded" else None
    return len(genes) if genes is not None else None


def genes_of(model_id: str) -> pd.DataFrame:
    """The genes of the embedded model of that name, in its order: those that counts of real samples are given for."""
    genes = _known_genes(model_id)
    assert genes is not None  # noqa: S101 - every embedded model has them
    return genes


def average_expression_of(model_id: str) -> pd.Series:
    """Counts per million of each gene in an average sample of the embedded model, indexed like :func:`genes_of`."""
    model = embedded_model(base_model(model_id))
    assert isinstance(model, EmbeddedModel)  # noqa: S101 - so are all of the baseline models
    return pd.Series(cpm_of(model.weights.centre), index=model.genes.index)


def _known_genes(model_id: str) -> pd.DataFrame | None:
    """The embedded model's table of genes, which lends symbols to remote answers."""
    model = embedded_model(base_model(model_id))
    return model.genes if isinstance(model, EmbeddedModel) else None
