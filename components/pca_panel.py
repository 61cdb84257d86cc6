"""PCA of a run."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from components.analyses import pca_of, prediction_of, term_labels
from components.figure import figure
from components.figure_code import figure_code
from components.session import screen_theme
from synthome.analysis import describe_pca
from synthome.analysis.figures import Theme, pca_figure
from synthome.analysis.views import PCAView
from synthome.export.redraw import DataFiles, redraw_pca
from synthome.query.vocabulary import KEYS
from synthome.runs import Run

__all__ = ["pca_overview", "pca_panel"]

_DEFAULT_GENES = 2000
_CONDITION = "condition"


def pca_overview(run: Run) -> None:
    """The plane of the first two components, coloured by condition."""
    prediction = prediction_of(run)
    components = pca_of(run, _DEFAULT_GENES)
    chart = pca_figure(components, prediction, theme=screen_theme(), labels=term_labels(prediction))
    figure("pca_overview", chart, describe_pca(components, prediction))


def pca_panel(run: Run) -> None:
    """The plane of two chosen components, coloured by a chosen key, with its files."""
    prediction = prediction_of(run)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        colour_by = st.selectbox(
            "Colour by",
            [_CONDITION, *prediction.metadata.columns],
            key="pca_colour",
            format_func=lambda key: KEYS[key].label if key in KEYS else "Condition",
            bind="query-params",
        )
        n_genes = st.select_slider(
            "Most variable genes used",
            [100, 200, 500, 1000, 2000, 5000, 10_000],
            value=_DEFAULT_GENES,
            key="pca_genes",
            format_func=lambda number: f"{number:,}",
            bind="query-params",
        )
        components = pca_of(run, n_genes)
        available = list(range(1, max(components.n_components, 2) + 1))
        across, up = st.columns(2)
        x = across.selectbox("Across", available, format_func=lambda i: f"PC{i}", key="pca_x", index=0)
        y = up.selectbox("Up", available, format_func=lambda i: f"PC{i}", key="pca_y", index=1)
        ellipses = st.toggle(
            "Ellipses", key="pca_ellipses", help="95 % of a group of four or more samples", bind="query-params"
        )

    def draw(theme: Theme) -> go.Figure:
        return pca_figure(
            components,
            prediction,
            colour_by=colour_by,
            components=(x, y),
            ellipses=ellipses,
            theme=theme,
            labels=term_labels(prediction),
        )

    with chart:
        figure(
            "pca",
            draw(screen_theme()),
            describe_pca(components, prediction),
            title=run.title,
            for_file=lambda: draw("light"),
        )
        view = PCAView(n_genes, components=(x, y), colour_by=colour_by, ellipses=ellipses)
        files = DataFiles.downloaded(run.title)
        figure_code("pca", partial(redraw_pca, view, files), [files.expression, files.metadata, files.loadings])
