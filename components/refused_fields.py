"""What a model refused when it was asked, kept to be shown beside the fields that it is about.

A remote model decides only when it is asked. What it said of a value is remembered for the session, until the next
prediction: it hinders nobody from asking again.
"""

from __future__ import annotations

import streamlit as st

from components.answerer import chosen_answerer
from components.words import as_text
from synthome.errors import FieldError
from synthome.query.designs import Design
from synthome.query.vocabulary import KEYS
from synthome.runs import Run

__all__ = ["forget_refusals", "keep_refusals", "list_refusals", "refusals_beside"]

_REFUSED = "refused_fields"

_Refused = dict[tuple[str, str, str, str], str]
"""What was said, by answerer, model, metadata key and value."""


def keep_refusals(run: Run) -> None:
    """Remember what the failed ``run`` was told of its values."""
    refused: _Refused = {}
    for fault in run.error.fields if run.error is not None else ():
        value = _value(run, fault)
        if value is not None:
            refused[run.answerer, run.model_id, fault.key, value] = f"Refused when it was asked: {_message(fault)}"
    st.session_state[_REFUSED] = refused


def forget_refusals() -> None:
    """Start afresh: something else is asked."""
    st.session_state.pop(_REFUSED, None)


def refusals_beside(current: Design) -> dict[str, dict[str, str]]:
    """What was said of values that still stand in the design: by condition's uid, by key."""
    refused: _Refused = st.session_state.get(_REFUSED, {})
    return {
        condition.uid: {
            key: message
            for key, value in condition.values.items()
            if (message := refused.get((chosen_answerer(), current.model_id, key, value)))
        }
        for condition in current.conditions
    }


def list_refusals(run: Run) -> str:
    """What was said of each value as a Markdown list, with the condition that it stands in."""
    lines = []
    for fault in run.error.fields if run.error is not None else ():
        place = _place(run, fault)
        where = f"**{as_text(run.condition_names[place])}** · " if place is not None else ""
        label = KEYS[fault.key].label if fault.key in KEYS else fault.key
        lines.append(f"- {where}{as_text(label)}: {as_text(_message(fault))}")
    return "\n".join(lines)


def _message(fault: FieldError) -> str:
    """What was said, without the key before it."""
    return fault.message.removeprefix(f"{fault.key}:").strip()


def _place(run: Run, fault: FieldError) -> int | None:
    """The condition that ``fault`` belongs to; ``None`` where it is one of the whole query."""
    parts = fault.path.split(".")
    if len(parts) < 2 or parts[0] != "inputs" or not parts[1].isdigit():
        return None
    place = int(parts[1])
    return place if place < min(len(run.query.inputs), len(run.condition_names)) else None


def _value(run: Run, fault: FieldError) -> str | None:
    place = _place(run, fault)
    return run.query.inputs[place].metadata.given().get(fault.key) if place is not None else None
