"""Differential expression between two groups of a run's samples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.analyses import prediction_of, term_labels, welch_of
from components.comparing import deseq_of
from components.figure import figure
from components.figure_code import figure_code
from components.session import screen_theme
from components.words import as_text, counted
from synthome.analysis.differential import Comparison, DifferentialTable, choose, comparison_between
from synthome.analysis.differential.comparison import ComparisonError
from synthome.analysis.figures import Theme
from synthome.analysis.figures.volcano import Plot, describe_comparison, volcano_figure
from synthome.analysis.figures.words import is_given, key_label
from synthome.analysis.views import DifferentialView
from synthome.export import file_name
from synthome.export.differential import differential_csv
from synthome.export.redraw import DataFiles, redraw_differential
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["differential_panel"]

_CONDITION = "condition"
_CAUTION = (
    "Replicates here are draws of a model. A p-value says how clearly the model separates the groups, not what nature "
    "does: more samples make any difference significant."
)
_LISTED = 500
_MEANS = {"welch": "Mean log2 CPM", "deseq2": "Mean of normalised counts"}
_METHODS = {"welch": "Quick look", "deseq2": "DESeq2"}
_CAPTIONS = (
    "Welch's t-test on log CPM, at once",
    "negative binomial regression of counts; half a minute for 20 samples",
)


def differential_panel(run: Run) -> None:
    """Two groups beside each other: a volcano or an MA plot, the table, and the genes as a list."""
    prediction = prediction_of(run)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        comparison = _comparison(prediction)
        plot: Plot = st.segmented_control(
            "Figure",
            ["volcano", "MA"],
            default="volcano",
            required=True,
            key="de_plot",
            format_func={"volcano": "Volcano", "MA": "MA"}.__getitem__,
        )
        most = st.select_slider("Adjusted p at most", [0.001, 0.01, 0.05, 0.1], value=0.05, key="de_p")
        fold = st.select_slider("Fold change at least", [1.0, 1.5, 2.0, 4.0, 8.0], value=2.0, key="de_fold")
        method = st.radio(
            "Method", list(_METHODS), key="de_method", format_func=_METHODS.__getitem__, captions=list(_CAPTIONS)
        )
        st.caption(_CAUTION)
    if comparison is None:
        return
    with chart:
        found = welch_of(run, comparison) if method == "welch" else deseq_of(run, comparison)
    if found is None:
        return
    table, least = found, math.log2(fold)

    def draw(theme: Theme) -> go.Figure:
        return volcano_figure(table, plot=plot, most_adjusted_p=most, least_log2_fold_change=least, theme=theme)

    with chart:
        sentence = describe_comparison(table, most_adjusted_p=most, least_log2_fold_change=least)
        st.markdown(f"**{as_text(comparison.sentence)}**")
        figure("differential", draw(screen_theme()), sentence, title=run.title, for_file=lambda: draw("light"))
        view = DifferentialView(plot, most, least)
        names = comparison.group_name, comparison.reference_name
        files = DataFiles.downloaded(run.title, " vs ".join(names))
        figure_code("differential", partial(redraw_differential, view, *names, files), [files.differential])
    _genes(run, table, choose(table, most_adjusted_p=most, least_log2_fold_change=least))


def _comparison(prediction: Prediction) -> Comparison | None:
    """What the controls say; ``None``, and why, where it cannot be compared."""
    labels_by_key = _groupings(prediction)
    by = st.selectbox(
        "Groups by",
        list(labels_by_key),
        key="de_by",
        format_func=lambda key: "Condition" if key == _CONDITION else key_label(key),
    )
    labels, names = labels_by_key[by]
    offered = list(dict.fromkeys(label for label in labels if label))
    if len(offered) < 2:
        st.info("There is one group only; ask for another condition to compare it with.", icon=":material/info:")
        return None
    shown = {label: names.get(label, label) for label in offered}
    group = st.selectbox("Compare", offered, key=f"de_group_{by}", index=1, format_func=shown.__getitem__)
    reference = st.selectbox("With", offered, key=f"de_reference_{by}", index=0, format_func=shown.__getitem__)
    try:
        return comparison_between(labels, group, reference, shown)
    except ComparisonError as error:
        st.info(as_text(str(error)), icon=":material/info:")
        return None


def _groupings(prediction: Prediction) -> dict[str, tuple[list[str], Mapping[str, str]]]:
    """Every key that makes two groups or more, with a label a sample and what people call the labels."""
    labels = term_labels(prediction)
    found: dict[str, tuple[list[str], Mapping[str, str]]] = {_CONDITION: (list(prediction.conditions), {})}
    for key in prediction.metadata.columns:
        values = [str(value) if is_given(value) else "" for value in prediction.metadata[key]]
        if len({value for value in values if value}) > 1:
            found[str(key)] = (values, labels)
    return found


def _genes(run: Run, table: DifferentialTable, called: pd.DataFrame) -> None:
    """The table of all genes, and the called ones as a list to copy."""
    shown = table.sorted_rows.drop(columns=["statistic", "standard_error"])
    shown.insert(0, "Ensembl id", shown.index)
    st.dataframe(
        shown,
        hide_index=True,
        height=320,
        column_config={
            "symbol": "Symbol",
            "base_mean": st.column_config.NumberColumn(_MEANS[table.method], format="%.2f"),
            "log2_fold_change": st.column_config.NumberColumn("log2 fold change", format="%.2f"),
            "p_value": st.column_config.NumberColumn("p", format="scientific"),
            "adjusted_p_value": st.column_config.NumberColumn("Adjusted p", format="scientific"),
        },
        alt="Genes with their fold changes and p-values, the smallest p-value first",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All genes (CSV)",
            data=lambda: differential_csv(table),
            file_name=file_name(
                run.title, f"{table.comparison.group_name} vs {table.comparison.reference_name}", "csv"
            ),
            mime="text/csv",
            key="de_csv",
            icon=":material/download:",
            on_click="ignore",
        )
    listed = [symbol or gene for gene, symbol in zip(called.index, called["symbol"], strict=True)]
    with st.expander(f"{counted(len(listed), 'gene')} as a list", icon=":material/list:", type="compact"):
        if len(listed) > _LISTED:
            st.caption(f"The {_LISTED} with the smallest p-values; the file has all.")
        st.code("\n".join(listed[:_LISTED]) or "none", language=None, height=200)
