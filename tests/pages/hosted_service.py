"""A hosted service on loopback for the pages, which wait for it no longer than a test can."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from synthome.models.hosted import HostedModel
from synthome.models.wire import Timing
from synthome.settings import settings
from tests.servers import Reply, ScriptedServer, scripted_server

__all__ = ["DOWNLOAD", "GENES", "MODELS", "PREDICT", "QUICK", "STATUS", "answer_well", "hosted_service", "set_settings"]

MODELS = ("GET", "/api/models")
PREDICT = ("POST", "/api/models/gem-1-bulk/predict")
STATUS = ("GET", "/api/model-queries/q-1/status")
DOWNLOAD = ("GET", "/signed/q-1.json")
GENES = ["ENSG00000163631", "ENSG00000141510", "ENSG00000000003"]
QUICK = Timing(connect=0.5, read=0.5, total=20, first_poll=0.02, last_poll=0.05, attempts=2, backoff=0.01)


@contextmanager
def set_settings(**variables: object) -> Iterator[None]:
    """``SYNTHOME_*`` settings, or with capitals any variable, for as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name if name.isupper() else f"SYNTHOME_{name.upper()}", str(value))
        settings.cache_clear()
        try:
            yield
        finally:
            patch.undo()
            settings.cache_clear()


def answer_well(server: ScriptedServer, num_samples: int) -> None:
    """Let the service answer a query for so many samples."""
    outputs: list[dict[str, Any]] = [
        {
            "counts": [10 + sample, 200, 30 + 2 * sample],
            "metadata": {"tissue_ontology_id": "UBERON:0002107"},
            "latents": {"biological": [0.1 * sample], "technical": [1.0], "perturbation": []},
        }
        for sample in range(num_samples)
    ]
    server.on(*PREDICT, Reply(body={"modelQueryId": "q-1"}))
    server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": f"{server.url}{DOWNLOAD[1]}"}))
    server.on(*DOWNLOAD, Reply(body={"gene_order": GENES, "outputs": outputs, "model_version": "gem-1.4"}))


@contextmanager
def hosted_service(timing: Timing = QUICK, **variables: object) -> Iterator[ScriptedServer]:
    """The hosted service, at the address that the installation asks."""
    with (
        scripted_server() as server,
        set_settings(hosted_url=server.url, **variables),
        pytest.MonkeyPatch.context() as patch,
    ):
        # By its place in sys.modules: the package offers a function of the module's name.
        patch.setattr(sys.modules["synthome.runs.answerers"], "HostedModel", partial(HostedModel, timing=timing))
        yield server
