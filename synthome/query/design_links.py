"""A design as text that fits into a link: for passing on what was asked, not what was answered."""

from __future__ import annotations

import base64
import json
import zlib

from synthome.errors import FieldError, QueryError
from synthome.query.designs import Design, design_from_json

__all__ = ["LONGEST", "design_from_link", "design_to_link"]

LONGEST = 6_000
"""Characters past which a link is cut off somewhere on its way."""
_LARGEST = 1_000_000
"""Bytes that a design in a link may come to when it is unpacked."""


def design_to_link(design: Design) -> str | None:
    """``design`` as letters, digits, ``-`` and ``_``; ``None`` where it is too large for a link."""
    packed = zlib.compress(json.dumps(design.to_json(), ensure_ascii=False, separators=(",", ":")).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return text if len(text) <= LONGEST else None


def design_from_link(text: str) -> Design:
    """The design that :func:`design_to_link` wrote.

    Raises
    ------
    QueryError
        The text is cut off or was never one.
    """
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacking = zlib.decompressobj()
        written = unpacking.decompress(packed, _LARGEST)
        if not unpacking.eof:
            raise _unreadable()
        return design_from_json(written.decode())
    except (ValueError, zlib.error) as error:
        raise _unreadable() from error


def _unreadable() -> QueryError:
    message = "The design in this link cannot be read: the link was cut off or changed. Ask for it again."
    return QueryError([FieldError("design", "design", "", message, "a link that “Share” gave")])
