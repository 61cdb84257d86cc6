"""The API's own description, tried out: whatever is sent, nothing breaks, and answers are as the description says.

And what the server accepts is exactly what the library accepts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from synthome import settings as settings_module
from synthome.api import create_api
from synthome.api.backend import Backend
from synthome.errors import QueryError
from synthome.models import embedded_model
from synthome.query import BULK, CONTRACT_MODELS, KEYS, operation_of, read_query
from synthome.query.vocabulary import BASELINE, PREDICT_METADATA
from synthome.runs import Runner, RunStore
from tests.models_for_tests import SmallModel
from tests.servers import serving

BOUNDED = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


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
        models = {model_id: SmallModel(BULK) for model_id in CONTRACT_MODELS}
        api = create_api(runner, models=models)
        with serving(Starlette(routes=[Mount("/api", api)])) as url:
            yield url
        runner.close()
    settings_module.settings.cache_clear()


def operations() -> list[str]:
    return [f"{method.upper()} {path}" for path, item in create_api().openapi()["paths"].items() for method in item]


@pytest.mark.parametrize("operation", operations())
def test_no_request_breaks_the_server_and_answers_are_as_described(open_server: str, operation: str) -> None:
    description = schemathesis.openapi.from_url(f"{open_server}/api/openapi.json")
    method, path = operation.split()

    @BOUNDED
    @given(case=description[path][method].as_strategy())
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(timeout=20)

    holds()


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
    genes = len(embedded_model(model_id.partition("_")[0]).genes)  # type: ignore[attr-defined]
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
