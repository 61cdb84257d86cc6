"""A hosted service and a container on loopback that answer as agreed; tests change what they are about."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa

from synthome.models.hosted import HostedModel
from synthome.models.self_hosted import SelfHostedModel
from synthome.models.timing import Timing
from synthome.query.vocabulary import ARROW_STREAM
from tests.servers import Reply, ScriptedServer

KEY = "sk-very-secret-0123456789"
PREDICT = ("POST", "/api/models/gem-1-bulk/predict")
STATUS = ("GET", "/api/model-queries/q-1/status")
DOWNLOAD = ("GET", "/signed/q-1.json")
ORDER = ["ENSG00000000002", "ENSG00000000001", "ENSG99999999999"]
QUICK = Timing(connect=2, read=2, total=5, first_poll=0.01, last_poll=0.02, attempts=3, backoff=0.01)
SAMPLES = 2
"""What the query of the tests asks of the hosted service, and of the container."""


def outputs(counts: object = None, num_samples: int = SAMPLES) -> list[dict[str, Any]]:
    return [
        {
            "counts": [1 + row, 2, 0] if counts is None else counts,
            "metadata": {"tissue_ontology_id": "UBERON:0002107"},
            "latents": {"biological": [0.5, row], "technical": [1.0], "perturbation": []},
        }
        for row in range(num_samples)
    ]


def answer(samples: object = None, **other: object) -> dict[str, Any]:
    return {"gene_order": ORDER, "outputs": samples or outputs(), "model_version": "gem-1.4", **other}


def answer_well(server: ScriptedServer) -> None:
    """A hosted service that answers after one more poll."""
    server.on(*PREDICT, Reply(body={"modelQueryId": "q-1"}))
    server.on(*STATUS, Reply(body={"status": "running"}), Reply(body=ready(server)))
    server.on(*DOWNLOAD, Reply(body=answer()))


def ready(server: ScriptedServer) -> dict[str, str]:
    return {"status": "ready", "downloadUrl": f"{server.url}{DOWNLOAD[1]}"}


def hosted(server: ScriptedServer, timing: Timing = QUICK, **changes: Any) -> HostedModel:
    return HostedModel("gem-1-bulk", **{"api_key": KEY, "base_url": server.url, "timing": timing, **changes})


def self_hosted(server: ScriptedServer, timing: Timing = QUICK, **changes: Any) -> SelfHostedModel:
    return SelfHostedModel("gem-1-bulk", **{"api_key": KEY, "base_url": server.url, "timing": timing, **changes})


def table(counts: list[list[Any]], counts_type: pa.DataType | None = None) -> pa.Table:
    """The columns of a container's answer."""
    n = len(counts)
    return pa.table(
        {
            "counts": pa.array(counts, type=counts_type or pa.list_(pa.int32())),
            "metadata": pa.array([{"sex": "male", "age_years": None}] * n),
            "biological_latent": pa.array([[0.5, float(row)] for row in range(n)]),
            "technical_latent": pa.array([[1.0]] * n),
            "perturbation_latent": pa.array([[]] * n, type=pa.list_(pa.float64())),
        }
    )


def as_stream(rows: pa.Table, batch: int = 2, order: object = ORDER, **about: str) -> bytes:
    """``rows`` as an Arrow IPC stream of batches of ``batch`` samples."""
    told = {"request_type": "baseline", "model_version": "box-2", **about}
    if order is not None:
        told["gene_order"] = order if isinstance(order, str) else json.dumps(order)
    rows = rows.replace_schema_metadata(told)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows, max_chunksize=batch)
    return sink.getvalue()


def stream(
    counts: list[list[Any]] | None = None,
    *,
    counts_type: pa.DataType | None = None,
    batch: int = 2,
    drop: tuple[str, ...] = (),
    order: object = ORDER,
    **about: str,
) -> bytes:
    rows = [[sample, 2, 3] for sample in range(SAMPLES)] if counts is None else counts
    whole = table(rows, counts_type)
    return as_stream(whole.drop_columns(list(drop)), batch, order, **about)


def arrow_reply(body: bytes, **changes: Any) -> Reply:
    return Reply(body=body, headers={"Content-Type": ARROW_STREAM}, **changes)
