"""A small model that really computes: expression follows from the metadata, the seed and the sample's place."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from synthome.errors import FieldError, PredictionCancelled, QueryError
from synthome.models.protocol import Cancelled, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.prediction import ConditionProvenance, Prediction, Provenance
from synthome.query import (
    BULK,
    CONTRACT_MODELS,
    MetadataQuery,
    Query,
    Reference,
    ReferenceQuery,
    Support,
    Unlabelled,
    Vocabulary,
    example_query,
    model_named,
    operation_of,
    read_query,
)
from synthome.query.vocabulary import MODEL_RULES, PREDICT_METADATA, REFERENCE_CONDITIONING

GENES = 40
KNOWN = {"tissue_ontology_id": {"UBERON:0002107": 7, "UBERON:0000945": 3}}


def liver_query(num_samples: int = 3, seed: int | None = 5) -> Query:
    """Healthy liver and hepatocellular carcinoma."""
    liver = {"tissue_ontology_id": "UBERON:0002107"}
    body = {
        "sampling_strategy": "sample generation",
        "total_count": 100_000,
        "inputs": [
            {"metadata": liver, "num_samples": num_samples},
            {"metadata": {**liver, "disease_ontology_id": "MONDO:0007256", "sex": "male"}, "num_samples": num_samples},
        ],
    }
    return read_query(body if seed is None else {**body, "seed": seed})


def genes(count: int = GENES) -> pd.DataFrame:
    ids = [f"ENSG{number:011d}" for number in range(1, count + 1)]
    index = pd.Index(ids, name="gene_id")
    symbols = [f"GENE{number}" for number in range(1, count + 1)]
    return pd.DataFrame({"symbol": symbols, "biotype": "protein_coding", "chromosome": "1"}, index=index)


@dataclass(frozen=True)
class SmallVocabulary:
    """Two tissues are known, the rest is extrapolated."""

    def support(self, key: str, value: str) -> Support:
        if value in KNOWN.get(key, {}):
            return Support(key, value, "known", "Learned from data.")
        return Support(key, value, "extrapolated", "From its relatives.", ("UBERON:0002107",), 0.4)

    def supports(self, given: Mapping[str, str]) -> Mapping[str, Support]:
        return {key: self.support(key, value) for key, value in given.items()}

    def label(self, value: str) -> str:
        return value

    def learned(self, key: str) -> Mapping[str, int]:
        return KNOWN.get(key, {})


@dataclass
class SmallModel:
    """Multinomial counts about a profile that hangs on the condition's metadata.

    ``seconds_per_sample`` makes it slow, ``failure`` is raised at the second sample, and ``deaf`` makes it ignore that
    it was cancelled, as a model must not.
    """

    model_id: str = BULK
    version: str = "small-1"
    seconds_per_sample: float = 0.0
    failure: Exception | None = None
    deaf: bool = False
    asked: int = 0

    def vocabulary(self) -> Vocabulary:
        return SmallVocabulary()

    def example_query(self) -> Query:
        return example_query(self.model_id)

    def faults(self, query: Query) -> list[FieldError]:  # noqa: ARG002 - the protocol's
        return []

    def predict(
        self, query: Query, progress: ProgressCallback = no_progress, cancelled: Cancelled = never_cancelled
    ) -> Prediction:
        self.asked += 1
        _refuse_elephants(query)
        seed = query.seed if query.seed is not None else int(np.random.SeedSequence().generate_state(1)[0])
        condition = np.repeat(np.arange(len(query.inputs)), [c.num_samples for c in query.inputs])
        total = len(condition)
        progress(Progress(0, total, "sampling"))
        counts = np.empty((total, GENES), dtype=np.int32)
        for sample, index in enumerate(condition):
            if sample == 1 and self.failure is not None:
                raise self.failure
            self._work(cancelled)
            counts[sample] = self._sample(query, int(index), sample, seed)
            progress(Progress(sample + 1, total, "sampling"))
        return self._prediction(query, counts, condition, seed)

    def _work(self, cancelled: Cancelled) -> None:
        end = time.monotonic() + self.seconds_per_sample
        while not self.deaf and cancelled() is False and time.monotonic() < end:
            time.sleep(0.01)
        if self.deaf:
            time.sleep(self.seconds_per_sample)
        elif cancelled():
            raise PredictionCancelled("The prediction was cancelled.")

    def _sample(self, query: Query, index: int, sample: int, seed: int) -> np.ndarray:
        metadata = repr(sorted(query.inputs[index].metadata.given().items()))
        fingerprint = int.from_bytes(hashlib.sha256(metadata.encode()).digest()[:4], "big")
        profile = np.random.default_rng(fingerprint).gamma(0.5, size=GENES)
        random = np.random.default_rng([seed, index, sample])
        library_size = query.total_count or MODEL_RULES[self.model_id].default_total_count
        return random.multinomial(library_size, profile / profile.sum())

    def _prediction(self, query: Query, counts: np.ndarray, condition: np.ndarray, seed: int) -> Prediction:
        given = [query.inputs[index].metadata.given() for index in condition]
        keys = list(dict.fromkeys(key for condition_ in query.inputs for key in condition_.metadata.given()))
        latent = np.log1p(counts[:, :4].astype(float))
        vocabulary = self.vocabulary()
        supports = [
            ConditionProvenance(tuple(vocabulary.support(k, v) for k, v in c.metadata.given().items()))
            for c in query.inputs
        ]
        return Prediction(
            metadata=pd.DataFrame([[row.get(key) for key in keys] for row in given], columns=keys, dtype=object),
            expression=pd.DataFrame(counts, columns=genes().index),
            latents=pd.DataFrame(
                {
                    "biological": latent.tolist(),
                    "technical": latent[:, :2].tolist(),
                    "perturbation": latent[:, :1].tolist(),
                }
            ),
            genes=genes(),
            condition=condition,
            condition_names=tuple(f"Condition {index + 1}" for index in range(len(query.inputs))),
            provenance=Provenance(self.model_id, self.version, "embedded", seed, tuple(supports)),
        )


def _refuse_elephants(query: Query) -> None:
    """Refuse one genotype, as a model refuses a value that it cannot answer."""
    faults = [
        FieldError(
            f"inputs.{index}.metadata.genotype",
            "genotype",
            "elephant",
            "genotype: 'elephant' is not known to this model; any other is",
            "any other",
        )
        for index, condition in enumerate(query.inputs)
        if condition.metadata.genotype == "elephant"
    ]
    if faults:
        raise QueryError(faults)


# Models that are asked about real samples ---------------------------------------------------------------------------


def real_counts(library_size: int = 50_000, seed: int = 1) -> list[int]:
    """Counts of a real sample, as a query to the models below carries them."""
    random = np.random.default_rng(seed)
    profile = random.gamma(0.5, size=GENES)
    counts: list[int] = random.multinomial(library_size, profile / profile.sum()).tolist()
    return counts


def _counts_of_another_length(query: Query) -> list[FieldError]:
    allowed = f"{GENES} counts, one a gene"
    return [
        FieldError(f"inputs.{index}.counts", "counts", f"{len(sample.counts)} counts", f"counts: {allowed}", allowed)
        for index, sample in enumerate(query.inputs)
        if isinstance(sample, Reference | Unlabelled) and len(sample.counts) != GENES
    ]


@dataclass
class SmallReferenceModel(SmallModel):
    """Multinomial counts about the real sample; a perturbation doubles the first gene."""

    model_id: str = model_named(BULK, REFERENCE_CONDITIONING)

    def example_query(self) -> Query:
        perturbation = {"perturbation_ontology_id": "CHEBI:41879", "perturbation_type": "compound"}
        sample = {"counts": real_counts(), "metadata": perturbation, "num_samples": 2}
        return read_query({"sampling_strategy": "mean estimation", "inputs": [sample], "seed": 5}, self.model_id)

    def faults(self, query: Query) -> list[FieldError]:
        return _counts_of_another_length(query)

    def _sample(self, query: Query, index: int, sample: int, seed: int) -> np.ndarray:
        assert isinstance(query, ReferenceQuery)
        reference = query.inputs[index]
        expected = np.array(reference.counts, dtype=float)
        expected[0] *= 2 if reference.metadata.perturbation_ontology_id else 1
        library_size = (query.total_count or 10_000_000) if query.fixed_total_count else sum(reference.counts)
        return np.random.default_rng([seed, index, sample]).multinomial(library_size, expected / expected.sum())


@dataclass
class SmallMetadataModel(SmallModel):
    """Tells liver from gonad, and female from male, by the first two genes."""

    model_id: str = model_named(BULK, PREDICT_METADATA)

    def example_query(self) -> Query:
        samples = [{"counts": real_counts(seed=seed)} for seed in (1, 2)]
        return read_query({"inputs": samples, "seed": 5}, self.model_id)

    def faults(self, query: Query) -> list[FieldError]:
        return _counts_of_another_length(query)

    def _sample(self, query: Query, index: int, sample: int, seed: int) -> np.ndarray:  # noqa: ARG002 - the base's
        assert isinstance(query, MetadataQuery)
        return np.array(query.inputs[index].counts)

    def _prediction(self, query: Query, counts: np.ndarray, condition: np.ndarray, seed: int) -> Prediction:
        made = super()._prediction(query, counts, condition, seed)
        first = (counts[:, 0] + 1) / (counts[:, 0] + counts[:, 1] + 2)
        tissue = [{"UBERON:0002107": p, "UBERON:0000991": 1 - p} for p in first]
        sex = [{"female": 1 - p, "male": p} for p in first]
        metadata = {
            "tissue_ontology_id": [max(told, key=lambda value: told[value]) for told in tissue],
            "sex": [max(told, key=lambda value: told[value]) for told in sex],
        }
        return replace(
            made,
            metadata=pd.DataFrame(metadata, dtype=object),
            classifier_probs=pd.DataFrame({"tissue": tissue, "sex": sex}, dtype=object),
        )


@dataclass
class AnsweredModel(SmallModel):
    """Has its answer ready, whatever it is asked."""

    answer: Prediction | None = None

    def predict(self, *_: object, **__: object) -> Prediction:
        assert self.answer is not None
        return replace(self.answer, provenance=replace(self.answer.provenance, model_id=self.model_id))


def small_models() -> dict[str, SmallModel]:
    """A small model for each of the contract's six."""
    kinds = {REFERENCE_CONDITIONING: SmallReferenceModel, PREDICT_METADATA: SmallMetadataModel}
    return {model_id: kinds.get(operation_of(model_id), SmallModel)(model_id) for model_id in CONTRACT_MODELS}
