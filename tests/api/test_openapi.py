"""The API's own description, tried out: whatever is sent, nothing breaks, and answers are as the description says.

And what the server accepts is exactly what the library accepts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from starlette.applications import Starlette
from starlette.routing import Mount

from synthome import settings as settings_module
from synthome.api import create_api
from synthome.api.backend import Backend
from synthome.errors import QueryError
from synthome.models import embedded_model
from synthome.query import CONTRACT_MODELS, KEYS, base_model, operation_of, read_query
from synthome.query.vocabulary import BASELINE, PREDICT_METADATA
from synthome.runs import Runner, RunStore
from tests.api.client import finished_status, get, predict
from tests.models_for_tests import small_models
from tests.servers import serving

BOUNDED = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
KEY = "one-of-two"


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All six models, small ones, without limits on how often they are asked; nothing is asked of the network."""
    folder = tmp_path_factory.mktemp("openapi")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "DATA_DIR": str(folder),
            "API_REQUESTS_PER_MINUTE": "0",
            "API_PREDICTIONS_PER_MINUTE": "0",
            "LIVE_LOOKUP": "0",
            "MAX_SAMPLES": "50",
        }.items():
            environment.setenv(f"SYNTHOME_{name}", value)
        settings_module.settings.cache_clear()
        runner = Runner(RunStore(folder / "runs", 10**9))
        api = create_api(runner, models=small_models())
        with serving(Starlette(routes=[Mount("/api", api)])) as url:
            yield url
        runner.close()
    settings_module.settings.cache_clear()


@pytest.fixture(scope="module")
def description(open_server: str) -> dict[str, Any]:
    content: dict[str, Any] = get(open_server, "openapi.json").json()
    return content


def operations() -> list[str]:
    return [f"{method.upper()} {path}" for path, item in create_api().openapi()["paths"].items() for method in item]


def check_cases(url: str, operation: str, mode: GenerationMode, examples: int, **fixed: Any) -> None:
    """Send requests made up from the description, right ones or wrong ones, and hold each answer to it."""
    method, path = operation.split()
    route = schemathesis.openapi.from_url(f"{url}/api/openapi.json")[path][method]
    # Whether a term exists, and whether it fits the model, is more than a description can say.
    beyond = CHECKS.get_by_names(["positive_data_acceptance"])

    @settings(BOUNDED, max_examples=examples)
    @given(case=route.as_strategy(mode, **fixed))
    def holds(case: schemathesis.Case) -> None:
        answer = case.call_and_validate(timeout=20, excluded_checks=beyond)
        assert "Traceback" not in answer.text

    holds()


@pytest.mark.parametrize("operation", operations())
def test_no_request_breaks_the_server_and_answers_are_as_described(open_server: str, operation: str) -> None:
    check_cases(open_server, operation, GenerationMode.POSITIVE, 30)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_no_query_breaks_a_model_and_answers_are_as_described(
    open_server: str, model_id: str, mode: GenerationMode
) -> None:
    check_cases(open_server, "POST /models/{model_id}/predict", mode, 15, path_parameters={"model_id": model_id})


@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_queries_and_answers_are_as_described(open_server: str, description: dict[str, Any], model_id: str) -> None:
    query = get(open_server, f"models/{model_id}/example-query").json()["example_query"]
    post = description["paths"]["/models/{model_id}/predict"]["post"]
    _hold(description, post["requestBody"]["content"]["application/json"]["schema"], query)
    started = predict(open_server, query, model_id).json()
    _hold(description, _schema(post), started)
    status = finished_status(open_server, started["modelQueryId"])
    _hold(description, _schema(description["paths"]["/model-queries/{query_id}/status"]["get"]), status)
    answer = requests.get(status["downloadUrl"], timeout=10).json()
    _hold(description, _schema(description["paths"]["/model-queries/{query_id}/download"]["get"]), answer)


def _schema(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def _hold(description: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    jsonschema.Draft202012Validator({**schema, "components": description["components"]}).validate(value)


def test_every_example_of_the_description_is_as_the_description_says(description: dict[str, Any]) -> None:
    held = 0
    for item in description["paths"].values():
        for operation in item.values():
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                content = part.get("content", {}).get("application/json", {})
                for example in content.get("examples", {}).values():
                    _hold(description, content["schema"], example["value"])
                    held += 1
    assert held >= len(CONTRACT_MODELS) + 3 + 2


@pytest.mark.parametrize("model_id", [model for model in CONTRACT_MODELS if operation_of(model) == BASELINE])
def test_the_example_of_a_baseline_model_is_answered(
    open_server: str, description: dict[str, Any], model_id: str
) -> None:
    body = description["paths"]["/models/{model_id}/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert predict(open_server, body["examples"][model_id]["value"], model_id).status_code == 200


def test_every_route_of_the_models_tells_its_errors(description: dict[str, Any]) -> None:
    for path, item in description["paths"].items():
        for operation in item.values():
            faults = {code: answer for code, answer in operation["responses"].items() if code != "200"}
            assert {"404", "422", "500"} <= set(faults), path
            for code, answer in faults.items():
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Fault"}, (path, code)
            assert {"429", "503"} & set(faults) <= {code for code, answer in faults.items() if "headers" in answer}


@pytest.mark.parametrize("keys", ["", KEY])
def test_a_key_is_asked_for_in_the_description_where_the_installation_has_any(
    monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("SYNTHOME_API_KEYS", keys)
    settings_module.settings.cache_clear()
    text = json.dumps(create_api().openapi())
    settings_module.settings.cache_clear()
    assert KEY not in text
    described = json.loads(text)
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    needed = {
        path for path, item in described["paths"].items() for of in item.values() if of.get("security") == [{"key": []}]
    }
    assert needed == (_LOCKED if keys else set())


_LOCKED = {
    "/models",
    "/models/{model_id}/example-query",
    "/models/{model_id}/predict",
    "/model-queries/{query_id}/status",
}


# What the server and the library accept ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str]]:
    """The embedded models, asked but never answering: what is accepted waits for ever."""
    api = create_api()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SYNTHOME_API_REQUESTS_PER_MINUTE", "0")
        environment.setenv("SYNTHOME_API_PREDICTIONS_PER_MINUTE", "0")
        environment.setenv("SYNTHOME_API_WAITING", "100000")
        settings_module.settings.cache_clear()
        runner = Runner(RunStore(tmp_path_factory.mktemp("runs"), 10**9), max_running=0, max_waiting=10**6)
        api.state.backend = Backend(runner)
        with serving(Starlette(routes=[Mount("/api", api)])) as url:
            yield api, url
        runner.close()
    settings_module.settings.cache_clear()


def _values(key: str) -> st.SearchStrategy[object]:
    spec = KEYS[key]
    good = [spec.example, *spec.choices[:3]]
    terms = ["UBERON:0002107", "CL:0000236", "CVCL_0023", "MONDO:0011719", "CHEBI:41879", "UBERON:9999999", "9606"]
    odd = [None, "", 3, 5.5, True, [], {}, "elephant", "\ud800", " male ", "Female"]
    return st.sampled_from([*good, *good, *terms, *odd])


METADATA = st.lists(st.sampled_from(list(KEYS)), max_size=4, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: _values(key) for key in keys})
)
NUMBERS = st.sampled_from([1, 2, 2.0, 5, 0, -1, "3", None, 1e9, 20_000_000, 2**60])


def _options() -> dict[str, st.SearchStrategy[object]]:
    return {
        "total_count": NUMBERS,
        "seed": NUMBERS,
        "deterministic_latents": st.sampled_from([True, False, "true", 1]),
        "conditioning": st.sampled_from([["biological"], "technical", ["perturbation"], []]),
        "fixed_total_count": st.sampled_from([True, False, None]),
        "sauce": st.just("brown"),
    }


def _counts(genes: int) -> st.SearchStrategy[object]:
    """Counts of the right length, or wrong in some way."""
    right = [1] * genes
    return st.sampled_from(
        [right, {"counts": right}, right[:-1], [0] * genes, [*right[:-1], -1], [1.5, *right[1:]], "x"]
    )


def _inputs(model_id: str) -> st.SearchStrategy[object]:
    operation = operation_of(model_id)
    genes = len(embedded_model(base_model(model_id)).genes)  # type: ignore[attr-defined]
    perturbation = st.sampled_from([{}, {"perturbation_ontology_id": "CHEBI:41879", "perturbation_type": "compound"}])
    metadata = METADATA if operation == BASELINE else perturbation | METADATA
    baseline = {"metadata": metadata, "num_samples": NUMBERS}
    required = baseline if operation == BASELINE else {"counts": _counts(genes)}
    optional = {} if operation == BASELINE else baseline if operation != PREDICT_METADATA else {"metadata": METADATA}
    return st.lists(st.fixed_dictionaries(required, optional=optional), max_size=2)


def _bodies(model_id: str) -> st.SearchStrategy[dict[str, Any]]:
    strategy = st.sampled_from(["mean estimation", "mean estimation", "sample generation", "guess"])
    required: dict[str, st.SearchStrategy[Any]] = {"inputs": _inputs(model_id)}
    if operation_of(model_id) != PREDICT_METADATA:
        required["sampling_strategy"] = strategy
    options = _options()
    chosen = st.lists(st.sampled_from(list(options)), max_size=2, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: options[name] for name in names})
    )
    return st.builds(lambda body, more: body | more, st.fixed_dictionaries(required), chosen)


@pytest.mark.parametrize("model_id", CONTRACT_MODELS)
def test_the_server_accepts_what_the_library_accepts_and_names_the_same_faults(
    embedded_server: tuple[FastAPI, str], model_id: str
) -> None:
    _, url = embedded_server
    model = embedded_model(model_id)
    seen: set[bool] = set()

    @settings(BOUNDED, max_examples=60)
    @given(_bodies(model_id))
    def agrees(body: dict[str, Any]) -> None:
        sent = json.dumps(body)  # ASCII, as clients send lone surrogates
        expected = _paths(sent, model_id, model)
        answer = requests.post(
            f"{url}/api/models/{model_id}/predict", sent, headers={"Content-Type": "application/json"}, timeout=20
        )
        seen.add(not expected)
        if not expected:
            assert answer.status_code == 200, answer.text
            return
        assert answer.status_code == 422
        assert [error["path"] for error in answer.json()["errors"]] == expected

    agrees()
    assert seen == {True, False}


def _paths(sent: str, model_id: str, model: Any) -> list[str]:
    """Where the library finds faults."""
    try:
        query = read_query(json.loads(sent), model_id)
    except QueryError as error:
        return [fault.path for fault in error.errors]
    return [fault.path for fault in model.faults(query)]
