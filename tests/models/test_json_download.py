"""The JSON download in every order, shape and wrapping in which it may come."""

from __future__ import annotations

import gzip
import json
import time
from http.server import BaseHTTPRequestHandler
from itertools import permutations

import numpy as np
import pytest

from synthome.errors import AnswerError
from synthome.models.protocol import Progress
from synthome.models.timing import Timing
from synthome.query import Query
from tests.models.remote_services import DOWNLOAD, ORDER, QUICK, answer, hosted, outputs
from tests.servers import Reply, ScriptedServer

COUNTS = [7, 0, 9]
SHAPES = {
    "a list": COUNTS,
    "a list within": {"counts": COUNTS},
    "a mapping": dict(zip(ORDER, COUNTS, strict=True)),
    "a mapping without its zeros": {ORDER[2]: 9, ORDER[0]: 7},
}


@pytest.mark.parametrize("order", list(permutations(["gene_order", "outputs", "model_version"])), ids=" ".join)
@pytest.mark.parametrize("counts", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_the_order_of_keys_and_the_shape_of_counts_make_no_difference(
    server: ScriptedServer, query: Query, order: tuple[str, ...], counts: object, packed: bool
) -> None:
    whole = answer(outputs(counts))
    body = json.dumps({key: whole[key] for key in order}).encode()
    headers = {"Content-Encoding": "gzip"} if packed else {}
    server.on(*DOWNLOAD, Reply(body=gzip.compress(body) if packed else body, headers=headers))
    prediction = hosted(server).predict(query)
    assert prediction.expression.to_numpy().tolist() == [COUNTS] * 2
    assert list(prediction.expression.columns) == ORDER
    assert prediction.provenance.model_version == "gem-1.4"


def test_mappings_before_the_genes_may_each_leave_out_others(server: ScriptedServer, query: Query) -> None:
    samples = [{"counts": {ORDER[2]: 1}}, {"counts": {ORDER[0]: 2, ORDER[1]: 3}}]
    server.on(*DOWNLOAD, Reply(body={"outputs": samples, "gene_order": ORDER}))
    assert hosted(server).predict(query).expression.to_numpy().tolist() == [[0, 0, 1], [2, 3, 0]]


@pytest.mark.parametrize("counts", [{"ENSG7": 1}, {ORDER[0]: 1, "ENSG7": 1}])
def test_a_gene_that_is_told_later_not_to_be_one_is_an_error(
    server: ScriptedServer, query: Query, counts: dict[str, int]
) -> None:
    server.on(*DOWNLOAD, Reply(body={"outputs": outputs(counts), "gene_order": ORDER}))
    with pytest.raises(AnswerError, match="ENSG7, which is not among its genes"):
        hosted(server).predict(query)


def test_one_large_count_widens_the_matrix_and_keeps_the_rows_before_it(server: ScriptedServer, query: Query) -> None:
    samples = [*outputs([1, 2, 3], 1), *outputs([2**31, 0, 2**52], 1)]
    server.on(*DOWNLOAD, Reply(body=answer(samples)))
    expression = hosted(server).predict(query).expression
    assert expression.to_numpy().dtype == np.int64
    assert expression.to_numpy().tolist() == [[1, 2, 3], [2**31, 0, 2**52]]


def test_samples_are_told_as_they_come(server: ScriptedServer, query: Query) -> None:
    whole = json.dumps(answer()).encode()
    second = whole.index(b'{"counts"', whole.index(b'{"counts"') + 1)

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        # Enough behind the first sample for it to be looked at.
        for part in (whole[: second + 5], b"", whole[second + 5 :]):
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(0.2)

    server.on(*DOWNLOAD, Reply(act=slowly))
    seen: list[Progress] = []
    hosted(server).predict(query, progress=seen.append)
    assert [p.done for p in seen if p.activity == "downloading the answer"][:2] == [0, 1]


def test_a_download_that_was_cut_off_begins_afresh(server: ScriptedServer, query: Query) -> None:
    whole = json.dumps(answer()).encode()
    most = whole[:-25]
    server.on(*DOWNLOAD, Reply(body=most, declared=len(whole)), Reply(body=most), Reply(body=whole))
    prediction = hosted(server, Timing(total=5, first_poll=0.01, backoff=0.01)).predict(query)
    assert prediction.expression.to_numpy().tolist() == [[1, 2, 0], [2, 2, 0]]


def test_more_samples_than_asked_for_are_not_read_to_their_end(server: ScriptedServer, query: Query) -> None:
    sent = 0

    def for_ever(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(json.dumps({"gene_order": ORDER}).encode()[:-1] + b', "outputs": [')
        while True:
            handler.wfile.write(b'{"counts": [1, 2, 3]},' * 1000)
            sent += 1000

    server.on(*DOWNLOAD, Reply(act=for_ever))
    with pytest.raises(AnswerError, match="2 samples were asked for and more came"):
        hosted(server, QUICK).predict(query)
    assert sent < 10**6
