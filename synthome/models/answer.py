"""A remote answer, checked and made into a prediction.

Both remote answerers end here: whatever the wire looked like, an answer is a gene order and, for each sample, counts,
metadata and latents. Anything short of that is an ``AnswerError``, never a table with holes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from synthome.errors import AnswerError
from synthome.models.count_matrix import Counts
from synthome.models.told_metadata import classifier_probs
from synthome.models.unchecked import UncheckedVocabulary
from synthome.prediction import ConditionProvenance, Prediction, Provenance
from synthome.query import KEYS, Query, Reference, Unlabelled
from synthome.query.vocabulary import PREDICT_METADATA, operation_of

__all__ = ["Answer", "as_prediction", "gene_names", "with_seed"]

_GENE_COLUMNS = ["symbol", "biotype", "chromosome"]
_LATENTS = ("biological", "technical", "perturbation")
_MOST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire: ``counts``, samples x genes, and one entry a sample of everything else.

    A sample without latents has an empty mapping. ``classifier_probs`` is empty unless real samples were told what
    they are. ``model_id`` is the model that the answer says it is of, where it says so.
    """

    gene_order: Sequence[str]
    model_version: str
    counts: Counts
    metadata: Sequence[Mapping[str, Any]]
    latents: Sequence[Mapping[str, Any]]
    classifier_probs: Sequence[Mapping[str, Any]] = ()
    model_id: str | None = None


def with_seed(query: Query) -> Query:
    """``query`` with a seed drawn where it has none, so that its answer can be had again."""
    if query.seed is not None:
        return query
    return query.model_copy(update={"seed": int(np.random.SeedSequence().generate_state(1)[0]) >> 1})


def gene_names(order: object) -> list[str]:
    """The names of an answer's genes, in order; ``AnswerError`` where they are none, or one comes twice."""
    if not isinstance(order, list) or not order or not all(isinstance(gene, str) and gene for gene in order):
        message = "The answer names no genes for its counts. Try again; if it stays so, report it to the service."
        raise AnswerError(message)
    if len(set(order)) != len(order):
        twice = pd.Index(order)
        message = f"The answer holds the gene {twice[twice.duplicated()][0]} more than once. Report it to the service."
        raise AnswerError(message)
    return order


def as_prediction(
    answer: Answer,
    query: Query,
    *,
    model_id: str,
    answered_by: Literal["hosted", "self-hosted"],
    known_genes: pd.DataFrame | None,
) -> Prediction:
    """``answer`` as the prediction of ``query``; genes are described from ``known_genes`` where it has them.

    Samples are taken to come in the order of the query's conditions, as the contract's answers do; metadata that say
    otherwise become a warning in the provenance.
    """
    _check_model(answer, model_id)
    order = list(answer.gene_order)
    condition = np.repeat(np.arange(len(query.inputs)), [asked.num_samples for asked in query.inputs])
    given = [asked.metadata.given() for asked in query.inputs]
    metadata, warnings = _metadata(answer.metadata, [given[index] for index in condition])
    return Prediction(
        metadata=metadata,
        expression=pd.DataFrame(answer.counts, columns=order),
        latents=_latents(answer.latents),
        genes=_genes(order, known_genes),
        condition=condition,
        condition_names=tuple(f"Condition {index + 1}" for index in range(len(given))),
        provenance=Provenance(
            model_id=model_id,
            model_version=answer.model_version,
            answered_by=answered_by,
            seed=query.seed,
            conditions=tuple(_provenance(values, answered_by) for values in given),
            warnings=warnings + _other_genes(query, len(order)),
        ),
        classifier_probs=classifier_probs(answer.classifier_probs, len(condition)) if _told(model_id) else None,
    )


def _told(model_id: str) -> bool:
    return operation_of(model_id) == PREDICT_METADATA


def _check_model(answer: Answer, model_id: str) -> None:
    if answer.model_id is not None and answer.model_id != model_id:
        message = (
            f"The answer is one of {answer.model_id[:60]}, but {model_id} was asked. Try again; check that the address "
            "of the service is that of the model that was chosen."
        )
        raise AnswerError(message)


def _other_genes(query: Query, genes: int) -> tuple[str, ...]:
    """A warning where real samples were given with other genes than those of the answer."""
    given = {len(sample.counts) for sample in query.inputs if isinstance(sample, (Reference, Unlabelled))}
    if given <= {genes}:
        return ()
    return (f"The samples were given with {max(given):,} genes, and answered with {genes:,}.",)


def _metadata(
    answered: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, str]]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row a sample, what was answered before what was asked; and a warning for each key that differs."""
    answers = [{key: _text(value) for key, value in row.items() if value is not None} for row in answered]
    rows = [{**ask, **answer} for ask, answer in zip(asked, answers, strict=True)]
    differing = {
        key
        for ask, answer in zip(asked, answers, strict=True)
        for key, value in ask.items()
        if answer.get(key, value) != value
    }
    seen = dict.fromkeys(key for row in rows for key in row)
    columns = [key for key in KEYS if key in seen] + [key for key in seen if key not in KEYS]
    frame = pd.DataFrame([[row.get(key) for key in columns] for row in rows], columns=columns, dtype=object)
    warnings = tuple(f"{key} is not in every sample as it was asked for." for key in KEYS if key in differing)
    return frame, warnings


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=str)
    except RecursionError:
        message = "The metadata of a sample are lists within lists without end. Report it to the service."
    raise AnswerError(message)


def _latents(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([_floats(row.get(name)) for row in rows], dtype=object) for name in _LATENTS})


def _floats(values: object) -> list[float]:
    if values is None:
        return []
    if isinstance(values, list) and all(type(value) in (int, float) and abs(value) <= _MOST for value in values):
        return [float(value) for value in values]
    message = "The latents of a sample are no list of numbers. Report it to the service."
    raise AnswerError(message)


def _genes(order: list[str], known: pd.DataFrame | None) -> pd.DataFrame:
    if known is None:
        return pd.DataFrame("", index=pd.Index(order), columns=_GENE_COLUMNS)
    return known[_GENE_COLUMNS].reindex(order).fillna("")


def _provenance(given: Mapping[str, str], answered_by: str) -> ConditionProvenance:
    vocabulary = UncheckedVocabulary(f"Answered by the {answered_by} model, which does not tell how well it knows it.")
    return ConditionProvenance(tuple(vocabulary.support(key, value) for key, value in given.items()))
