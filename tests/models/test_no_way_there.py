"""Where there is no way to a service: the message names what stands in between, and what to do."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthome.errors import ServiceUnavailableError
from synthome.models.hosted import HostedModel
from synthome.models.timing import Timing
from synthome.query import Query
from tests.models.remote_services import KEY, PREDICT
from tests.servers import Reply, ScriptedServer, scripted_server

HURRIED = Timing(connect=1, read=1, total=4, attempts=2, backoff=0.01)
OUTSIDE = "http://gem.example.com"


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No proxy and no certificates but those of a test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """A service with a certificate that it signed itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with scripted_server() as server:
        server.encrypt(context)
        yield server.url.replace("http:", "https:")


def _told(url: str, query: Query) -> str:
    """What the user is told."""
    begun = time.monotonic()
    with pytest.raises(ServiceUnavailableError) as caught:
        HostedModel("gem-1-bulk", url, KEY, timing=HURRIED).predict(query)
    assert time.monotonic() - begun < HURRIED.total + 0.5
    assert KEY not in str(caught.value)
    return str(caught.value)


def test_a_name_that_nobody_knows(query: Query) -> None:
    told = _told("https://nowhere.invalid", query)
    assert "(nowhere.invalid) is not found" in told
    assert "Check its address for a slip under Settings" in told


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".example"])
def test_a_name_that_is_none(query: Query, host: str) -> None:
    assert "is none that can be asked. Correct it under Settings" in _told(f"https://{host}", query)


def test_a_certificate_that_nobody_vouches_for(query: Query, self_signed: str) -> None:
    told = _told(self_signed, query)
    assert "cannot be trusted: self-signed certificate" in told
    assert "REQUESTS_CA_BUNDLE" in told


def test_https_where_http_is_spoken(server: ScriptedServer, query: Query) -> None:
    told = _told(server.url.replace("http:", "https:"), query)
    assert "speaks no HTTPS" in told
    assert "http:// in the stead of https://" in told


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_are_not_where_the_environment_says(
    network: pytest.MonkeyPatch, query: Query, name: str
) -> None:
    network.setenv(name, "/nowhere/certificates.pem")
    told = _told("https://gem.example.com", query)
    assert name in told
    assert "not there" in told


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:9", "http://nowhere.invalid:80", "http://[::1", "socks5://127.0.0.1:9", "ftp://x"]
)
def test_a_proxy_that_is_not_there(network: pytest.MonkeyPatch, query: Query, scheme: str, proxy: str) -> None:
    network.setenv(f"{scheme}_proxy", proxy)
    assert "No connection to the proxy on the way to the hosted service" in _told(
        OUTSIDE.replace("http", scheme, 1), query
    )


def test_a_proxy_that_wants_a_login(network: pytest.MonkeyPatch, server: ScriptedServer, query: Query) -> None:
    server.on("POST", OUTSIDE + PREDICT[1], Reply(407))
    network.setenv("http_proxy", server.url)
    assert "wants a login (407)" in _told(OUTSIDE, query)


def test_a_proxy_that_lets_nothing_through(network: pytest.MonkeyPatch, server: ScriptedServer, query: Query) -> None:
    network.setenv("https_proxy", server.url)
    assert "does not let it through" in _told(OUTSIDE.replace("http", "https", 1), query)


def test_a_service_that_a_proxy_cannot_reach(network: pytest.MonkeyPatch, server: ScriptedServer, query: Query) -> None:
    server.on("POST", OUTSIDE + PREDICT[1], Reply(504, b"<html>Gateway time-out of 10.0.0.1</html>"))
    network.setenv("http_proxy", server.url)
    told = _told(OUTSIDE, query)
    assert "A failure (504) was reported" in told
    assert "html" not in told
