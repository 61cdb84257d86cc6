"""The two operations on real samples over HTTP: asked as JSON and as Arrow, and read by the official client."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import requests

from synthome.query import BULK, CONTRACT_MODELS, model_named, operation_of, read_query
from synthome.query.vocabulary import BASELINE, PREDICT_METADATA, REFERENCE_CONDITIONING
from tests.api.client import ARROW, fault_paths, finished_status, get, predict
from tests.models_for_tests import GENES, SmallModel, real_counts

REFERENCE = model_named(BULK, REFERENCE_CONDITIONING)
METADATA = model_named(BULK, PREDICT_METADATA)
SAMPLE_MODELS = [model_id for model_id in CONTRACT_MODELS if operation_of(model_id) != BASELINE]


def example(base: str, model_id: str) -> dict[str, Any]:
    query: dict[str, Any] = get(base, f"models/{model_id}/example-query").json()["example_query"]
    return query


def downloaded(base: str, query: dict[str, Any], model_id: str) -> dict[str, Any]:
    query_id = predict(base, query, model_id).json()["modelQueryId"]
    answer: dict[str, Any] = requests.get(finished_status(base, query_id)["downloadUrl"], timeout=10).json()
    return answer


def streamed(base: str, query: dict[str, Any], model_id: str) -> pa.Table:
    answer = predict(base, query, model_id, Accept=ARROW)
    assert answer.headers["Content-Type"] == ARROW
    return pa.ipc.open_stream(answer.content).read_all()


@pytest.mark.parametrize("model_id", SAMPLE_MODELS)
def test_both_forms_hold_the_models_own_answer(base: str, models: dict[str, SmallModel], model_id: str) -> None:
    query = example(base, model_id)
    own = models[model_id].predict(read_query(query, model_id)).expression.to_numpy().tolist()
    told = operation_of(model_id) == PREDICT_METADATA
    outputs = downloaded(base, query, model_id)["outputs"]
    assert [output["decoder_sample"]["counts"] if told else output["counts"] for output in outputs] == own
    table = streamed(base, query, model_id)
    rows = table.column("decoder_sample" if told else "counts").to_pylist()
    assert [row["counts"] if told else row for row in rows] == own


def test_a_perturbed_sample_is_as_large_as_its_reference_unless_told_otherwise(base: str) -> None:
    query = example(base, REFERENCE)
    outputs = downloaded(base, query, REFERENCE)["outputs"]
    assert {sum(output["counts"]) for output in outputs} == {50_000}
    assert outputs[0]["metadata"] == {"perturbation_ontology_id": "CHEBI:41879", "perturbation_type": "compound"}
    outputs = downloaded(base, query | {"fixed_total_count": True, "total_count": 70_000}, REFERENCE)["outputs"]
    assert {sum(output["counts"]) for output in outputs} == {70_000}


def test_each_sample_is_told_what_it_is_with_probabilities(base: str) -> None:
    counts = [real_counts(), real_counts(seed=3)]
    answer = downloaded(base, {"inputs": [{"counts": row} for row in counts], "seed": 1}, METADATA)
    assert len(answer["outputs"]) == 2
    for output in answer["outputs"]:
        assert set(output) == {"metadata", "classifier_probs", "latents", "decoder_sample"}
        assert set(output["latents"]) == {"biological", "technical", "perturbation"}
        tissues = output["classifier_probs"]["tissue"]
        assert sum(tissues.values()) == pytest.approx(1)
        assert output["metadata"]["tissue_ontology_id"] == max(tissues, key=tissues.get)


def test_probabilities_are_structs_in_the_stream_not_maps(base: str) -> None:
    schema = streamed(base, example(base, METADATA), METADATA).schema
    assert schema.names == ["metadata", "latents", "classifier_probs", "decoder_sample"]
    tissue = schema.field("classifier_probs").type.field("tissue").type
    assert pa.types.is_struct(tissue)
    assert {field.name for field in tissue} == {"UBERON:0002107", "UBERON:0000991"}


@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_the_official_client_reads_both_forms_alike(base: str, monkeypatch: pytest.MonkeyPatch, model_id: str) -> None:
    client = pytest.importorskip("pysynthbio", reason="the official client is not installed: make test installs it")
    monkeypatch.setenv("SYNTHESIZE_API_KEY", "any")
    query = client.get_example_query(model_id=model_id, api_base_url=base)["example_query"]
    ask = {"model_id": model_id, "api_base_url": base, "poll_interval_seconds": 1}
    by_json, by_arrow = (client.predict_query(dict(query), **ask, self_hosted=form) for form in (False, True))
    assert set(by_json) == set(by_arrow)
    np.testing.assert_array_equal(by_json["expression"].to_numpy(), by_arrow["expression"].to_numpy())
    assert by_json["expression"].shape[1] == GENES
    assert _told(by_json["metadata"]) == _told(by_arrow["metadata"])


def _told(metadata: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row without its gaps, which the two forms fill differently."""
    return [{key: value for key, value in row.items() if pd.notna(value)} for row in metadata.to_dict("records")]


# As R writes it -----------------------------------------------------------------------------------------------------


def test_rs_spellings_are_taken(base: str) -> None:
    """A list of one as the one, an empty object as an empty list, whole numbers with an exponent."""
    query = example(base, REFERENCE) | {"conditioning": "biological", "source": "rsynthbio"}
    query["inputs"][0]["metadata"] = []
    body = json.dumps(query | {"total_count": 12345}).replace("12345", "1e+07")
    url = f"{base}/api/models/{REFERENCE}/predict"
    answer = requests.post(url, body, headers={"Content-Type": "application/json; charset=utf-8"}, timeout=10)
    assert answer.status_code == 200, answer.text


def test_the_contracts_older_form_of_counts_is_taken(base: str) -> None:
    query = {"inputs": [{"counts": {"counts": real_counts()}}], "seed": 1}
    assert downloaded(base, query, METADATA) == downloaded(
        base, {"inputs": [{"counts": real_counts()}], "seed": 1}, METADATA
    )


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_id", SAMPLE_MODELS)
@pytest.mark.parametrize("counts", [[1, 2, 3], [-1] * GENES, [0.5] * GENES, [0] * GENES, "many", None, [[1]] * GENES])
def test_counts_that_are_none_are_a_fault_of_their_field(base: str, model_id: str, counts: object) -> None:
    query = example(base, model_id)
    query["inputs"][-1]["counts"] = counts
    path = f"inputs.{len(query['inputs']) - 1}.counts"
    assert fault_paths(predict(base, query, model_id)) == (422, [path])
    assert fault_paths(predict(base, query, model_id, Accept=ARROW)) == (422, [path])


def test_metadata_of_a_real_sample_are_refused_where_its_counts_say_them(base: str) -> None:
    query = example(base, REFERENCE)
    query["inputs"][0]["metadata"] = {"tissue_ontology_id": "UBERON:0002107"}
    assert fault_paths(predict(base, query, REFERENCE)) == (422, ["inputs.0.metadata.tissue_ontology_id"])


def test_a_query_of_another_operation_is_refused_with_all_that_is_missing(base: str) -> None:
    assert fault_paths(predict(base, example(base, BULK), METADATA))[0] == 422
    status, paths = fault_paths(predict(base, example(base, METADATA), REFERENCE))
    assert status == 422
    assert {"sampling_strategy", "inputs.0.num_samples"} <= set(paths)
