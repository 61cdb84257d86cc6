"""The conditions of the design, side by side, and the faults that each has."""

from __future__ import annotations

import json
from collections.abc import Iterator

import streamlit as st

from components.answerer import chosen_vocabulary
from components.answerer_line import answerer_line
from components.condition_card import condition_card
from components.figure_library import read_figure_library_early
from components.forecast_panel import forecast_panel
from components.predicting import follow_run, pending_run, show_last_failure, start_run
from components.refused_fields import refusals_beside, refusals_of_sampling
from components.sampling_panel import sampling_panel
from components.session import change_design, design, label_of, set_design
from components.words import as_text
from synthome.errors import FieldError, QueryError
from synthome.query.designs import Design, design_from_json
from synthome.query.examples import EXAMPLES
from synthome.query.support import Support
from synthome.query.values import value_fault
from synthome.query.vocabulary import KEYS

__all__ = [
    "begun_design",
    "conditions_panel",
    "design_faults",
    "design_supports",
    "import_panel",
    "predict_panel",
    "query_panel",
]

_CARD_WIDTH = 300

Supports = dict[str, dict[str, Support]]
"""What the model makes of each value: by condition's uid, by key."""


def design_supports(current: Design) -> Supports:
    """What the chosen model makes of every value of the design that is spelled as it should be."""
    vocabulary = chosen_vocabulary(current.model_id)
    return {
        condition.uid: dict(
            vocabulary.supports(
                {
                    key: value
                    for key, value in condition.values.items()
                    if key in KEYS and value_fault(key, value) is None
                }
            )
        )
        for condition in current.conditions
    }


def design_faults(current: Design, supports: Supports) -> list[FieldError]:
    """Everything that stands between the design and a prediction: faults of form, then refusals of the model."""
    faults: list[FieldError] = []
    try:
        current.to_query()
    except QueryError as error:
        faults += error.errors
    faults += _refusals(current, supports)
    return faults


def _refusals(current: Design, supports: Supports) -> Iterator[FieldError]:
    for index, condition in enumerate(current.conditions):
        for key, support in supports[condition.uid].items():
            if support.status == "refused":
                yield FieldError(f"inputs.{index}.metadata.{key}", key, support.value, support.reason)


def _by_condition(current: Design, faults: list[FieldError]) -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = {condition.uid: {} for condition in current.conditions}
    for fault in faults:
        index = _condition_index(fault)
        if index is not None:
            told[current.conditions[index].uid].setdefault(fault.key, _in_words(fault))
    return told


def _condition_index(fault: FieldError) -> int | None:
    """The place of the condition that the fault belongs to; ``None`` where it belongs to the whole query."""
    parts = fault.path.split(".")
    return int(parts[1]) if parts[0] == "inputs" and len(parts) > 2 else None


def _in_words(fault: FieldError) -> str:
    """The fault with the field's label in place of its key."""
    label = KEYS[fault.key].label if fault.key in KEYS else "Samples" if fault.key == "num_samples" else fault.key
    return fault.message.replace(f"{fault.key}:", f"{label}:", 1)


def conditions_panel(current: Design, faults: list[FieldError], supports: Supports) -> None:
    """A card for each condition, and a way to add one."""
    names = current.names(label_of)
    told = _by_condition(current, faults)
    for uid, refused in refusals_beside(current).items():
        told[uid] = refused | told[uid]
    with st.grid("auto", min_column_width=_CARD_WIDTH):
        for condition, name in zip(current.conditions, names, strict=True):
            condition_card(condition, name, told[condition.uid], supports[condition.uid])
        with st.container(border=True, key="add_card"):
            st.button(
                "Add a condition",
                key="add_condition",
                icon=":material/add:",
                on_click=lambda: change_design(Design.add),
                width="stretch",
            )
            st.caption("A condition is what a group of samples has in common: a tissue, a disease, a sex …")


def predict_panel(current: Design, faults: list[FieldError], supports: Supports) -> None:
    """How to sample, how much that is, and the button that starts it."""
    sampling_panel(
        refusals_of_sampling(current) | {fault.key: _in_words(fault) for fault in faults if "." not in fault.path}
    )
    forecast_panel(current, supports)
    answerer_line(current.model_id)
    if pending_run() is not None:
        follow_run()
        return
    # Not a callback: a field that is left by pressing the button reports in a callback of its own, which must be first.
    if st.button("Predict", key="predict", type="primary", icon=":material/play_arrow:", width="stretch"):
        _predict(current, faults)
    if faults:
        _list_faults(current, faults)
    show_last_failure(current)
    read_figure_library_early()


def _predict(current: Design, faults: list[FieldError]) -> None:
    if faults:
        st.toast(f"{_to_correct(faults)} first; they are listed under the button.", icon=":material/error:")
        return
    start_run(current)
    st.rerun()


def _to_correct(faults: list[FieldError]) -> str:
    return "One entry to correct" if len(faults) == 1 else f"{len(faults)} entries to correct"


def _list_faults(current: Design, faults: list[FieldError]) -> None:
    names = current.names(label_of)
    lines = []
    for fault in faults[:6]:
        index = _condition_index(fault)
        where = f"**{as_text(names[index])}** · " if index is not None else ""
        lines.append(f"- {where}{as_text(_in_words(fault))}")
    if len(faults) > len(lines):
        lines.append(f"- and {len(faults) - len(lines)} more")
    st.warning("\n".join(lines), title=_to_correct(faults))


def query_panel(current: Design) -> None:
    """The query as JSON, to copy; written only where it is looked at, because it grows with the design."""
    query = st.expander("The query as JSON", icon=":material/data_object:", key="query_json", on_change="rerun")
    if query.open:
        query.code(json.dumps(current.to_contract(), indent=2, ensure_ascii=False), language="json", height=320)


def import_panel() -> None:
    """Examples to start from, a sample sheet, and a design or query pasted as JSON."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.menu_button(
            "Examples",
            [example.title for example in EXAMPLES],
            key="example_menu",
            icon=":material/lightbulb:",
            on_click=_use_example,
        )
        with st.popover("Import", icon=":material/upload:"):
            st.page_link(
                "pages/sample_sheet.py",
                label="**Paste a sample sheet** (CSV, Excel cells)",
                icon=":material/table_view:",
            )
            st.caption("Rows in your own words; each is matched to its term and shown for review.")
            st.text_area(
                "A design or query as JSON",
                key="import_text",
                height=160,
                help="What “The query as JSON” shows, or a query written for the official clients.",
            )
            st.button("Use it", key="import", on_click=_import)
            if "import_fault" in st.session_state:
                st.error(as_text(st.session_state["import_fault"]))
        st.button("Clear", icon=":material/delete_sweep:", on_click=lambda: set_design(Design()))


def _use_example() -> None:
    chosen = st.session_state["example_menu"]
    set_design(next(example.design for example in EXAMPLES if example.title == chosen))


def _import() -> None:
    st.session_state.pop("import_fault", None)
    try:
        set_design(design_from_json(st.session_state["import_text"]))
    except QueryError as error:
        st.session_state["import_fault"] = str(error)


def begun_design() -> Design:
    """The current design; one with a first, empty condition where there is none yet."""
    if not design().conditions:
        change_design(Design.add)
    return design()
