"""Where no reply came, or not all of it: what went wrong on the way, in words."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import (
    IncompleteRead,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
)
from urllib3.exceptions import TimeoutError as TransportTimeout

from synthome.errors import AnswerError, ModelError, ServiceUnavailableError
from synthome.models.reach import ForbiddenAddress
from synthome.models.timing import Timing, spoken

__all__ = ["NOT_SENT", "CutOff", "Failure", "NoCertificates", "failure_of"]


class NoCertificates(Exception):  # noqa: N818 - told in words where the request was made
    """The environment names a file of certificates that is not there."""


NOT_SENT = (requests.RequestException, TransportError, ForbiddenAddress, NoCertificates)
"""What is raised while a request is sent or its reply read."""

_NO_ADDRESS = (
    LocationParseError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
_NO_NETWORK = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}


class CutOff(Exception):  # noqa: N818 - told in words where the request was made
    """The answer ends in the middle, though its transport did not notice."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No reply came, or not all of it. ``never_sent``: the service cannot have seen the request."""

    sentence: str
    kind: type[ModelError] = ServiceUnavailableError
    never_sent: bool = False
    may_pass: bool = True


def failure_of(error: Exception, name: str, host: str, timing: Timing, *, by_proxy: bool = False) -> Failure:
    """What ``error`` means, without anything of the request that it holds.

    ``host`` was asked, of service ``name``; ``by_proxy`` says that it is a proxy that was to connect to it.
    """
    if isinstance(error, ForbiddenAddress):
        sentence = f"The address that was named by {name} is one inside this network, and is not asked. Report it."
        return Failure(sentence, AnswerError, may_pass=False)
    if isinstance(error, requests.exceptions.SSLError):
        return Failure(_not_trusted(error, name, host), never_sent=True, may_pass=False)
    if isinstance(error, NoCertificates):
        sentence = (
            "The certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names are not there, so that nobody can be "
            "trusted. Correct that setting, or remove it, and start Synthome again."
        )
        return Failure(sentence, never_sent=True, may_pass=False)
    connecting = _reason(error)
    if isinstance(error, _NO_ADDRESS):
        return Failure(_no_address(name, host, by_proxy=by_proxy), never_sent=True, may_pass=False)
    if isinstance(error, requests.ConnectTimeout) or isinstance(connecting, NewConnectionError):
        if by_proxy:
            return Failure(_no_proxy(name), never_sent=True)
        return Failure(_not_connected(error, connecting, name, host, timing), never_sent=True)
    if isinstance(error, requests.exceptions.ProxyError):
        return Failure(f"The proxy on the way to {name} does not let it through. Check HTTPS_PROXY and the network.")
    if isinstance(error, (requests.Timeout, TransportTimeout)):
        return Failure(
            f"Nothing came from {name} for {spoken(timing.read)}. Try again later, or ask for fewer samples."
        )
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, TransportError, IncompleteRead)):
        return Failure(f"The answer of {name} was cut off or garbled on its way. Try again.", AnswerError)
    if isinstance(connecting, ProtocolError):
        return Failure(f"The connection to {name} broke off before it answered. Try again later.")
    return Failure(f"The connection to {name} failed. Check its address and the network, then try again.")


def _not_trusted(error: Exception, name: str, host: str) -> str:
    fault = next((each for each in _inner(error) if isinstance(each, ssl.SSLError)), None)
    if fault is not None and not isinstance(fault, ssl.SSLCertVerificationError):
        return (
            f"What answers at the address of {name} ({host}) speaks no HTTPS. Check its address and port under "
            "Settings; a container inside your network may need http:// in the stead of https://."
        )
    why = f": {fault.verify_message}" if fault is not None and fault.verify_message else ""
    return (
        f"The certificate of {name} ({host}) cannot be trusted{why.rstrip('.')}. Check its address under Settings; in "
        "a network that inspects traffic, ask for its certificate and name that in REQUESTS_CA_BUNDLE."
    )


def _inner(error: BaseException) -> Iterator[object]:
    """What ``error`` wraps, and what that wraps."""
    inner: object = error
    while isinstance(inner, BaseException):
        yield inner
        inner = getattr(inner, "reason", None) or (inner.args[0] if inner.args else None)


def _no_address(name: str, host: str, *, by_proxy: bool) -> str:
    if by_proxy:
        return _no_proxy(name)
    return f"The address of {name} ({host[:80]}) is none that can be asked. Correct it under Settings."


def _no_proxy(name: str) -> str:
    return (
        f"No connection to the proxy on the way to {name} could be made. Check HTTPS_PROXY and HTTP_PROXY, where it is "
        "named, and the network."
    )


def _not_connected(error: Exception, reason: object, name: str, host: str, timing: Timing) -> str:
    if isinstance(reason, NameResolutionError):
        return (
            f"The address of {name} ({host}) is not found. Check its address for a slip under Settings, and that this "
            "computer has a network."
        )
    cause = reason.__cause__ if isinstance(reason, BaseException) else None
    if isinstance(cause, OSError) and cause.errno in _NO_NETWORK:
        return f"There is no network to {name} ({host}). Connect this computer, or let the embedded model answer."
    if isinstance(error, requests.ConnectTimeout):
        return (
            f"No connection to {name} ({host}) could be made within {spoken(timing.connect)}. Check its address and "
            "the network."
        )
    return f"No connection to {name} could be made: nothing listens there. Check its address, and that it is running."


def _reason(error: Exception) -> object:
    """What urllib3 names as the reason of an error that requests wraps."""
    wrapped = error.args[0] if error.args else None
    reason = getattr(wrapped, "reason", None) or wrapped
    return getattr(reason, "original_error", None) or reason
