"""The texts within a value that came as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from synthome.errors import AnswerError

__all__ = ["changed_texts", "writable"]

T = TypeVar("T")


def changed_texts(value: T, change: Callable[[str], str]) -> T:
    """``value`` with every text in it changed, names in objects too.

    ``AnswerError`` where it goes deeper than can be looked through.

    >>> changed_texts({"a": ["b", 1, None]}, str.upper)
    {'A': ['B', 1, None]}
    """
    try:
        return cast(T, _changed(value, change))
    except RecursionError:
        message = "What the service sent are lists within lists without end. Report it to the service."
    raise AnswerError(message)


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_changed(name, change): _changed(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    return value


def writable(text: str) -> str:
    """``text`` with a question mark for each half of a character, which JSON can spell and no file can hold.

    >>> writable("caf\\ud800"), writable("café")
    ('caf?', 'café')
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
