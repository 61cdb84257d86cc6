"""Differential expression between two groups of a run's samples."""

from __future__ import annotations

import math
from functools import partial
from typing import Literal

import plotly.graph_objects as go
import streamlit as st

from components.analyses import prediction_of, welch_of
from components.comparing import deseq_of
from components.differential_genes import clicked_gene, gene_lists, gene_table, table_key, the_gene
from components.differential_groups import ChosenGroups, choose_groups
from components.figure import figure
from components.figure_code import figure_code
from components.gene_field import gene_field
from components.session import screen_theme
from components.words import as_text
from synthome.analysis.differential import DifferentialTable, cautions, choose
from synthome.analysis.figures import Theme
from synthome.analysis.figures.volcano import describe_comparison, volcano_figure
from synthome.analysis.views import DifferentialView
from synthome.export.redraw import DataFiles, redraw_differential
from synthome.runs import Run

__all__ = ["differential_panel"]

_METHODS = {"welch": "Quick look", "deseq2": "DESeq2"}
_CAPTIONS = (
    "Welch's t-test on log CPM, at once",
    "negative binomial regression of counts; half a minute for 20 samples",
)
_PICK = "Click a point or a row of the table to see the gene."


def differential_panel(run: Run) -> None:
    """Two groups beside each other: a volcano or an MA plot, the gene that is clicked, the table, and lists."""
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        chosen = choose_groups(prediction_of(run))
        method = st.radio(
            "Method",
            list(_METHODS),
            key="de_method",
            format_func=_METHODS.__getitem__,
            captions=list(_CAPTIONS),
            bind="query-params",
        )
        view = _view(run)
        if chosen is not None:
            _beware(run, chosen)
    if chosen is None:
        return
    with chart:
        st.markdown(f"**{as_text(chosen.comparison.sentence)}**")
        table = welch_of(run, chosen.comparison) if method == "welch" else deseq_of(run, chosen.comparison)
        if table is None:
            return
        point = _plot(run, table, view)
        _code(run, table, view)
        below = st.container()
        key = table_key(run, table)
        row = gene_table(table, key)
        least, most = view.least_log2_fold_change, view.most_adjusted_p
        gene_lists(run, table, choose(table, most_adjusted_p=most, least_log2_fold_change=least))
    gene = clicked_gene(run, {"differential": point, key: row})
    with below:
        if gene is None:
            st.caption(_PICK)
        else:
            the_gene(run, table, gene)


def _view(run: Run) -> DifferentialView:
    """What the controls say of the figure."""
    plot: Literal["volcano", "MA"] = st.segmented_control(
        "Figure",
        ["volcano", "MA"],
        default="volcano",
        required=True,
        key="de_plot",
        format_func={"volcano": "Volcano", "MA": "MA"}.__getitem__,
        bind="query-params",
    )
    most = st.select_slider("Adjusted p at most", [0.001, 0.01, 0.05, 0.1], value=0.05, key="de_p", bind="query-params")
    fold = st.select_slider(
        "Fold change at least", [1.0, 1.5, 2.0, 4.0, 8.0], value=2.0, key="de_fold", bind="query-params"
    )
    named = gene_field(run, "Find genes", "de_find", placeholder="ALB, TP53")
    return DifferentialView(plot, most, math.log2(fold), named.genes)


def _beware(run: Run, chosen: ChosenGroups) -> None:
    noiseless = run.query.sampling_strategy == "mean estimation"
    for words in cautions(prediction_of(run), chosen.comparison, chosen.by, noiseless=noiseless):
        st.caption(as_text(words))


def _plot(run: Run, table: DifferentialTable, view: DifferentialView) -> list[str]:
    """The volcano or MA plot; returns the gene whose point is picked, if any."""

    def draw(theme: Theme) -> go.Figure:
        return volcano_figure(table, view, theme=theme)

    picked = figure(
        "differential",
        draw(screen_theme()),
        describe_comparison(table, view),
        title=run.title,
        for_file=lambda: draw("light"),
        picks="points",
    )
    untested = table.rows.loc[[gene for gene in view.named if gene in table.rows.index]]
    untested = untested[untested["p_value"].isna()]
    if len(untested):
        names = ", ".join(str(symbol or gene) for gene, symbol in zip(untested.index, untested["symbol"], strict=True))
        st.caption(as_text(f"Not tested, so not in the plot: {names}."))
    return [str(gene) for gene in picked]


def _code(run: Run, table: DifferentialTable, view: DifferentialView) -> None:
    names = table.comparison.group_name, table.comparison.reference_name
    files = DataFiles.downloaded(run.title, " vs ".join(names))
    figure_code("differential", partial(redraw_differential, view, *names, files), [files.differential])
