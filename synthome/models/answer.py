"""A remote answer, checked and made into a prediction.

Both remote answerers end here: whatever the wire looked like, an answer is a gene order and, for each sample, counts,
metadata and latents. Anything short of that is an ``AnswerError``, never a table with holes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.errors import AnswerError
from synthome.models.unchecked import UncheckedVocabulary
from synthome.prediction import ConditionProvenance, Prediction, Provenance
from synthome.query import KEYS, Query

__all__ = ["Answer", "Counts", "as_counts", "as_prediction", "with_seed"]

Counts = npt.NDArray[np.int32] | npt.NDArray[np.int64]

_GENE_COLUMNS = ["symbol", "biotype", "chromosome"]
_LATENTS = ("biological", "technical", "perturbation")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire, one entry a sample; a sample without latents has an empty mapping."""

    gene_order: Sequence[str]
    model_version: str
    counts: Sequence[Counts]
    metadata: Sequence[Mapping[str, Any]]
    latents: Sequence[Mapping[str, Any]]


def with_seed(query: Query) -> Query:
    """``query`` with a seed drawn where it has none, so that its answer can be had again."""
    if query.seed is not None:
        return query
    return query.model_copy(update={"seed": int(np.random.SeedSequence().generate_state(1)[0]) >> 1})


def as_counts(values: object) -> Counts:
    """``values`` as whole, non-negative counts, in 32 bits where they fit; ``AnswerError`` for anything else.

    >>> as_counts([3, 0, 7.0]).tolist()
    [3, 0, 7]
    """
    try:
        counts = np.asarray(values)
    except (ValueError, OverflowError):
        counts = np.empty((), dtype=object)
    if counts.ndim != 1 or (counts.size and counts.dtype.kind not in "iuf"):
        message = "The counts of a sample are no list of numbers. Try again; if it stays so, report it to the service."
        raise AnswerError(message)
    # A comparison with NaN is false, so this refuses NaN too.
    if not np.all((counts >= 0) & (counts < 2**63)):
        message = "The answer holds counts that are negative or no numbers. Report it to the service."
        raise AnswerError(message)
    if counts.dtype.kind == "f" and not np.array_equal(counts, np.floor(counts)):
        message = "The answer holds fractional counts where whole ones were agreed. Report it to the service."
        raise AnswerError(message)
    fits = not counts.size or counts.max() <= np.iinfo(np.int32).max
    return counts.astype(np.int32) if fits else counts.astype(np.int64)


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
    order = list(answer.gene_order)
    condition = np.repeat(np.arange(len(query.inputs)), [asked.num_samples for asked in query.inputs])
    _check_genes(order)
    _check_shape(answer, len(order), len(condition))
    given = [asked.metadata.given() for asked in query.inputs]
    metadata, warnings = _metadata(answer.metadata, [given[index] for index in condition])
    return Prediction(
        metadata=metadata,
        expression=pd.DataFrame(np.stack(answer.counts), columns=order),
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
            warnings=warnings,
        ),
    )


def _check_genes(order: list[str]) -> None:
    if not order or not all(isinstance(gene, str) and gene for gene in order):
        message = "The answer names no genes for its counts. Try again; if it stays so, report it to the service."
        raise AnswerError(message)
    if len(set(order)) != len(order):
        twice = pd.Index(order)
        message = f"The answer holds the gene {twice[twice.duplicated()][0]} more than once. Report it to the service."
        raise AnswerError(message)


def _check_shape(answer: Answer, genes: int, samples: int) -> None:
    if len(answer.counts) != samples:
        message = f"{samples} samples were asked for and {len(answer.counts)} came. Try again."
        raise AnswerError(message)
    for row, counts in enumerate(answer.counts):
        if len(counts) != genes:
            message = f"Sample {row + 1} of the answer has {len(counts):,} counts for {genes:,} genes. Try again."
            raise AnswerError(message)


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
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _latents(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([_floats(row.get(name)) for row in rows], dtype=object) for name in _LATENTS})


def _floats(values: object) -> list[float]:
    if values is None:
        return []
    try:
        return [float(value) for value in values]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        message = "The latents of a sample are no list of numbers. Report it to the service."
        raise AnswerError(message) from None


def _genes(order: list[str], known: pd.DataFrame | None) -> pd.DataFrame:
    if known is None:
        return pd.DataFrame("", index=pd.Index(order), columns=_GENE_COLUMNS)
    return known[_GENE_COLUMNS].reindex(order).fillna("")


def _provenance(given: Mapping[str, str], answered_by: str) -> ConditionProvenance:
    vocabulary = UncheckedVocabulary(f"Answered by the {answered_by} model, which does not tell how well it knows it.")
    return ConditionProvenance(tuple(vocabulary.support(key, value) for key, value in given.items()))
