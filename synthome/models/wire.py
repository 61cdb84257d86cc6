"""HTTP as the remote answerers speak it: who gets the key, what is repeated, and every failure told in words.

The API key travels in the ``Authorization`` header of requests to the service itself and nowhere else; a download
link, which is signed, is fetched without it. Only reading is repeated: a prediction that was sent may have begun.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import NewConnectionError

from synthome.errors import AnswerError, AuthenticationError, ServiceUnavailableError
from synthome.models.interruptible import interruptible, sleep_unless_cancelled
from synthome.models.protocol import Cancelled
from synthome.models.refusals import Refusal, refusal_error, retry_after

__all__ = ["Reader", "Service", "Timing", "read_body"]

_CHUNK = 1 << 20
_MOST_BYTES = 4 << 30
_WORTH_REPEATING = frozenset({429, 500, 502, 503, 504})
_LONGEST_PAUSE = 30.0

T = TypeVar("T")

Reader = Callable[[requests.Response, threading.Event], T]
"""Reads a successful response; stops early, with whatever result, once the event is set."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait for what, in seconds. The pause between polls grows from ``first_poll`` to ``last_poll``."""

    connect: float = 10.0
    read: float = 60.0
    total: float = 900.0
    first_poll: float = 2.0
    last_poll: float = 5.0
    attempts: int = 4
    backoff: float = 0.5


@dataclass(frozen=True, slots=True)
class _Failure:
    """No reply came, or not all of it. ``never_sent``: the service cannot have seen the request."""

    sentence: str
    never_sent: bool = False
    cut_off: bool = False


@dataclass(frozen=True, slots=True)
class _Success(Generic[T]):
    value: T


class _Bearer(AuthBase):
    """Puts the key into its header; requests takes that out where a redirect leaves the host."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        return request


class Service:
    """One remote service. ``name`` is what messages call it, such as "the hosted service".

    Every method raises ``PredictionCancelled`` within 0.2 s of a cancel, and the error of
    :func:`~synthome.models.refusals.refusal_error` for a reply that is no success.
    """

    def __init__(self, name: str, base_url: str, api_key: str | None, timing: Timing) -> None:
        self.name = name
        self.timing = timing
        self._base_url = _checked_url(name, base_url)
        self._api_key = _checked_key(name, api_key)
        self._auth = None if self._api_key is None else _Bearer(self._api_key)
        self._session = requests.Session()

    def __repr__(self) -> str:
        return f"Service({self.name!r})"

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()

    def get_json(self, path: str, cancelled: Cancelled) -> dict[str, Any]:
        """Read a JSON object from ``path``; what may pass by itself is tried again."""
        return self.as_object(self._get(self._base_url + path, self._auth, cancelled))

    def download(self, url: str, cancelled: Cancelled, tick: Callable[[], None] | None = None) -> bytes:
        """Read ``url``, absolute or relative to the service, without the key; ``AnswerError`` where it is cut off."""
        target = urljoin(self._base_url + "/", url)
        if urlsplit(target).scheme not in {"http", "https"}:
            message = f"The download that was named by {self.name} is no web address."
            raise AnswerError(message)
        return self._get(target, None, cancelled, tick)

    def post(
        self,
        path: str,
        body: object,
        read: Reader[T],
        cancelled: Cancelled,
        *,
        accept: str = "application/json",
        read_timeout: float | None = None,
        tick: Callable[[], None] | None = None,
    ) -> T:
        """Send ``body`` once and read the answer; only a connection that never came about is tried again."""
        timeout = (self.timing.connect, self.timing.read if read_timeout is None else read_timeout)

        def send() -> requests.Response:
            url, headers = self._base_url + path, {"Accept": accept}
            return self._session.post(
                url, json=body, headers=headers, auth=self._auth, timeout=timeout, stream=True, allow_redirects=False
            )

        for attempt in range(self.timing.attempts):
            outcome = self._exchange(send, read, cancelled, tick)
            if not (isinstance(outcome, _Failure) and outcome.never_sent):
                break
            self._pause(attempt, None, cancelled)
        return self._value(outcome)

    def as_object(self, body: bytes) -> dict[str, Any]:
        """``body`` as a JSON object; ``AnswerError`` where it is none."""
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            message = f"An answer that is cut off, or no JSON object, came from {self.name}. Try again."
            raise AnswerError(message)
        return content

    def clean(self, text: str) -> str:
        """``text`` of the service as it may be shown: without the key, without a traceback, not too long."""
        text = text.partition("\nTraceback")[0].strip()
        if self._api_key is not None:
            text = text.replace(self._api_key, "(key)")
        return text if len(text) <= 500 else f"{text[:500]}…"

    def _get(
        self, url: str, auth: AuthBase | None, cancelled: Cancelled, tick: Callable[[], None] | None = None
    ) -> bytes:
        timeout = (self.timing.connect, self.timing.read)

        def send() -> requests.Response:
            return self._session.get(
                url, headers={"Accept": "application/json"}, auth=auth, timeout=timeout, stream=True
            )

        for attempt in range(self.timing.attempts):
            outcome = self._exchange(send, read_body, cancelled, tick)
            if not _may_pass(outcome):
                break
            self._pause(attempt, outcome if isinstance(outcome, Refusal) else None, cancelled)
        return self._value(outcome)

    def _exchange(
        self,
        send: Callable[[], requests.Response],
        read: Reader[T],
        cancelled: Cancelled,
        tick: Callable[[], None] | None,
    ) -> _Success[T] | Refusal | _Failure:
        """One request and its reply, in a thread that can be left behind."""

        def call(abandoned: threading.Event) -> _Success[T] | Refusal | _Failure:
            try:
                with send() as response:
                    if response.status_code == 200:
                        return _Success(read(response, abandoned))
                    return Refusal(
                        response.status_code, response.headers, response.raw.read(_CHUNK, decode_content=True)
                    )
            except (requests.RequestException, TransportError) as error:
                # The exception holds the request, and with it the key: its kind goes on, it does not.
                return self._failure(error)

        return interruptible(call, cancelled, tick)

    def _value(self, outcome: _Success[T] | Refusal | _Failure) -> T:
        if isinstance(outcome, Refusal):
            raise refusal_error(outcome, self.name, self.clean)
        if isinstance(outcome, _Failure):
            kind = AnswerError if outcome.cut_off else ServiceUnavailableError
            raise kind(outcome.sentence)
        return outcome.value

    def _pause(self, attempt: int, refusal: Refusal | None, cancelled: Cancelled) -> None:
        if attempt + 1 < self.timing.attempts:
            asked = 0.0 if refusal is None else retry_after(refusal.headers) or 0.0
            sleep_unless_cancelled(min(max(asked, self.timing.backoff * 2**attempt), _LONGEST_PAUSE), cancelled)

    def _failure(self, error: Exception) -> _Failure:
        name = self.name
        if isinstance(error, requests.ConnectTimeout) or _refused(error):
            return _Failure(
                f"No connection to {name} could be made. Check its address and the network.", never_sent=True
            )
        if isinstance(error, requests.exceptions.SSLError):
            return _Failure(f"The certificate of {name} cannot be trusted. Check its address.")
        if isinstance(error, requests.Timeout):
            return _Failure(f"No answer came from {name} in time. Try again later.")
        if isinstance(error, (requests.exceptions.ChunkedEncodingError, TransportError)):
            return _Failure(f"The answer of {name} was cut off. Try again.", cut_off=True)
        return _Failure(f"The connection to {name} failed. Check its address and the network, then try again.")


def read_body(response: requests.Response, abandoned: threading.Event) -> bytes:
    """The whole body of ``response``, or as much of it as was read when abandoned."""
    parts = []
    size = 0
    for part in response.iter_content(_CHUNK):
        parts.append(part)
        size += len(part)
        if abandoned.is_set():
            break
        if size > _MOST_BYTES:
            message = f"The answer is larger than {_MOST_BYTES >> 30} GB. Ask for fewer samples at once."
            raise AnswerError(message)
    return b"".join(parts)


def _may_pass(outcome: object) -> bool:
    """Whether trying again can help."""
    return isinstance(outcome, _Failure) or (isinstance(outcome, Refusal) and outcome.status in _WORTH_REPEATING)


def _refused(error: Exception) -> bool:
    """Whether the connection itself was refused, so that nothing was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError)


def _checked_url(name: str, base_url: str) -> str:
    parts = urlsplit(base_url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"The address of {name} is not set, or not of the form https://host. Set it under Settings."
        raise ServiceUnavailableError(message)
    return base_url.strip().rstrip("/")


def _checked_key(name: str, api_key: str | None) -> str | None:
    """The key as it can stand in a header; a faulty one is refused here, in words that do not repeat it."""
    key = (api_key or "").strip()
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        message = f"The API key for {name} holds characters that no key holds. Copy it again."
        raise AuthenticationError(message)
    return key
