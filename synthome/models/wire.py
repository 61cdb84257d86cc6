"""HTTP as the remote answerers speak it: who gets the key, what is repeated, and an end that holds for all of it.

The API key travels in the ``Authorization`` header of requests to the service itself and nowhere else; a download
link, which is signed, is fetched without it. Reading is repeated freely. A question is sent again only where the
service cannot have taken it on: no connection was made, or it said that it is busy.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from synthome.errors import AnswerError, ModelError, QueryError, ServiceUnavailableError
from synthome.models.api_key import HIDDEN, ApiKey
from synthome.models.exchange import Ask, Exchange, Outcome, Reader, Success, read_body
from synthome.models.failures import Failure
from synthome.models.interruptible import TimeLimitReached, interruptible, sleep_unless_cancelled
from synthome.models.json_texts import changed_texts, writable
from synthome.models.line import EXCHANGE_THREAD
from synthome.models.protocol import Cancelled
from synthome.models.reach import is_web_address, target_of
from synthome.models.refusals import About, Refusal, refusal_error
from synthome.models.retries import pause_before_next
from synthome.models.timing import Deadline, Timing, spoken

__all__ = ["Service", "Timing"]

T = TypeVar("T")


class Service:
    """One remote service, for one prediction. ``name`` is what messages call it, such as "the hosted service".

    ``doing`` says what the service is at; it is told where the time that ``timing`` allows is over. Every method raises
    ``PredictionCancelled`` within 0.2 s of a cancel, ``ServiceUnavailableError`` within 0.2 s of that end, and the
    error of :func:`~synthome.models.refusals.refusal_error` for a reply that is no success.
    """

    def __init__(self, name: str, base_url: str, api_key: ApiKey | str | None, timing: Timing) -> None:
        self.name = name
        self.timing = timing
        self.doing = "taking the query"
        self._base_url = _checked_url(name, base_url)
        self._key = ApiKey(api_key)
        self._key.check(name)
        self._deadline = Deadline.after(timing.total)
        self._exchange = Exchange(name, self._base_url, self._key, timing, self._deadline)

    def __repr__(self) -> str:
        return f"Service({self.name!r})"

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *exception: object) -> None:
        self._exchange.close()

    def get_json(self, path: str, cancelled: Cancelled, about: About = "service") -> dict[str, Any]:
        """Read a JSON object from ``path``; what may pass by itself is tried again."""
        ask = Ask("GET", self._base_url + path, about, self._key.header())
        return self.as_object(self._asked(ask, read_body, cancelled))

    def download(self, url: str, read: Reader[T], cancelled: Cancelled, tick: Callable[[], None] | None = None) -> T:
        """Read ``url``, absolute or relative to the service, without the key; begun afresh where it is cut off.

        ``AnswerError`` where it is no address of the web, or one that a service has no business with.
        """
        target = target_of(self._base_url + "/", url)
        if target is None or HIDDEN in target or not self._exchange.may_name(target):
            message = f"The download that was named by {self.name} is no web address that may be asked. Report it."
            raise AnswerError(message)
        ask = Ask("GET", target, "download", None)
        return self._asked(ask, read, cancelled, tick)

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
        """Send ``body`` and read the answer; sent again only where the service cannot have taken it on."""
        ask = Ask("POST", self._base_url + path, "model", self._key.header(), accept, body, read_timeout)
        return self._asked(ask, read, cancelled, tick)

    def sleep(self, seconds: float, cancelled: Cancelled) -> None:
        """Sleep, at most until the time is over."""
        sleep_unless_cancelled(min(seconds, self._deadline.left), cancelled)
        if self._deadline.passed:
            raise self._out_of_time()

    def as_object(self, body: bytes) -> dict[str, Any]:
        """``body`` as a JSON object; ``AnswerError`` where it is none."""
        content = self.hide(_parsed(body))
        if isinstance(content, dict):
            return content
        if body.lstrip()[:1] == b"<":
            raise self.web_page()
        what = "An empty answer" if not body.strip() else "An answer that is cut off, or no JSON object,"
        message = f"{what} came from {self.name}. Try again; if it stays so, check its address under Settings."
        raise AnswerError(message)

    def web_page(self) -> AnswerError:
        """The error for a page that came in the stead of an answer."""
        return AnswerError(
            f"A web page came in the stead of an answer of {self.name}. A proxy or a login page of the network may "
            "stand in between: log in there, and check the address under Settings."
        )

    def hide(self, value: T) -> T:
        """``value``, as it came from the service, fit to be kept: without the key should it be repeated there."""
        return changed_texts(value, lambda text: self._key.hidden_in(writable(text)))

    def clean(self, text: str) -> str:
        """``text`` of the service as it may be shown: without the key, without a traceback, not too long."""
        text = self.hide(text.partition("\nTraceback")[0].strip())
        return text if len(text) <= 500 else f"{text[:500]}…"

    def _asked(self, ask: Ask, read: Reader[T], cancelled: Cancelled, tick: Callable[[], None] | None = None) -> T:
        attempt = 0
        while True:
            outcome = self._exchanged(ask, read, cancelled, tick)
            if isinstance(outcome, Success):
                return outcome.value
            pause = pause_before_next(ask.method, outcome, attempt, self.timing, self._deadline.left)
            if pause is None:
                raise self._error(outcome, ask)
            self.sleep(pause, cancelled)
            attempt += 1

    def _exchanged(
        self, ask: Ask, read: Reader[T], cancelled: Cancelled, tick: Callable[[], None] | None
    ) -> Outcome[T]:
        """One request and its reply, in a thread that can be left behind."""

        def call(abandoned: threading.Event) -> Outcome[T]:
            return self._exchange.ask(ask, read, abandoned)

        try:
            outcome = interruptible(call, cancelled, self._deadline, tick, name=EXCHANGE_THREAD)
        except TimeLimitReached:
            outcome = None
        except AnswerError:
            # A reader may notice that nothing more comes a moment before the thread that waits does.
            if not self._deadline.passed:
                self._exchange.hang_up()
                raise
            outcome = None
        except BaseException:
            self._exchange.hang_up()
            raise
        if outcome is None:
            self._exchange.hang_up()
            raise self._out_of_time()
        if self._exchange.was_ended:
            message = "The process ends, and every connection with it."
            raise RuntimeError(message)
        return outcome

    def _error(self, outcome: Refusal | Failure, ask: Ask) -> ModelError | QueryError:
        if self._deadline.passed:
            return self._out_of_time()
        if isinstance(outcome, Failure):
            return outcome.kind(outcome.sentence)
        return refusal_error(outcome, self.name, self.clean, ask.about, with_key=ask.auth is not None)

    def _out_of_time(self) -> ServiceUnavailableError:
        return ServiceUnavailableError(
            f"No whole answer came from {self.name} within {spoken(self.timing.total)}; it was still {self.doing}. Try "
            "again later, or ask for fewer samples."
        )


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _checked_url(name: str, base_url: str) -> str:
    if not is_web_address(base_url.strip()):
        message = f"The address of {name} is not set, or not of the form https://host. Set it under Settings."
        raise ServiceUnavailableError(message)
    return base_url.strip().rstrip("/")
