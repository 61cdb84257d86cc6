"""What a service says when it does not answer: status codes and error bodies as Synthome's errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from synthome.errors import (
    AuthenticationError,
    FieldError,
    ModelError,
    QueryError,
    ServiceBusyError,
    ServiceUnavailableError,
    UnknownModelError,
)

__all__ = ["Refusal", "field_errors", "refusal_error", "retry_after"]

_MOST_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reply that is no success."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal_error(refusal: Refusal, service: str, clean: Callable[[str], str]) -> ModelError | QueryError:
    """The error that ``refusal`` stands for. ``clean`` makes the service's own words fit to be shown."""
    said, faults = _read(refusal.body, clean)
    status = refusal.status
    words = f": {said}" if said else "."
    if status in (401, 403):
        return AuthenticationError(f"The API key was refused by {service} ({status}). Give a valid key under Settings.")
    if status == 404:
        return UnknownModelError(f"There is no such model or query at {service} ({status}){words}")
    if status in (400, 422):
        return QueryError(faults or [FieldError("", "query", "", said or f"The query was refused by {service}.")])
    wait = retry_after(refusal.headers)
    if status == 429 or (status == 503 and wait is not None):
        when = f"in {wait:.0f} s" if wait else "in a minute"
        return ServiceBusyError(f"Too many requests for {service} just now; try again {when}.", wait)
    if 300 <= status < 400:
        return ServiceUnavailableError(
            f"The address of {service} only redirects ({status}); set the address that it redirects to."
        )
    return ServiceUnavailableError(f"A failure ({status}) was reported by {service}{words} Try again later.")


def field_errors(listed: object, clean: Callable[[str], str]) -> list[FieldError]:
    """The contract's ``errors`` list as field errors; entries that are none are left out.

    >>> [(e.path, e.key) for e in field_errors([{"path": "inputs[0].metadata.sex", "message": "no"}], str.strip)]
    [('inputs.0.metadata.sex', 'sex')]
    """
    faults = []
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("message"), str):
            continue
        path = re.sub(r"\[(\d+)\]", r".\1", str(entry.get("path") or "")).strip(".")
        names = [part for part in path.split(".") if part and not part.isdigit()]
        faults.append(FieldError(path, names[-1] if names else "query", "", clean(entry["message"])))
    return faults


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


def _read(body: bytes, clean: Callable[[str], str]) -> tuple[str, list[FieldError]]:
    """What an error body says and the faults it lists; pages of HTML say nothing."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        text = body[:2000].decode("utf-8", "replace")
        return ("" if "<" in text else clean(text)), []
    if not isinstance(content, dict):
        return "", []
    said = next((content[key] for key in ("error", "message", "detail") if isinstance(content.get(key), str)), "")
    return clean(said), field_errors(content.get("errors"), clean)
