"""The sample sheet that somebody is at: its text, what its columns were taken for, and what was decided of its values.

Kept for the session, so that neither a rerun, nor a fault, nor a look at another page loses it. What was decided holds
for a text in a column: it survives further rows that are pasted.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from synthome.ontology import TermIndex, default_index
from synthome.query.sheet import Candidate, Column, Finding, SheetReader, Table, read_sheet

__all__ = [
    "TEXT",
    "clear_sheet",
    "decide",
    "decisions",
    "first_row_names_columns",
    "mean_column",
    "sheet_columns",
    "sheet_reader",
    "sheet_table",
    "use_text",
]

TEXT = "sheet_text"
"""The widget key of the pasted text; the text itself is kept there."""
_HEADER, _MEANINGS, _DECISIONS = "sheet_header", "sheet_meanings", "sheet_decisions"
_READER, _TABLE = "sheet_reader", "sheet_table"


def use_text(text: str) -> None:
    """Start with another sheet. To be called before its field is drawn."""
    clear_sheet()
    st.session_state[TEXT] = text


def clear_sheet() -> None:
    """Forget the sheet and all that was decided."""
    for key in (_HEADER, _MEANINGS, _DECISIONS, _TABLE):
        st.session_state.pop(key, None)
    st.session_state[TEXT] = ""


def first_row_names_columns(text: str, *, names: bool) -> None:
    """Say whether the first row of ``text`` names the columns; another text is judged afresh."""
    st.session_state[_HEADER] = (text, names)


def sheet_table(text: str) -> Table:
    """The table of ``text``, read once; ``SheetError`` where it holds none."""
    said: tuple[str, bool] | None = st.session_state.get(_HEADER)
    asked = (text, said[1] if said is not None and said[0] == text else None)
    kept: tuple[tuple[str, bool | None], Table] | None = st.session_state.get(_TABLE)
    if kept is None or kept[0] != asked:
        kept = (asked, read_sheet(*asked))
        st.session_state[_TABLE] = kept
    return kept[1]


def sheet_reader() -> SheetReader:
    """What reads cells; it remembers them for the session, as long as the index of terms is the same."""
    index = default_index()
    kept: tuple[TermIndex, SheetReader] | None = st.session_state.get(_READER)
    if kept is None or kept[0] is not index:
        kept = (index, SheetReader(index))
        st.session_state[_READER] = kept
    return kept[1]


def sheet_columns(table: Table) -> tuple[Column, ...]:
    """The columns as proposed, but for those that somebody took for something else."""
    meant: Mapping[str, str] = st.session_state.get(_MEANINGS, {})
    return tuple(
        Column(column.place, column.header, meant[name], "chosen by you", column.unit)
        if (name := _column_name(column)) in meant
        else column
        for column in sheet_reader().columns(table)
    )


def mean_column(column: Column, meaning: str) -> None:
    """Take a column for something else."""
    st.session_state[_MEANINGS] = {**st.session_state.get(_MEANINGS, {}), _column_name(column): meaning}


def _column_name(column: Column) -> str:
    return f"{column.place}:{column.header}"


def decisions() -> Mapping[str, Candidate | None]:
    """What was decided, by a finding's ``uid``; ``None`` leaves the text out."""
    kept: Mapping[str, Candidate | None] = st.session_state.get(_DECISIONS, {})
    return kept


def decide(finding: Finding, candidate: Candidate | None) -> None:
    """Take a text for ``candidate``, or leave it out."""
    st.session_state[_DECISIONS] = {**decisions(), finding.uid: candidate}
