"""A pasted sample sheet on its way to a design: paste, columns, values, preview, on one screen from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from components.answerer_marks import refused_in
from components.session import design, label_of, set_design, show
from components.sheet_draft import (
    TEXT,
    clear_sheet,
    decisions,
    first_row_names_columns,
    sheet_columns,
    sheet_reader,
    sheet_table,
    use_text,
)
from components.sheet_review import columns_review, meaning_label, values_review
from components.support_marks import quiet_line
from components.words import as_text, counted, shortened
from synthome.errors import SheetError
from synthome.query.designs import Design, describe
from synthome.query.sheet import COUNT, Column, Finding, Outcome, Table, add_to_design, conditions_of, decode
from synthome.query.sheet.examples import SHEETS
from synthome.query.vocabulary import KEYS

__all__ = ["sheet_panel"]

_UPLOAD, _UPLOAD_FAULT = "sheet_upload", "sheet_upload_fault"
_HEADER = "sheet_first_row"
_PATIENCE = 0.7
"""Seconds of matching before progress is shown."""
_MOST_MEGABYTES = 5
_MOST_TOLD = 8


def sheet_panel() -> None:
    """Everything from the text to the design. A sheet that cannot be read is told, and the page stops there."""
    text = _paste()
    if not text.strip():
        _what_a_sheet_looks_like()
        return
    try:
        table = sheet_table(text)
    except SheetError as fault:
        st.error(as_text(str(fault)), title="The sheet cannot be read", icon=":material/error:")
        _what_a_sheet_looks_like()
        return
    _what_was_read(text, table)
    st.subheader("2 · What the columns hold", anchor=False)
    columns = sheet_columns(table)
    columns_review(table, columns)
    findings = _matched(table, columns)
    st.subheader("3 · What the values mean", anchor=False)
    if findings:
        values_review(columns, findings)
    else:
        st.info("No column is used yet: say above what they hold.", icon=":material/arrow_upward:")
    st.subheader("4 · The design", anchor=False)
    _preview(table, conditions_of(table, columns, findings, decisions()))


# Pasting ------------------------------------------------------------------------------------------------------------


def _paste() -> str:
    st.subheader("1 · Paste", anchor=False)
    st.session_state.setdefault(TEXT, "")
    left, right = st.columns([3, 1], gap="medium")
    with left:
        text = st.text_area(
            "Rows copied from a spreadsheet, or CSV",
            key=TEXT,
            height=170,
            placeholder="sample\ttissue\tdisease\tsex\tage\nA1\tliver\thealthy\tF\t54",
            persist_state="session",
        )
        with st.container(horizontal=True, gap="small"):
            st.button("Read the sheet", icon=":material/table_view:", help="Or press Ctrl + Enter in the field.")
            st.menu_button(
                "Examples",
                list(SHEETS),
                key="sheet_example",
                icon=":material/lightbulb:",
                on_click=lambda: use_text(SHEETS[st.session_state["sheet_example"]]),
            )
            if text:
                st.button("Clear", icon=":material/delete_sweep:", type="tertiary", on_click=clear_sheet)
    with right:
        st.file_uploader(
            "Or a file: CSV, TSV, text",
            type=["csv", "tsv", "txt"],
            key=_UPLOAD,
            on_change=_upload,
            max_upload_size=_MOST_MEGABYTES,
        )
        if _UPLOAD_FAULT in st.session_state:
            st.error(as_text(st.session_state[_UPLOAD_FAULT]))
    return str(text or "")


def _upload() -> None:
    st.session_state.pop(_UPLOAD_FAULT, None)
    file = st.session_state[_UPLOAD]
    if file is None:
        return
    try:
        use_text(decode(file.getvalue()))
    except SheetError as fault:
        st.session_state[_UPLOAD_FAULT] = str(fault)


def _what_a_sheet_looks_like() -> None:
    st.markdown(
        "One row a sample or a condition, a first row with the names of the columns, in your own words. "
        "Each word is matched to its ontology and shown to you before anything is made of it."
    )
    st.table(
        {
            "sample": ["A1", "A2", "B1"],
            "tissue": ["liver", "liver", "lung"],
            "diagnosis": ["healthy", "hepatocellular carcinoma", "asthma"],
            "sex": ["F", "M", "F"],
            "age": ["54", "61 y", "33"],
            "replicates": ["3", "3", "5"],
        },
        border="horizontal",
        hide_index=True,
    )


def _what_was_read(text: str, table: Table) -> None:
    separated = f", separated by {table.separated_by}" if table.separated_by else ""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        quiet_line(
            f":green[:material/check_circle:] {counted(len(table.rows), 'row')}, "
            f"{counted(len(table.columns), 'column')}{separated}"
        )
        show(_HEADER, table.has_header)
        st.checkbox(
            "The first row names the columns",
            key=_HEADER,
            on_change=lambda: first_row_names_columns(text, names=st.session_state[_HEADER]),
        )
    for note in table.notes:
        quiet_line(f":orange[:material/error:] {as_text(note)}")


def _matched(table: Table, columns: Sequence[Column]) -> list[Finding]:
    """The findings of the sheet; where they take longer, how far they are."""
    place = st.empty()
    begun = time.monotonic()

    def tell(done: int, total: int) -> None:
        if time.monotonic() - begun > _PATIENCE:
            place.progress(done / total, text=f"{done:,} of {total:,} different texts matched …")

    findings = sheet_reader().findings(table, columns, tell)
    place.empty()
    return findings


# The design ---------------------------------------------------------------------------------------------------------


def _preview(table: Table, outcome: Outcome) -> None:
    st.markdown(
        f"**{counted(len(outcome.conditions), 'condition')}, {counted(outcome.num_samples, 'sample')}**. "
        "Rows with the same values are one condition."
    )
    st.dataframe(_conditions_table(outcome), hide_index=True, height=min(38 + 35 * len(outcome.conditions), 320))
    refused_in(condition.values for condition in outcome.conditions)
    _not_used(table, outcome)
    present = design()
    begun = any(condition.values or condition.name for condition in present.conditions)
    adding = False
    if begun:
        adding = (
            st.radio(
                "The present design",
                ["replace it", "add to it"],
                key="sheet_adding",
                horizontal=True,
                persist_state="session",
            )
            == "add to it"
        )
    made, fault = _made(outcome, present, adding=adding)
    if fault:
        st.error(as_text(fault), title="Too much for one design", icon=":material/error:")
    if not outcome.says_something:
        st.info("Nothing is decided yet that a design could hold.", icon=":material/arrow_upward:")
    if st.button(
        "Use as design",
        key="use_sheet",
        type="primary",
        icon=":material/edit_note:",
        disabled=made is None or not outcome.says_something,
    ):
        assert made is not None  # noqa: S101 - the button is disabled then
        set_design(made)
        st.switch_page("pages/design.py")


def _made(outcome: Outcome, present: Design, *, adding: bool) -> tuple[Design | None, str]:
    try:
        return add_to_design(outcome, present, replace_present=not adding), ""
    except SheetError as fault:
        return None, str(fault)


def _conditions_table(outcome: Outcome) -> dict[str, list[object]]:
    """The conditions by columns: name, samples, and the keys that any of them has, terms with their labels."""
    conditions = outcome.conditions
    table: dict[str, list[object]] = {
        "Name": [condition.name or describe(condition.values, label_of) for condition in conditions],
        "Samples": [condition.num_samples for condition in conditions],
    }
    for key, spec in KEYS.items():
        if any(key in condition.values for condition in conditions):
            table[spec.label] = [_told(key, condition.values.get(key, "")) for condition in conditions]
    return table


def _told(key: str, value: str) -> str:
    label = label_of(value) if value and KEYS[key].ontologies else None
    return f"{label} ({value})" if label else value


def _not_used(table: Table, outcome: Outcome) -> None:
    """What of the sheet no condition holds, each with its reason; undecided values stand open."""
    if outcome.undecided:
        texts = _listed([finding.text for finding in outcome.undecided])
        number = counted(len(outcome.undecided), "value")
        quiet_line(f":orange[:material/error:] {number} not decided, and so left out: {texts}")
    lines = []
    if outcome.left_out:
        lines.append(f"Values left out: {_listed([finding.text for finding in outcome.left_out])}")
    if outcome.ignored:
        lines.append(f"Columns ignored: {_listed([column.header for column in outcome.ignored])}")
    if outcome.unused_names:
        lines.append(f"Names of {counted(outcome.unused_names, 'row')} that share a condition with other rows")
    for clash in outcome.clashes[:_MOST_TOLD]:
        label = meaning_label(clash.key) if clash.key != COUNT else meaning_label(COUNT)
        kept, dropped = (label_of(value) or value for value in (clash.kept, clash.dropped))
        lines.append(as_text(f"Row {table.lines[clash.row]}: {label} is {kept}; another cell says {dropped}"))
    if len(outcome.clashes) > _MOST_TOLD:
        lines.append(f"and {len(outcome.clashes) - _MOST_TOLD:,} more rows whose cells disagree")
    if lines:
        with st.expander("What of the sheet is not used", icon=":material/visibility_off:", type="compact"):
            st.markdown("\n".join(f"- {line}" for line in lines))


def _listed(texts: Sequence[str]) -> str:
    different = list(dict.fromkeys(texts))
    told = ", ".join(f"“{as_text(shortened(text, 50))}”" for text in different[:_MOST_TOLD])
    return f"{told} and {len(different) - _MOST_TOLD:,} more" if len(different) > _MOST_TOLD else told
