"""The hosted answerer against a server on loopback that behaves, and misbehaves, as scripted."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthome.errors import (
    AnswerError,
    AuthenticationError,
    ModelError,
    PredictionCancelled,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
    SynthomeError,
    UnknownModelError,
)
from synthome.models.hosted import HostedModel
from synthome.models.protocol import Progress
from synthome.models.refusals import retry_after
from synthome.models.wire import Timing
from synthome.query import Query, read_query
from tests.models_for_tests import genes, liver_query
from tests.servers import Reply, ScriptedServer, scripted_server

KEY = "sk-very-secret-0123456789"
PREDICT = ("POST", "/api/models/gem-1-bulk/predict")
STATUS = ("GET", "/api/model-queries/q-1/status")
DOWNLOAD = ("GET", "/signed/q-1.json")
QUICK = Timing(connect=2, read=2, total=5, first_poll=0.01, last_poll=0.02, attempts=3, backoff=0.01)
ORDER = ["ENSG00000000002", "ENSG00000000001", "ENSG99999999999"]


def _outputs(counts: object = None, num_samples: int = 2) -> list[dict[str, Any]]:
    return [
        {
            "counts": [1 + row, 2, 0] if counts is None else counts,
            "metadata": {"tissue_ontology_id": "UBERON:0002107"},
            "latents": {"biological": [0.5, row], "technical": [1.0], "perturbation": []},
        }
        for row in range(num_samples)
    ]


def _answer(outputs: object = None, **other: object) -> dict[str, Any]:
    return {"gene_order": ORDER, "outputs": outputs or _outputs(), "model_version": "gem-1.4", **other}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A service that answers after one more poll; tests change what they are about."""
    with scripted_server() as server:
        server.on(*PREDICT, Reply(body={"modelQueryId": "q-1"}))
        ready = {"status": "ready", "downloadUrl": f"{server.url}/signed/q-1.json"}
        server.on(*STATUS, Reply(body={"status": "running"}), Reply(body=ready))
        server.on(*DOWNLOAD, Reply(body=_answer()))
        yield server


def _model(server: ScriptedServer, timing: Timing = QUICK, **changes: Any) -> HostedModel:
    return HostedModel("gem-1-bulk", **{"api_key": KEY, "base_url": server.url, "timing": timing, **changes})


@pytest.fixture
def query() -> Query:
    return liver_query(1)


def test_a_query_is_started_polled_and_downloaded(server: ScriptedServer, query: Query) -> None:
    model = _model(server, known_genes=genes())
    prediction = model.predict(query)
    assert server.paths() == [PREDICT[1], STATUS[1], STATUS[1], DOWNLOAD[1]]
    assert server.body() == query.to_contract()
    assert prediction.expression.to_numpy().tolist() == [[1, 2, 0], [2, 2, 0]]
    assert list(prediction.expression.columns) == ORDER
    assert prediction.condition.tolist() == [0, 1]
    assert prediction.latents["biological"].tolist() == [[0.5, 0.0], [0.5, 1.0]]
    assert prediction.provenance.answered_by == "hosted"
    assert prediction.provenance.model_version == model.version == "gem-1.4"
    assert prediction.provenance.seed == query.seed


def test_genes_are_described_where_they_are_known_and_left_empty_elsewhere(
    server: ScriptedServer, query: Query
) -> None:
    known = _model(server, known_genes=genes()).predict(query)
    assert known.genes["symbol"].tolist() == ["GENE2", "GENE1", ""]
    assert known.symbols() == ["GENE2", "GENE1", ORDER[2]]
    server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": f"{server.url}/signed/q-1.json"}))
    assert _model(server).predict(query).genes["symbol"].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    "counts", [[7, 0, 9], {"counts": [7, 0, 9]}, {ORDER[0]: 7, ORDER[2]: 9}, {ORDER[2]: 9.0, ORDER[0]: 7}]
)
def test_counts_are_read_in_all_three_shapes(server: ScriptedServer, query: Query, counts: object) -> None:
    server.on(*DOWNLOAD, Reply(body=_answer(_outputs(counts))))
    assert _model(server).predict(query).expression.to_numpy().tolist() == [[7, 0, 9]] * 2


def test_counts_above_32_bits_are_kept_whole(server: ScriptedServer, query: Query) -> None:
    server.on(*DOWNLOAD, Reply(body=_answer(_outputs([2**40, 0, 1]))))
    assert _model(server).predict(query).expression.iloc[0, 0] == 2**40


def test_an_answer_without_latents_has_empty_ones(server: ScriptedServer, query: Query) -> None:
    outputs = [{"counts": [1, 2, 3], "metadata": {}} for _ in range(2)]
    server.on(*DOWNLOAD, Reply(body=_answer(outputs)))
    latents = _model(server).predict(query).latents
    assert {name: latents[name].tolist() for name in latents} == {
        name: [[], []] for name in ("biological", "technical", "perturbation")
    }


def test_metadata_are_those_answered_completed_by_those_asked(server: ScriptedServer, query: Query) -> None:
    outputs = _outputs()
    outputs[0]["metadata"]["age_years"] = 54
    server.on(*DOWNLOAD, Reply(body=_answer(outputs)))
    prediction = _model(server).predict(query)
    assert prediction.metadata["age_years"].tolist() == ["54", None]
    assert prediction.metadata["disease_ontology_id"].tolist() == [None, "MONDO:0007256"]
    assert prediction.provenance.warnings == ()


def test_metadata_that_are_not_as_asked_are_warned_of(server: ScriptedServer, query: Query) -> None:
    outputs = _outputs()
    outputs[1]["metadata"]["sex"] = "female"
    server.on(*DOWNLOAD, Reply(body=_answer(outputs)))
    assert _model(server).predict(query).provenance.warnings == ("sex is not in every sample as it was asked for.",)


def test_a_seed_is_drawn_sent_and_told_where_none_was_given(server: ScriptedServer) -> None:
    prediction = _model(server).predict(liver_query(1, seed=None))
    assert prediction.provenance.seed == server.body()["seed"]


def test_nothing_is_claimed_of_what_the_hosted_model_knows(server: ScriptedServer, query: Query) -> None:
    vocabulary = _model(server).vocabulary()
    assert vocabulary.support("tissue_ontology_id", "UBERON:0002107").status == "unchecked"
    refused = vocabulary.support("sex", "femal")
    assert refused.status == "refused"
    assert "did you mean female?" in refused.reason
    assert vocabulary.learned("sex") == {}
    supports = _model(server).predict(query).provenance.conditions[1].supports
    assert {support.status for support in supports} == {"unchecked"}


def test_progress_says_what_is_being_waited_for(server: ScriptedServer, query: Query) -> None:
    seen: list[Progress] = []
    _model(server).predict(query, progress=seen.append)
    assert [progress.activity for progress in seen] == [
        "sending the query",
        "waiting for the hosted service",
        "downloading the answer",
        "done",
    ]
    assert (seen[-1].done, seen[-1].total) == (2, 2)


# The key --------------------------------------------------------------------------------------------------------------


def test_the_key_goes_to_the_service_and_not_to_the_download(server: ScriptedServer, query: Query) -> None:
    _model(server).predict(query)
    assert server.keys() == {PREDICT[1]: f"Bearer {KEY}", STATUS[1]: f"Bearer {KEY}", DOWNLOAD[1]: None}
    assert all(KEY not in asked.path and KEY.encode() not in asked.body for asked in server.asked)


def test_a_redirect_to_another_host_does_not_carry_the_key(server: ScriptedServer, query: Query) -> None:
    with scripted_server() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        ready = {"status": "ready", "downloadUrl": f"{server.url}/signed/q-1.json"}
        server.on(*STATUS, Reply(302, headers={"Location": f"{elsewhere}/status"}))
        other.on("GET", "/status", Reply(body=ready))
        _model(server).predict(query)
        assert other.keys() == {"/status": None}


def test_a_post_that_is_redirected_is_not_followed(server: ScriptedServer, query: Query) -> None:
    with scripted_server() as other:
        server.on(*PREDICT, Reply(307, headers={"Location": other.url + PREDICT[1]}))
        with pytest.raises(ServiceUnavailableError, match="only redirects"):
            _model(server).predict(query)
        assert other.asked == []


@pytest.mark.parametrize(
    "spoil",
    [
        {PREDICT: [Reply(401, {"error": f"bad key {KEY}"})]},
        {PREDICT: [Reply(422, {"error": KEY, "errors": [{"path": "seed", "message": f"{KEY} is odd"}]})]},
        {PREDICT: [Reply(500, f"Bearer {KEY} broke it".encode())]},
        {STATUS: [Reply(body={"status": "failed", "message": f"for {KEY}"})]},
        {DOWNLOAD: [Reply(body={"error": f"not for {KEY}"})]},
        {DOWNLOAD: [Reply(body=b"{}", declared=50)]},
        {STATUS: [Reply(404)]},
    ],
)
def test_the_key_is_in_no_message_no_repr_and_no_log(
    server: ScriptedServer,
    query: Query,
    spoil: dict[tuple[str, str], list[Reply]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.script.update(spoil)
    model = _model(server)
    with caplog.at_level(logging.DEBUG), pytest.raises(SynthomeError) as caught:
        model.predict(query)
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in str(error) + repr(error) + repr(vars(error))
        error = error.__cause__ or error.__context__
    assert KEY not in caplog.text + repr(model)


@pytest.mark.parametrize("key", ["sk-line\nbreak", "sk two", "sk-ü", "sk\x00"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_without_repeating_it(
    server: ScriptedServer, query: Query, key: str
) -> None:
    with pytest.raises(AuthenticationError, match="Copy it again") as caught:
        _model(server, api_key=key).predict(query)
    assert key not in str(caught.value)
    assert server.asked == []


def test_spaces_around_a_pasted_key_do_no_harm(server: ScriptedServer, query: Query) -> None:
    _model(server, api_key=f" {KEY}\n").predict(query)
    assert server.keys()[PREDICT[1]] == f"Bearer {KEY}"


def test_without_a_key_the_user_is_asked_for_one(server: ScriptedServer, query: Query) -> None:
    with pytest.raises(AuthenticationError, match="needs an API key"):
        _model(server, api_key="").predict(query)
    assert server.asked == []


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_says_so(server: ScriptedServer, query: Query, status: int) -> None:
    server.on(*PREDICT, Reply(status, {"error": "no"}))
    with pytest.raises(AuthenticationError, match="key was refused"):
        _model(server).predict(query)


def test_an_unknown_model_says_so(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(404, {"error": "Model not found"}))
    with pytest.raises(UnknownModelError, match="Model not found"):
        _model(server).predict(query)


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("path", ["inputs.0.metadata.sex", "inputs[0].metadata.sex"])
def test_the_services_field_errors_reach_their_fields(
    server: ScriptedServer, query: Query, status: int, path: str
) -> None:
    errors = [{"path": path, "message": "unknown sex"}, {"path": "", "message": "too odd"}]
    server.on(*PREDICT, Reply(status, {"error": "Invalid", "errors": errors}))
    with pytest.raises(QueryError) as caught:
        _model(server).predict(query)
    assert [(error.path, error.key, error.message) for error in caught.value.errors] == [
        ("inputs.0.metadata.sex", "sex", "unknown sex"),
        ("", "query", "too odd"),
    ]


def test_a_refusal_without_field_errors_keeps_its_sentence(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(422, {"error": "Metadata validation failed"}))
    with pytest.raises(QueryError, match="Metadata validation failed"):
        _model(server).predict(query)


def test_too_many_requests_say_when_to_come_back(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(429, headers={"Retry-After": "17"}))
    with pytest.raises(ServiceBusyError, match="try again in 17 s") as caught:
        _model(server).predict(query)
    assert caught.value.retry_after == 17


def test_a_query_that_was_sent_is_never_sent_again(server: ScriptedServer, query: Query) -> None:
    for status in (500, 502, 503, 429):
        server.asked.clear()
        server.on(*PREDICT, Reply(status, {"error": "later"}))
        with pytest.raises(ModelError):
            _model(server).predict(query)
        assert server.paths() == [PREDICT[1]]


def test_a_query_whose_answer_got_lost_is_never_sent_again(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(body=b"{", declared=100))
    with pytest.raises(AnswerError, match="cut off"):
        _model(server).predict(query)
    assert server.paths() == [PREDICT[1]]


def test_a_retry_date_is_read_too() -> None:
    later = datetime.now(UTC) + timedelta(seconds=30)
    assert retry_after({"Retry-After": format_datetime(later, usegmt=True)}) == pytest.approx(30, abs=2)
    assert retry_after({"Retry-After": "soon"}) is None


@pytest.mark.parametrize("path", [STATUS, DOWNLOAD])
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_passing_failure_while_reading_is_tried_again(
    server: ScriptedServer, query: Query, path: tuple[str, str], status: int
) -> None:
    server.script[path].insert(0, Reply(status, b"<html>oops</html>"))
    assert len(_model(server).predict(query).expression) == 2


def test_a_lasting_failure_is_told_after_some_attempts(server: ScriptedServer, query: Query) -> None:
    server.on(*STATUS, Reply(500, b"<html>oops</html>"))
    with pytest.raises(ServiceUnavailableError, match=r"A failure \(500\) was reported by the hosted service\. Try"):
        _model(server).predict(query)
    assert server.paths("GET") == [STATUS[1]] * QUICK.attempts


def test_a_download_cut_off_once_is_fetched_again(server: ScriptedServer, query: Query) -> None:
    whole = json.dumps(_answer()).encode()
    server.on(*DOWNLOAD, Reply(body=whole[:40], declared=len(whole)), Reply(body=whole))
    assert len(_model(server).predict(query).expression) == 2


def test_a_service_that_is_not_there_says_to_check_the_address(query: Query) -> None:
    with scripted_server() as gone:
        url = gone.url
    with pytest.raises(ServiceUnavailableError, match="Check its address"):
        HostedModel("gem-1-bulk", url, KEY, timing=QUICK).predict(query)


@pytest.mark.parametrize("url", ["", "app.synthesize.bio", "ftp://host", "https://", "file:///etc/passwd"])
def test_an_address_that_is_none_says_so(query: Query, url: str) -> None:
    with pytest.raises(ServiceUnavailableError, match="address of the hosted service"):
        HostedModel("gem-1-bulk", url, KEY, timing=QUICK).predict(query)


def test_a_failed_query_tells_why_without_the_services_traceback(server: ScriptedServer, query: Query) -> None:
    message = 'Metadata validation failed: ["Query 1 has bad values."]\nTraceback (most recent call last):\n  File x'
    server.on(*STATUS, Reply(body={"status": "failed", "message": message}))
    with pytest.raises(ModelError, match="Query 1 has bad values") as caught:
        _model(server).predict(query)
    assert "Traceback" not in str(caught.value)


def test_waiting_ends_after_the_time_limit_and_names_the_query(server: ScriptedServer, query: Query) -> None:
    server.on(*STATUS, Reply(body={"status": "running"}))
    with pytest.raises(ServiceUnavailableError, match="query q-1"):
        _model(server, Timing(total=0.1, first_poll=0.03, last_poll=0.03)).predict(query)


# Answers that are not as agreed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b'{"gene_order": ["ENSG1"], "outputs": [{"coun', "cut off"),
        (b"[1, 2]", "cut off or not as agreed"),
        (b'{"outputs": 3}', "not as agreed"),
        ({"error": "expired"}, "It says: expired"),
        (_answer(_outputs([1, 2])), "2 counts for 3 genes"),
        (_answer([*_outputs(num_samples=1), *_outputs([1, 2, 3, 4], 1)]), "Sample 2 .* 4 counts"),
        (_answer(_outputs([1, -2, 3])), "negative"),
        (_answer(_outputs([1, 2.5, 3])), "fractional"),
        (_answer(_outputs([1, float("nan"), 3])), "no numbers"),
        (_answer(_outputs([1, 2**70, 3])), "no list of numbers"),
        (_answer(_outputs([1, None, 3])), "no list of numbers"),
        (_answer(_outputs([1, "2", 3])), "no list of numbers"),
        (_answer(_outputs([[1], [2], [3]])), "no list of numbers"),
        (_answer(_outputs([True, False, True])), "no list of numbers"),
        (_answer(_outputs("many")), "no counts"),
        (_answer(_outputs({"ENSG7": 1})), "ENSG7, which is not among its genes"),
        (_answer(gene_order=[ORDER[0], ORDER[1], ORDER[0]]), f"{ORDER[0]} more than once"),
        (_answer(gene_order=[]), "names no genes"),
        (_answer(gene_order=None), "names no genes"),
        (_answer(gene_order=[1, 2, 3]), "names no genes"),
        (_answer(_outputs(num_samples=1)), "2 samples were asked for and 1 came"),
        (_answer([{"counts": [1, 2, 3], "latents": {"biological": 3}}] * 2), "latents"),
    ],
)
def test_an_answer_not_as_agreed_is_an_error_and_no_table(
    server: ScriptedServer, query: Query, answer: object, words: str
) -> None:
    server.on(*DOWNLOAD, Reply(body=answer))
    with pytest.raises(AnswerError, match=words):
        _model(server).predict(query)


@pytest.mark.parametrize("content", [b"", b"[]", {"modelQueryId": ""}, {"modelQueryId": "../../x"}, {"id": "q-1"}])
def test_a_start_without_an_id_is_an_error(server: ScriptedServer, query: Query, content: object) -> None:
    server.on(*PREDICT, Reply(body=content))
    with pytest.raises(AnswerError):
        _model(server).predict(query)


@pytest.mark.parametrize("url", [None, "", "file:///etc/passwd"])
def test_a_download_that_is_no_web_address_is_not_fetched(
    server: ScriptedServer, query: Query, url: str | None
) -> None:
    server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": url}))
    with pytest.raises(AnswerError, match="download"):
        _model(server).predict(query)


# Cancelling -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reply", "timing"),
    [
        (STATUS, Reply(body={"status": "running"}), Timing(first_poll=60, last_poll=60)),
        (STATUS, Reply(body={"status": "running"}, delay=1.0), QUICK),
        (PREDICT, Reply(body={"modelQueryId": "q-1"}, delay=1.0), QUICK),
        (DOWNLOAD, Reply(body=_answer(), delay=1.0), QUICK),
        (STATUS, Reply(503, headers={"Retry-After": "60"}), QUICK),
    ],
    ids=["between polls", "in a poll", "while sending", "in the download", "before the next attempt"],
)
def test_a_cancel_is_heard_within_a_fifth_of_a_second(
    server: ScriptedServer, query: Query, path: tuple[str, str], reply: Reply, timing: Timing
) -> None:
    server.on(*path, reply)
    asked_at = 0.0

    def cancelled() -> bool:
        nonlocal asked_at
        if path[1] in server.paths() and not asked_at:
            asked_at = time.monotonic()
        return bool(asked_at)

    with pytest.raises(PredictionCancelled):
        _model(server, timing).predict(query, cancelled=cancelled)
    assert time.monotonic() - asked_at < 0.2


def test_every_answer_makes_a_prediction_that_holds_together(server: ScriptedServer) -> None:
    body = liver_query().to_contract()
    body["inputs"][0]["num_samples"], body["inputs"][1]["num_samples"] = 3, 1
    server.on(*DOWNLOAD, Reply(body=_answer(_outputs(num_samples=4))))
    prediction = _model(server).predict(read_query(body))
    assert prediction.condition.tolist() == [0, 0, 0, 1]
    assert isinstance(prediction.expression.index, pd.RangeIndex)
    assert prediction.expression.to_numpy().dtype == np.int32
