"""The official Python client, pointed at the running app: what it gets is what the embedded models answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import requests

from synthome.models import embedded_model
from synthome.prediction import Prediction
from synthome.query import BULK, CONTRACT_MODELS, SINGLE_CELL, operation_of, read_query
from synthome.query.vocabulary import PREDICT_METADATA

pysynthbio = pytest.importorskip("pysynthbio", reason="the official client is not installed: make test installs it")

MODES = ["hosted", "self-hosted"]


@pytest.fixture(scope="module")
def server(app_url: str) -> Iterator[str]:
    """The address of the running app, as the client's users set it: in its environment."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SYNTHESIZE_API_BASE_URL", app_url)
        environment.setenv("SYNTHESIZE_API_KEY", "any")
        yield app_url


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Polling and downloading JSON, or one request that is answered as Arrow."""
    monkeypatch.setenv("SYNTHESIZE_SELF_HOSTED", "1" if request.param == "self-hosted" else "0")
    return str(request.param)


def example(model_id: str) -> dict[str, Any]:
    query: dict[str, Any] = pysynthbio.get_example_query(model_id=model_id)["example_query"]
    return query


def ask(query: dict[str, Any], model_id: str, **options: Any) -> Any:
    return pysynthbio.predict_query(query, model_id=model_id, poll_interval_seconds=1, **options)


def own_answer(query: dict[str, Any], model_id: str) -> Prediction:
    """What the model says when it is asked without a server in between."""
    body = {key: value for key, value in query.items() if key != "source"}
    return embedded_model(model_id).predict(read_query(body, model_id))


def test_all_six_models_are_listed(mode: str) -> None:
    assert [entry["model_id"] for entry in pysynthbio.list_models()["models"]] == list(CONTRACT_MODELS)


@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_the_client_gets_the_models_own_answer_cell_by_cell(mode: str, model_id: str) -> None:
    query = example(model_id) | {"seed": 5}
    result = ask(query, model_id)
    own = own_answer(query, model_id)
    assert list(result["expression"].columns) == list(own.expression.columns)
    np.testing.assert_array_equal(result["expression"].to_numpy(), own.expression.to_numpy())
    assert result["expression"].to_numpy().dtype == np.int64
    assert _rows(result["metadata"]) == _rows(own.metadata)
    for name in ("biological", "technical", "perturbation"):
        np.testing.assert_allclose(_matrix(result["latents"][name]), _matrix(own.latents[name]), rtol=1e-12)
    if operation_of(model_id) == PREDICT_METADATA:
        assert own.classifier_probs is not None
        assert _rows(result["classifier_probs"]) == _rows(own.classifier_probs)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Each row without what it lacks: frames of different clients fill gaps differently."""
    return [
        {key: _given(value) for key, value in row.items() if value is not None and value == value}
        for row in frame.to_dict("records")
    ]


def _given(value: object) -> object:
    """Arrow fills the gaps of a mapping with nothing."""
    return {key: p for key, p in value.items() if p is not None} if isinstance(value, dict) else value


def _matrix(column: pd.Series) -> np.ndarray:
    return np.array([list(cell) for cell in column], dtype=float)


@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL])
def test_every_option_of_the_page_changes_what_it_says(mode: str, model_id: str) -> None:
    query = example(model_id)
    query["sampling_strategy"] = "mean estimation"
    query["total_count"] = 8_000_000
    query["deterministic_latents"] = True
    query["seed"] = 42
    query["inputs"][0]["num_samples"] = 3
    query["inputs"].append({"metadata": {"sex": "male", "tissue_ontology_id": "UBERON:0002371"}, "num_samples": 2})
    expression = ask(query, model_id)["expression"]
    assert expression.shape[0] == 3 + query["inputs"][1]["num_samples"] + 2
    assert set(expression.sum(axis=1)) == {8_000_000}
    assert (expression.iloc[0] == expression.iloc[2]).all()


def test_options_may_be_given_as_keyword_arguments(mode: str) -> None:
    with_option = ask(example(BULK), BULK, seed=3)["expression"]
    in_query = ask(example(BULK) | {"seed": 3}, BULK)["expression"]
    np.testing.assert_array_equal(with_option.to_numpy(), in_query.to_numpy())


def test_a_download_link_needs_no_key(server: str) -> None:
    link = ask(example(BULK), BULK, return_download_url=True)["download_url"]
    content = requests.get(link, timeout=30).json()
    assert len(content["outputs"]) == 10
    assert content["outputs"][0].keys() >= {"counts", "metadata", "latents"}


def test_a_download_link_is_refused_by_the_client_where_there_is_none(server: str) -> None:
    with pytest.raises(ValueError, match="return_download_url"):
        ask(example(BULK), BULK, return_download_url=True, self_hosted=True)


def test_the_raw_response_is_the_json_or_the_arrow_stream_itself(mode: str) -> None:
    query = example(SINGLE_CELL)
    raw = ask(query, SINGLE_CELL, raw_response=True)
    own = own_answer(query, SINGLE_CELL)
    if mode == "hosted":
        assert raw["gene_order"] == list(own.expression.columns)
        assert raw["model_version"] == own.provenance.model_version
        assert [output["counts"] for output in raw["outputs"]] == own.expression.to_numpy().tolist()
        return
    table = pa.ipc.open_stream(raw).read_all()
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert about["request_type"] == "baseline"
    assert about["model_version"] == own.provenance.model_version
    assert json.loads(about["gene_order"]) == list(own.expression.columns)
    assert table.column("counts").to_pylist() == own.expression.to_numpy().tolist()


# Errors, as the client's own classes --------------------------------------------------------------------------------


def _wrong_sex(query: dict[str, Any]) -> None:
    query["inputs"][1]["metadata"]["sex"] = "femal"


def _no_strategy(query: dict[str, Any]) -> None:
    del query["sampling_strategy"]


def _unknown_key(query: dict[str, Any]) -> None:
    query["sauce"] = "brown"


def _unknown_tissue(query: dict[str, Any]) -> None:
    query["inputs"][1]["metadata"]["tissue_ontology_id"] = "UBERON:9999999"


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (_wrong_sex, "inputs.1.metadata.sex"),
        (_no_strategy, "sampling_strategy"),
        (_unknown_key, "sauce"),
        (_unknown_tissue, "inputs.1.metadata.tissue_ontology_id"),
    ],
)
def test_a_refused_query_is_a_validation_error_that_names_its_field(
    mode: str, spoil: Callable[[dict[str, Any]], None], path: str
) -> None:
    query = example(BULK)
    spoil(query)
    with pytest.raises(pysynthbio.ValidationError, match=path.replace(".", r"\.")) as caught:
        ask(query, BULK)
    assert caught.value.status_code == 422


@pytest.mark.parametrize("model_id", [model for model in CONTRACT_MODELS if operation_of(model) != "baseline"])
def test_counts_of_the_wrong_length_are_a_validation_error(mode: str, model_id: str) -> None:
    query = example(model_id)
    query["inputs"][0]["counts"] = [1, 2, 3]
    with pytest.raises(pysynthbio.ValidationError, match=r"inputs\.0\.counts"):
        ask(query, model_id)


def test_single_cells_by_sample_generation_are_a_validation_error(mode: str) -> None:
    with pytest.raises(pysynthbio.ValidationError, match="mean estimation"):
        ask(example(SINGLE_CELL) | {"sampling_strategy": "sample generation"}, SINGLE_CELL)


def test_an_unknown_model_is_not_found(mode: str) -> None:
    with pytest.raises(pysynthbio.NotFoundError):
        pysynthbio.get_example_query(model_id="gem-7")
    with pytest.raises(pysynthbio.NotFoundError):
        ask(example(BULK), "gem-7")


def test_each_fault_stands_on_a_line_of_its_own(server: str) -> None:
    query = example(BULK)
    _wrong_sex(query)
    query["total_count"] = -1
    with pytest.raises(pysynthbio.ValidationError) as caught:
        ask(query, BULK)
    assert "- inputs.1.metadata.sex: sex: 'femal' is not allowed" in str(caught.value)
    assert "- total_count: total_count: '-1' is not allowed" in str(caught.value)
