"""Queries about real samples: what they may hold, and what is said of one that may not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from synthome.errors import QueryError
from synthome.models.protocol import Progress
from synthome.query import BULK, CONTRACT_MODELS, MetadataQuery, Query, ReferenceQuery, model_named, read_query
from synthome.query.vocabulary import PREDICT_METADATA, REFERENCE_CONDITIONING
from synthome.runs.run import Run, RunState, read_run, write_run

REFERENCE = model_named(BULK, REFERENCE_CONDITIONING)
UNLABELLED = model_named(BULK, PREDICT_METADATA)
TREATED: dict[str, Any] = {
    "sampling_strategy": "mean estimation",
    "inputs": [
        {
            "counts": [3, 0, 7],
            "metadata": {"perturbation_ontology_id": "CHEBI:41879", "perturbation_type": "compound"},
            "num_samples": 2,
        }
    ],
}


def faults(body: object, model_id: str) -> dict[str, str]:
    with pytest.raises(QueryError) as caught:
        read_query(body, model_id)
    return {error.path: error.message for error in caught.value.errors}


def with_counts(counts: object) -> dict[str, Any]:
    return {"inputs": [{"counts": counts}]}


def test_the_contract_has_three_operations_of_two_models() -> None:
    assert set(CONTRACT_MODELS) == {
        "gem-1-bulk",
        "gem-1-sc",
        "gem-1-bulk_reference-conditioning",
        "gem-1-sc_reference-conditioning",
        "gem-1-bulk_predict-metadata",
        "gem-1-sc_predict-metadata",
    }


def test_a_reference_query_keeps_its_counts_and_conditions_on_both_kinds_of_latents_unless_told() -> None:
    query = read_query(TREATED, REFERENCE)
    assert isinstance(query, ReferenceQuery)
    assert query.inputs[0].counts == (3, 0, 7)
    assert query.conditioning == ("biological", "technical")
    assert not query.fixed_total_count
    assert read_query(query.to_contract(), REFERENCE) == query


@pytest.mark.parametrize("given", ["technical", ["technical"], ["technical", "technical"]])
def test_conditioning_may_be_a_list_or_what_r_makes_of_a_list_of_one(given: object) -> None:
    query = read_query({**TREATED, "conditioning": given}, REFERENCE)
    assert isinstance(query, ReferenceQuery)
    assert query.conditioning == ("technical",)


@pytest.mark.parametrize("given", [[], "perturbation", ["biological", 3], None, {}])
def test_conditioning_on_anything_else_is_refused(given: object) -> None:
    assert "biological, technical" in faults({**TREATED, "conditioning": given}, REFERENCE)["conditioning"]


def test_what_the_sample_is_may_not_be_said_beside_its_counts() -> None:
    body = {**TREATED, "inputs": [{**TREATED["inputs"][0], "metadata": {"sex": "male", "perturbation_dose": "1 um"}}]}
    told = faults(body, REFERENCE)
    assert list(told) == ["inputs.0.metadata.sex"]
    assert "perturbation_ontology_id" in told["inputs.0.metadata.sex"]


def test_a_sample_without_a_perturbation_is_asked_for_as_it_is() -> None:
    for metadata in ({}, []):
        body = {**TREATED, "inputs": [{"counts": [1, 2], "metadata": metadata, "num_samples": 1}]}
        assert read_query(body, REFERENCE).inputs[0].metadata.given() == {}


def test_a_query_for_metadata_needs_counts_alone() -> None:
    query = read_query({"inputs": [{"counts": [1, 2]}, {"counts": {"counts": [0, 4.0]}}], "seed": 4}, UNLABELLED)
    assert isinstance(query, MetadataQuery)
    assert query.num_samples == 2
    assert query.to_contract() == {"inputs": [{"counts": [1, 2]}, {"counts": [0, 4]}], "seed": 4}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (None, "list of whole numbers"),
        ([], "list of whole numbers"),
        ("many", "list of whole numbers"),
        ([1, -2], "-2 for gene 2"),
        ([1.5, 2], "1.5 for gene 1"),
        ([1, None], "null for gene 2"),
        ([True, 1], "true for gene 1"),
        ([1, "2"], "2 for gene 2"),
        ([1, [2]], "[2] for gene 2"),
        ([float("nan")], "NaN for gene 1"),
        ([2**31], "for gene 1"),
        ([0, 0], "some are above 0"),
        ({"counts": [1], "more": 1}, "list of whole numbers"),
    ],
)
def test_counts_that_are_none_are_refused_with_the_first_wrong_one(counts: object, words: str) -> None:
    assert words in faults(with_counts(counts), UNLABELLED)["inputs.0.counts"]


def test_metadata_beside_counts_that_are_to_be_told_are_refused() -> None:
    body = {"inputs": [{"counts": [1], "metadata": {"sex": "male"}}]}
    assert "no metadata is allowed" in faults(body, UNLABELLED)["inputs.0.metadata.sex"]


def test_a_missing_or_unknown_key_is_told_with_the_keys_of_that_operation() -> None:
    assert "whole numbers" in faults({"inputs": [{}]}, UNLABELLED)["inputs.0.counts"]
    assert "fixed_total_count" in faults({**TREATED, "fixed_total": True}, REFERENCE)["fixed_total"]
    assert "counts" in faults(TREATED, BULK)["inputs.0.counts"]


@pytest.mark.parametrize(
    ("body", "model_id"),
    [(TREATED, REFERENCE), (with_counts([1, 0, 2]), UNLABELLED), ({**TREATED, "seed": 1}, REFERENCE)],
)
def test_a_run_is_read_again_with_the_query_it_was_asked(body: dict[str, Any], model_id: str) -> None:
    query = read_query(body, model_id)
    run = Run("r", "w", "t", model_id, "embedded", query, (), RunState.QUEUED, Progress(0, 2, ""), datetime.now(UTC))
    again = read_run(write_run(run))
    assert again.query == query
    assert type(again.query) is type(query)


def test_a_run_of_a_baseline_query_stays_one() -> None:
    body = {"sampling_strategy": "mean estimation", "inputs": [{"metadata": {"sex": "male"}, "num_samples": 1}]}
    query = read_query(body, BULK)
    run = Run("r", "w", "t", BULK, "embedded", query, (), RunState.QUEUED, Progress(0, 2, ""), datetime.now(UTC))
    assert type(read_run(write_run(run)).query) is Query
