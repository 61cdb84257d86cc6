"""Real samples perturbed: reference conditioning by the embedded model.

A real sample is taken for the context that it most probably is of (``recognition``), placed there by its latents, and
what these leave is kept gene by gene (``posterior``), so that the sample stays itself. Conditioned on both kinds of
latents it does. Latents that are left out are those of another sample of the same kind: drawn from the prior, or at
their mean where latents are deterministic. With them goes their part of what is left gene by gene, which donors and
laboratories share as their variances stand to each other: the technical part is the laboratory's offset, the biological
one the donor's. The kind itself and the sex are always the sample's.

The perturbation is then applied to that sample as it is to a made one: added to log expression, the target moved.
Measurement error is that of sequencing the very sample once more: what is uncertain of each gene's rate, and counting.
Where biological latents are left out it is another donor's, as in made samples.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from synthome.errors import FieldError, QueryError
from synthome.models.embedded import latents as latent_space
from synthome.models.embedded.expectation import coordinates
from synthome.models.embedded.latents import Latents
from synthome.models.embedded.model import EmbeddedModel, Rows, as_prediction, seed_of
from synthome.models.embedded.noise import gamma_poisson, rounded
from synthome.models.embedded.operation import SampleOperation
from synthome.models.embedded.perturbations import Perturbation
from synthome.models.embedded.posterior import LAB_VARIANCE, UNEXPECTED_CPM, Rates
from synthome.models.embedded.real_sample import RealSample, SampleReader, count_faults, example_counts, wrong_query
from synthome.models.embedded.sampling import THREADS, Chunk, in_chunks
from synthome.models.embedded.scale import cpm_of, log_expression
from synthome.models.protocol import Cancelled, ProgressCallback, never_cancelled, no_progress
from synthome.prediction import ConditionProvenance, Prediction, Provenance
from synthome.query import MODEL_RULES, Query, check_for_model
from synthome.query.schema import ReferenceQuery
from synthome.query.vocabulary import MEAN_ESTIMATION, REFERENCE_CONDITIONING, SAMPLE_GENERATION

__all__ = ["EmbeddedReferenceModel"]

Array = npt.NDArray[np.float64]
LATENT_SPACES = ("biological", "technical")
EXAMPLE = {
    "perturbation_ontology_id": "CHEBI:41879",
    "perturbation_type": "compound",
    "perturbation_dose": "10 um",
    "perturbation_time": "24 hours",
}
"""Dexamethasone."""


class EmbeddedReferenceModel(SampleOperation):
    """Answers reference conditioning of the contract by the weights of a baseline model, which it shares."""

    operation = REFERENCE_CONDITIONING

    def example_query(self) -> Query:
        """A sample that the model itself expects, treated with dexamethasone."""
        reference = {"counts": example_counts(self._base), "metadata": EXAMPLE, "num_samples": 2}
        noisy = SAMPLE_GENERATION in MODEL_RULES[self._base.model_id].strategies
        strategy = SAMPLE_GENERATION if noisy else MEAN_ESTIMATION
        return ReferenceQuery.model_validate({"inputs": [reference], "sampling_strategy": strategy, "seed": 11})

    def faults(self, query: Query) -> list[FieldError]:
        """One entry for every value of ``query`` that the model cannot answer."""
        if not isinstance(query, ReferenceQuery):
            return [wrong_query(self.model_id, "samples with counts, and what is to be done with them")]
        faults = check_for_model(query, self.model_id) + count_faults(query, len(self._base.weights.genes))
        for i, reference in enumerate(query.inputs):
            _, provenance = self._base.contexts.perturbation(reference.metadata.given())
            faults += self._base.contexts.refusals(provenance, i)
        return faults

    def predict(
        self, query: Query, progress: ProgressCallback = no_progress, cancelled: Cancelled = never_cancelled
    ) -> Prediction:
        """Answer ``query``, a :class:`~synthome.query.schema.ReferenceQuery`.

        Raises
        ------
        QueryError
            With one entry for every value that the model cannot answer.
        PredictionCancelled
            When ``cancelled`` said so.
        """
        faults = self.faults(query)
        if faults or not isinstance(query, ReferenceQuery):
            raise QueryError(faults)
        seed = seed_of(query)
        rows = Rows.empty(query.num_samples, len(self._base.weights.genes))
        run = _Run(self._base, self._reader, query, seed, rows)
        in_chunks([reference.num_samples for reference in query.inputs], run.fill, "Sampling", progress, cancelled)
        conditions = tuple(run.provenance(i) for i in range(len(query.inputs)))
        provenance = Provenance(self.model_id, self.version, "embedded", seed, conditions)
        return as_prediction(query, rows, self.genes, provenance)


@dataclass(frozen=True, slots=True)
class _Sample:
    """What one answered sample is made of: latents, CPM, and the dispersion of its measurement."""

    latents: Latents
    cpm: Array
    dispersion: Array


class _Run:
    """The sampling of one query into ``rows``. References are read when their first sample is made, few are kept."""

    def __init__(self, base: EmbeddedModel, reader: SampleReader, query: ReferenceQuery, seed: int, rows: Rows) -> None:
        self._base = base
        self._reader = reader
        self._query = query
        self._seed = seed
        self._rows = rows
        self._taken_for: dict[int, str] = {}
        self._reference = lru_cache(2 * THREADS)(self._read)
        self._drawn = tuple(space for space in LATENT_SPACES if space not in query.conditioning)
        self._treatments = [base.contexts.perturbation(r.metadata.given()) for r in query.inputs]

    def fill(self, chunk: Chunk, stop: threading.Event) -> int:
        """Make the samples of a chunk."""
        query, counts = self._query, self._rows.counts
        noisy = query.sampling_strategy == SAMPLE_GENERATION
        reference = self._reference(chunk.condition)
        perturbation, _ = self._treatments[chunk.condition]
        directions = self._base.expectation.along_responses(perturbation)
        expected = replace(reference.expected, perturbation=directions)
        total = self._total(reference)
        sample = None
        for number in range(chunk.first, chunk.last):
            if stop.is_set():
                break
            place = chunk.row + number - chunk.first
            if sample is None or not query.deterministic_latents:
                sample = self._sample(reference, perturbation, chunk.condition, number)
            self._rows.latents[place] = coordinates(expected, sample.latents)
            if noisy:
                generator = latent_space.stream(self._seed, chunk.condition, number, noise=True)
                counts[place] = gamma_poisson(sample.cpm, sample.dispersion, total, generator)
            else:
                counts[place] = rounded(sample.cpm, total)
        return chunk.last - chunk.first

    def provenance(self, condition: int) -> ConditionProvenance:
        """The marks of the perturbation, and what the sample was taken for."""
        _, provenance = self._treatments[condition]
        return replace(provenance, notes=(self._taken_for[condition],))

    def _read(self, condition: int) -> RealSample:
        sample = self._reader.read(self._query.inputs[condition].counts)
        self._taken_for[condition] = self._sentence(sample)
        return sample

    def _sentence(self, sample: RealSample) -> str:
        told = sample.recognition
        label = self._base.vocabulary().label(told.term)
        sex = f", {sample.sex}" if sample.sex else ""
        return f"Taken for {label} ({told.confidence:.0%}{sex}): genes that the counts say little of follow from that."

    def _total(self, reference: RealSample) -> int:
        if not self._query.fixed_total_count:
            return int(reference.counts.sum())
        return self._query.total_count or MODEL_RULES[self._base.model_id].default_total_count

    def _sample(self, reference: RealSample, perturbation: Perturbation | None, condition: int, number: int) -> _Sample:
        generator = latent_space.stream(self._seed, condition, number, noise=False)
        biological = len(self._base.weights.biological)
        latents = self._prior(reference, generator)
        posterior = reference.position.mean
        if not self._query.deterministic_latents:
            posterior = reference.position.draw(generator)
        # What is left gene by gene goes with all of the sample's latents, whichever of them are then kept.
        rates = self._reader.rates_at(reference, posterior)
        if "biological" in self._query.conditioning:
            latents = replace(latents, biological=posterior[:biological])
        if "technical" in self._query.conditioning:
            latents = replace(latents, technical=posterior[biological:])
        own = np.concatenate([latents.biological, latents.technical])
        cpm = (self._reader.expected_at(reference, own) + UNEXPECTED_CPM) * np.exp(self._kept(reference, rates))
        cpm *= 1e6 / cpm.sum()
        if perturbation is not None:
            cpm = _treated(cpm, perturbation, latents.response)
        return _Sample(latents, cpm, self._dispersion(reference, rates))

    def _prior(self, reference: RealSample, generator: np.random.Generator) -> Latents:
        """Latents of another sample of the same kind and sex."""
        weights, sexes = self._base.weights, (reference.sex,) if reference.sex else ()
        biological, technical = len(weights.biological), len(weights.technical)
        if self._query.deterministic_latents:
            return latent_space.mean(biological, technical, sexes)
        return latent_space.draw(generator, biological, technical, reference.expected.context.scale, sexes)

    def _kept(self, reference: RealSample, rates: Rates) -> Array:
        """What is left gene by gene (ln), as far as it belongs to the latents that are the sample's own."""
        laboratory = LAB_VARIANCE / (LAB_VARIANCE + reference.expected.phi)
        share = np.zeros(len(laboratory))
        if "biological" in self._query.conditioning:
            share += 1.0 - laboratory
        if "technical" in self._query.conditioning:
            share += laboratory
        kept = share * rates.residual
        if self._query.deterministic_latents or not self._drawn:
            return kept
        return kept + self._base.expectation.centring(reference.expected, self._drawn)

    def _dispersion(self, reference: RealSample, rates: Rates) -> Array:
        return rates.dispersion if "biological" in self._query.conditioning else reference.expected.phi


def _treated(cpm: Array, perturbation: Perturbation, response: float) -> Array:
    """``cpm`` of an untreated sample as it is once perturbed; ``response`` 1 is the usual strength."""
    treated = cpm_of(log_expression(cpm) + perturbation.change)
    if perturbation.target is not None:
        treated = perturbation.target.apply(treated)
    moved: Array = treated * np.exp((response - 1.0) * (log_expression(treated) - log_expression(cpm)))
    return moved
