"""The self-hosted answerer against a server on loopback that streams Arrow, whole or spoiled."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synthome.errors import (
    AnswerError,
    AuthenticationError,
    PredictionCancelled,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
    UnknownModelError,
)
from synthome.models.protocol import Progress
from synthome.models.self_hosted import ARROW_STREAM, SelfHostedModel
from synthome.models.wire import Timing
from synthome.query import Query
from tests.models_for_tests import genes, liver_query
from tests.servers import Reply, ScriptedServer, scripted_server

PREDICT = ("POST", "/api/models/gem-1-bulk/predict")
QUICK = Timing(connect=2, read=2, total=3, attempts=2, backoff=0.01)
ORDER = ["ENSG00000000002", "ENSG00000000001", "ENSG99999999999"]


def _stream(
    counts: list[list[Any]] | None = None,
    *,
    order: object = ORDER,
    counts_type: pa.DataType | None = None,
    batch: int = 2,
    drop: tuple[str, ...] = (),
) -> bytes:
    """An Arrow IPC stream as the contract has it, of batches of ``batch`` samples."""
    rows = [[sample, 2, 3] for sample in range(4)] if counts is None else counts
    columns = {
        "counts": pa.array(rows, type=counts_type or pa.list_(pa.int32())),
        "metadata": pa.array([{"sex": "male", "age_years": None}] * len(rows)),
        "biological_latent": pa.array([[0.5, float(row)] for row in range(len(rows))]),
        "technical_latent": pa.array([[1.0]] * len(rows)),
        "perturbation_latent": pa.array([[]] * len(rows), type=pa.list_(pa.float64())),
    }
    table = pa.table({name: column for name, column in columns.items() if name not in drop})
    about = {"request_type": "baseline", "model_version": "box-2"}
    if order is not None:
        about["gene_order"] = order if isinstance(order, str) else json.dumps(order)
    sink = io.BytesIO()
    table = table.replace_schema_metadata(about)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)
    return sink.getvalue()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        server.on(*PREDICT, Reply(body=_stream(), headers={"Content-Type": ARROW_STREAM}))
        yield server


@pytest.fixture
def query() -> Query:
    return liver_query(2)


def _model(server: ScriptedServer, api_key: str | None = None, **changes: Any) -> SelfHostedModel:
    return SelfHostedModel("gem-1-bulk", server.url, api_key, **{"timing": QUICK, **changes})


def test_the_answer_is_read_batch_by_batch(server: ScriptedServer, query: Query) -> None:
    model = _model(server, known_genes=genes())
    prediction = model.predict(query)
    assert prediction.expression.to_numpy().tolist() == [[sample, 2, 3] for sample in range(4)]
    assert list(prediction.expression.columns) == ORDER
    assert prediction.genes["symbol"].tolist() == ["GENE2", "GENE1", ""]
    assert prediction.latents["biological"].tolist() == [[0.5, float(row)] for row in range(4)]
    assert prediction.latents["perturbation"].tolist() == [[]] * 4
    assert prediction.metadata["sex"].tolist() == ["male"] * 4
    assert prediction.condition.tolist() == [0, 0, 1, 1]
    assert prediction.provenance.answered_by == "self-hosted"
    assert prediction.provenance.model_version == model.version == "box-2"


def test_one_request_asks_for_an_arrow_stream_with_the_query_as_it_is(server: ScriptedServer, query: Query) -> None:
    _model(server).predict(query)
    (asked,) = server.asked
    assert asked.headers["Accept"] == ARROW_STREAM
    assert json.loads(asked.body) == query.to_contract()


def test_a_key_is_sent_only_where_one_is_given(server: ScriptedServer, query: Query) -> None:
    _model(server).predict(query)
    _model(server, "").predict(query)
    _model(server, "sk-1").predict(query)
    assert [asked.headers.get("Authorization") for asked in server.asked] == [None, None, "Bearer sk-1"]


@pytest.mark.parametrize("kind", [pa.large_list(pa.int64()), pa.list_(pa.float32()), pa.list_(pa.int64(), 3)])
def test_counts_may_come_in_any_list_of_numbers(server: ScriptedServer, query: Query, kind: pa.DataType) -> None:
    server.on(*PREDICT, Reply(body=_stream(counts_type=kind)))
    expression = _model(server).predict(query).expression
    assert expression.to_numpy().dtype == np.int32
    assert expression.sum().tolist() == [6, 8, 12]


def test_latents_may_be_left_out(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(body=_stream(drop=("biological_latent", "technical_latent", "perturbation_latent"))))
    assert _model(server).predict(query).latents["biological"].tolist() == [[]] * 4


def test_progress_ends_with_every_sample(server: ScriptedServer, query: Query) -> None:
    seen: list[Progress] = []
    _model(server).predict(query, progress=seen.append)
    assert (seen[0].done, seen[0].activity) == (0, "waiting")
    assert (seen[-1].done, seen[-1].total) == (4, 4)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("promised", [True, False])
def test_a_stream_that_is_cut_off_is_an_error(
    server: ScriptedServer, query: Query, share: float, promised: bool
) -> None:
    whole = _stream(batch=1)
    cut = whole[: int(len(whole) * share)]
    server.on(*PREDICT, Reply(body=cut, declared=len(whole) if promised else None))
    with pytest.raises(AnswerError, match=r"cut off|4 samples were asked for"):
        _model(server).predict(query)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"modelQueryId": "q-1"}', "no Arrow stream"),
        (b"", "no Arrow stream"),
        (_stream([[1, 2, 3]] * 3), "4 samples were asked for and 3 came"),
        (_stream([[1, 2, 3]] * 3 + [[1, 2]]), "Sample 4 .* 2 counts for 3 genes"),
        (_stream([[1, 2, -3]] * 4), "negative"),
        (_stream([[1, 2, 2.5]] * 4, counts_type=pa.list_(pa.float64())), "fractional"),
        (_stream([[1, 2, None]] * 4), "no numbers"),
        (_stream([[1, 2, 3]] * 3 + [None]), "no list of numbers"),
        (_stream([["1", "2", "3"]] * 4, counts_type=pa.list_(pa.string())), "no list of numbers"),
        (_stream(drop=("counts",)), "no Arrow stream as agreed"),
        (_stream(drop=("metadata",)), "no Arrow stream as agreed"),
        (_stream(order=None), "names no genes"),
        (_stream(order="[1,"), "names no genes"),
        (_stream(order=[ORDER[0], ORDER[0], ORDER[1]]), "more than once"),
        (_stream([]), "4 samples were asked for and 0 came"),
    ],
)
def test_an_answer_not_as_agreed_is_an_error(server: ScriptedServer, query: Query, body: bytes, words: str) -> None:
    server.on(*PREDICT, Reply(body=body))
    with pytest.raises(AnswerError, match=words):
        _model(server).predict(query)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(401), AuthenticationError),
        (Reply(404), UnknownModelError),
        (Reply(422, {"error": "no", "errors": [{"path": "seed", "message": "odd"}]}), QueryError),
        (Reply(503, headers={"Retry-After": "5"}), ServiceBusyError),
        (Reply(503), ServiceUnavailableError),
        (Reply(500, b"boom"), ServiceUnavailableError),
    ],
)
def test_a_refusal_is_told_as_what_it_is_and_not_asked_twice(
    server: ScriptedServer, query: Query, reply: Reply, kind: type[Exception]
) -> None:
    server.on(*PREDICT, reply)
    with pytest.raises(kind):
        _model(server).predict(query)
    assert len(server.asked) == 1


def test_no_address_says_to_set_one(query: Query) -> None:
    with pytest.raises(ServiceUnavailableError, match="address of the self-hosted service is not set"):
        SelfHostedModel("gem-1-bulk", "").predict(query)


def test_a_cancel_is_heard_while_the_service_computes(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(body=_stream(), delay=1.0))
    begun = time.monotonic()
    with pytest.raises(PredictionCancelled):
        _model(server).predict(query, cancelled=lambda: bool(server.asked))
    assert time.monotonic() - begun < 0.4
