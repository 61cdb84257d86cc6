"""The embedded model: queries in, samples out, in this process and without a network."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.errors import FieldError, QueryError
from synthome.models.embedded import latents as latent_space
from synthome.models.embedded.context import ConditionVocabulary, Context, ContextFinder
from synthome.models.embedded.expectation import Expectation, Expected, coordinates
from synthome.models.embedded.latents import Latents
from synthome.models.embedded.noise import gamma_poisson, rounded
from synthome.models.embedded.sampling import Chunk, in_chunks
from synthome.models.embedded.signatures import Effects, load_effects
from synthome.models.embedded.weights import FOLDER, Weights, load_weights
from synthome.models.protocol import Cancelled, ProgressCallback, never_cancelled, no_progress
from synthome.ontology import TermIndex, default_index
from synthome.prediction import Prediction, Provenance
from synthome.query import KEYS, MODEL_RULES, Query, check_for_model, example_query
from synthome.query.schema import MAX_SEED

__all__ = ["EmbeddedModel", "Rows", "as_prediction", "load_model", "seed_of"]

Array = npt.NDArray[np.float64]
MEAN_OF_SEXES = (
    "Sex is not given and the latents are deterministic: such samples are the mean of both sexes, with half of the Y "
    "chromosome's expression and half of XIST. Give a sex, or let latents vary to have it drawn for each sample."
)
_FILES = {"gem-1-bulk": "bulk", "gem-1-sc": "single_cell"}


class EmbeddedModel:
    """Answers the contract of ``model_id`` from fitted weights.

    Frozen once made: threads and sessions share one.
    """

    def __init__(self, model_id: str, weights: Weights, effects: Effects, index: TermIndex) -> None:
        self._model_id = model_id
        self.weights = weights
        self.expectation = Expectation(weights, effects)
        self._vocabulary = ConditionVocabulary(weights, effects, index)
        self.contexts = ContextFinder(weights, self._vocabulary)

    @property
    def model_id(self) -> str:
        """The contract's name."""
        return self._model_id

    @property
    def version(self) -> str:
        """Whose answer it is: this open model, not the hosted one."""
        return self.version_under(self._model_id)

    def version_under(self, model_id: str) -> str:
        """The version as one of the contract's models that answer from these weights tells it."""
        return f"synthome-open-{self.weights.about['version']} ({model_id} contract)"

    @property
    def genes(self) -> pd.DataFrame:
        """The genes of every answer, in order; see :class:`~synthome.prediction.Prediction`."""
        return self.weights.genes.copy()

    def vocabulary(self) -> ConditionVocabulary:
        """What the model accepts and how well it knows it."""
        return self._vocabulary

    def example_query(self) -> Query:
        """The contract's example."""
        return example_query(self._model_id)

    def faults(self, query: Query) -> list[FieldError]:
        """One entry for every value of ``query`` that the model cannot answer."""
        return self._faults(query, self._contexts_of(query))

    def predict(
        self, query: Query, progress: ProgressCallback = no_progress, cancelled: Cancelled = never_cancelled
    ) -> Prediction:
        """Answer ``query``.

        Raises
        ------
        QueryError
            With one entry for every value that the model cannot answer.
        PredictionCancelled
            When ``cancelled`` said so.
        """
        contexts = self._contexts_of(query)
        faults = self._faults(query, contexts)
        if faults:
            raise QueryError(faults)
        expected = [self.expectation.of(context) for context in contexts]
        seed = seed_of(query)
        total = query.total_count or MODEL_RULES[self._model_id].default_total_count
        rows = Rows.empty(query.num_samples, len(self.weights.genes))
        run = _Run(self.expectation, expected, query, seed, total, rows)
        in_chunks([c.num_samples for c in query.inputs], run.fill, "Sampling", progress, cancelled)
        conditions = tuple(context.provenance for context in contexts)
        warnings = (MEAN_OF_SEXES,) if self._mixes_sexes(query, contexts) else ()
        provenance = Provenance(self._model_id, self.version, "embedded", seed, conditions, warnings)
        return as_prediction(query, rows, self.genes, provenance)

    def _contexts_of(self, query: Query) -> list[Context]:
        return [self.contexts.find(condition.metadata.given()) for condition in query.inputs]

    def _faults(self, query: Query, contexts: list[Context]) -> list[FieldError]:
        faults = check_for_model(query, self._model_id)
        for i, context in enumerate(contexts):
            faults += self.contexts.refusals(context.provenance, i)
        return faults

    def _mixes_sexes(self, query: Query, contexts: list[Context]) -> bool:
        """Whether some samples are the mean of both sexes."""
        return query.deterministic_latents and any(len(c.sexes) > 1 and c.sex_applies for c in contexts)


def seed_of(query: Query) -> int:
    """The seed of ``query``; a fresh one where it has none."""
    return query.seed if query.seed is not None else secrets.randbelow(MAX_SEED)


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer while it is made: ``counts`` is samples x genes, ``latents`` one entry a sample (biological, technical,
    perturbation)."""

    counts: npt.NDArray[np.int32]
    latents: list[tuple[list[float], list[float], list[float]]]

    @classmethod
    def empty(cls, samples: int, genes: int) -> Rows:
        """Room for so many samples."""
        return cls(np.empty((samples, genes), dtype=np.int32), [([], [], [])] * samples)


def as_prediction(
    query: Query,
    rows: Rows,
    genes: pd.DataFrame,
    provenance: Provenance,
    metadata: Sequence[dict[str, str]] | None = None,
    classifier_probs: pd.DataFrame | None = None,
) -> Prediction:
    """The finished answer. ``metadata`` has one entry a condition: what was asked, unless given."""
    condition = np.repeat(np.arange(len(query.inputs)), [c.num_samples for c in query.inputs])
    given = [c.metadata.given() for c in query.inputs] if metadata is None else metadata
    columns = [key for key in KEYS if any(key in row for row in given)]
    table = pd.DataFrame(
        {key: pd.Series([given[i].get(key) for i in condition.tolist()], dtype=object) for key in columns},
        index=range(len(condition)),
    )
    latents = pd.DataFrame(rows.latents, columns=["biological", "technical", "perturbation"])
    names = tuple(f"Condition {i + 1}" for i in range(len(query.inputs)))
    expression = pd.DataFrame(rows.counts, columns=genes.index)
    return Prediction(
        table, expression, latents, genes, condition, names, provenance, classifier_probs=classifier_probs
    )


@dataclass(frozen=True)
class _Run:
    """The sampling of one query into ``rows``."""

    expectation: Expectation
    expected: list[Expected]
    query: Query
    seed: int
    total: int
    rows: Rows

    def fill(self, chunk: Chunk, stop: threading.Event) -> int:
        """Make the samples of a chunk."""
        noisy = self.query.sampling_strategy == "sample generation"
        identical = self.query.deterministic_latents and not noisy
        expected, counts = self.expected[chunk.condition], self.rows.counts
        for sample in range(chunk.first, chunk.last):
            if stop.is_set():
                break
            place = chunk.row + sample - chunk.first
            latents = self._latents(expected.context, chunk.condition, sample)
            self.rows.latents[place] = coordinates(expected, latents)
            if identical and sample > chunk.first:
                counts[place] = counts[place - 1]
                continue
            cpm = self._cpm(expected, latents)
            if noisy:
                generator = latent_space.stream(self.seed, chunk.condition, sample, noise=True)
                counts[place] = gamma_poisson(cpm, expected.phi, self.total, generator)
            else:
                counts[place] = rounded(cpm, self.total)
        return chunk.last - chunk.first

    def _latents(self, context: Context, condition: int, sample: int) -> Latents:
        weights = self.expectation.weights
        biological, technical = len(weights.biological), len(weights.technical)
        if self.query.deterministic_latents:
            return latent_space.mean(biological, technical, context.sexes)
        generator = latent_space.stream(self.seed, condition, sample, noise=False)
        return latent_space.draw(generator, biological, technical, context.scale, context.sexes)

    def _cpm(self, expected: Expected, latents: Latents) -> Array:
        """Expected CPM of one sample."""
        cpm = expected.cpm[latents.sex]
        deviations = np.concatenate([latents.biological, latents.technical])
        if not deviations.any():
            return cpm
        moved = self.expectation.along_latents(deviations) * expected.spread + self.expectation.centring(expected)
        if expected.response is not None:
            moved += (latents.response - 1.0) * expected.response
        moved_cpm: Array = cpm * np.exp(moved)
        return moved_cpm


def load_model(model_id: str, index: TermIndex | None = None) -> EmbeddedModel:
    """The embedded model that answers the contract of ``model_id`` (``gem-1-bulk`` or ``gem-1-sc``)."""
    index = default_index() if index is None else index
    return EmbeddedModel(model_id, load_weights(_FILES[model_id]), _effects(), index)


@lru_cache(maxsize=1)
def _effects() -> Effects:
    """The learned effects, which both models share."""
    return load_effects(FOLDER)
