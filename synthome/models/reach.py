"""Which addresses a service may send this computer to.

A service names the address of its download, and may redirect. One that is out on the internet has no business with
addresses inside: with this computer's own, or with those of the network it stands in.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

__all__ = [
    "ForbiddenAddress",
    "Reach",
    "host_of",
    "is_public",
    "is_web_address",
    "named_inside",
    "same_origin",
    "target_of",
]

_PORTS = {"http": 80, "https": 443}


class ForbiddenAddress(Exception):  # noqa: N818 - told in words where the request was made
    """A public service named an address inside."""


class Reach:
    """Which addresses may be connected to.

    Whether the service is outside shows at the first connection, which is to it; where a proxy makes that one, the
    service is taken to be where ``service_is_public`` says.
    """

    def __init__(self, *, service_is_public: bool | None = None) -> None:
        self._service_is_public = service_is_public

    def before(self, host: str, port: int) -> None:
        """Refuse a name that stands for any address inside, where the service is outside."""
        if not self._service_is_public:
            return
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return  # connecting fails at the same place, and tells so
        for *_, address in found:
            self._refuse_inside(str(address[0]))

    def connected(self, connection: socket.socket) -> None:
        """Look at who answers, before anything is sent: a name may stand for another address a moment later."""
        peer = str(connection.getpeername()[0])
        if self._service_is_public is None:
            self._service_is_public = is_public(peer)
        elif self._service_is_public:
            self._refuse_inside(peer)

    def _refuse_inside(self, address: str) -> None:
        if not is_public(address):
            raise ForbiddenAddress


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large.

    >>> [is_public(address) for address in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast


def host_of(url: str) -> str:
    """The host that an address of the web names."""
    return urlsplit(url).hostname or ""


def named_inside(host: str) -> bool:
    """Whether ``host`` itself says that it is inside: ``localhost``, or an address that is not public.

    Older spellings of an address count too, as they reach the same machine.

    >>> [named_inside(host) for host in ("localhost", "127.1", "2130706433", "[::1]", "storage.example.com")]
    [True, True, True, True, False]
    """
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, UnicodeError):
        return ":" in name and not is_public(name)


def is_web_address(url: str) -> bool:
    """Whether ``url`` is a whole address of the web.

    >>> [is_web_address(url) for url in ("https://host/x", "file:///etc/passwd", "http://", "http://[::1", "host:80")]
    [True, False, False, False, False]
    """
    try:
        parts = urlsplit(url)
        return parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def target_of(base: str, url: str) -> str | None:
    """``url`` as seen from ``base``; ``None`` where that is no address of the web."""
    try:
        target = urljoin(base, url.strip())
    except ValueError:
        return None
    return target if is_web_address(target) else None


def same_origin(url: str, other: str) -> bool:
    """Whether the key that is meant for ``url`` may go to ``other``: same host, same port, no less safe.

    >>> same_origin("https://host/a", "https://host:443/b"), same_origin("https://host", "http://host")
    (True, False)
    """
    (scheme, host, port), (other_scheme, other_host, other_port) = _origin(url), _origin(other)
    if host != other_host:
        return False
    upgraded = (scheme, port, other_scheme, other_port) == ("http", 80, "https", 443)
    return upgraded or (scheme, port) == (other_scheme, other_port)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)
