"""What the chosen answerer accepts, as pickers and the sample sheet show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from components.answerer import chosen_answerer, chosen_vocabulary, lists_version
from components.session import design, label_of
from components.support_marks import mark, quiet_line
from components.words import as_text
from synthome.query.values import value_fault
from synthome.query.vocabulary import KEYS

__all__ = ["PickerMarks", "picker_marks", "refused_in"]

_MOST_TOLD = 6


class PickerMarks(TypedDict, total=False):
    """What a term picker marks its suggestions by."""

    model_id: str
    lists: str


def picker_marks(model_id: str) -> PickerMarks:
    """The embedded model's knowledge, or the lists that were loaded of a hosted model's; else no marks."""
    if chosen_answerer() == "embedded":
        return PickerMarks(model_id=model_id)
    lists = lists_version(model_id)
    return PickerMarks(model_id=model_id, lists=lists) if lists else PickerMarks()


def refused_in(conditions: Iterable[Mapping[str, str]]) -> None:
    """Of conditions, given as values by key: a line for each value that the chosen answerer is known to refuse.

    With what it would take instead.
    """
    vocabulary = chosen_vocabulary(design().model_id)
    told: dict[tuple[str, str], str] = {}
    for values in conditions:
        given = {key: value for key, value in values.items() if key in KEYS and not value_fault(key, value)}
        for key, support in vocabulary.supports(given).items():
            if support.status == "refused":
                instead = " or ".join(label_of(value) or value for value in support.relatives[:2])
                nearest = f" Nearest: {instead}." if instead else ""
                name = label_of(support.value) or support.value
                told[key, support.value] = f"{KEYS[key].label} {name}: {support.reason}{nearest}"
    for words in list(told.values())[:_MOST_TOLD]:
        quiet_line(f"{mark('refused')} · {as_text(words)}")
    if len(told) > _MOST_TOLD:
        quiet_line(f"{mark('refused')} · and {len(told) - _MOST_TOLD:,} more values")
