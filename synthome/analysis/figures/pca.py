"""The PCA plot: one point a sample, in the plane of two components or the space of three."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from synthome.analysis.figures.biplot import biplot_arrows
from synthome.analysis.figures.colouring import group_samples, numbers
from synthome.analysis.figures.ellipse import data_ellipse
from synthome.analysis.figures.palette import group_style
from synthome.analysis.figures.sample_points import MAX_LEGEND, Drawn, draw_samples
from synthome.analysis.figures.theme import Theme, colour_bar, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain
from synthome.analysis.principal_components import PCA
from synthome.analysis.views import PCAView
from synthome.prediction import Prediction

__all__ = ["MAX_LEGEND", "pca_figure"]

_PLOT_HEIGHT = 440
_SPACE_HEIGHT = 520
_LEGEND_FONT = 12
_LEGEND_WIDTH = 860
_FIRST_LOOK = PCAView()


def pca_figure(
    pca: PCA,
    prediction: Prediction,
    view: PCAView = _FIRST_LOOK,
    *,
    theme: Theme = "light",
    labels: Mapping[str, str] | None = None,
) -> go.Figure:
    """Draw samples in the plane of two principal components, or in the space of three.

    Parameters
    ----------
    pca : PCA of ``prediction``
    view : PCAView
        Age is coloured on a scale, everything else by group; samples without a value are grey. A component that does
        not exist is drawn as zero. Ellipses outline, for each group of four or more samples, the region that would
        hold 95 % of it; they and the arrows of a biplot are for the plane alone.
    theme : "light" or "dark"
    labels : mapping of term id to label, optional
        Shown instead of ids in the legend, and beside them when hovering.

    Returns
    -------
    Figure
        ``customdata`` of each point is the sample's row in ``prediction``.

    Raises
    ------
    SynthomeError
        ``colour_by`` or ``symbol_by`` is no key that any condition gives.
    """
    drawn = draw_samples(pca, prediction, view, labels or {})
    if len(view.components) == 3:
        return go.Figure(data=drawn.traces, layout=_space_layout(pca, view, drawn, theme))
    before = list(_ellipses(pca, prediction, view)) if view.ellipses else []
    after = biplot_arrows(pca, _gene_names(pca, prediction), view.components, view.arrows) if view.arrows else []
    return go.Figure(data=[*before, *drawn.traces, *after], layout=_plane_layout(pca, view, drawn, theme))


def _gene_names(pca: PCA, prediction: Prediction) -> list[str]:
    symbols = prediction.genes["symbol"].reindex(pca.genes)
    return [symbol or gene for gene, symbol in zip(pca.genes, symbols, strict=True)]


def _ellipses(pca: PCA, prediction: Prediction, view: PCAView) -> Iterator[dict[str, Any]]:
    if numbers(prediction, view.colour_by) is not None:
        return
    x, y = (pca.coordinates(component) for component in view.components)
    groups = group_samples(prediction, view.colour_by, {})
    for index in range(len(groups.names)):
        rows = groups.index == index
        outline = data_ellipse(x[rows], y[rows])
        if outline is None:
            continue
        colour = group_style(index).colour
        yield {
            "type": "scatter",
            "mode": "lines",
            "x": outline[0].astype(np.float32),
            "y": outline[1].astype(np.float32),
            "line": {"color": colour, "width": 1.5},
            "fill": "toself",
            "fillcolor": f"{colour}1f",
            "hoverinfo": "skip",
            "showlegend": False,
        }


def _layout(pca: PCA, drawn: Drawn, theme: Theme, plot_height: int) -> dict[str, Any]:
    """What plane and space have in common."""
    below = legend_height(drawn.listed, _LEGEND_WIDTH)
    two_keys = any("legendgroup" in trace for trace in drawn.traces)
    if two_keys:
        below = _grouped_height(drawn)
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": plot_height + 80 + below,
        "margin": {"l": 10, "r": 10, "t": 56 if drawn.scale else 24, "b": 56 + below},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": legend_below(font={"size": _LEGEND_FONT}),
    }
    if two_keys:
        layout["legend"] |= {"itemclick": False, "itemdoubleclick": False}
    if drawn.scale:
        layout["coloraxis"] = {"colorbar": _colour_bar(drawn.scale)}
    if pca.n_components == 0:
        layout["annotations"] = [_notice(pca.degenerate)]
    return layout


def _grouped_height(drawn: Drawn) -> int:
    """Pixels of a legend whose keys stand beside each other, each with its name above its groups."""
    groups = [trace["legendgroup"] for trace in drawn.traces if "legendgroup" in trace]
    return 28 + 20 * max(groups.count(group) for group in set(groups))


def _plane_layout(pca: PCA, view: PCAView, drawn: Drawn, theme: Theme) -> dict[str, Any]:
    layout = _layout(pca, drawn, theme, _PLOT_HEIGHT)
    for axis, component in zip(("xaxis", "yaxis"), view.components, strict=True):
        layout[axis] = {"title": {"text": _axis_title(pca, component), "standoff": 10}, "zeroline": True}
        if component > pca.n_components:
            layout[axis]["range"] = [-1, 1]
    return layout


def _space_layout(pca: PCA, view: PCAView, drawn: Drawn, theme: Theme) -> dict[str, Any]:
    layout = _layout(pca, drawn, theme, _SPACE_HEIGHT)
    layout["margin"] |= {"l": 0, "r": 0, "t": 40 if drawn.scale else 0, "b": layout["margin"]["b"] - 40}
    scene: dict[str, Any] = {
        "aspectmode": "cube",
        "dragmode": "turntable",
        "camera": {"eye": _EYE, "center": {"x": 0, "y": 0, "z": -0.12}},
    }
    for axis, component in zip(("xaxis", "yaxis", "zaxis"), view.components, strict=True):
        scene[axis] = {"title": {"text": _axis_title(pca, component)}, "nticks": 6}
        if component > pca.n_components:
            scene[axis]["range"] = [-1, 1]
    layout["scene"] = scene
    layout["legend"]["itemsizing"] = "constant"
    return layout


_EYE = {"x": 1.8, "y": 1.8, "z": 1.0}
"""From where the space is looked at first, in lengths of its cube: near enough to fill the figure."""


def _colour_bar(title: str) -> dict[str, Any]:
    return colour_bar(f"{plain(title)}\u00a0 ", 220, y=1.02, ypad=0)


def _axis_title(pca: PCA, component: int) -> str:
    return f"PC{component} ({100 * pca.share(component):.1f} % of variance)"


def _notice(text: str) -> dict[str, Any]:
    """A sentence over the middle of the plot."""
    return {
        "text": "<br>".join(textwrap.wrap(text, 44)),
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.8,
        "showarrow": False,
    }
