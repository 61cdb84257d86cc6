"""Heatmap of a run."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from components.analyses import heatmap_of, prediction_of
from components.figure import figure
from components.figure_code import figure_code
from components.session import screen_theme
from synthome.analysis import describe_heatmap
from synthome.analysis.figures import Theme, heatmap_figure
from synthome.analysis.views import HeatmapView
from synthome.export.redraw import DataFiles, redraw_heatmap
from synthome.runs import Run

__all__ = ["heatmap_overview", "heatmap_panel"]

_OVERVIEW_GENES = 30
_DEFAULT_GENES = 50


def heatmap_overview(run: Run) -> None:
    """The genes that vary most."""
    prediction = prediction_of(run)
    cells = heatmap_of(run, _OVERVIEW_GENES)
    chart = heatmap_figure(cells, prediction, theme=screen_theme())
    figure("heatmap_overview", chart, describe_heatmap(cells, prediction))


def heatmap_panel(run: Run) -> None:
    """A chosen number of the genes that vary most, with its files."""
    prediction = prediction_of(run)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        n_genes = st.select_slider(
            "Most variable genes shown",
            [10, 20, 30, 50, 75, 100, 150, 200],
            value=_DEFAULT_GENES,
            key="heatmap_genes",
            bind="query-params",
        )
        dendrograms = st.toggle("Dendrograms", value=True, key="heatmap_dendrograms", bind="query-params")
        st.caption(
            "Each row is a gene: its level in a sample against its mean over all samples, in standard deviations."
        )
    cells = heatmap_of(run, n_genes)

    def draw(theme: Theme) -> go.Figure:
        return heatmap_figure(cells, prediction, dendrograms=dendrograms, theme=theme)

    with chart:
        figure(
            "heatmap",
            draw(screen_theme()),
            describe_heatmap(cells, prediction),
            title=run.title,
            for_file=lambda: draw("light"),
        )
        shown = prediction.genes["symbol"].iloc[cells.genes]
        symbols = dict(zip(shown.index, shown, strict=True))
        view = HeatmapView(tuple(symbols), f"the {len(symbols)} most variable", dendrograms=dendrograms)
        files = DataFiles.downloaded(run.title)
        figure_code("heatmap", partial(redraw_heatmap, view, symbols, files), [files.expression, files.metadata])
