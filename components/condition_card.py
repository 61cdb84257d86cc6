"""One condition of the design as a card: its name, its metadata by group, its number of samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from components.metadata_field import metadata_field
from components.session import change_condition, change_design, design, show
from components.support_marks import fault_line
from synthome.query.designs import DesignCondition
from synthome.query.support import Support
from synthome.query.vocabulary import KEYS, SINGLE_CELL

__all__ = ["condition_card"]

_OPEN = ("tissue_ontology_id", "sex", "age_years")
_OPEN_SINGLE_CELL = ("cell_type_ontology_id", "tissue_ontology_id", "sex")
_GROUPS = {
    "biological": ("More biology", ":material/biotech:"),
    "perturbational": ("Perturbation", ":material/experiment:"),
    "technical": ("Technical", ":material/tune:"),
}
_SLIDER_MOST = 100


def condition_card(
    condition: DesignCondition, name: str, faults: Mapping[str, str], supports: Mapping[str, Support]
) -> None:
    """Draw the card. ``name`` is what the condition is called, given or described.

    ``faults`` and ``supports`` hold, by key, what is wrong with a value and what the model makes of it.
    """
    with st.container(border=True, key=f"card_{condition.uid}"):
        _name(condition, name)
        always = _OPEN_SINGLE_CELL if design().model_id == SINGLE_CELL else _OPEN
        for key in always:
            metadata_field(condition, key, faults.get(key, ""), supports.get(key))
        for group, (title, icon) in _GROUPS.items():
            keys = [key for key, spec in KEYS.items() if spec.group == group and key not in always]
            _group(condition, title, icon, keys, faults, supports)
        _samples(condition, faults.get("num_samples", ""))
        _actions(condition)


def _name(condition: DesignCondition, name: str) -> None:
    key = f"name:{condition.uid}"

    def report() -> None:
        name = " ".join(st.session_state[key].split())[:80]
        change_condition(condition.uid, lambda current: replace(current, name=name))

    show(key, condition.name)
    st.text_input(
        "Name of the condition",
        key=key,
        on_change=report,
        placeholder=name,
        icon=":material/label:",
        label_visibility="collapsed",
    )


def _group(
    condition: DesignCondition,
    title: str,
    icon: str,
    keys: list[str],
    faults: Mapping[str, str],
    supports: Mapping[str, Support],
) -> None:
    given = sum(key in condition.values for key in keys)
    wrong = sum(key in faults for key in keys)
    words = f"{title} · {given} of {len(keys)} set" if given else f"{title} · {len(keys)} fields"
    if wrong:
        words += f" · :red[{wrong} to correct]"
    group = st.expander(
        words, expanded=given > 0, icon=icon, key=f"group:{title}:{condition.uid}", on_change="rerun", type="compact"
    )
    if group.open:
        with group:
            for key in keys:
                metadata_field(condition, key, faults.get(key, ""), supports.get(key))


def _samples(condition: DesignCondition, fault: str) -> None:
    number_key, slider_key = f"samples:{condition.uid}", f"samples_slider:{condition.uid}"

    def report(source: str) -> None:
        number = st.session_state[source]
        change_condition(condition.uid, lambda current: replace(current, num_samples=number))

    show(number_key, condition.num_samples)
    show(slider_key, min(max(condition.num_samples or 1, 1), _SLIDER_MOST))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.slider("Samples", 1, _SLIDER_MOST, key=slider_key, on_change=report, args=(slider_key,))
    right.number_input(
        "Number of samples",
        step=1,
        key=number_key,
        on_change=report,
        args=(number_key,),
        label_visibility="collapsed",
    )
    if fault:
        fault_line(fault)


def _actions(condition: DesignCondition) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Duplicate",
            key=f"duplicate:{condition.uid}",
            icon=":material/content_copy:",
            type="tertiary",
            on_click=lambda: change_design(lambda current: current.duplicate(condition.uid)),
        )
        st.button(
            "Remove",
            key=f"remove:{condition.uid}",
            icon=":material/delete:",
            type="tertiary",
            on_click=lambda: change_design(lambda current: current.remove(condition.uid)),
        )
