"""The embedded model: queries in, samples out, in this process and without a network."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.errors import FieldError, PredictionCancelled, QueryError
from synthome.models.embedded import latents as latent_space
from synthome.models.embedded.context import ConditionVocabulary, Context, ContextFinder
from synthome.models.embedded.latents import Latents
from synthome.models.embedded.noise import gamma_poisson, rounded
from synthome.models.embedded.scale import cpm_of, log_expression
from synthome.models.embedded.signatures import Effects, load_effects
from synthome.models.embedded.weights import FOLDER, Weights, load_weights
from synthome.models.protocol import Cancelled, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.ontology import TermIndex, default_index
from synthome.prediction import Prediction, Provenance
from synthome.query import KEYS, MODEL_RULES, Query, check_for_model, example_query
from synthome.query.schema import MAX_SEED

__all__ = ["EmbeddedModel", "load_model"]

Array = npt.NDArray[np.float64]
CHUNK = 25
"""Samples made between two looks at ``cancelled``: a tenth of a second's work."""
THREADS = 2
_LOOK_SECONDS = 0.1
MEAN_OF_SEXES = (
    "Sex is not given and the latents are deterministic: such samples are the mean of both sexes, with half of the Y "
    "chromosome's expression and half of XIST. Give a sex, or let latents vary to have it drawn for each sample."
)
_FILES = {"gem-1-bulk": "bulk", "gem-1-sc": "single_cell"}


@dataclass(frozen=True, slots=True)
class _Answered:
    """One condition ready to be sampled.

    ``cpm`` is what is expected, by sex; ``spread`` and ``phi`` say how far samples lie from it. ``centring`` is added
    to deviations along latents (ln) so that the mean of many samples is ``cpm``: half their variance below zero, since
    the exponential of a Normal is that much above it on average. ``response`` is what the perturbation changes (ln
    CPM), ``perturbation`` its coordinates among the latents.
    """

    context: Context
    cpm: dict[str | None, Array]
    spread: Array
    centring: Array
    phi: Array
    response: Array | None
    perturbation: Array


class EmbeddedModel:
    """Answers the contract of ``model_id`` from fitted weights.

    Frozen once made: threads and sessions share one.
    """

    def __init__(self, model_id: str, weights: Weights, effects: Effects, index: TermIndex) -> None:
        self._model_id = model_id
        self._weights = weights
        self._effects = effects
        self._vocabulary = ConditionVocabulary(weights, effects, index)
        self._contexts = ContextFinder(weights, self._vocabulary)
        # A sample's log expression moves by the sum of its deviations along all latents.
        self._loadings = np.concatenate([weights.biological, weights.technical])
        self._biological_variance = (weights.biological**2).sum(axis=0)
        self._technical_variance = (weights.technical**2).sum(axis=0)

    @property
    def model_id(self) -> str:
        """The contract's name."""
        return self._model_id

    @property
    def version(self) -> str:
        """Whose answer it is: this open model, not the hosted one."""
        return f"synthome-open-{self._weights.about['version']} ({self._model_id} contract)"

    @property
    def genes(self) -> pd.DataFrame:
        """The genes of every answer, in order; see :class:`~synthome.prediction.Prediction`."""
        return self._weights.genes.copy()

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
        answered = [self._answered(context) for context in contexts]
        seed = query.seed if query.seed is not None else secrets.randbelow(MAX_SEED)
        total = query.total_count or MODEL_RULES[self._model_id].default_total_count
        run = _Run(self._weights, self._loadings, answered, query, seed, total)
        counts, latents = run.sample(progress, cancelled)
        return self._prediction(query, seed, counts, latents, answered)

    def _contexts_of(self, query: Query) -> list[Context]:
        return [self._contexts.find(condition.metadata.given()) for condition in query.inputs]

    def _faults(self, query: Query, contexts: list[Context]) -> list[FieldError]:
        faults = check_for_model(query, self._model_id)
        for i, context in enumerate(contexts):
            faults += self._contexts.refusals(context, i)
        return faults

    def _answered(self, context: Context) -> _Answered:
        untreated = self._by_sex(context, 0.0)
        treated, response = untreated, None
        coordinates = np.zeros(len(self._effects.perturbation) + 1)
        if context.perturbation is not None:
            perturbation = context.perturbation
            treated = self._by_sex(context, perturbation.change)
            if perturbation.target is not None:
                treated = {sex: perturbation.target.apply(cpm) for sex, cpm in treated.items()}
            response = log_expression(treated[None]) - log_expression(untreated[None])
            along = self._effects.perturbation @ perturbation.change
            coordinates = np.append(along, perturbation.strength)
        mean = treated[None]
        spread, phi = np.ones(len(mean)), np.zeros(len(mean))
        dispersion = self._weights.dispersion
        if dispersion is not None:
            # How much donors differ is theirs, treated or not; counting noise goes with what is there.
            spread = dispersion.spread(untreated[None]) * context.material
            phi = dispersion.phi(mean) * context.material**2
        along_latents = context.scale**2 * self._biological_variance + self._technical_variance
        return _Answered(context, treated, spread, -0.5 * spread**2 * along_latents, phi, response, coordinates)

    def _mixes_sexes(self, query: Query, answered: list[_Answered]) -> bool:
        """Whether some samples are the mean of both sexes."""
        return query.deterministic_latents and any(len(a.context.sexes) > 1 and a.context.sex_applies for a in answered)

    def _by_sex(self, context: Context, change: Array | float) -> dict[str | None, Array]:
        """Expected CPM for each sex that a sample may have, and under ``None`` their mean."""
        by_sex: dict[str | None, Array] = {}
        for sex in context.sexes:
            effect = self._weights.sex_effect[sex] if context.sex_applies else 0.0
            by_sex[sex] = cpm_of(context.theta + effect + change)
        mean: Array = np.mean([by_sex[sex] for sex in context.sexes], axis=0)
        return by_sex | {None: mean}

    def _prediction(
        self,
        query: Query,
        seed: int,
        counts: npt.NDArray[np.int32],
        latents: pd.DataFrame,
        answered: list[_Answered],
    ) -> Prediction:
        genes = self.genes
        condition = np.repeat(np.arange(len(query.inputs)), [c.num_samples for c in query.inputs])
        given = [c.metadata.given() for c in query.inputs]
        columns = [key for key in KEYS if any(key in row for row in given)]
        metadata = pd.DataFrame(
            {key: pd.Series([given[i].get(key) for i in condition], dtype=object) for key in columns},
            index=range(len(condition)),
        )
        conditions = tuple(a.context.provenance for a in answered)
        warnings = (MEAN_OF_SEXES,) if self._mixes_sexes(query, answered) else ()
        provenance = Provenance(self._model_id, self.version, "embedded", seed, conditions, warnings)
        names = tuple(f"Condition {i + 1}" for i in range(len(query.inputs)))
        expression = pd.DataFrame(counts, columns=genes.index)
        return Prediction(metadata, expression, latents, genes, condition, names, provenance)


@dataclass(frozen=True)
class _Run:
    """The sampling of one query."""

    weights: Weights
    loadings: Array
    answered: list[_Answered]
    query: Query
    seed: int
    total: int

    def sample(self, progress: ProgressCallback, cancelled: Cancelled) -> tuple[npt.NDArray[np.int32], pd.DataFrame]:
        """Counts (samples x genes) and the table of latents."""
        n = self.query.num_samples
        counts = np.empty((n, len(self.weights.genes)), dtype=np.int32)
        rows: list[tuple[list[float], list[float], list[float]]] = [([], [], [])] * n
        stop = threading.Event()
        done = 0
        with ThreadPoolExecutor(THREADS, thread_name_prefix="embedded-model") as pool:
            pending: set[Future[int]] = set()
            chunks = self._chunks()
            try:
                while True:
                    if cancelled():
                        raise PredictionCancelled("The prediction was cancelled.")
                    while len(pending) < 2 * THREADS and (chunk := next(chunks, None)) is not None:
                        pending.add(pool.submit(partial(self._fill, chunk, counts, rows, stop)))
                    if not pending:
                        break
                    finished, pending = wait(pending, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                    done += sum(future.result() for future in finished)
                    progress(Progress(done, n, "Sampling"))
            finally:
                stop.set()
        table = pd.DataFrame(rows, columns=["biological", "technical", "perturbation"])
        return counts, table

    def _chunks(self) -> Iterator[tuple[int, int, int, int]]:
        """Condition, first and last sample of it, and the row of its first sample."""
        row = 0
        for i, condition in enumerate(self.query.inputs):
            for first in range(0, condition.num_samples, CHUNK):
                last = min(first + CHUNK, condition.num_samples)
                yield i, first, last, row
                row += last - first

    def _fill(
        self,
        chunk: tuple[int, int, int, int],
        counts: npt.NDArray[np.int32],
        rows: list[tuple[list[float], list[float], list[float]]],
        stop: threading.Event,
    ) -> int:
        condition, first, last, row = chunk
        noisy = self.query.sampling_strategy == "sample generation"
        identical = self.query.deterministic_latents and not noisy
        answered = self.answered[condition]
        for sample in range(first, last):
            if stop.is_set():
                break
            place = row + sample - first
            latents = self._latents(answered.context, condition, sample)
            rows[place] = self._coordinates(answered, latents)
            if identical and sample > first:
                counts[place] = counts[place - 1]
                continue
            cpm = self._expected(answered, latents)
            if noisy:
                generator = latent_space.stream(self.seed, condition, sample, noise=True)
                counts[place] = gamma_poisson(cpm, answered.phi, self.total, generator)
            else:
                counts[place] = rounded(cpm, self.total)
        return last - first

    def _latents(self, context: Context, condition: int, sample: int) -> Latents:
        biological, technical = len(self.weights.biological), len(self.weights.technical)
        if self.query.deterministic_latents:
            return latent_space.mean(biological, technical, context.sexes)
        generator = latent_space.stream(self.seed, condition, sample, noise=False)
        return latent_space.draw(generator, biological, technical, context.scale, context.sexes)

    def _expected(self, answered: _Answered, latents: Latents) -> Array:
        """Expected CPM of one sample.

        ``einsum`` and not a matrix product: a product's rounding depends on the size of the batch and on the library
        behind it, and the counts must not.
        """
        cpm = answered.cpm[latents.sex]
        deviations = np.concatenate([latents.biological, latents.technical])
        if not deviations.any():
            return cpm
        moved = np.einsum("k,kg->g", deviations, self.loadings, optimize=False) * answered.spread + answered.centring
        if answered.response is not None:
            moved += (latents.response - 1.0) * answered.response
        expected: Array = cpm * np.exp(moved)
        return expected

    def _coordinates(self, answered: _Answered, latents: Latents) -> tuple[list[float], list[float], list[float]]:
        """Latents as the contract returns them: the condition's mean and the deviation from it."""
        sex = {"female": 1.0, "male": -1.0, None: 0.0}[latents.sex]
        biological = [*(answered.context.latent_centre + latents.biological).tolist(), sex]
        perturbation = answered.perturbation * latents.response
        return biological, latents.technical.tolist(), perturbation.tolist()


def load_model(model_id: str, index: TermIndex | None = None) -> EmbeddedModel:
    """The embedded model that answers the contract of ``model_id`` (``gem-1-bulk`` or ``gem-1-sc``)."""
    index = default_index() if index is None else index
    return EmbeddedModel(model_id, load_weights(_FILES[model_id]), _effects(), index)


@lru_cache(maxsize=1)
def _effects() -> Effects:
    """The learned effects, which both models share."""
    return load_effects(FOLDER)
