"""The PCA plot: one point a sample, in the plane of two components."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from synthome.analysis.figures.colouring import CONDITION, Groups, group_samples, numbers
from synthome.analysis.figures.ellipse import data_ellipse
from synthome.analysis.figures.palette import NOT_GIVEN, Style, group_style
from synthome.analysis.figures.theme import Theme, theme_layout
from synthome.analysis.figures.words import key_label, legend_height, plain, sample_hover, wrap
from synthome.analysis.principal_components import PCA
from synthome.prediction import Prediction

__all__ = ["MAX_LEGEND", "pca_figure"]

MAX_LEGEND = 24
"""Most groups that a legend lists; past it hovering tells them apart."""
_PLOT_HEIGHT = 440
_LEGEND_FONT = 12


def pca_figure(
    pca: PCA,
    prediction: Prediction,
    *,
    colour_by: str = CONDITION,
    components: tuple[int, int] = (1, 2),
    ellipses: bool = False,
    theme: Theme = "light",
    labels: Mapping[str, str] | None = None,
) -> go.Figure:
    """Draw samples in the plane of two principal components.

    Parameters
    ----------
    pca : PCA of ``prediction``
    colour_by : "condition" or a metadata key
        Age is coloured on a scale, everything else by group; samples without a value are grey.
    components : pair of int
        Counted from 1. A component that does not exist is drawn as zero.
    ellipses : bool
        Outline, for each group of four or more samples, the region that would hold 95 % of it.
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
        ``colour_by`` is no key that any condition gives.
    """
    points = _Points(
        pca.coordinates(components[0]).astype(np.float32),
        pca.coordinates(components[1]).astype(np.float32),
        sample_hover(prediction, labels or {}),
        components,
    )
    values = numbers(prediction, colour_by)
    listed: tuple[str, ...] = ()
    if values is not None:
        traces = _on_a_scale(points, values, key_label(colour_by))
        listed = ("not given",) if np.isnan(values).any() else ()
    else:
        groups = group_samples(prediction, colour_by, labels or {})
        if len(groups.names) > MAX_LEGEND:
            traces = [_one_trace(points, groups)]
        else:
            traces = [*_by_group(points, groups)]
            listed = tuple(trace["name"] for trace in traces)
        if ellipses:
            traces = [*_ellipses(points, groups), *traces]
    return go.Figure(data=traces, layout=_layout(pca, components, listed, theme, scale=values is not None))


class _Points:
    """Coordinates and hover text of all samples, from which traces take theirs."""

    def __init__(
        self, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], hover: list[str], components: tuple[int, int]
    ) -> None:
        self.x, self.y, self.hover = x, y, hover
        self.template = f"%{{hovertext}}<br>PC{components[0]} %{{x:.1f}}, PC{components[1]} %{{y:.1f}}<extra></extra>"
        self.size = 10 if len(x) <= 200 else 7

    def trace(self, rows: npt.NDArray[np.intp], **properties: Any) -> dict[str, Any]:
        """A scatter trace of the samples in ``rows``."""
        return {
            "type": "scatter",
            "mode": "markers",
            "x": self.x[rows],
            "y": self.y[rows],
            "customdata": rows.astype(np.int32),
            "hovertext": [self.hover[row] for row in rows],
            "hovertemplate": self.template,
            **properties,
        }

    def group(self, rows: npt.NDArray[np.intp], name: str, style: Style) -> dict[str, Any]:
        """A trace of one group with its entry in the legend."""
        marker: dict[str, Any] = {"color": style.colour, "symbol": style.symbol, "size": self.size}
        if style.symbol.endswith("open"):
            marker["line"] = {"color": style.colour, "width": 1.5}
        return self.trace(rows, name=wrap(name), marker=marker, showlegend=True)


def _by_group(points: _Points, groups: Groups) -> Iterator[dict[str, Any]]:
    for index, name in enumerate(groups.names):
        rows = np.flatnonzero(groups.index == index)
        if len(rows):
            yield points.group(rows, name, group_style(index))
    missing = np.flatnonzero(groups.index < 0)
    if len(missing):
        yield points.group(missing, "not given", NOT_GIVEN)


def _one_trace(points: _Points, groups: Groups) -> dict[str, Any]:
    styles = [NOT_GIVEN if index < 0 else group_style(index) for index in groups.index]
    marker = {
        "color": [style.colour for style in styles],
        "symbol": [style.symbol for style in styles],
        "size": points.size,
    }
    return points.trace(np.arange(len(points.x)), marker=marker, showlegend=False)


def _on_a_scale(points: _Points, values: npt.NDArray[np.float64], title: str) -> list[dict[str, Any]]:
    given, missing = np.flatnonzero(~np.isnan(values)), np.flatnonzero(np.isnan(values))
    marker = {
        "color": values[given].astype(np.float32),
        "size": points.size,
        "autocolorscale": True,
        "colorbar": {
            "title": {"text": f"{plain(title)}\u00a0 ", "side": "right"},
            "orientation": "h",
            "thickness": 10,
            "lenmode": "pixels",
            "len": 220,
            "x": 1,
            "xanchor": "right",
            "y": 1.02,
            "yanchor": "bottom",
            "ypad": 0,
            "outlinewidth": 0,
        },
    }
    traces = [points.trace(given, marker=marker, showlegend=False)]
    if len(missing):
        traces.append(points.group(missing, "not given", NOT_GIVEN))
    return traces


def _ellipses(points: _Points, groups: Groups) -> Iterator[dict[str, Any]]:
    for index in range(len(groups.names)):
        rows = groups.index == index
        outline = data_ellipse(points.x[rows].astype(np.float64), points.y[rows].astype(np.float64))
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


def _layout(
    pca: PCA, components: tuple[int, int], listed: tuple[str, ...], theme: Theme, *, scale: bool
) -> dict[str, Any]:
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": _PLOT_HEIGHT + 80 + legend_height(listed, 860),
        "margin": {"l": 10, "r": 10, "t": 56 if scale else 24, "b": 56 + legend_height(listed, 860)},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "font": {"size": _LEGEND_FONT},
        },
    }
    for axis, component in zip(("xaxis", "yaxis"), components, strict=True):
        layout[axis] = {"title": {"text": _axis_title(pca, component), "standoff": 10}, "zeroline": True}
        if component > pca.n_components:
            layout[axis]["range"] = [-1, 1]
    if pca.n_components == 0:
        layout["annotations"] = [_notice(pca.degenerate)]
    return layout


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
