"""What a model refused when it was asked, kept to be shown beside the fields that it is about.

A remote model decides only when it is asked. What it said of a value is remembered for the session, until the next
prediction: it hinders nobody from asking again.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.answerer import chosen_answerer
from components.words import as_text
from synthome.errors import FieldError
from synthome.query.designs import Design
from synthome.query.vocabulary import KEYS
from synthome.runs import Run

__all__ = ["forget_refusals", "keep_refusals", "list_refusals", "refusals_beside", "refusals_of_sampling"]

_REFUSED = "refused_fields"

_Refused = dict[tuple[str, str, str, str], str]
"""What was said, by answerer, model, name of the field and value."""

_LABELS = {
    "num_samples": "Number of samples",
    "total_count": "Library size",
    "seed": "Seed",
    "sampling_strategy": "Sampling",
    "deterministic_latents": "Mean latents",
}
_SAMPLING = ("total_count", "seed", "sampling_strategy", "deterministic_latents")


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
    """What was said of values that still stand in the design: by condition's uid, by field.

    What was said of a value in one condition is shown in each that has it.
    """
    return {
        condition.uid: _said(current, {**condition.values, "num_samples": str(condition.num_samples)})
        for condition in current.conditions
    }


def refusals_of_sampling(current: Design) -> dict[str, str]:
    """What was said of how to sample, as far as that still stands in the design: by field."""
    return _said(current, {name: str(getattr(current, name)) for name in _SAMPLING})


def _said(current: Design, values: Mapping[str, str]) -> dict[str, str]:
    refused: _Refused = st.session_state.get(_REFUSED, {})
    answerer = chosen_answerer()
    return {
        name: message
        for name, value in values.items()
        if (message := refused.get((answerer, current.model_id, name, value)))
    }


def list_refusals(run: Run) -> str:
    """What was said of each value as a Markdown list, with the condition that it stands in."""
    lines = []
    for fault in run.error.fields if run.error is not None else ():
        place = _place(run, fault)
        named = place is not None and place < len(run.condition_names)
        where = f"**{as_text(run.condition_names[place])}** · " if named and place is not None else ""
        label = KEYS[fault.key].label if fault.key in KEYS else _LABELS.get(fault.key, fault.key)
        lines.append(f"- {where}{as_text(label)}: {as_text(_message(fault))}")
    return "\n".join(lines)


def _message(fault: FieldError) -> str:
    """What was said, without the key before it."""
    return fault.message.removeprefix(f"{fault.key}:").strip()


def _parts(fault: FieldError) -> list[str]:
    """The path of ``fault`` in the query; some services begin it with what the query is called."""
    parts = fault.path.split(".")
    return parts[1:] if parts[0] in ("body", "query") else parts


def _place(run: Run, fault: FieldError) -> int | None:
    """The condition that ``fault`` belongs to; ``None`` where it is one of the whole query."""
    parts = _parts(fault)
    if len(parts) < 2 or parts[0] != "inputs" or not parts[1].isdigit():
        return None
    place = int(parts[1])
    return place if place < len(run.query.inputs) else None


def _value(run: Run, fault: FieldError) -> str | None:
    """The refused value as the form holds it; ``None`` where it is in none of its fields."""
    place = _place(run, fault)
    if place is None:
        return str(getattr(run.query, fault.key)) if fault.key in _SAMPLING and len(_parts(fault)) == 1 else None
    if fault.key == "num_samples":
        return str(run.query.inputs[place].num_samples)
    return run.query.inputs[place].metadata.given().get(fault.key)
