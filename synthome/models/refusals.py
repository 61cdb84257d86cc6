"""What a service says when it does not answer: its status codes as Synthome's errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from synthome.errors import (
    AnswerError,
    AuthenticationError,
    FieldError,
    ModelError,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
    UnknownModelError,
)
from synthome.models.service_words import Said, what_was_said
from synthome.models.timing import spoken

__all__ = ["About", "Refusal", "refusal_error", "retry_after"]

About = Literal["service", "model", "query", "download"]
"""What a request is about: the service as a whole, one of its models, a query that it took, or a finished answer."""

_MOST_WAIT = 7 * 86_400.0
_QUOTA = re.compile(r"\b(quota|credits?|billing|plan limit|usage limit)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply that is no success."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def wait(self) -> float | None:
        """Seconds that the service asks to wait."""
        return retry_after(self.headers)


def refusal_error(
    refusal: Refusal, service: str, clean: Callable[[str], str], about: About = "model", *, with_key: bool = True
) -> ModelError | QueryError:
    """The error that ``refusal`` stands for. ``clean`` makes the service's own words fit to be shown."""
    said = what_was_said(refusal.body, clean)
    status = refusal.status
    if about == "download" and status in (400, 401, 403, 404, 410):
        return AnswerError(
            f"The answer was made, but its download is refused ({status}): the link may have expired. Ask again."
        )
    if _is_quota(status, said):
        return ServiceBusyError(
            f"What the API key may ask of {service} is used up ({status}){_words(said)} Look at the limits of your "
            "account there, or let the embedded model answer."
        )
    if status in (401, 403):
        return _key_error(status, service, said, with_key=with_key)
    if status in (404, 410):
        return _unknown(status, service, said, about)
    if status in (400, 422):
        return QueryError(
            said.faults or [FieldError("", "query", "", said.sentence or f"The query was refused by {service}.")]
        )
    return _unavailable(refusal, service, said)


def _is_quota(status: int, said: Said) -> bool:
    return status == 402 or (status in (403, 429) and _QUOTA.search(said.sentence) is not None)


def _key_error(status: int, service: str, said: Said, *, with_key: bool) -> ModelError:
    if said.page and status == 403:
        return ServiceUnavailableError(
            f"Something before {service} lets nobody through ({status}) and answers with a web page: a proxy, or a "
            "login page of the network. Log in there, or ask who runs the network."
        )
    if not with_key:
        return AuthenticationError(f"An API key is wanted by {service} ({status}). Give one under Settings.")
    words = f" It says: {said.sentence.rstrip('.')}." if said.sentence else ""
    return AuthenticationError(
        f"The API key was refused by {service} ({status}).{words} Give a valid key under Settings."
    )


def _unknown(status: int, service: str, said: Said, about: About) -> ModelError:
    if about == "query":
        return AnswerError(f"The query is no longer known to {service} ({status}){_words(said)} Ask again.")
    if about == "model":
        return UnknownModelError(
            f"There is no such model at {service} ({status}){_words(said)} Check its address under Settings, or "
            "choose another model."
        )
    return ServiceUnavailableError(
        f"Nothing of the kind is found at the address of {service} ({status}){_words(said)} Check the address."
    )


def _unavailable(refusal: Refusal, service: str, said: Said) -> ModelError:
    status, wait = refusal.status, refusal.wait
    if status == 429 or (status == 503 and wait is not None):
        when = f"in {spoken(wait)}" if wait else "in a minute"
        return ServiceBusyError(
            f"Too many requests for {service} just now{_words(said)} Please try again {when}.", wait
        )
    if 300 <= status < 400:
        return ServiceUnavailableError(
            f"The address of {service} only redirects ({status}); set the address that it redirects to."
        )
    if status == 407:
        return ServiceUnavailableError(
            f"The proxy on the way to {service} wants a login (407). Name it in HTTPS_PROXY with the user and password "
            "that whoever runs the network gave you."
        )
    if status == 413:
        return ServiceUnavailableError(f"The query is too large for {service} (413). Ask for fewer samples at once.")
    return ServiceUnavailableError(f"A failure ({status}) was reported by {service}{_words(said)} Try again later.")


def _words(said: Said) -> str:
    """The service's sentence behind ours, or a full stop."""
    if not said.sentence:
        return "."
    return f": {said.sentence}" if said.sentence[-1] in ".!?…" else f": {said.sentence}."


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait, given as a number or as a date; ``None`` without one.

    >>> retry_after({"Retry-After": "7"}), retry_after({})
    (7.0, None)
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _MOST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), _MOST_WAIT)
