"""One request and its reply: redirects followed with care, and whatever happens told as an outcome, not raised.

What requests raises holds the request, and with it the key; it ends here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import requests
from requests.auth import AuthBase

from synthome.errors import AnswerError
from synthome.models.api_key import ApiKey
from synthome.models.failures import NOT_SENT, CutOff, Failure, failure_of
from synthome.models.line import Line
from synthome.models.reach import host_of, named_inside, same_origin, target_of
from synthome.models.refusals import About, Refusal
from synthome.models.timing import Deadline, Timing

__all__ = ["Ask", "Exchange", "Outcome", "Reader", "Success", "parts_of", "read_body"]

_CHUNK = 1 << 18
_LONGEST_ANSWER = 4 << 30
_LONGEST_REPLY = 16 << 20
_LONGEST_REFUSAL = 1 << 20
_MOST_REDIRECTS = 5

T = TypeVar("T")

Reader = Callable[[requests.Response, threading.Event], T]
"""Reads a successful response; stops early, with whatever result, once the event is set."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is sent. ``read`` is how many seconds the service may be silent; ``None`` stands for the usual time."""

    method: Literal["GET", "POST"]
    url: str
    about: About
    auth: AuthBase | None
    accept: str = "application/json"
    body: object = field(default=None, repr=False)
    read: float | None = None


@dataclass(frozen=True, slots=True)
class Success(Generic[T]):
    """The reply, read."""

    value: T = field(repr=False)


Outcome = Success[T] | Refusal | Failure
"""What came of a request: its reply, a reply that is no success, or none."""


class Exchange:
    """Asks one service. ``base_url`` is the user's address of it, and ``name`` what messages call it."""

    def __init__(self, name: str, base_url: str, key: ApiKey, timing: Timing, deadline: Deadline) -> None:
        self._name = name
        self._base_url = base_url
        self._key = key
        self._timing = timing
        self._deadline = deadline
        self._line = Line(base_url)

    def ask(self, ask: Ask, read: Reader[T], abandoned: threading.Event) -> Outcome[T]:
        """Send ``ask``, follow where a reading request is sent on to, and ``read`` a reply that is a success."""
        url, auth = ask.url, ask.auth
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                with self._send(ask, url, auth) as response:
                    named = self._line.redirected(response) if ask.method == "GET" else None
                    if named is None:
                        return _reply(response, read, abandoned)
                target = target_of(url, named)
                if target is None or self._key.is_in(target) or not self.may_name(target):
                    return self._strayed("to what is no web address that may be asked")
                if not same_origin(url, target):
                    auth = None
                url = target
        except CutOff:
            return Failure(f"The answer of {self._name} was cut off. Try again.", AnswerError)
        except NOT_SENT as error:
            by_proxy = self._line.goes_by_proxy(url)
            return failure_of(error, self._name, host_of(url), self._timing, by_proxy=by_proxy)
        return self._strayed("again and again")

    def may_name(self, url: str) -> bool:
        """Whether the service may send us to ``url``, as far as that tells; the line looks at the address itself.

        Behind a proxy it is the proxy that connects, so that the name is all there is to see.
        """
        if not self._line.goes_by_proxy(url):
            return True
        return named_inside(host_of(self._base_url)) or not named_inside(host_of(url))

    def hang_up(self) -> None:
        """End what is under way, so that the thread that reads comes to its end."""
        self._line.hang_up()

    @property
    def was_ended(self) -> bool:
        """Whether the process, which ends, has ended what was under way."""
        return self._line.hung_up

    def close(self) -> None:
        """Close what is idle."""
        self._line.close()

    def _send(self, ask: Ask, url: str, auth: AuthBase | None) -> requests.Response:
        read = self._timing.read if ask.read is None else ask.read
        left = max(self._deadline.left, 0.001)
        timeout = (min(self._timing.connect, left), min(read, left))
        return self._line.send(
            ask.method, url, auth=auth, headers={"Accept": ask.accept}, body=ask.body, timeout=timeout
        )

    def _strayed(self, where: str) -> Failure:
        return Failure(
            f"A request to {self._name} is redirected {where}. Check its address under Settings; if it is right, "
            "report it to the service.",
            may_pass=False,
        )


def _reply(response: requests.Response, read: Reader[T], abandoned: threading.Event) -> Outcome[T]:
    if 200 <= response.status_code < 300:
        return Success(read(response, abandoned))
    body = b"".join(_parts(response, abandoned, _LONGEST_REFUSAL))
    return Refusal(response.status_code, response.headers, body[:_LONGEST_REFUSAL])


def read_body(response: requests.Response, abandoned: threading.Event) -> bytes:
    """The whole body of a short ``response``, or as much of it as was read when abandoned."""
    parts = []
    for size, part in _measured(response, abandoned):
        parts.append(part)
        if size > _LONGEST_REPLY:
            message = "A reply that should be short has no end. Check the address of the service under Settings."
            raise AnswerError(message)
    return b"".join(parts)


def parts_of(response: requests.Response, abandoned: threading.Event) -> Iterator[bytes]:
    """The body of ``response`` part by part as it comes, unpacked; ended early when abandoned."""
    for size, part in _measured(response, abandoned):
        if size > _LONGEST_ANSWER:
            message = f"The answer is larger than {_LONGEST_ANSWER >> 30} GB. Ask for fewer samples at once."
            raise AnswerError(message)
        yield part


def _measured(response: requests.Response, abandoned: threading.Event) -> Iterator[tuple[int, bytes]]:
    """Each part with the size of all parts up to it."""
    size = 0
    for part in _parts(response, abandoned):
        size += len(part)
        yield size, part


def _parts(response: requests.Response, abandoned: threading.Event, most: int | None = None) -> Iterator[bytes]:
    """What the socket has to give, each time: a slow reply is not waited for until a part is full."""
    size = 0
    while not abandoned.is_set() and (most is None or size < most):
        part = response.raw.read1(_CHUNK, decode_content=True)
        if not part:
            return
        size += len(part)
        yield part
