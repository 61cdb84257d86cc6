"""A service that is not reached: what is told, in the words of somebody who has to do something about it."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from synthome.errors import ServiceUnavailableError
from synthome.models.key_check import ask_models
from synthome.models.timing import Timing
from synthome.query import Query
from tests.models.remote_services import KEY, QUICK, hosted, self_hosted
from tests.models.socket_tricks import drip
from tests.servers import Reply, ScriptedServer, scripted_server

BOTH = pytest.mark.parametrize("model", [hosted, self_hosted], ids=["hosted", "self-hosted"])


@BOTH
def test_a_server_that_is_down_says_to_look_whether_it_runs(server: ScriptedServer, query: Query, model: Any) -> None:
    with scripted_server() as gone:
        url = gone.url
    with pytest.raises(ServiceUnavailableError, match=r"nothing listens there\. Check its address, and"):
        model(server, base_url=url).predict(query)


@BOTH
def test_without_a_network_that_is_said(server: ScriptedServer, query: Query, model: Any) -> None:
    # To everybody in the network: no way leads there by TCP.
    with pytest.raises(ServiceUnavailableError, match="There is no network to"):
        model(server, base_url="http://255.255.255.255").predict(query)


@BOTH
def test_a_connection_that_is_not_taken_says_for_how_long_it_was_tried(
    server: ScriptedServer, query: Query, model: Any
) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(2)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        timing = Timing(connect=0.2, read=1, total=5, attempts=1)
        with pytest.raises(ServiceUnavailableError, match=r"within 0\.2 s|Nothing came"):
            model(server, timing, base_url=url).predict(query)
        for each in waiting:
            each.close()


@pytest.mark.parametrize(
    "url", ["", "app.synthesize.bio", "ftp://host", "https://", "http://[::1", "http://host:99999", "http://a b"]
)
@BOTH
def test_an_address_that_is_none_says_where_to_set_it(
    server: ScriptedServer, query: Query, model: Any, url: str
) -> None:
    with pytest.raises(ServiceUnavailableError, match=r"(Set|Correct) it under Settings"):
        model(server, base_url=url).predict(query)


def test_trying_a_key_ends_too_though_the_service_drips(server: ScriptedServer) -> None:
    server.on("GET", "/api/models", Reply(act=drip(b"{" + b" " * 1000)))
    timing = Timing(connect=1, read=1, total=0.4, attempts=1)
    with pytest.raises(ServiceUnavailableError, match=r"No whole answer came from the hosted service within 0\.4 s"):
        ask_models("the hosted service", server.url, KEY, timing=timing)


def test_the_usual_limit_is_a_quarter_of_an_hour_and_told_so() -> None:
    assert Timing().total == 900
    assert QUICK.total < Timing().total
