"""What the body of an error says: a sentence, and the fields that were refused. Services write these in many ways."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from synthome.errors import FieldError

__all__ = ["Said", "field_errors", "listed_in", "said_in", "what_was_said"]

Clean = Callable[[str], str]
"""Makes the service's own words fit to be shown."""

_SENTENCE_KEYS = ("error", "message", "detail", "title", "reason")
_LISTED = re.compile(r"^(?P<about>[^\[\]]{0,200}?):?\s*(?P<list>\[.*\])\s*$", re.DOTALL)
_OF_REQUEST = ("body", "query", "path", "header")


@dataclass(frozen=True, slots=True)
class Said:
    """What a service said. ``page``: a page for people came, whose words are not the service's."""

    sentence: str = ""
    faults: tuple[FieldError, ...] = ()
    page: bool = False


def what_was_said(body: bytes, clean: Clean) -> Said:
    """The sentence and the faults in the body of an error."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        text = body[:2000].decode("utf-8", "replace").strip()
        return Said(page=True) if "<" in text else Said(clean(text))
    return said_in(content, clean)


def said_in(content: object, clean: Clean) -> Said:
    """The sentence and the faults in an error that was sent as JSON."""
    if isinstance(content, str):
        return Said(clean(content), tuple(listed_in(content, clean)))
    if not isinstance(content, Mapping):
        return Said(faults=tuple(field_errors(content, clean)))
    sentence = _sentence(content)
    faults = [fault for key in ("errors", "detail") for fault in field_errors(content.get(key), clean)]
    inner = content.get("error")
    if not faults and isinstance(inner, Mapping):
        faults = [fault for key in ("errors", "details") for fault in field_errors(inner.get(key), clean)]
    return Said(clean(sentence), tuple(faults or listed_in(sentence, clean)))


def _sentence(content: Mapping[str, object]) -> str:
    for key in _SENTENCE_KEYS:
        value = content.get(key)
        if isinstance(value, Mapping):
            value = next((value[name] for name in _SENTENCE_KEYS if isinstance(value.get(name), str)), None)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def field_errors(listed: object, clean: Clean) -> list[FieldError]:
    """A list of faults as field errors; entries that are none are left out.

    The contract's own entries have a ``path`` and a ``message``; FastAPI's a ``loc`` and a ``msg``; others are plain
    sentences, or stand in a mapping from path to sentence.

    >>> [(e.path, e.key) for e in field_errors([{"path": "inputs[0].metadata.sex", "message": "no"}], str.strip)]
    [('inputs.0.metadata.sex', 'sex')]
    >>> [(e.path, e.message) for e in field_errors([{"loc": ["body", "inputs", 1], "msg": "no"}], str.strip)]
    [('inputs.1', 'no')]
    """
    return [_fault(clean(path), clean(message)) for path, message in _entries(listed) if message.strip()]


def listed_in(sentence: str, clean: Clean) -> list[FieldError]:
    """The faults of a sentence that ends in a list of them.

    >>> [e.message for e in listed_in('Metadata validation failed: ["Query 1 has bad values."]', str.strip)]
    ['Query 1 has bad values.']
    """
    found = _LISTED.match(sentence.partition("\nTraceback")[0].strip())
    if found is None:
        return []
    try:
        return field_errors(json.loads(found["list"]), clean)
    except (ValueError, RecursionError):
        return []


def _entries(listed: object) -> Iterator[tuple[str, str]]:
    if isinstance(listed, Mapping):
        for path, messages in listed.items():
            for message in messages if isinstance(messages, list) else [messages]:
                if isinstance(message, str):
                    yield str(path), message
        return
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, str):
            yield "", entry
        elif isinstance(entry, Mapping):
            message = entry.get("message", entry.get("msg"))
            if isinstance(message, str):
                yield _path(entry), message


def _path(entry: Mapping[str, object]) -> str:
    place = entry.get("loc")
    if isinstance(place, list):
        names = [str(part) for part in place if isinstance(part, (str, int))]
        return ".".join(names[1:] if names and names[0] in _OF_REQUEST else names)
    return str(entry.get("path") or entry.get("field") or "")


def _fault(path: str, message: str) -> FieldError:
    path = re.sub(r"\[(\d+)\]", r".\1", path).strip(".")
    names = [part for part in path.split(".") if part and not part.isdigit()]
    return FieldError(path, names[-1] if names else "query", "", message)
