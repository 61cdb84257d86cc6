"""The self-hosted answerer against a server on loopback that streams Arrow, whole or spoiled."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synthome.errors import (
    AnswerError,
    AuthenticationError,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
    UnknownModelError,
)
from synthome.models.protocol import Progress
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import Query
from synthome.query.vocabulary import ARROW_STREAM
from tests.models.remote_services import ORDER, PREDICT, as_stream, self_hosted, stream, table
from tests.models.socket_tricks import drip
from tests.models_for_tests import genes, liver_query
from tests.servers import Reply, ScriptedServer, scripted_server

FOUR = [[sample, 2, 3] for sample in range(4)]


END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


def _stream(counts: list[Any] | None = None, **changes: Any) -> bytes:
    """A container's answer to the query of these tests: two conditions, two samples each."""
    return stream(FOUR if counts is None else counts, **changes)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        server.on(*PREDICT, Reply(body=_stream(), headers={"Content-Type": ARROW_STREAM}))
        yield server


@pytest.fixture
def query() -> Query:
    return liver_query(2)


def _model(server: ScriptedServer, api_key: str | None = None, **changes: Any) -> SelfHostedModel:
    return self_hosted(server, api_key=api_key, **changes)


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
        (_stream(drop=("counts",)), "has no column counts"),
        (_stream(drop=("metadata",)), "has no column metadata"),
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


def test_values_may_come_as_dictionaries(server: ScriptedServer, query: Query) -> None:
    rows = table(FOUR)
    lists = pa.ListArray.from_arrays(
        [0, 3, 6, 9, 12], pa.array([0, 2, 3, 1, 2, 3, 2, 2, 3, 3, 2, 3]).dictionary_encode()
    )
    sex = pa.array(["male", "female", "male", None]).dictionary_encode()
    columns = {"counts": lists, "metadata": pa.StructArray.from_arrays([sex], names=["sex"])}
    for name, column in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    server.on(*PREDICT, Reply(body=as_stream(rows)))
    prediction = _model(server).predict(query)
    assert prediction.expression.to_numpy().tolist() == FOUR
    assert prediction.metadata["sex"].tolist() == ["male", "female", "male", "male"], "what was asked fills the gap"


def test_empty_batches_do_no_harm(server: ScriptedServer, query: Query) -> None:
    sink = io.BytesIO()
    rows = table(FOUR).replace_schema_metadata({"gene_order": json.dumps(ORDER)})
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        for batch in (rows[:0], rows[:3], rows[:0], rows[3:]):
            for part in batch.to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]:
                writer.write_batch(part)
    server.on(*PREDICT, Reply(body=sink.getvalue()))
    prediction = _model(server).predict(query)
    assert prediction.expression.to_numpy().tolist() == FOUR
    assert prediction.provenance.model_version == "unknown"


def test_counts_above_32_bits_are_kept_whole(server: ScriptedServer, query: Query) -> None:
    counts = [*FOUR[:3], [2**40, 0, 1]]
    server.on(*PREDICT, Reply(body=_stream(counts, counts_type=pa.list_(pa.int64()))))
    assert _model(server).predict(query).expression.to_numpy().tolist() == counts


def test_a_batch_whose_places_point_beyond_its_values_is_an_error(server: ScriptedServer, query: Query) -> None:
    places, beyond = (np.array([0, 3, 6, 9, end], dtype=np.int32).tobytes() for end in (12, 10**6))
    whole = _stream(batch=4)
    assert whole.count(places) == 1
    server.on(*PREDICT, Reply(body=whole.replace(places, beyond)))
    with pytest.raises(AnswerError, match="cut off, or no Arrow stream as agreed"):
        _model(server).predict(query)


def _repeated(times: int) -> bytes:
    """A stream of one and the same sample, again and again."""
    rows = table(FOUR[:1]).replace_schema_metadata({"gene_order": json.dumps(ORDER)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        for _ in range(times):
            writer.write_batch(rows.to_batches()[0])
    return sink.getvalue()


def test_more_samples_than_asked_for_are_not_read_to_their_end(server: ScriptedServer, query: Query) -> None:
    sent = 0
    begun, longer = (_repeated(times).removesuffix(END_OF_STREAM) for times in (1, 2))
    batch = longer.removeprefix(begun)

    def for_ever(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(begun)
        while True:
            handler.wfile.write(batch)
            sent += 1

    server.on(*PREDICT, Reply(act=for_ever))
    with pytest.raises(AnswerError, match="4 samples were asked for and more came"):
        _model(server).predict(query)
    assert sent < 10**5


def test_the_end_of_the_process_is_clean_while_a_container_still_sends(server: ScriptedServer) -> None:
    server.on(*PREDICT, Reply(act=drip(_stream(), 0.02)))
    script = f"""
import threading, time
from synthome.models.self_hosted import SelfHostedModel
from tests.models_for_tests import liver_query
ask = lambda: SelfHostedModel("gem-1-bulk", {server.url!r}).predict(liver_query(2))
threading.Thread(target=ask, daemon=True).start()
time.sleep(1)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert PREDICT[1] in server.paths()
    assert ended.returncode == 0
    assert "Fatal" not in ended.stderr
