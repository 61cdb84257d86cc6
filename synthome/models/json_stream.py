"""A large JSON object read part by part as it comes off a socket, so that its text never stands in memory whole."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["JsonStream", "NotJson"]

_SPACE = " \t\n\r"
_LONGEST_VALUE = 1 << 28
"""Characters of one value: a sample of a hundred thousand genes has a hundredth of that."""


class NotJson(Exception):  # noqa: N818 - told in words by whoever reads the answer
    """The text is no JSON. ``cut_off``: it is, up to its sudden end. ``page``: it is a web page."""

    def __init__(self, *, cut_off: bool = False, page: bool = False) -> None:
        super().__init__()
        self.cut_off = cut_off
        self.page = page


class JsonStream:
    """Walks through the JSON text in ``parts``: over the ``keys`` of an object, over the ``items`` of a list.

    >>> stream = JsonStream([b'{"n": 1, "rows": [[1, ', b'2], [3]]}'])
    >>> [list(stream.items()) if key == "rows" else stream.value() for key in stream.keys()]
    [1, [[1, 2], [3]]]
    """

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._parse = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._begun = False

    def keys(self) -> Iterator[str]:
        """The keys of the object that begins here; each value must be read before the next key is asked for."""
        self._expect("{")
        if self._take_if("}"):
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise NotJson
            self._expect(":")
            yield key
            if self._take_if("}"):
                return
            self._expect(",")

    def items(self) -> Iterator[Any]:
        """The values of the list that begins here, one by one."""
        self._expect("[")
        if self._take_if("]"):
            return
        length = 0
        while True:
            # Values of one list are much alike: a part of one is not worth an attempt.
            if len(self._text) - self._at < length * 7 // 8 and not self._ended:
                self._read(length * 7 // 8)
            before = len(self._text) - self._at
            yield self.value()
            length = before - len(self._text) + self._at
            if self._take_if("]"):
                return
            self._expect(",")

    def value(self) -> Any:
        """The value that begins here, whole."""
        self.peek()
        wanted = 0
        while True:
            try:
                found, end = self._parse(self._text, self._at)
            except json.JSONDecodeError:
                found, end = None, -1
            except (ValueError, RecursionError):  # a number too long to read, lists in lists without end
                end = -2
            if end == -2:
                raise NotJson
            if end >= 0 and self._is_whole(end):
                self._at = end
                return found
            # Begun anew each time, so the next attempt waits until there is half as much text again.
            wanted = max(wanted, len(self._text) - self._at) * 3 // 2 + 1
            self._read(wanted)

    def peek(self) -> str:
        """The next character that is no space; empty where a list or object would begin, but the text has ended."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._read(1)

    def _is_whole(self, end: int) -> bool:
        """Whether a value that ends here may not go on in the next part, as a number may."""
        if self._text[end - 1] in '"]}':
            return True
        return self._text[end] in ",]}" + _SPACE if end < len(self._text) else self._ended

    def _expect(self, character: str) -> None:
        found = self.peek()
        if found != character:
            raise NotJson(cut_off=not found and self._begun, page=found == "<")
        self._at += 1

    def _take_if(self, character: str) -> bool:
        found = self.peek() == character
        self._at += found
        return found

    def _read(self, wanted: int) -> None:
        """Have ``wanted`` characters ahead, or all that are left."""
        if self._ended:
            raise NotJson(cut_off=True)
        if wanted > _LONGEST_VALUE:
            raise NotJson
        ahead = [self._text[self._at :]]
        length = len(ahead[0])
        while length < wanted and not self._ended:
            part = next(self._parts, b"")
            self._ended = not part
            self._begun = self._begun or bool(part.strip())
            ahead.append(self._decoded(part))
            length += len(ahead[-1])
        self._text, self._at = "".join(ahead), 0

    def _decoded(self, part: bytes) -> str:
        try:
            return self._decode(part, final=not part)
        except UnicodeDecodeError:
            text = None
        if text is None:
            raise NotJson(cut_off=not part)
        return text
