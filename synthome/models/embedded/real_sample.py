"""A real sample as the model sees it: what it is taken for, where it lies, and what it would be like perturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from synthome.errors import FieldError
from synthome.models.embedded.expectation import Expected
from synthome.models.embedded.model import EmbeddedModel
from synthome.models.embedded.noise import rounded
from synthome.models.embedded.posterior import LAB_VARIANCE, NOWHERE, Position, Rates, position, rates
from synthome.models.embedded.recognition import SAMPLE_TYPE_OF, Recogniser, Recognition
from synthome.models.embedded.sex_calling import SexCaller
from synthome.models.embedded.vocabulary import LEARNED_KEYS
from synthome.query import MODEL_RULES, Query
from synthome.query.schema import MAX_TOTAL_COUNT, Reference, ReferenceQuery, Unlabelled
from synthome.query.vocabulary import BULK, SINGLE_CELL

__all__ = ["KEY_OF_KIND", "RealSample", "SampleReader", "count_faults", "example_counts", "wrong_query"]

Array = npt.NDArray[np.float64]
KEY_OF_KIND = MappingProxyType({kind: key for key, kind in LEARNED_KEYS.items()})
"""The metadata key of each kind of description."""
SURE_OF_SEX = 0.9
"""From this probability on a sample is a woman's or a man's; below, it is expected like the mean of both."""
CONTEXTS = 8
"""Contexts kept for the next sample: those of one study are mostly of few kinds."""


@dataclass(frozen=True)
class RealSample:
    """One sample. ``expected`` is that of its context, ``position`` where it lies among the latents."""

    counts: Array
    recognition: Recognition
    sexes: Mapping[str, float]
    expected: Expected
    position: Position

    @property
    def sex(self) -> str | None:
        """``female`` or ``male`` where that is nearly certain."""
        sex, share = max(self.sexes.items(), key=lambda pair: pair[1])
        return sex if share >= SURE_OF_SEX else None

    @property
    def described(self) -> dict[str, str]:
        """The most probable values under the contract's keys: what it is, of which material, and its sex if certain."""
        kind = self.recognition.kind
        told = {KEY_OF_KIND[kind]: self.recognition.term, "sample_type": SAMPLE_TYPE_OF[kind]}
        return told | ({"sex": self.sex} if self.sex else {})

    @property
    def cpm(self) -> Array:
        """What is expected of the context in the sample's sex."""
        by_sex = self.expected.untreated
        return by_sex.get(self.sex, by_sex[None])


class SampleReader:
    """Reads real samples by one model's weights; threads share one."""

    def __init__(self, model: EmbeddedModel) -> None:
        self._model = model
        self.recogniser = Recogniser(model.weights)
        self._sexes = SexCaller(model.weights)
        self._expected = lru_cache(CONTEXTS)(self._expected_of)

    def read(self, counts: Sequence[int]) -> RealSample:
        """What a sample is and where it lies; ``counts`` of all the model's genes."""
        y = np.array(counts, dtype=np.float64)
        recognition = self.recogniser.recognise(y)
        sexes = self._sexes.probabilities(y, recognition.kind)
        expected = self._expected(KEY_OF_KIND[recognition.kind], recognition.term)
        sample = RealSample(y, recognition, sexes, expected, NOWHERE)
        scale = np.ones(len(self._model.expectation.loadings))
        scale[: len(self._model.weights.biological)] = expected.context.scale
        loadings = self._model.expectation.loadings * expected.spread
        return replace(sample, position=position(y, sample.cpm, loadings, expected.phi + LAB_VARIANCE, scale))

    def expected_at(self, sample: RealSample, latents: Array) -> Array:
        """CPM that the model expects of ``sample`` at these latents (biological, then technical)."""
        moved: Array = sample.cpm * np.exp(self._model.expectation.along_latents(latents) * sample.expected.spread)
        return moved

    def rates_at(self, sample: RealSample, latents: Array) -> Rates:
        """What ``sample`` says of each gene beyond :meth:`expected_at`."""
        return rates(sample.counts, self.expected_at(sample, latents), sample.expected.phi + LAB_VARIANCE)

    def _expected_of(self, key: str, term: str) -> Expected:
        return self._model.expectation.of(self._model.contexts.find({key: term}))


def count_faults(query: Query, genes: int) -> list[FieldError]:
    """Counts that are not those of the model's genes."""
    faults = []
    for i, sample in enumerate(query.inputs):
        if not isinstance(sample, (Reference, Unlabelled)):
            continue
        path, number = f"inputs.{i}.counts", len(sample.counts)
        allowed = f"{genes:,} counts, one for each of the model's genes"
        if number != genes:
            message = (
                f"{path}: {number:,} counts, the model has {genes:,} genes; give one count for each, 0 where a gene "
                "was not measured; the gene order is that of any answer's gene_order"
            )
            faults.append(FieldError(path, "counts", f"{number:,} counts", message, allowed))
        elif not _fixed(query) and (total := sum(sample.counts)) > MAX_TOTAL_COUNT:
            message = (
                f"{path}: {total:,} counts in all are more than the {MAX_TOTAL_COUNT:,} that an answer can have; set "
                "fixed_total_count, or give fewer counts in the same proportions"
            )
            faults.append(FieldError(path, "counts", f"{total:,}", message, f"at most {MAX_TOTAL_COUNT:,} in all"))
    return faults


def wrong_query(model_id: str, wanted: str) -> FieldError:
    """A query of another operation than the model's."""
    message = f"inputs: {model_id} is asked with {wanted}"
    return FieldError("inputs", "inputs", "", message, wanted)


def example_counts(model: EmbeddedModel) -> list[int]:
    """Counts that the model expects: of a liver, or of a T cell."""
    term = {BULK: {"tissue_ontology_id": "UBERON:0002107"}, SINGLE_CELL: {"cell_type_ontology_id": "CL:0000084"}}
    expected = model.expectation.of(model.contexts.find(term[model.model_id] | {"sex": "female"}))
    counts: list[int] = rounded(expected.cpm["female"], MODEL_RULES[model.model_id].default_total_count).tolist()
    return counts


def _fixed(query: Query) -> bool:
    return isinstance(query, ReferenceQuery) and query.fixed_total_count
