"""The numbers of a run: a look at them, and their files."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from components.methods_panel import methods_panel
from components.taking_away import file_button, taken_of
from components.words import as_text, counted
from synthome.distinct import distinct
from synthome.export.code import python_code, r_code
from synthome.export.takeaway import Takeaway
from synthome.runs import Run

__all__ = ["data_panel", "download_row"]

_SHOWN_GENES = 50
_GROUPS = {
    "All in one": ("archive", "report"),
    "For spreadsheets and R": ("expression", "metadata", "quality", "tsv"),
    "For other programs": ("h5ad", "gct", "parquet", "pickle"),
    "To ask it again": ("query", "python", "r"),
}
"""The files, by what they are for."""


def download_row(run: Run, where: str) -> None:
    """Buttons for the tables. ``where`` tells the rows of one page apart."""
    taken = taken_of(run)
    with st.container(horizontal=True):
        for name in (*_told(taken), "expression", "metadata", "pickle"):
            file_button(taken, name, where)


def _told(taken: Takeaway) -> tuple[str, ...]:
    return ("probabilities",) if taken.told else ()


def data_panel(run: Run) -> None:
    """Downloads, the methods text and the query, then a look at the tables."""
    taken = taken_of(run)
    with st.grid("auto", min_column_width=250):
        for heading, names in _GROUPS.items():
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{heading}**")
                with st.container(horizontal=True):
                    for name in (*(_told(taken) if "expression" in names else ()), *names):
                        file_button(taken, name, "data")
    methods_panel(run, taken)
    query = st.expander("The query that made this", icon=":material/data_object:", key="made_by", on_change="rerun")
    if query.open:
        with query:
            _query(run, taken)
    _tables(taken)


def _tables(taken: Takeaway) -> None:
    prediction = taken.prediction
    st.subheader("Metadata", anchor=False)
    table = prediction.metadata.copy()
    table.insert(0, "condition", prediction.conditions)
    table.index = list(prediction.sample_names)
    st.dataframe(table, height=_height(table), alt="Metadata of each sample")
    st.subheader("Expression", anchor=False)
    st.caption(
        f"Counts of the first {_SHOWN_GENES} of {prediction.expression.shape[1]:,} genes, by symbol. "
        "The CSV file holds all of them, by Ensembl id."
    )
    shown = prediction.expression.iloc[:, :_SHOWN_GENES].copy()
    shown.columns = distinct(prediction.symbols()[:_SHOWN_GENES])
    shown.index = list(prediction.sample_names)
    st.dataframe(shown, height=_height(shown), alt=f"Counts of the first {_SHOWN_GENES} genes in each sample")


def _query(run: Run, taken: Takeaway) -> None:
    query = taken.query.to_contract()
    seed = taken.prediction.provenance.seed
    if seed is not None:
        st.caption(as_text(f"With seed {seed}, the same model gives the same numbers again."))
    shown, shortened = _without_counts(query)
    written, python, r = st.tabs(["JSON", "Python", "R"], key="query_language")
    written.code(json.dumps(shown, indent=2, ensure_ascii=False), language="json")
    python.code(python_code(shown, run.model_id), language="python")
    r.code(r_code(shown, run.model_id), language="r")
    if shortened:
        st.caption("The counts of each sample are left out here; the file of the query has them.")


def _without_counts(query: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The query with a word in place of the counts of real samples; and whether it has any."""
    inputs = [
        {**given, "counts": f"… {counted(len(given['counts']), 'count')} …"} if "counts" in given else given
        for given in query["inputs"]
    ]
    return {**query, "inputs": inputs}, inputs != query["inputs"]


def _height(table: pd.DataFrame) -> int:
    """As high as its rows, up to where it scrolls (pixels)."""
    return min(38 + 35 * len(table), 240)
