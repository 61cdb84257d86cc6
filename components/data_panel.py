"""The numbers of a run: a look at them, and their files."""

from __future__ import annotations

import json

import streamlit as st

from components.analyses import prediction_of
from components.words import as_text
from synthome.export import expression_csv, file_name, metadata_csv, results_pickle
from synthome.runs import Run

__all__ = ["data_panel", "download_row"]

_SHOWN_GENES = 50


def download_row(run: Run, where: str) -> None:
    """Buttons for the tables. ``where`` tells the rows of one page apart. Files are made when a button is pressed."""
    prediction = prediction_of(run)
    with st.container(horizontal=True):
        st.download_button(
            "Expression (CSV)",
            data=lambda: expression_csv(prediction),
            file_name=file_name(run.title, "expression", "csv"),
            mime="text/csv",
            key=f"expression_csv_{where}",
            icon=":material/download:",
            on_click="ignore",
            help="Counts: one row a sample, one column a gene (Ensembl id)",
        )
        st.download_button(
            "Metadata (CSV)",
            data=lambda: metadata_csv(prediction),
            file_name=file_name(run.title, "metadata", "csv"),
            mime="text/csv",
            key=f"metadata_csv_{where}",
            icon=":material/download:",
            on_click="ignore",
            help="One row a sample: its condition and what was asked of it",
        )
        st.download_button(
            "All with latents (pickle)",
            data=lambda: results_pickle(prediction),
            file_name=file_name(run.title, "results", "pkl"),
            mime="application/octet-stream",
            key=f"pickle_{where}",
            icon=":material/download:",
            on_click="ignore",
            help="For Python: pickle.load gives a dictionary of the DataFrames metadata, expression and latents",
        )


def data_panel(run: Run) -> None:
    """Downloads, then the tables and the query that made them."""
    prediction = prediction_of(run)
    download_row(run, "data")
    st.subheader("Metadata", anchor=False)
    table = prediction.metadata.copy()
    table.insert(0, "condition", prediction.conditions)
    table.index = list(prediction.sample_names)
    st.dataframe(table, height=240, alt="Metadata of each sample")
    st.subheader("Expression", anchor=False)
    st.caption(
        f"Counts of the first {_SHOWN_GENES} of {prediction.expression.shape[1]:,} genes, by symbol. "
        "The CSV file holds all of them, by Ensembl id."
    )
    shown = prediction.expression.iloc[:, :_SHOWN_GENES].copy()
    shown.columns = _unique(prediction.symbols()[:_SHOWN_GENES])
    shown.index = list(prediction.sample_names)
    st.dataframe(shown, height=240, alt=f"Counts of the first {_SHOWN_GENES} genes in each sample")
    with st.expander("The query that made this", icon=":material/data_object:"):
        query = run.query.to_contract()
        seed = prediction.provenance.seed
        if seed is not None:
            query["seed"] = seed
            st.caption(as_text(f"With seed {seed}, the same model gives the same numbers again."))
        st.code(json.dumps(query, indent=2, ensure_ascii=False), language="json")


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
