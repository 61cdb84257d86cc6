"""The body of a prediction as it comes in: bytes that should be JSON, and what is said where they are not."""

from __future__ import annotations

import json
from typing import Any

from synthome.errors import FieldError, QueryError

__all__ = ["DEEPEST", "read_body"]

DEEPEST = 20
"""Levels of lists and objects within each other; the contract's queries have five."""


def read_body(body: bytes, content_type: str) -> Any:
    """The JSON in ``body``, without the key in which the official clients name themselves.

    Raises
    ------
    QueryError
        The body is no JSON, is nested more deeply than ``DEEPEST``, or does not say that it is JSON: a form on another
        site can send text, but not that.
    """
    if not _is_json(content_type):
        raise _refused("The header Content-Type must be application/json.")
    try:
        content = json.loads(body)
    except json.JSONDecodeError as error:
        message = f"The body is no JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise _refused(message) from None
    except UnicodeDecodeError:
        raise _refused("The body is no text in UTF-8.") from None
    except ValueError:
        raise _refused("The body holds a number of too many digits.") from None
    except RecursionError:
        raise _refused(_TOO_DEEP) from None
    if _nests_deeper(content, DEEPEST):
        raise _refused(_TOO_DEEP)
    return {key: value for key, value in content.items() if key != "source"} if isinstance(content, dict) else content


_TOO_DEEP = f"The body holds lists or objects nested more than {DEEPEST} levels deep; a query needs five."


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _nests_deeper(content: object, levels: int) -> bool:
    """Whether ``content`` has more than so many levels of lists and objects."""
    level = [content] if isinstance(content, (dict, list)) else []
    for _ in range(levels):
        parts = (part.values() if isinstance(part, dict) else part for part in level)
        level = [inner for part in parts for inner in part if type(inner) in (dict, list)]
    return bool(level)


def _refused(message: str) -> QueryError:
    return QueryError([FieldError("", "body", "", message)])
