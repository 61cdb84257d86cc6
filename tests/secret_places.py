"""Everywhere that a key could turn up, looked through."""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from streamlit.testing.v1 import AppTest

__all__ = ["found_in", "holding_files", "page_text", "session_places"]

_PART = 16
"""Part of a key is as bad as the whole: so many of its first characters are looked for too."""


def found_in(key: str, text: str | bytes) -> bool:
    """Whether ``text`` holds the key or its beginning, plain or in one of the spellings that software gives it."""
    haystack = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return any(form in haystack for form in _forms(key))


def _forms(key: str) -> Iterator[bytes]:
    part = key[:_PART]
    escaped = json.dumps(key)[1:-1]
    for form in (key, part, quote(key), quote_plus(key), quote(key, safe=""), html.escape(key), escaped):
        yield form.encode()
    for text in (key, f"Bearer {key}"):
        yield base64.b64encode(text.encode()).rstrip(b"=")
    yield key[::-1].encode()
    yield key.encode().hex().encode()


def holding_files(key: str, folder: Path) -> list[Path]:
    """The files under ``folder`` that hold the key, in their content or their name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if found_in(key, path.read_bytes()) or found_in(key, str(path))]


def page_text(app: AppTest) -> str:
    """Every element of the page as the browser gets it, with the address of the page and its exceptions."""
    parts = [str(dict(app.query_params)), str(app.exception)]
    waiting = [*app._tree.children.values()]
    while waiting:
        node = waiting.pop()
        parts += [repr(node), str(getattr(node, "proto", ""))]
        waiting += getattr(node, "children", {}).values()
    return "\n".join(parts)


def session_places(key: str, app: AppTest) -> set[str]:
    """The entries of a session's state that hold the key."""
    state: Mapping[str, object] = app.session_state._state.filtered_state
    return {name for name, value in state.items() if found_in(key, f"{name} {value!r} {value}")}


def environment_text() -> str:
    return "\n".join(f"{name}={value}" for name, value in os.environ.items())
