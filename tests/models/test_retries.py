"""What is tried again, after how long, and what never is."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from synthome.errors import AnswerError, ModelError, ServiceBusyError, ServiceUnavailableError
from synthome.models.failures import Failure
from synthome.models.refusals import Refusal, retry_after
from synthome.models.retries import may_repeat, pause_before_next
from synthome.models.timing import Timing
from synthome.query import Query
from tests.models.remote_services import DOWNLOAD, PREDICT, QUICK, STATUS, answer, hosted
from tests.models.socket_tricks import hang_up
from tests.servers import Reply, ScriptedServer, scripted_server

STARTED = Reply(body={"modelQueryId": "q-1"})


def test_too_many_requests_say_when_to_come_back(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(429, headers={"Retry-After": "17"}))
    with pytest.raises(ServiceBusyError, match="try again in 17 s") as caught:
        hosted(server).predict(query)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_query_that_may_have_been_taken_on_is_never_sent_again(
    server: ScriptedServer, query: Query, status: int
) -> None:
    server.on(*PREDICT, Reply(status, {"error": "later"}), STARTED)
    with pytest.raises(ModelError):
        hosted(server).predict(query)
    assert server.paths() == [PREDICT[1]]


def test_a_query_that_was_sent_into_a_connection_that_broke_is_never_sent_again(
    server: ScriptedServer, query: Query
) -> None:
    server.on(*PREDICT, Reply(act=hang_up), STARTED)
    with pytest.raises(ServiceUnavailableError, match="broke off"):
        hosted(server).predict(query)
    assert server.paths() == [PREDICT[1]]


def test_a_query_that_is_not_answered_in_time_is_never_sent_again(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(delay=0.5), STARTED)
    with pytest.raises(ServiceUnavailableError, match="Nothing came"):
        hosted(server, Timing(read=0.1, total=5, backoff=0.01)).predict(query)
    assert server.paths() == [PREDICT[1]]


@pytest.mark.parametrize("turned_away", [Reply(429), Reply(503, headers={"Retry-After": "0"})])
def test_a_query_that_the_service_turned_away_is_sent_again(
    server: ScriptedServer, query: Query, turned_away: Reply
) -> None:
    server.on(*PREDICT, turned_away, turned_away, STARTED)
    assert len(hosted(server).predict(query).expression) == 2
    assert server.paths("POST") == [PREDICT[1]] * 3


def test_a_service_that_is_only_just_starting_gets_the_query_once(query: Query) -> None:
    with scripted_server() as gone:
        url = gone.url
    begun = time.monotonic()
    with pytest.raises(ServiceUnavailableError, match="nothing listens there"):
        hosted(gone, Timing(connect=1, total=5, attempts=3, backoff=0.1), base_url=url).predict(query)
    assert time.monotonic() - begun > 0.5 * 0.1 + 0.5 * 0.2, "there were three attempts, with pauses between"


def test_a_query_whose_answer_got_lost_is_never_sent_again(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(body=b"{", declared=100))
    with pytest.raises(AnswerError, match="cut off"):
        hosted(server).predict(query)
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
    assert len(hosted(server).predict(query).expression) == 2


def test_a_lasting_failure_is_told_after_some_attempts(server: ScriptedServer, query: Query) -> None:
    server.on(*STATUS, Reply(500, b"<html>oops</html>"))
    with pytest.raises(ServiceUnavailableError, match=r"A failure \(500\) was reported by the hosted service\. Try"):
        hosted(server).predict(query)
    assert server.paths("GET") == [STATUS[1]] * QUICK.attempts


def test_a_download_cut_off_once_is_fetched_again(server: ScriptedServer, query: Query) -> None:
    whole = json.dumps(answer()).encode()
    server.on(*DOWNLOAD, Reply(body=whole[:40], declared=len(whole)), Reply(body=whole))
    assert len(hosted(server).predict(query).expression) == 2


def test_a_service_is_given_the_time_that_it_asks_for(server: ScriptedServer, query: Query) -> None:
    server.script[STATUS].insert(0, Reply(503, headers={"Retry-After": "1"}))
    begun = time.monotonic()
    hosted(server).predict(query)
    assert 1.0 <= time.monotonic() - begun < 2.0


def test_a_service_that_asks_for_longer_than_is_left_is_not_waited_for(server: ScriptedServer, query: Query) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)
    server.on(*STATUS, Reply(429, headers={"Retry-After": later}))
    begun = time.monotonic()
    with pytest.raises(ServiceBusyError, match="try again in 3 hours") as caught:
        hosted(server).predict(query)
    assert time.monotonic() - begun < 1
    assert caught.value.retry_after == pytest.approx(3 * 3600, abs=5)


def test_pauses_grow_and_no_two_clients_come_back_together() -> None:
    failure = Failure("cut off")
    random.seed(3)
    pauses = [
        [pause_before_next("GET", failure, attempt, Timing(attempts=9), 900) or 0 for _ in range(200)]
        for attempt in range(4)
    ]
    for attempt, drawn in enumerate(pauses):
        assert 0.25 * 2**attempt <= min(drawn) < max(drawn) <= 0.75 * 2**attempt
        assert len(set(drawn)) == len(drawn)


def test_no_attempt_is_made_after_the_last_or_after_the_end() -> None:
    failure = Failure("cut off")
    assert pause_before_next("GET", failure, 3, Timing(attempts=4), 900) is None
    assert pause_before_next("GET", failure, 0, Timing(backoff=10), 4) is None
    assert pause_before_next("GET", Refusal(429, {"Retry-After": "60"}, b""), 0, Timing(), 59) is None
    assert pause_before_next("GET", Refusal(429, {"Retry-After": "60"}, b""), 0, Timing(), 61) == 60


def test_what_will_be_the_same_the_next_time_is_not_asked_again() -> None:
    assert not any(may_repeat("GET", Refusal(status, {}, b"")) for status in (400, 401, 402, 403, 404, 422, 501))
    assert not may_repeat("GET", Failure("a certificate", never_sent=True, may_pass=False))
    assert not may_repeat("POST", Failure("cut off"))
    assert may_repeat("POST", Failure("not connected", never_sent=True))


def test_a_query_that_was_turned_away_waits_half_a_minute_at_most_and_an_answer_that_is_made_as_long_as_it_takes() -> (
    None
):
    busy = Refusal(429, {"Retry-After": "31"}, b"")
    assert pause_before_next("POST", busy, 0, Timing(), 900) is None
    assert pause_before_next("POST", Refusal(429, {"Retry-After": "29"}, b""), 0, Timing(), 900) == 29
    assert pause_before_next("GET", busy, 0, Timing(), 900) == 31
