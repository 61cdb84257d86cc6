"""What the tests of the API ask of it, in few words."""

from __future__ import annotations

import time
from typing import Any

import requests

from synthome.query import BULK
from synthome.runs import Runner
from tests.models_for_tests import liver_query

ARROW = "application/vnd.apache.arrow.stream"


def predict(
    base: str, body: object = None, model_id: str = BULK, key: str | None = None, **headers: str
) -> requests.Response:
    """Ask for liver, or for what ``body`` says."""
    url = f"{base}/api/models/{model_id}/predict"
    body = liver_query(1).to_contract() if body is None else body
    return requests.post(url, json=body, headers=_authorised(key) | headers, timeout=20)


def get(base: str, path: str, key: str | None = None) -> requests.Response:
    return requests.get(f"{base}/api/{path}", headers=_authorised(key), timeout=20)


def finished_status(base: str, query_id: str, key: str | None = None) -> dict[str, Any]:
    """The status of a query as soon as it is no longer running."""
    end = time.monotonic() + 10
    while True:
        status: dict[str, Any] = get(base, f"model-queries/{query_id}/status", key).json()
        if status.get("status") != "running" or time.monotonic() > end:
            return status
        time.sleep(0.01)


def finished_link(base: str, runner: Runner, key: str | None = None) -> str:
    """The download link of a query that is answered."""
    query_id = predict(base, key=key).json()["modelQueryId"]
    runner.wait("api", query_id, 5)
    link: str = finished_status(base, query_id, key)["downloadUrl"]
    return link


def fault(answer: requests.Response) -> tuple[int, str]:
    """Status and sentence of an error in the contract's form."""
    content = answer.json()
    assert set(content) == {"error", "errors"}
    assert isinstance(content["error"], str)
    assert content["error"]
    assert all(set(error) == {"path", "message"} and error["message"] for error in content["errors"])
    assert "Traceback" not in answer.text
    return answer.status_code, content["error"]


def fault_paths(answer: requests.Response) -> tuple[int, list[str]]:
    """Status of an error in the contract's form, and the places that it names."""
    status, _ = fault(answer)
    return status, [error["path"] for error in answer.json()["errors"]]


def _authorised(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Authorization": f"Bearer {key}"}
