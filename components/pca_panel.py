"""PCA of a run."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from components.analyses import pca_of, prediction_of, term_labels
from components.figure import figure
from components.figure_code import figure_code
from components.file_download import file_download
from components.pca_controls import pca_controls
from components.pca_details import pca_details
from components.sample_groups_panel import name_picked, named_groups
from components.session import screen_theme
from synthome.analysis import PCA, describe_pca
from synthome.analysis.figures import Theme, pca_figure
from synthome.analysis.views import PCAView
from synthome.export.components import coordinates_csv, loadings_csv
from synthome.export.redraw import DataFiles, redraw_pca
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["pca_overview", "pca_panel"]

_MOVE, _PICK = "move", "pick samples"


def pca_overview(run: Run) -> None:
    """The plane of the first two components, coloured by condition."""
    prediction = prediction_of(run)
    view = PCAView()
    components = pca_of(run, view.n_genes)
    chart = pca_figure(components, prediction, view, theme=screen_theme(), labels=term_labels(prediction))
    figure("pca_overview", chart, describe_pca(components, prediction, view))


def pca_panel(run: Run) -> None:
    """Samples along chosen components, their files, groups to name, and what stands behind the components."""
    prediction = prediction_of(run)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        view, components = pca_controls(run, prediction)
        named_groups(run)
    with chart:
        _samples(run, components, prediction, view)
        _files(run, components, prediction, view)
    pca_details(run, components, prediction)


def _samples(run: Run, components: PCA, prediction: Prediction, view: PCAView) -> None:
    """The figure, and above it a name for the samples that are picked in it."""
    labels = term_labels(prediction)

    def draw(theme: Theme) -> go.Figure:
        return pca_figure(components, prediction, view, theme=theme, labels=labels)

    drawn = draw(screen_theme())
    in_plane = len(view.components) == 2
    above = st.container(horizontal=True, vertical_alignment="top", gap="medium")
    with above:
        picking = in_plane and _picking(components)
        if not in_plane:
            st.caption("Drag to turn. Samples are picked, and groups named, in 2-D.")
    if picking:
        drawn.update_layout(dragmode="lasso")
    picked = figure(
        "pca",
        drawn,
        describe_pca(components, prediction, view, labels),
        title=run.title,
        for_file=lambda: draw("light"),
        picks="areas" if in_plane else None,
    )
    with above:
        if picked:
            name_picked(run, map(int, picked))
        elif picking:
            st.caption("Draw a line around samples to pick them.")


def _picking(components: PCA) -> bool:
    """Whether dragging in the figure picks samples."""
    if not components.n_components:
        return False
    drag = st.segmented_control(
        "Drag to",
        [_MOVE, _PICK],
        default=_MOVE,
        required=True,
        key="pca_drag",
        help="To pick, draw a line around samples; then give them a name",
        bind="query-params",
    )
    return drag == _PICK


def _files(run: Run, components: PCA, prediction: Prediction, view: PCAView) -> None:
    if not components.n_components:
        return
    with st.container(horizontal=True):
        file_download(
            "Coordinates (CSV)",
            lambda: coordinates_csv(components, prediction),
            title=run.title,
            what="pca coordinates",
            key="pca_coordinates_csv",
            help="One row a sample: condition, metadata, and where it lies on each component",
        )
        file_download(
            "Loadings (CSV)",
            lambda: loadings_csv(components, prediction),
            title=run.title,
            what="pca loadings",
            key="pca_loadings_csv",
            help="One row for each gene used: what it weighs in each component",
        )
    files = DataFiles.downloaded(run.title)
    figure_code("pca", partial(redraw_pca, view, files), [files.expression, files.metadata, files.loadings])
