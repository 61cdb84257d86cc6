"""The official R client, as far as it can be checked without R: what it sends is taken, what it reads is there.

R's jsonlite writes a vector of one as its only value, an empty list as ``[]``, whole numbers perhaps as ``1e+07``, and
leaves out what is NA. It reads ``outputs`` as a table, whose columns must be alike in every row.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pyarrow as pa
import pytest
import requests

from synthome.query import BULK, CONTRACT_MODELS, operation_of
from synthome.query.vocabulary import PREDICT_METADATA, REFERENCE_CONDITIONING

ARROW = "application/vnd.apache.arrow.stream"
REQUEST_TYPES = {
    "baseline": "baseline",
    "reference-conditioning": "reference_conditioned",
    "predict-metadata": "predict_metadata",
}


def example(app_url: str, model_id: str) -> dict[str, Any]:
    query: dict[str, Any] = requests.get(f"{app_url}/api/models/{model_id}/example-query", timeout=30).json()[
        "example_query"
    ]
    return query


def written_by_r(value: object) -> object:
    """``value`` as ``toJSON(value, auto_unbox = TRUE)`` writes it."""
    if isinstance(value, dict):
        return {key: written_by_r(part) for key, part in value.items()} or []
    if isinstance(value, list):
        if len(value) == 1 and not isinstance(value[0], (dict, list)):
            return value[0]
        return [written_by_r(part) for part in value]
    return value


def send(app_url: str, model_id: str, body: str, **headers: str) -> requests.Response:
    headers = {"Content-Type": "application/json", "Authorization": "Bearer any", **headers}
    return requests.post(f"{app_url}/api/models/{model_id}/predict", body, headers=headers, timeout=60)


def download(app_url: str, model_id: str, query: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(written_by_r({**query, "source": "rsynthbio"}))
    query_id = send(app_url, model_id, body).json()["modelQueryId"]
    for _ in range(200):
        status = requests.get(f"{app_url}/api/model-queries/{query_id}/status", timeout=30).json()
        if status["status"] == "ready":
            answer: dict[str, Any] = requests.get(status["downloadUrl"], timeout=30).json()
            return answer
        assert status["status"] == "running", status
        time.sleep(0.1)
    raise TimeoutError(query_id)


@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_the_table_of_outputs_has_the_columns_that_the_client_takes_from_it(app_url: str, model_id: str) -> None:
    answer = download(app_url, model_id, example(app_url, model_id))
    genes = len(answer["gene_order"])
    told = operation_of(model_id) == PREDICT_METADATA
    columns = {"metadata", "latents", *(("classifier_probs", "decoder_sample") if told else ("counts",))}
    for output in answer["outputs"]:
        assert set(output) == columns
        counts = output["decoder_sample"]["counts"] if told else output["counts"]
        assert len(counts) == genes
        assert all(type(count) is int for count in counts)
        assert all(isinstance(value, str) for value in output["metadata"].values())
        assert set(output["latents"]) == {"biological", "technical", "perturbation"}
    for kind in ("biological", "technical", "perturbation"):
        assert len({len(output["latents"][kind]) for output in answer["outputs"]}) == 1


@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_the_stream_has_the_columns_that_the_client_takes_from_it(app_url: str, model_id: str) -> None:
    body = json.dumps(written_by_r(example(app_url, model_id)))
    table = pa.ipc.open_stream(send(app_url, model_id, body, Accept=ARROW).content).read_all()
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert about["request_type"] == REQUEST_TYPES[operation_of(model_id)]
    assert about["model_version"]
    assert pa.types.is_struct(table.schema.field("metadata").type)
    if operation_of(model_id) == PREDICT_METADATA:
        for name in ("latents", "classifier_probs", "decoder_sample"):
            assert pa.types.is_struct(table.schema.field(name).type)
        counts = table.column("decoder_sample").combine_chunks().field("counts")
    else:
        for name in ("biological_latent", "technical_latent", "perturbation_latent"):
            assert pa.types.is_list(table.schema.field(name).type)
        counts = table.column("counts").combine_chunks()
    assert set(counts.value_lengths().to_pylist()) == {len(json.loads(about["gene_order"]))}


def test_a_library_size_in_scientific_notation_is_a_whole_number(app_url: str) -> None:
    body = json.dumps(example(app_url, BULK) | {"total_count": 20_000_000}).replace("20000000", "2e+07")
    table = pa.ipc.open_stream(send(app_url, BULK, body, Accept=ARROW).content).read_all()
    assert {sum(counts) for counts in table.column("counts").to_pylist()} == {20_000_000}


def test_an_empty_list_stands_for_no_metadata_and_one_word_for_a_list_of_one(app_url: str) -> None:
    model_id = f"{BULK}_{REFERENCE_CONDITIONING}"
    query = example(app_url, model_id) | {"conditioning": ["biological"]}
    query["inputs"] = [{**query["inputs"][0], "metadata": {}}]
    written = written_by_r(query)
    assert isinstance(written, dict)
    assert written["conditioning"] == "biological"
    assert written["inputs"][0]["metadata"] == []
    assert send(app_url, model_id, json.dumps(written), Accept=ARROW).status_code == 200
