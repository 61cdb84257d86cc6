"""The API mounted at /api under a real server, with small models and the shipped ontologies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from synthome import settings as settings_module
from synthome.api import create_api
from synthome.api.backend import Backend
from synthome.runs import Runner, RunStore
from tests.models_for_tests import SmallModel, small_models
from tests.servers import serving

Configure = Callable[..., None]


@pytest.fixture
def models() -> dict[str, SmallModel]:
    """The models behind the server; a test may slow them down or make them fail."""
    return small_models()


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(RunStore(tmp_path / "runs", 10**9), max_running=1, max_waiting=1)
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[FastAPI, str]]:
    """One server for all tests, and the API in it."""
    api = create_api()
    with serving(Starlette(routes=[Mount("/api", api)])) as url:
        yield api, url


@pytest.fixture
def base(served: tuple[FastAPI, str], runner: Runner, models: dict[str, SmallModel]) -> str:
    """The server's base URL, as a client is given it, over this test's own runner and models."""
    api, url = served
    api.state.backend = Backend(runner, models=models)
    return url


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Configure]:
    """Set some settings of the installation, for one test."""

    def change(**changes: Any) -> None:
        settings_module.settings.cache_clear()
        for name, value in {"data_dir": tmp_path, **changes}.items():
            monkeypatch.setenv(f"SYNTHOME_{name.upper()}", str(value))

    yield change
    settings_module.settings.cache_clear()
