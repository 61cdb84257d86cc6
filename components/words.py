"""Words as the interface writes them."""

from __future__ import annotations

import re

from synthome.wording import counted

__all__ = ["as_text", "byte_size", "counted", "lasted", "shortened"]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|$:~<>&@])")


def as_text(words: str) -> str:
    r"""``words`` with everything escaped that Markdown would read as markup, on one line.

    >>> as_text("10 um_*x*")
    '10 um\\_\\*x\\*'
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(words.split()))


def shortened(words: str, most: int) -> str:
    """``words`` of at most ``most`` characters, cut between two words where they are longer.

    >>> shortened("Learned from 2 studies: GTEx, HPA.", 28)
    'Learned from 2 studies …'
    """
    if len(words) <= most:
        return words
    whole = words[: most - 1].rsplit(maxsplit=1)[0]
    return f"{whole.rstrip(' ,.;:')} …"


def byte_size(number: float) -> str:
    """A number of bytes as people say it.

    >>> byte_size(800), byte_size(1_600_000), byte_size(2.5e9)
    ('1 kB', '1.6 MB', '2.5 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{max(number / 1e3, 1):.0f} kB"


def lasted(seconds: float) -> str:
    """A time that has passed, as people say it.

    >>> lasted(12.4), lasted(75)
    ('12 s', '1 min 15 s')
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
