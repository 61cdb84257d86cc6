"""Heatmap of a run."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from components.analyses import heatmap_of, prediction_of, term_labels
from components.figure import figure
from components.figure_code import figure_code
from components.heatmap_files import heatmap_files
from components.heatmap_genes import ChosenGenes, chosen_genes, most_variable
from components.session import screen_theme
from components.words import as_text
from synthome.analysis import describe_heatmap
from synthome.analysis.figures import Theme, heatmap_figure
from synthome.analysis.figures.words import key_label
from synthome.analysis.views import CONDITION, HeatmapView, Linkage, Metric, SampleOrder, Values
from synthome.export.redraw import DataFiles, redraw_heatmap
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["heatmap_overview", "heatmap_panel"]

_OVERVIEW_GENES = 30
_MOST_CLUSTERS = 12
_LINKAGES: dict[Linkage, str] = {
    "average": "Average",
    "complete": "Complete",
    "single": "Single",
    "ward": "Ward",
}
_METRICS: dict[Metric, str] = {"correlation": "Correlation", "euclidean": "Euclidean"}
_MEANING = {
    "z-score": "Each row is a gene: its level in a sample against its mean over all samples, in standard deviations.",
    "log CPM": "Each row is a gene: its level in a sample, log2(CPM + 1).",
}
_ZOOM = "Drag over cells to zoom in; double-click to see all of them again."


def heatmap_overview(run: Run) -> None:
    """The genes that vary most."""
    prediction = prediction_of(run)
    chosen = most_variable(run, _OVERVIEW_GENES)
    view = HeatmapView(chosen.genes, chosen.source)
    cells = heatmap_of(run, view)
    chart = heatmap_figure(cells, prediction, view, theme=screen_theme())
    figure("heatmap_overview", chart, describe_heatmap(cells, prediction, view))


def heatmap_panel(run: Run) -> None:
    """Chosen genes in all samples, with their files and clusters."""
    prediction = prediction_of(run)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        chosen = chosen_genes(run)
        with st.expander("More choices", icon=":material/tune:", type="compact"):
            view = _view(chosen, prediction)
        if not chosen.why_none:
            st.caption(f"{_MEANING[view.values]} {_ZOOM}")
    if chosen.why_none:
        chart.info(as_text(chosen.why_none), icon=":material/info:")
        return
    cells = heatmap_of(run, view)
    labels = term_labels(prediction)

    def draw(theme: Theme) -> go.Figure:
        return heatmap_figure(cells, prediction, view, labels=labels, theme=theme)

    with chart:
        figure(
            "heatmap",
            draw(screen_theme()),
            describe_heatmap(cells, prediction, view),
            title=run.title,
            for_file=lambda: draw("light"),
        )
        heatmap_files(run, cells, view)
        symbols = dict(zip(prediction.genes.index, prediction.genes["symbol"], strict=True))
        files = DataFiles.downloaded(run.title)
        figure_code("heatmap", partial(redraw_heatmap, view, symbols, files), [files.expression, files.metadata])


def _view(chosen: ChosenGenes, prediction: Prediction) -> HeatmapView:
    """The chosen genes, and how they are to be shown by the controls drawn here."""
    keys = [CONDITION, *map(str, prediction.metadata.columns)]
    tracks = st.multiselect(
        "Strips above the samples",
        keys,
        default=[CONDITION],
        key="heatmap_tracks",
        format_func=key_label,
        bind="query-params",
    )
    clusters = st.select_slider(
        "Cut the genes into clusters",
        [0, *range(2, _MOST_CLUSTERS + 1)],
        key="heatmap_clusters",
        format_func=lambda number: str(number) if number else "no",
        bind="query-params",
    )
    values: Values = st.segmented_control(
        "Values", ["z-score", "log CPM"], default="z-score", required=True, key="heatmap_values", bind="query-params"
    )
    samples: SampleOrder = st.segmented_control(
        "Samples",
        ["clustered", "by condition"],
        default="clustered",
        required=True,
        key="heatmap_samples",
        format_func=str.capitalize,
        bind="query-params",
    )
    linkage: Linkage = st.selectbox(
        "Linkage",
        list(_LINKAGES),
        key="heatmap_linkage",
        format_func=_LINKAGES.__getitem__,
        help="How far apart two clusters are: by the mean, the greatest or the least distance of their members, or by "
        "what joining them adds to the spread within (Ward)",
        bind="query-params",
    )
    metric: Metric = "euclidean"
    if linkage == "ward":
        st.caption("Ward's linkage is defined for Euclidean distance, which is used.")
    else:
        metric = st.selectbox(
            "Distance", list(_METRICS), key="heatmap_metric", format_func=_METRICS.__getitem__, bind="query-params"
        )
    dendrograms = st.toggle("Dendrograms", value=True, key="heatmap_dendrograms", bind="query-params")
    return HeatmapView(
        chosen.genes,
        chosen.source,
        values=values,
        metric=metric,
        linkage=linkage,
        samples=samples,
        dendrograms=dendrograms,
        tracks=tuple(key for key in keys if key in tracks),
        clusters=clusters,
    )
