"""What a model makes of a value, as one quiet line: a mark, what it rests on, and the way to the model card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from components.words import as_text, shortened
from synthome.query.support import Status, Support

__all__ = [
    "MODEL_CARD_PAGE",
    "counted_by_status",
    "fault_line",
    "icon",
    "mark",
    "model_card_link",
    "quiet_line",
    "support_line",
]

MODEL_CARD_PAGE = "pages/model_card.py"
_MOST_REASON = 110
"""Characters of a reason; what is longer stands whole in the model card and in the result's files."""


@dataclass(frozen=True, slots=True)
class _Mark:
    icon: str
    colour: str
    word: str


_MARKS: dict[Status, _Mark] = {
    "known": _Mark("check_circle", "green", "known"),
    "extrapolated": _Mark("call_split", "orange", "extrapolated"),
    "no effect": _Mark("do_not_disturb_on", "gray", "no effect"),
    "refused": _Mark("block", "red", "refused"),
    "unchecked": _Mark("schedule", "gray", "not checked yet"),
}


def icon(status: Status) -> str:
    """The icon of a status in its colour, for a line that says the word itself."""
    return f":{_MARKS[status].colour}[:material/{_MARKS[status].icon}:]"


def mark(status: Status) -> str:
    """Icon and word of a status, in its colour; each of the three tells it alone."""
    return f"{icon(status)} :{_MARKS[status].colour}[{_MARKS[status].word}]"


def model_card_link(key: str, words: str = "why?") -> str:
    """A link to what the model card says of the metadata key ``key``; it opens beside the page that one is on."""
    return f"[{words}](model_card?section={key})"


def quiet_line(words: str) -> None:
    """Small Markdown beneath a field. Not a caption: that would fade the marks until they are hard to read."""
    st.markdown(f":small[{words}]")


def fault_line(words: str) -> None:
    """What is wrong with the value above it, in a line of its own that is as easy to read as the value."""
    st.markdown(f":small[:red[{as_text(words)}]]")


def support_line(support: Support, *, explained: bool = True) -> str:
    """The mark, how sure the model is where it is not certain, the reason, and the link where the card explains it."""
    parts = [mark(support.status)]
    if support.status in ("known", "extrapolated") and support.confidence < 1:
        parts.append(f"confidence {support.confidence:.0%}".replace("%", " %"))
    parts.append(as_text(shortened(support.reason, _MOST_REASON)))
    return f"{' · '.join(parts)} {model_card_link(support.key)}" if explained else " · ".join(parts)


def counted_by_status(supports: Iterable[Support]) -> str:
    """How many values are known, extrapolated and so on.

    >>> counted_by_status([Support("sex", "male", "known", ""), Support("race", "Asian", "no effect", "")])
    '1 known, 1 without effect'
    """
    told = [support.status for support in supports]
    return ", ".join(
        f"{told.count(status)} {what.word.replace('no effect', 'without effect')}"
        for status, what in _MARKS.items()
        if status in told
    )
