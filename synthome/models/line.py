"""The connections to one service, for one prediction: nothing of another user, and nothing that lingers.

Cookies are not kept and ``.netrc`` is not read, which would put a password of somebody else in the stead of the key.
Proxies and certificates of the environment are used, as networks of institutes need them.
"""

from __future__ import annotations

import atexit
import os
import socket
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from synthome.models.failures import NoCertificates
from synthome.models.reach import Reach, host_of, named_inside

__all__ = ["EXCHANGE_THREAD", "Line"]

EXCHANGE_THREAD = "synthome-exchange"
"""Name of the threads that read from a line."""

_LINES: weakref.WeakSet[Line] = weakref.WeakSet()


@atexit.register
def _hang_up_at_exit() -> None:
    """End every read before the process ends: a thread that is inside Arrow then would bring it down."""
    for line in tuple(_LINES):
        line.hang_up()
    for thread in threading.enumerate():
        if thread.name == EXCHANGE_THREAD:
            thread.join(timeout=0.5)


class Line:
    """Sends requests to a service, one after the other; ``hang_up`` ends the one under way from another thread."""

    def __init__(self, base_url: str) -> None:
        by_proxy = self.goes_by_proxy(base_url)
        self.reach = Reach(service_is_public=not named_inside(host_of(base_url)) if by_proxy else None)
        self._sockets: list[socket.socket] = []
        self.hung_up = False
        _LINES.add(self)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self))

    def send(
        self,
        method: str,
        url: str,
        *,
        auth: AuthBase | None,
        headers: Mapping[str, str],
        body: object,
        timeout: tuple[float, float],
    ) -> requests.Response:
        """Send one request; redirects are not followed, and the body of the reply is not read yet."""
        return self._session.request(
            method,
            url,
            json=body,
            headers=headers,
            auth=auth or _no_auth,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
            proxies=get_environ_proxies(url),
            verify=_certificates(),
        )

    def redirected(self, response: requests.Response) -> str | None:
        """Where ``response`` sends on to."""
        return self._session.get_redirect_target(response)

    def goes_by_proxy(self, url: str) -> bool:
        """Whether somebody else connects to ``url`` for this computer."""
        return select_proxy(url, get_environ_proxies(url)) is not None

    def connect(self, connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
        """Connect to where the service may send us. Behind a proxy, it is the proxy that connects."""
        direct = connection.proxy is None
        if direct:
            self.reach.before(connection.host, connection.port)
        connected = connect()
        try:
            if direct:
                self.reach.connected(connected)
            self.keep(connected)
        except BaseException:
            connected.close()
            raise
        return connected

    def keep(self, connected: socket.socket) -> None:
        """Remember a socket, to be shut should this line be hung up; ``ConnectionAbortedError`` where it was."""
        self._sockets = [*(other for other in self._sockets if other.fileno() >= 0), connected]
        self._check_wanted()

    def _check_wanted(self) -> None:
        if self.hung_up:
            raise ConnectionAbortedError

    def hang_up(self) -> None:
        """End every connection, so that a thread that reads from one comes to its end."""
        self.hung_up = True
        for connected in self._sockets:
            # One that is closed already needs no more.
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close what is idle."""
        self._session.close()


def _certificates() -> str | bool:
    """The file or folder of certificates that the environment names; true for the usual ones."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if named and not Path(named).exists():
        raise NoCertificates
    return named or True


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No key, and none that stands in the address either."""
    return request


class _HttpConnection(HTTPConnection):
    def __init__(self, *args: Any, line: Line, **options: Any) -> None:
        super().__init__(*args, **options)
        self.line = line

    def _new_conn(self) -> socket.socket:
        return self.line.connect(self, super()._new_conn)


class _HttpsConnection(HTTPSConnection):
    def __init__(self, *args: Any, line: Line, **options: Any) -> None:
        super().__init__(*args, **options)
        self.line = line

    def _new_conn(self) -> socket.socket:
        return self.line.connect(self, super()._new_conn)

    def connect(self) -> None:
        super().connect()
        if self.sock is not None:
            # Encryption puts another socket in the place of the first.
            self.line.keep(self.sock)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class _Adapter(HTTPAdapter):
    """Makes connections of the kinds above, directly and by way of proxies."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._prepare(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        self._prepare(manager)
        return manager

    def _prepare(self, manager: PoolManager) -> None:
        # What a pool does not know of goes on to each of its connections.
        pools: dict[str, Any] = {
            "http": partial(_HttpPool, line=self._line),
            "https": partial(_HttpsPool, line=self._line),
        }
        manager.pool_classes_by_scheme = pools
