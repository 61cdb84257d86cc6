"""The numbers of a run: a look at them, and their files."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from components.analyses import prediction_of
from components.session import label_of
from components.words import as_text, counted
from synthome.export import expression_csv, file_name, metadata_csv, results_pickle
from synthome.export.code import python_code, r_code
from synthome.export.matrices import expression_parquet, expression_tsv, gct, h5ad
from synthome.export.told_values import classifier_probs_csv
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["data_panel", "download_row"]

_SHOWN_GENES = 50


def download_row(run: Run, where: str) -> None:
    """Buttons for the tables. ``where`` tells the rows of one page apart."""
    told = prediction_of(run).classifier_probs is not None
    with st.container(horizontal=True):
        if told:
            _download(
                run, where, "Probabilities (CSV)", "probabilities", "csv", _probabilities_csv,
                "One row a value that was weighed: sample, what, value, label, probability",
            )  # fmt: skip
        _download(
            run, where, "Expression (CSV)", "expression", "csv", expression_csv,
            "Counts as the model sees each sample" if told
            else "Counts: one row a sample, one column a gene (Ensembl id)",
        )  # fmt: skip
        _download(
            run, where, "Metadata (CSV)", "metadata", "csv", metadata_csv,
            "One row a sample: its most probable values" if told
            else "One row a sample: its condition and what was asked of it",
        )  # fmt: skip
        _download(
            run, where, "All with latents (pickle)", "results", "pkl", results_pickle,
            "For Python: pickle.load gives a dictionary of the DataFrames metadata, expression and latents",
        )  # fmt: skip


def _formats(run: Run) -> None:
    """Buttons for the files of other programs."""
    with st.container(horizontal=True):
        _download(
            run, "data", "AnnData (h5ad)", "results", "h5ad", partial(_h5ad, run),
            "For scanpy, Seurat and CELLxGENE: counts, log CPM, metadata with labels, latents, the query",
        )  # fmt: skip
        _download(
            run, "data", "Expression (TSV)", "expression", "tsv", expression_tsv,
            "Counts with genes in rows, as R's packages read them",
        )  # fmt: skip
        _download(
            run, "data", "Log CPM (GCT)", "log-cpm", "gct", gct,
            "For Morpheus and GSEA: log2(CPM + 1), genes in rows, metadata above the samples",
        )  # fmt: skip
        _download(
            run, "data", "Expression (Parquet)", "expression", "parquet", expression_parquet,
            "Counts in a file that is small and fast to read",
        )  # fmt: skip


def _h5ad(run: Run, prediction: Prediction) -> bytes:
    return h5ad(prediction, run.query.to_contract(), label_of, run.title)


def _download(
    run: Run, where: str, label: str, what: str, ending: str, make: Callable[[Prediction], bytes], help: str
) -> None:
    """A button whose file is made when it is pressed, without a rerun of the page."""
    prediction = prediction_of(run)
    st.download_button(
        label,
        data=lambda: make(prediction),
        file_name=file_name(run.title, what, ending),
        mime="text/csv" if ending == "csv" else "application/octet-stream",
        key=f"{what}_{ending}_{where}",
        icon=":material/download:",
        on_click="ignore",
        help=help,
    )


def data_panel(run: Run) -> None:
    """Downloads, then the tables and the query that made them."""
    prediction = prediction_of(run)
    download_row(run, "data")
    _formats(run)
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
    shown.columns = _unique(prediction.symbols()[:_SHOWN_GENES])
    shown.index = list(prediction.sample_names)
    st.dataframe(shown, height=_height(shown), alt=f"Counts of the first {_SHOWN_GENES} genes in each sample")
    query = st.expander("The query that made this", icon=":material/data_object:", key="made_by", on_change="rerun")
    if query.open:
        with query:
            _query(run, prediction.provenance.seed)


def _query(run: Run, seed: int | None) -> None:
    query = run.query.to_contract()
    if seed is not None:
        query["seed"] = seed
        st.caption(as_text(f"With seed {seed}, the same model gives the same numbers again."))
    shown, shortened = _without_counts(query)
    written, python, r = st.tabs(["JSON", "Python", "R"], key="query_language")
    written.code(json.dumps(shown, indent=2, ensure_ascii=False), language="json")
    python.code(python_code(shown, run.model_id), language="python")
    r.code(r_code(shown, run.model_id), language="r")
    if shortened:
        st.caption("The counts of each sample are left out here; the file has them.")
        st.download_button(
            "The whole query (JSON)",
            data=lambda: json.dumps(query),
            file_name=file_name(run.title, "query", "json"),
            mime="application/json",
            key="query_json_data",
            icon=":material/download:",
            on_click="ignore",
        )


def _without_counts(query: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The query with a word in place of the counts of real samples; and whether it has any."""
    inputs = [
        {**given, "counts": f"… {counted(len(given['counts']), 'count')} …"} if "counts" in given else given
        for given in query["inputs"]
    ]
    return {**query, "inputs": inputs}, inputs != query["inputs"]


def _probabilities_csv(prediction: Prediction) -> bytes:
    return classifier_probs_csv(prediction, label_of)


def _height(table: pd.DataFrame) -> int:
    """As high as its rows, up to where it scrolls (pixels)."""
    return min(38 + 35 * len(table), 240)


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
