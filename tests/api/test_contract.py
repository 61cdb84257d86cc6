"""The wire contract, asked as any client would ask it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

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
from synthome.query import BULK, CONTRACT_MODELS, SINGLE_CELL, example_query, read_query
from synthome.runs import Runner, RunState, RunStore
from tests.api.client import ARROW, fault_paths, finished_status, predict
from tests.models_for_tests import GENES, SmallModel, genes, liver_query

QUICK = Timing(first_poll=0.02, last_poll=0.05)


def test_all_six_models_are_listed(base: str) -> None:
    answer = requests.get(f"{base}/api/models", timeout=10).json()
    assert answer == {"models": [{"model_id": model_id} for model_id in CONTRACT_MODELS]}


@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL])
def test_the_example_query_is_one_that_the_model_answers(base: str, model_id: str) -> None:
    body = requests.get(f"{base}/api/models/{model_id}/example-query", timeout=10).json()["example_query"]
    assert read_query(body, model_id) == example_query(model_id)
    query_id = predict(base, body, model_id).json()["modelQueryId"]
    assert finished_status(base, query_id)["status"] == "ready"


def test_a_query_is_started_polled_and_downloaded(base: str) -> None:
    query = liver_query()
    started = predict(base, query.to_contract())
    assert started.status_code == 200
    status = finished_status(base, started.json()["modelQueryId"])
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
    query_id = predict(base, liver_query().to_contract()).json()["modelQueryId"]
    answer = requests.get(f"{base}/api/model-queries/{query_id}/status", timeout=10)
    assert answer.json() == {"status": "running"}
    assert answer.headers["Cache-Control"] == "no-store"
    early = requests.get(f"{base}/api/model-queries/{query_id}/download", signature_of(query_id), timeout=10)
    assert early.status_code == 404
    assert "has no result" in early.json()["error"]


def test_an_answer_is_kept_for_a_day_to_be_downloaded(base: str, runner: Runner, tmp_path: Path) -> None:
    ids, links = [], []
    for _ in range(3):
        ids.append(predict(base, liver_query().to_contract()).json()["modelQueryId"])
        links.append(finished_status(base, ids[-1])["downloadUrl"])
    store = RunStore(tmp_path / "runs", 10**9)
    for query_id, hours in zip(ids, (24.1, 23.9, 24.1), strict=True):
        run = runner.wait("api", query_id, 5)
        store.save(replace(run, finished=run.finished - timedelta(hours=hours), source=None))
    expired = requests.get(f"{base}/api/model-queries/{ids[0]}/status", timeout=10)
    assert fault_paths(expired) == (404, [])
    assert "has expired" in expired.json()["error"]
    assert requests.get(links[0], timeout=10).status_code == 404
    assert requests.get(links[1], timeout=10).status_code == 200
    assert requests.get(links[2], timeout=10).status_code == 404
    assert [run.id for run in runner.runs("api")] == [ids[1]]


def test_a_failed_query_says_why(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].failure = ZeroDivisionError("secret detail")
    status = finished_status(base, predict(base, liver_query().to_contract()).json()["modelQueryId"])
    assert status["status"] == "failed"
    assert "secret" not in status["message"]


def test_the_answer_can_be_streamed_as_arrow(base: str) -> None:
    query = liver_query(40)
    answer = predict(base, query.to_contract(), Accept=ARROW)
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
    answer = predict(base, body)
    assert fault_paths(answer) == (422, ["inputs.1.metadata.cell_line_ontology_id"])
    assert "CVCL_ZZZZ" in answer.text
    assert runner.runs("api") == []


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
