"""The wire contract, asked as any client would ask it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import requests
from fastapi import FastAPI

from synthome.api.backend import Backend
from synthome.api.download_links import signature_of
from synthome.models import embedded_model
from synthome.models.hosted import HostedModel
from synthome.models.self_hosted import SelfHostedModel
from synthome.models.wire import Timing
from synthome.query import BULK, SINGLE_CELL, example_query, read_query
from synthome.runs import Runner, RunState, RunStore
from synthome.settings import settings
from tests.models_for_tests import GENES, SmallModel, genes, liver_query

ARROW = "application/vnd.apache.arrow.stream"
QUICK = Timing(first_poll=0.02, last_poll=0.05)


def _predict(base: str, body: object, model_id: str = BULK, **headers: str) -> requests.Response:
    url = f"{base}/api/models/{model_id}/predict"
    return requests.post(url, json=body, headers={"Authorization": "Bearer any", **headers}, timeout=10)


def _status(base: str, query_id: str) -> dict[str, Any]:
    end = time.monotonic() + 5
    while True:
        status = requests.get(f"{base}/api/model-queries/{query_id}/status", timeout=10).json()
        if status["status"] != "running" or time.monotonic() > end:
            return status
        time.sleep(0.01)


def test_the_models_are_listed(base: str) -> None:
    answer = requests.get(f"{base}/api/models", timeout=10).json()
    assert answer == {"models": [{"model_id": BULK}, {"model_id": SINGLE_CELL}]}


@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL])
def test_the_example_query_is_one_that_the_model_answers(base: str, model_id: str) -> None:
    body = requests.get(f"{base}/api/models/{model_id}/example-query", timeout=10).json()["example_query"]
    assert read_query(body, model_id) == example_query(model_id)
    query_id = _predict(base, body, model_id).json()["modelQueryId"]
    assert _status(base, query_id)["status"] == "ready"


def test_a_query_is_started_polled_and_downloaded(base: str) -> None:
    query = liver_query()
    started = _predict(base, query.to_contract())
    assert started.status_code == 200
    status = _status(base, started.json()["modelQueryId"])
    assert set(status) == {"status", "downloadUrl"}
    assert status["downloadUrl"].startswith(f"{base}/api/")
    answer = requests.get(status["downloadUrl"], timeout=10).json()
    expected = SmallModel().predict(query)
    assert answer["gene_order"] == list(expected.expression.columns)
    assert [output["counts"] for output in answer["outputs"]] == expected.expression.to_numpy().tolist()
    assert answer["outputs"][0]["metadata"] == {"tissue_ontology_id": "UBERON:0002107"}
    assert answer["outputs"][5]["metadata"] == query.inputs[1].metadata.given()
    assert answer["outputs"][5]["latents"] == expected.latents.iloc[5].to_dict()
    assert (answer["model_version"], answer["seed"]) == ("small-1", 5)


def test_a_query_under_way_is_running(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].seconds_per_sample = 0.2
    query_id = _predict(base, liver_query().to_contract()).json()["modelQueryId"]
    answer = requests.get(f"{base}/api/model-queries/{query_id}/status", timeout=10)
    assert answer.json() == {"status": "running"}
    assert answer.headers["Cache-Control"] == "no-store"
    early = requests.get(f"{base}/api/model-queries/{query_id}/download", signature_of(query_id), timeout=10)
    assert early.status_code == 404
    assert "has no result" in early.json()["error"]


def test_an_answer_is_kept_for_a_day_to_be_downloaded(base: str, runner: Runner, tmp_path: Path) -> None:
    ids, links = [], []
    for _ in range(3):
        ids.append(_predict(base, liver_query().to_contract()).json()["modelQueryId"])
        links.append(_status(base, ids[-1])["downloadUrl"])
    store = RunStore(tmp_path / "runs", 10**9)
    for query_id, hours in zip(ids, (24.1, 23.9, 24.1), strict=True):
        run = runner.wait("api", query_id, 5)
        store.save(replace(run, finished=run.finished - timedelta(hours=hours), source=None))
    expired = requests.get(f"{base}/api/model-queries/{ids[0]}/status", timeout=10)
    assert _fault(expired) == (404, [])
    assert "has expired" in expired.json()["error"]
    assert requests.get(links[0], timeout=10).status_code == 404
    assert requests.get(links[1], timeout=10).status_code == 200
    assert requests.get(links[2], timeout=10).status_code == 404
    assert [run.id for run in runner.runs("api")] == [ids[1]]


def test_a_failed_query_says_why(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].failure = ZeroDivisionError("secret detail")
    status = _status(base, _predict(base, liver_query().to_contract()).json()["modelQueryId"])
    assert status["status"] == "failed"
    assert "secret" not in status["message"]


def test_the_answer_can_be_streamed_as_arrow(base: str) -> None:
    query = liver_query(40)
    answer = _predict(base, query.to_contract(), Accept=ARROW)
    assert answer.headers["Content-Type"] == ARROW
    reader = pa.ipc.open_stream(answer.content)
    assert set(reader.schema.names) == {
        "counts",
        "metadata",
        "biological_latent",
        "technical_latent",
        "perturbation_latent",
    }
    about = {key.decode(): value.decode() for key, value in reader.schema.metadata.items()}
    assert about["request_type"] == "baseline"
    assert json.loads(about["gene_order"]) == list(genes().index)
    batches = list(reader)
    assert len(batches) > 1
    counts = [row for batch in batches for row in batch.column("counts").to_pylist()]
    assert counts == SmallModel().predict(query).expression.to_numpy().tolist()


def test_a_client_that_goes_away_ends_its_arrow_query(base: str, models: dict[str, SmallModel], runner: Runner) -> None:
    models[BULK].seconds_per_sample = 0.05
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{base}/api/models/{BULK}/predict",
            json=liver_query(500).to_contract(),
            headers={"Accept": ARROW},
            timeout=0.3,
        )
    (run,) = runner.runs("api")
    assert runner.wait("api", run.id, 2).state is RunState.CANCELLED


def test_without_models_of_its_own_the_api_answers_with_the_embedded_ones(
    base: str, served: tuple[FastAPI, str], runner: Runner
) -> None:
    served[0].state.backend = Backend(runner)
    query = liver_query()
    answer = SelfHostedModel(BULK, base).predict(query)
    pd.testing.assert_frame_equal(answer.expression, embedded_model(BULK).predict(query).expression, check_names=False)
    assert answer.provenance.model_version == embedded_model(BULK).version


def test_a_value_that_the_model_is_known_to_refuse_is_refused_before_the_client_waits(
    base: str, served: tuple[FastAPI, str], runner: Runner
) -> None:
    served[0].state.backend = Backend(runner)
    body = liver_query().to_contract()
    body["inputs"][1]["metadata"] = {"cell_line_ontology_id": "CVCL_ZZZZ"}
    answer = _predict(base, body)
    assert _fault(answer) == (422, ["inputs.1.metadata.cell_line_ontology_id"])
    assert "CVCL_ZZZZ" in answer.text
    assert runner.runs("api") == []


# Errors ---------------------------------------------------------------------------------------------------------------


def _fault(answer: requests.Response) -> tuple[int, list[str]]:
    """The status of an error in the contract's form, and the paths that it names."""
    content = answer.json()
    assert set(content) == {"error", "errors"}
    assert isinstance(content["error"], str)
    assert content["error"]
    assert all(set(error) == {"path", "message"} and error["message"] for error in content["errors"])
    return answer.status_code, [error["path"] for error in content["errors"]]


def test_every_fault_of_a_query_is_named_with_its_path(base: str) -> None:
    body = liver_query().to_contract()
    body["inputs"][1]["metadata"]["sex"] = "femal"
    body["total_count"] = -1
    del body["sampling_strategy"]
    answer = _predict(base, body)
    assert _fault(answer) == (422, ["sampling_strategy", "inputs.1.metadata.sex", "total_count"])
    assert "did you mean female?" in answer.text


def test_a_strategy_that_the_model_does_not_know_is_refused(base: str) -> None:
    assert _fault(_predict(base, liver_query().to_contract(), SINGLE_CELL)) == (422, ["sampling_strategy"])


@pytest.mark.parametrize("accept", ["application/json", ARROW])
def test_a_value_that_only_the_model_refuses_is_a_fault_of_its_field(base: str, accept: str) -> None:
    body = liver_query().to_contract()
    body["inputs"][0]["metadata"]["genotype"] = "elephant"
    answer = _predict(base, body, Accept=accept)
    if accept == ARROW:
        assert _fault(answer) == (422, ["inputs.0.metadata.genotype"])
        return
    status = _status(base, answer.json()["modelQueryId"])
    assert status["status"] == "failed"
    assert [error["path"] for error in status["errors"]] == ["inputs.0.metadata.genotype"]


def test_a_failed_arrow_query_is_an_error(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].failure = ZeroDivisionError()
    assert _fault(_predict(base, liver_query().to_contract(), Accept=ARROW)) == (500, [])


def test_the_official_clients_name_for_themselves_is_accepted(base: str) -> None:
    assert _predict(base, {**liver_query().to_contract(), "source": "pysynthbio"}).status_code == 200


def test_any_other_unknown_key_is_refused(base: str) -> None:
    assert _fault(_predict(base, {**liver_query().to_contract(), "sauce": "x"})) == (422, ["sauce"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("models/gem-9/example-query", 404),
        ("model-queries/unknown/status", 404),
        ("model-queries/..%2F..%2Fetc/status", 404),
        ("model-queries/unknown/download", 403),
        ("nothing", 404),
        ("models/gem-1-bulk/predict", 405),
        ("terms", 422),
    ],
)
def test_errors_have_the_contracts_form_everywhere(base: str, path: str, status: int) -> None:
    assert _fault(requests.get(f"{base}/api/{path}", timeout=10))[0] == status


def test_an_unknown_model_is_not_found(base: str) -> None:
    assert _fault(_predict(base, liver_query().to_contract(), "gem-9")) == (404, [])


@pytest.mark.parametrize("body", [b"", b"{", b"[1, 2", b"\xff\xfe", b'"text"', b"null", b"[]", b"1" * 5000])
def test_a_body_that_is_no_query_is_refused(base: str, body: bytes) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    assert _fault(answer)[0] in {400, 422}


@pytest.mark.parametrize(
    "value", ["\ud800", "\x00", "💥" * 5000, "</script>", {"a": [1]}, [], 1e400, -0.0, True, 10**30]
)
def test_no_value_breaks_the_answer(base: str, value: object) -> None:
    body = liver_query().to_contract()
    body["inputs"][0]["metadata"]["tissue_ontology_id"] = value
    headers = {"Content-Type": "application/json"}
    url = f"{base}/api/models/{BULK}/predict"
    answer = requests.post(url, data=json.dumps(body), headers=headers, timeout=10)
    assert _fault(answer) == (422, ["inputs.0.metadata.tissue_ontology_id"])


def test_a_body_nested_without_end_is_refused(base: str) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    body = b"[" * 100_000 + b"]" * 100_000
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    assert _fault(answer)[0] in {400, 422}


def test_a_body_that_a_foreign_page_could_send_unasked_is_refused(base: str) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    body = json.dumps(liver_query().to_contract())
    answer = requests.post(url, data=body, headers={"Content-Type": "text/plain"}, timeout=10)
    assert _fault(answer)[0] == 422
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(base: str, declared: bool) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    most = settings().max_body_bytes
    data = b" " * (most + 1) if declared else (b" " * 100_000 for _ in range(most // 100_000 + 1))
    answer = requests.post(url, data=data, headers={"Content-Type": "application/json"}, timeout=10)
    assert _fault(answer) == (413, [])


def test_a_full_queue_is_busy_and_says_when_to_come_back(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].seconds_per_sample = 0.05
    body = liver_query(500).to_contract()
    assert [_predict(base, body).status_code for _ in range(2)] == [200, 200]
    refused = _predict(base, body)
    assert _fault(refused) == (503, [])
    assert int(refused.headers["Retry-After"]) > 0


# Our own remote answerers, pointed at ourselves ---------------------------------------------------------------------


@pytest.mark.parametrize("answered_by", ["hosted", "self-hosted"])
def test_a_remote_answer_is_the_same_as_the_models_own(base: str, answered_by: str) -> None:
    model = (
        HostedModel(BULK, base, "any", known_genes=genes(), timing=QUICK)
        if answered_by == "hosted"
        else SelfHostedModel(BULK, base, known_genes=genes(), timing=QUICK)
    )
    query = liver_query(40)
    own, remote = SmallModel().predict(query), model.predict(query)
    assert remote.expression.shape == (80, GENES)
    pd.testing.assert_frame_equal(remote.expression, own.expression, check_names=False)
    pd.testing.assert_frame_equal(remote.latents, own.latents)
    pd.testing.assert_frame_equal(remote.genes, own.genes)
    pd.testing.assert_frame_equal(remote.metadata[list(own.metadata)], own.metadata)
    assert remote.condition.tolist() == own.condition.tolist()
    assert remote.provenance.model_version == own.provenance.model_version
    assert remote.provenance.seed == own.provenance.seed
