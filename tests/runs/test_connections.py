"""Trying a key or an address: what a service says to it, in words."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from synthome.runs.connections import check_container, check_key
from synthome.settings import settings
from tests.servers import Reply, ScriptedServer, scripted_server

KEY = "not-a-real-key-51f0c2"
MODELS = ("GET", "/api/models")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        monkeypatch.setenv("SYNTHOME_HOSTED_URL", server.url)
        settings.cache_clear()
        yield server
    monkeypatch.undo()
    settings.cache_clear()


def test_a_key_that_the_service_takes_is_valid(server: ScriptedServer) -> None:
    server.on(*MODELS, Reply(body={"models": [{"model_id": "gem-1-bulk"}, {"model_id": "gem-1-sc"}]}))
    checked = check_key(KEY)
    assert (checked.state, checked.models) == ("valid", ("gem-1-bulk", "gem-1-sc"))
    assert checked.sentence == "The key is valid: the hosted service takes it and has gem-1-bulk, gem-1-sc."
    assert server.keys() == {MODELS[1]: f"Bearer {KEY}"}


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_it_does_not_take_is_refused(server: ScriptedServer, status: int) -> None:
    server.on(*MODELS, Reply(status, {"error": f"bad key {KEY}"}))
    checked = check_key(KEY)
    assert checked.state == "refused"
    assert "refused" in checked.sentence
    assert KEY not in checked.sentence


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"error": f"Authorization: Bearer {KEY}"}),
        Reply(422, {"error": f"no {KEY}"}),
        Reply(404, {"error": "nothing"}),
        Reply(429, {"error": "slow down"}, headers={"Retry-After": "9"}),
        Reply(body=b"<html>not JSON</html>"),
        Reply(body={"status": "fine"}),
        Reply(body=b'{"models": [', declared=500),
    ],
    ids=["500", "422", "404", "429", "html", "no list", "cut off"],
)
def test_whatever_else_comes_back_is_no_verdict_on_the_key(server: ScriptedServer, reply: Reply) -> None:
    server.on(*MODELS, reply)
    checked = check_key(KEY)
    assert checked.state == "unreachable"
    assert KEY not in checked.sentence


def test_a_container_tells_its_models_and_gets_no_key_of_the_hosted_service(server: ScriptedServer) -> None:
    server.on(*MODELS, Reply(body={"models": [{"model_id": "gem-1-bulk"}, {"model_id": "other"}]}))
    checked = check_container(server.url)
    assert checked.sentence == "The container answers and has gem-1-bulk."
    assert checked.models == ("gem-1-bulk", "other")
    assert server.keys() == {MODELS[1]: None}


def test_a_container_with_none_of_the_models_is_said_to_have_none(server: ScriptedServer) -> None:
    server.on(*MODELS, Reply(body={"models": []}))
    assert "none of the models" in check_container(server.url).sentence


def test_where_nothing_listens_the_container_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    checked = check_container(f"http://127.0.0.1:{port}")
    assert checked.state == "unreachable"
    assert "address" in checked.sentence
