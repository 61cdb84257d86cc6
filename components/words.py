"""Words as the interface writes them."""

from __future__ import annotations

import re

__all__ = ["as_text", "counted"]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|$:~<>&@])")


def as_text(words: str) -> str:
    r"""``words`` with everything escaped that Markdown would read as markup, on one line.

    >>> as_text("10 um_*x*")
    '10 um\\_\\*x\\*'
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(words.split()))


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "sample"), counted(1200, "sample")
    ('1 sample', '1,200 samples')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
