"""Errors over HTTP: always in the contract's form, with every fault named, whatever was sent."""

from __future__ import annotations

import json

import pytest
import requests

from synthome.errors import FieldError
from synthome.query import BULK, SINGLE_CELL
from synthome.settings import settings
from tests.api.client import ARROW, fault_paths, finished_status, predict
from tests.models_for_tests import SmallModel, liver_query


def test_every_fault_of_a_query_is_named_with_its_path(base: str) -> None:
    body = liver_query().to_contract()
    body["inputs"][1]["metadata"]["sex"] = "femal"
    body["total_count"] = -1
    del body["sampling_strategy"]
    answer = predict(base, body)
    assert fault_paths(answer) == (422, ["sampling_strategy", "inputs.1.metadata.sex", "total_count"])
    assert "did you mean female?" in answer.text


def test_a_strategy_that_the_model_does_not_know_is_refused(base: str) -> None:
    assert fault_paths(predict(base, liver_query().to_contract(), SINGLE_CELL)) == (422, ["sampling_strategy"])


@pytest.mark.parametrize("accept", ["application/json", ARROW])
def test_a_value_that_only_the_model_refuses_is_a_fault_of_its_field(base: str, accept: str) -> None:
    body = liver_query().to_contract()
    body["inputs"][0]["metadata"]["genotype"] = "elephant"
    answer = predict(base, body, Accept=accept)
    if accept == ARROW:
        assert fault_paths(answer) == (422, ["inputs.0.metadata.genotype"])
        return
    status = finished_status(base, answer.json()["modelQueryId"])
    assert status["status"] == "failed"
    assert [error["path"] for error in status["errors"]] == ["inputs.0.metadata.genotype"]


def test_a_failed_arrow_query_is_an_error(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].failure = ZeroDivisionError()
    assert fault_paths(predict(base, liver_query().to_contract(), Accept=ARROW)) == (500, [])


def test_the_official_clients_name_for_themselves_is_accepted(base: str) -> None:
    assert predict(base, {**liver_query().to_contract(), "source": "pysynthbio"}).status_code == 200


def test_any_other_unknown_key_is_refused(base: str) -> None:
    assert fault_paths(predict(base, {**liver_query().to_contract(), "sauce": "x"})) == (422, ["sauce"])


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
    assert fault_paths(requests.get(f"{base}/api/{path}", timeout=10))[0] == status


def test_a_fault_of_the_server_itself_tells_nothing_of_its_inside(
    base: str, models: dict[str, SmallModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> list[FieldError]:
        message = "/secret/place"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(models[BULK], "faults", broken)
    answer = predict(base)
    assert fault_paths(answer) == (500, [])
    assert "secret" not in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_an_unknown_model_is_not_found(base: str) -> None:
    assert fault_paths(predict(base, liver_query().to_contract(), "gem-9")) == (404, [])


@pytest.mark.parametrize("body", [b"", b"{", b"[1, 2", b"\xff\xfe", b'"text"', b"null", b"[]", b"1" * 5000])
def test_a_body_that_is_no_query_is_refused(base: str, body: bytes) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    assert fault_paths(answer)[0] in {400, 422}


@pytest.mark.parametrize(
    "value", ["\ud800", "\x00", "💥" * 5000, "</script>", {"a": [1]}, [], 1e400, -0.0, True, 10**30]
)
def test_no_value_breaks_the_answer(base: str, value: object) -> None:
    body = liver_query().to_contract()
    body["inputs"][0]["metadata"]["tissue_ontology_id"] = value
    headers = {"Content-Type": "application/json"}
    url = f"{base}/api/models/{BULK}/predict"
    answer = requests.post(url, data=json.dumps(body), headers=headers, timeout=10)
    assert fault_paths(answer) == (422, ["inputs.0.metadata.tissue_ontology_id"])


def test_a_body_nested_without_end_is_refused(base: str) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    body = b"[" * 100_000 + b"]" * 100_000
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=10)
    assert fault_paths(answer)[0] in {400, 422}


def test_a_body_that_a_foreign_page_could_send_unasked_is_refused(base: str) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    body = json.dumps(liver_query().to_contract())
    answer = requests.post(url, data=body, headers={"Content-Type": "text/plain"}, timeout=10)
    assert fault_paths(answer)[0] == 422
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(base: str, declared: bool) -> None:
    url = f"{base}/api/models/{BULK}/predict"
    most = settings().max_body_bytes
    data = b" " * (most + 1) if declared else (b" " * 100_000 for _ in range(most // 100_000 + 1))
    answer = requests.post(url, data=data, headers={"Content-Type": "application/json"}, timeout=10)
    assert fault_paths(answer) == (413, [])


def test_a_full_queue_is_busy_and_says_when_to_come_back(base: str, models: dict[str, SmallModel]) -> None:
    models[BULK].seconds_per_sample = 0.05
    body = liver_query(500).to_contract()
    assert [predict(base, body).status_code for _ in range(2)] == [200, 200]
    refused = predict(base, body)
    assert fault_paths(refused) == (503, [])
    assert int(refused.headers["Retry-After"]) > 0
