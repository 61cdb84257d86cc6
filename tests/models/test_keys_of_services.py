"""Where the key goes and where it does not; and that nobody else's password goes in its stead."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from synthome.errors import AuthenticationError, ServiceUnavailableError
from synthome.models.api_key import ApiKey
from synthome.models.wire import Service
from synthome.query import Query
from tests.models.remote_services import (
    DOWNLOAD,
    KEY,
    PREDICT,
    QUICK,
    STATUS,
    answer,
    answer_well,
    arrow_reply,
    hosted,
    ready,
    self_hosted,
    stream,
)
from tests.servers import Reply, ScriptedServer, scripted_server

OF_SOMEBODY_ELSE = "hunter2"


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ``.netrc`` with a password for every host."""
    path = tmp_path / "netrc"
    path.write_text(f"default login ada password {OF_SOMEBODY_ELSE}\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))


def test_the_key_goes_to_the_service_and_not_to_the_download(server: ScriptedServer, query: Query) -> None:
    hosted(server).predict(query)
    assert server.keys() == {PREDICT[1]: f"Bearer {KEY}", STATUS[1]: f"Bearer {KEY}", DOWNLOAD[1]: None}
    assert all(KEY not in asked.path and KEY.encode() not in asked.body for asked in server.asked)


def test_a_redirect_to_another_host_does_not_carry_the_key(server: ScriptedServer, query: Query) -> None:
    with scripted_server() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        ready = {"status": "ready", "downloadUrl": f"{server.url}/signed/q-1.json"}
        server.on(*STATUS, Reply(302, headers={"Location": f"{elsewhere}/status"}))
        other.on("GET", "/status", Reply(body=ready))
        hosted(server).predict(query)
        assert other.keys() == {"/status": None}


def test_a_post_that_is_redirected_is_not_followed(server: ScriptedServer, query: Query) -> None:
    with scripted_server() as other:
        server.on(*PREDICT, Reply(307, headers={"Location": other.url + PREDICT[1]}))
        with pytest.raises(ServiceUnavailableError, match="only redirects"):
            hosted(server).predict(query)
        assert other.asked == []


@pytest.mark.parametrize("key", ["sk-line\nbreak", "sk two", "sk-ü", "sk\x00"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_without_repeating_it(
    server: ScriptedServer, query: Query, key: str
) -> None:
    with pytest.raises(AuthenticationError, match="Copy it again") as caught:
        hosted(server, api_key=key).predict(query)
    assert key not in str(caught.value)
    assert server.asked == []


def test_spaces_around_a_pasted_key_do_no_harm(server: ScriptedServer, query: Query) -> None:
    hosted(server, api_key=f" {KEY}\n").predict(query)
    assert server.keys()[PREDICT[1]] == f"Bearer {KEY}"


def test_without_a_key_the_user_is_asked_for_one(server: ScriptedServer, query: Query) -> None:
    with pytest.raises(AuthenticationError, match="needs an API key"):
        hosted(server, api_key="").predict(query)
    assert server.asked == []


@pytest.mark.usefixtures("netrc")
def test_a_netrc_takes_no_part(server: ScriptedServer, query: Query) -> None:
    with scripted_server() as other:
        other.on(*DOWNLOAD, Reply(body=answer()))
        server.on(*STATUS, Reply(302, headers={"Location": "/moved"}))
        server.on("GET", "/moved", Reply(body={"status": "ready", "downloadUrl": other.url + DOWNLOAD[1]}))
        hosted(server).predict(query)
        assert server.keys() == dict.fromkeys((PREDICT[1], STATUS[1], "/moved"), f"Bearer {KEY}")
        assert other.keys() == {DOWNLOAD[1]: None}


@pytest.mark.usefixtures("netrc")
def test_a_container_without_a_key_gets_none_of_a_netrc(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, arrow_reply(stream()))
    self_hosted(server, api_key=None).predict(query)
    assert server.keys() == {PREDICT[1]: None}


def test_a_redirect_to_another_port_of_the_same_host_does_not_carry_the_key(
    server: ScriptedServer, query: Query
) -> None:
    with scripted_server() as other:
        server.on(*STATUS, Reply(302, headers={"Location": f"{other.url}/status"}))
        other.on("GET", "/status", Reply(307, headers={"Location": f"{server.url}/back"}))
        server.on("GET", "/back", Reply(body=ready(server)))
        hosted(server).predict(query)
        assert other.keys() == {"/status": None}
        assert server.keys()["/back"] is None, "what left the service once does not get the key on its way back"


def test_a_redirect_that_repeats_the_key_is_not_followed(
    server: ScriptedServer, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_server() as other, caplog.at_level("DEBUG"):
        server.on(*STATUS, Reply(302, headers={"Location": f"{other.url}/?key={KEY}"}))
        with pytest.raises(ServiceUnavailableError, match="redirected"):
            hosted(server).predict(query)
        assert other.asked == []
    assert KEY not in caplog.text


def test_cookies_are_not_kept(server: ScriptedServer, query: Query) -> None:
    cookie = {"Set-Cookie": "session=1; Path=/"}
    server.on(*PREDICT, Reply(body={"modelQueryId": "q-1"}, headers=cookie))
    server.on(*STATUS, Reply(body={"status": "running"}, headers=cookie), Reply(body=ready(server), headers=cookie))
    hosted(server).predict(query)
    assert all("Cookie" not in asked.headers for asked in server.asked)


def test_two_users_share_nothing(server: ScriptedServer, query: Query) -> None:
    hosted(server, api_key="sk-of-ada-0001").predict(query)
    answer_well(server)
    server.asked.clear()
    hosted(server, api_key="sk-of-bob-0002").predict(query)
    assert {key for key in server.keys().values() if key} == {"Bearer sk-of-bob-0002"}


def test_a_key_shows_itself_nowhere_and_is_not_written_down() -> None:
    key = ApiKey(KEY)
    assert KEY not in f"{key} {key!r} {[key]} {vars(hosted_nowhere())}"
    assert not pickle.loads(pickle.dumps(key))  # noqa: S301 - our own
    assert pickle.loads(pickle.dumps(hosted_nowhere())).model_id == "gem-1-bulk"  # noqa: S301 - our own
    assert copy.deepcopy(key).is_in(KEY)


def hosted_nowhere() -> object:
    with scripted_server() as gone:
        return hosted(gone)


def test_a_service_that_repeats_the_key_in_its_answer_does_not_get_it_into_the_prediction(
    server: ScriptedServer, query: Query
) -> None:
    samples = [{"counts": [1, 2, 3], "metadata": {"genotype": f"for {KEY}"}}] * 2
    server.on(*DOWNLOAD, Reply(body=answer(samples, model_version=f"of {KEY}")))
    prediction = hosted(server).predict(query)
    assert prediction.metadata["genotype"].tolist() == ["for (key)"] * 2
    assert prediction.provenance.model_version == "of (key)"


def test_an_ordinary_word_is_not_hidden_for_being_the_key() -> None:
    service = Service("the hosted service", "https://example.org", "any", QUICK)
    assert service.clean("too many") == "too many"
