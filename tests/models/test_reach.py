"""Where a service may send this computer: not to addresses inside, when it is itself outside."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from synthome.errors import AnswerError, ServiceUnavailableError
from synthome.models import reach
from synthome.models.hosted import HostedModel
from synthome.models.reach import ForbiddenAddress, Reach, is_public, same_origin, target_of
from synthome.query import Query
from tests.models.remote_services import DOWNLOAD, KEY, PREDICT, QUICK, STATUS, answer, hosted, ready
from tests.servers import Reply, ScriptedServer, scripted_server

OUTSIDE = "http://gem.example.com"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1 counts as an address of the internet, and nothing else does."""
    monkeypatch.setattr(reach, "is_public", lambda address: address == "127.0.0.1")


@pytest.fixture
def proxy(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    """A proxy that leads to the service outside: it is asked with whole addresses."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for method, path in (PREDICT, STATUS, DOWNLOAD):
        server.script["GET" if method == "GET" else "POST", OUTSIDE + path] = server.script.pop((method, path))
    server.on("GET", OUTSIDE + STATUS[1], Reply(body={"status": "ready", "downloadUrl": OUTSIDE + DOWNLOAD[1]}))
    return server


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("host", ["127.0.0.3", "localhost", "[::1]", "2130706435", "inside.example.com"])
def test_a_service_outside_may_name_no_download_inside(
    server: ScriptedServer, query: Query, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolve(monkeypatch, {"localhost": "127.0.0.3", "inside.example.com": "127.0.0.3"})
    port = server.url.rpartition(":")[2]
    server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": f"http://{host}:{port}{DOWNLOAD[1]}"}))
    with pytest.raises(AnswerError, match="inside this network"):
        hosted(server).predict(query)
    assert DOWNLOAD[1] not in server.paths()


@pytest.mark.usefixtures("outside")
def test_nor_may_it_redirect_to_one(server: ScriptedServer, query: Query) -> None:
    port = server.url.rpartition(":")[2]
    server.on(*DOWNLOAD, Reply(302, headers={"Location": f"http://127.0.0.3:{port}/inside"}))
    with pytest.raises(AnswerError, match="inside this network"):
        hosted(server).predict(query)
    assert "/inside" not in server.paths()


@pytest.mark.usefixtures("outside")
def test_a_name_that_leads_inside_a_moment_later_is_noticed_before_anything_is_sent() -> None:
    allowed = Reach()
    with socket.create_server(("127.0.0.1", 0)) as outside, socket.create_server(("127.0.0.3", 0)) as inside:
        with socket.create_connection(outside.getsockname()) as connection:
            allowed.connected(connection)
        with socket.create_connection(inside.getsockname()) as connection, pytest.raises(ForbiddenAddress):
            allowed.connected(connection)


def test_a_container_inside_may_name_what_is_inside_too(server: ScriptedServer, query: Query) -> None:
    with scripted_server() as storage:
        storage.on(*DOWNLOAD, Reply(body=answer()))
        server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": storage.url + DOWNLOAD[1]}))
        assert len(hosted(server).predict(query).expression) == 2


def test_a_service_is_reached_by_way_of_a_proxy(proxy: ScriptedServer, query: Query) -> None:
    prediction = HostedModel("gem-1-bulk", OUTSIDE, KEY, timing=QUICK).predict(query)
    assert len(prediction.expression) == 2
    assert proxy.keys()[OUTSIDE + DOWNLOAD[1]] is None


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "localhost", "[::1]", "127.1", "0x7f000001"])
def test_behind_a_proxy_no_download_inside_is_asked_for_either(proxy: ScriptedServer, query: Query, host: str) -> None:
    url = f"http://{host}/latest/meta-data"
    proxy.on("GET", OUTSIDE + STATUS[1], Reply(body={"status": "ready", "downloadUrl": url}))
    with pytest.raises(AnswerError, match="may be asked"):
        HostedModel("gem-1-bulk", OUTSIDE, KEY, timing=QUICK).predict(query)
    proxy.on("GET", OUTSIDE + STATUS[1], Reply(302, headers={"Location": url}))
    with pytest.raises(ServiceUnavailableError, match="may be asked"):
        HostedModel("gem-1-bulk", OUTSIDE, KEY, timing=QUICK).predict(query)
    assert url not in proxy.paths()


@pytest.mark.usefixtures("proxy")
def test_nor_is_one_that_is_reached_without_the_proxy(query: Query, proxy: ScriptedServer, monkeypatch: Any) -> None:
    with scripted_server() as inside:
        inside.on(*DOWNLOAD, Reply(body=answer()))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("http_proxy", proxy.url.replace("127.0.0.1", "localhost"))
        url = inside.url + DOWNLOAD[1]
        proxy.on("GET", OUTSIDE + STATUS[1], Reply(body={"status": "ready", "downloadUrl": url}))
        with pytest.raises(AnswerError, match="inside this network"):
            HostedModel("gem-1-bulk", OUTSIDE, KEY, timing=QUICK).predict(query)
        assert inside.asked == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://host/x", "gopher://host", "data:,x", "http://[::1", "http://h:99999"],
)
def test_a_download_is_an_address_of_the_web(server: ScriptedServer, query: Query, url: str) -> None:
    server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": url}))
    with pytest.raises(AnswerError, match="no web address"):
        hosted(server).predict(query)


def test_a_download_may_be_named_relative_to_the_service(server: ScriptedServer, query: Query) -> None:
    server.on(*STATUS, Reply(body={**ready(server), "downloadUrl": DOWNLOAD[1]}))
    assert len(hosted(server).predict(query).expression) == 2
    assert target_of("https://host/api/", "x") == "https://host/api/x"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://host/other", True),
        ("https://host:443/", True),
        ("https://HOST/", True),
        ("https://host:8443/", False),
        ("http://host/", False),
        ("https://host.example/", False),
        ("https://host@elsewhere/", False),
    ],
)
def test_the_key_goes_to_the_same_scheme_host_and_port_alone(other: str, same: bool) -> None:
    assert same_origin("https://host/api", other) is same


def test_from_http_to_https_the_key_may_go() -> None:
    assert same_origin("http://host/api", "https://host/api")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:10.0.0.1",
        "no address",
    ],
)
def test_addresses_inside_are_told_from_those_of_the_internet(address: str) -> None:
    assert not is_public(address)
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1::1")


def _resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> None:
    asked = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        return asked(names.get(host, host), *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
