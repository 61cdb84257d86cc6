"""What real samples are: metadata prediction by the embedded model.

Every sample is compared with what the model has learned (``recognition``), its sex called (``sex_calling``) and its
latents found (``posterior``). Nothing is drawn: the seed plays no part. ``expression`` is how the model sees the
sample, at the sample's own library size: the profile of what it is taken for, moved along the latents, and nothing gene
by gene beyond that, so that what the model does not see is missing from it.

Diseases, ages, treatments and, of single cells, the tissue are not told: see the model card for what was measured.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.errors import FieldError, QueryError
from synthome.models.embedded.expectation import coordinates
from synthome.models.embedded.latents import Latents
from synthome.models.embedded.model import Rows, as_prediction
from synthome.models.embedded.noise import rounded
from synthome.models.embedded.operation import SampleOperation
from synthome.models.embedded.real_sample import RealSample, count_faults, example_counts, wrong_query
from synthome.models.embedded.recognition import SAMPLE_TYPE_OF
from synthome.models.embedded.sampling import Chunk, in_chunks
from synthome.models.protocol import Cancelled, ProgressCallback, never_cancelled, no_progress
from synthome.prediction import ConditionProvenance, Prediction, Provenance
from synthome.query import Query
from synthome.query.schema import MetadataQuery
from synthome.query.vocabulary import PREDICT_METADATA

__all__ = ["EmbeddedMetadataModel"]

UNCERTAIN = 0.5
"""Below this probability the most probable value is named with a warning."""


class EmbeddedMetadataModel(SampleOperation):
    """Answers metadata prediction of the contract by the weights of a baseline model, which it shares."""

    operation = PREDICT_METADATA

    def example_query(self) -> Query:
        """A sample that the model itself expects, to be told what it is."""
        return MetadataQuery.model_validate({"inputs": [{"counts": example_counts(self._base)}]})

    def faults(self, query: Query) -> list[FieldError]:
        """One entry for every value of ``query`` that the model cannot answer."""
        if not isinstance(query, MetadataQuery):
            return [wrong_query(self.model_id, "samples of which the counts alone are given")]
        return count_faults(query, len(self._base.weights.genes))

    def predict(
        self, query: Query, progress: ProgressCallback = no_progress, cancelled: Cancelled = never_cancelled
    ) -> Prediction:
        """Answer ``query``, a :class:`~synthome.query.schema.MetadataQuery`.

        Raises
        ------
        QueryError
            With one entry for every value that the model cannot answer.
        PredictionCancelled
            When ``cancelled`` said so.
        """
        faults = self.faults(query)
        if faults or not isinstance(query, MetadataQuery):
            raise QueryError(faults)
        samples = len(query.inputs)
        rows = Rows.empty(samples, len(self._base.weights.genes))
        told: list[dict[str, str]] = [{}] * samples
        probabilities: list[dict[str, Mapping[str, float]]] = [{}] * samples
        conditions = [ConditionProvenance()] * samples

        def tell(chunk: Chunk, stop: threading.Event) -> int:
            if not stop.is_set():
                sample = self._reader.read(query.inputs[chunk.condition].counts)
                told[chunk.row], probabilities[chunk.row] = sample.described, _probabilities(sample)
                conditions[chunk.row] = self._provenance(sample)
                rows.counts[chunk.row], rows.latents[chunk.row] = self._seen(sample)
            return 1

        in_chunks([1] * samples, tell, "Comparing with what was learned", progress, cancelled)
        provenance = Provenance(self.model_id, self.version, "embedded", query.seed, tuple(conditions))
        return as_prediction(query, rows, self.genes, provenance, told, pd.DataFrame(probabilities))

    def _seen(self, sample: RealSample) -> tuple[npt.NDArray[np.int32], tuple[list[float], list[float], list[float]]]:
        """The model's view of a sample: counts, and latents as the contract returns them."""
        found = sample.position.mean
        counts = rounded(self._reader.expected_at(sample, found), int(sample.counts.sum()))
        biological = len(self._base.weights.biological)
        latents = Latents(found[:biological], found[biological:], sample.sex, 1.0)
        return counts, coordinates(sample.expected, latents)

    def _provenance(self, sample: RealSample) -> ConditionProvenance:
        """What the values that were told rest on, and a warning where the best of them is improbable."""
        vocabulary = self._base.vocabulary()
        supports = tuple(vocabulary.support(key, value) for key, value in sample.described.items())
        recognition = sample.recognition
        warnings = []
        if recognition.confidence < UNCERTAIN:
            label, share = vocabulary.label(recognition.term), recognition.confidence
            warnings.append(f"Nothing learned is clearly like this sample: {label} is the most probable ({share:.0%}).")
        return ConditionProvenance(supports, tuple(warnings))


def _probabilities(sample: RealSample) -> dict[str, Mapping[str, float]]:
    """A column for each thing told, each summing to 1."""
    kinds = {SAMPLE_TYPE_OF[kind]: share for kind, share in sample.recognition.kinds.items()}
    return {**sample.recognition.given_kind, "sex": sample.sexes, "sample_type": kinds}
