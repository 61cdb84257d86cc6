"""The API as a whole: its description, its documentation, its files."""

from __future__ import annotations

import plotly
import requests

from synthome.query import BULK
from tests.api.client import ARROW, finished_status, predict


def test_the_description_names_every_route_and_the_query(base: str) -> None:
    description = requests.get(f"{base}/api/openapi.json", timeout=10).json()
    assert set(description["paths"]) == {
        "/models",
        "/models/{model_id}/example-query",
        "/models/{model_id}/predict",
        "/model-queries/{query_id}/status",
        "/model-queries/{query_id}/download",
        "/terms",
        "/terms/live",
        "/terms/suggested",
        "/terms/{term_id}",
    }
    schemas = description["components"]["schemas"]
    assert set(schemas["Query"]["required"]) == {"sampling_strategy", "inputs"}
    assert "tissue_ontology_id" in schemas["Metadata"]["properties"]


def test_every_reference_of_the_description_resolves(base: str) -> None:
    description = requests.get(f"{base}/api/openapi.json", timeout=10).json()
    references: list[str] = []

    def collect(node: object) -> None:
        if isinstance(node, dict):
            references.extend(value for key, value in node.items() if key == "$ref")
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(description)
    assert references
    for reference in references:
        _, *parts = reference.split("/")
        node = description
        for part in parts:
            node = node[part]


def test_the_documentation_is_readable_without_a_network(base: str) -> None:
    page = requests.get(f"{base}/api/docs", timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "/api/models/{model_id}/predict" in page.text
    assert "http://" not in page.text.replace(base, "")
    assert "https://" not in page.text
    assert "<script" not in page.text


def test_plotlys_script_is_that_of_the_installed_package(base: str) -> None:
    script = requests.get(f"{base}/api/plotly.min.js", timeout=10)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=604800" in script.headers["Cache-Control"]
    assert script.text == plotly.offline.get_plotlyjs()


def test_answers_come_uncompressed_through_the_whole_app(app_url: str) -> None:
    """Compressing them, as the server does with pages, would take longer than making them."""
    query = requests.get(f"{app_url}/api/models/{BULK}/example-query", timeout=30).json()["example_query"]
    stream = predict(app_url, query, Accept=ARROW)
    status = finished_status(app_url, predict(app_url, query).json()["modelQueryId"])
    download = requests.get(status["downloadUrl"], timeout=30)
    for answer in (stream, download):
        assert answer.request.headers["Accept-Encoding"].startswith("gzip")
        assert answer.headers.get("Content-Encoding", "identity") == "identity"
        assert len(answer.content) > 100_000


def test_no_other_site_is_let_in(base: str) -> None:
    answer = requests.options(
        f"{base}/api/models",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"},
        timeout=10,
    )
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
