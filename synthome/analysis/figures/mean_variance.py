"""Mean and variance of genes: one point a gene, and the line that counting alone would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.theme import Theme, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain
from synthome.analysis.mean_variance import MeanVariance

__all__ = ["describe_mean_variance", "mean_variance_figure"]

Rows = npt.NDArray[np.intp]

_MOST_POINTS = 3_000
"""Genes drawn, taken evenly by their mean: more would only lie on each other."""
_ALWAYS = 100
"""Genes with the most variance beyond counting, drawn whatever their mean."""
_NAMED = 8
_CHARACTER, _LINE_HEIGHT = 0.02, 0.055
"""Shares of the figure's width and height that a character of a name takes."""
_HEIGHT = 430
_LINE = group_style(1).colour


def mean_variance_figure(trend: MeanVariance, genes: pd.DataFrame, *, theme: Theme = "light") -> go.Figure:
    """Draw the genes that are counted in any sample.

    Their standard deviation is drawn, not its square, so that what is common can be seen beside what is extreme.

    Parameters
    ----------
    genes : DataFrame, one row a gene
        Index: Ensembl id. Column: ``symbol``.

    Returns
    -------
    Figure
        ``customdata`` of each point is its gene's Ensembl id.
    """
    why_not = _why_not(trend)
    if why_not:
        return go.Figure(data=[], layout=_layout(theme, [], why_not))
    above = trend.clearly_above & trend.counted
    traces = [
        _points(trend, genes, trend.counted & ~above, "other genes", NOT_GIVEN.colour),
        _points(trend, genes, above, "vary clearly more than counting", group_style(0).colour),
        _counting(trend),
    ]
    figure = go.Figure(data=traces, layout=_layout(theme, [str(trace["name"]) for trace in traces], ""))
    _name(figure, trend, genes)
    return figure


def describe_mean_variance(trend: MeanVariance, genes: pd.DataFrame, *, counting_noise: bool = True) -> str:
    """How many genes vary more than counting would make them, and which most of all.

    Parameters
    ----------
    counting_noise : bool
        Whether the samples were counted, as real ones are; estimated means are not.
    """
    why_not = _why_not(trend)
    if why_not:
        return why_not
    counted = int(trend.counted.sum())
    above = int((trend.clearly_above & trend.counted).sum())
    told = f"{_percent(above, counted)} of the {counted:,} genes counted in any sample vary clearly more than "
    told += "counting alone would make them"
    most = [_symbol(genes, gene) for gene in _by_excess(trend)[:3]]
    told += f", most of all {', '.join(most)}." if most else "."
    if not counting_noise:
        told += " These samples are means without counting noise, so a gene may vary less than the line."
    return told


def _why_not(trend: MeanVariance) -> str:
    if trend.n_samples < 2:
        return "A variance needs two samples or more."
    if not trend.counted.any():
        return "No gene is counted in these samples."
    if not trend.variance.any():
        return "No gene varies: the samples are identical."
    return ""


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    if part and share < 1:
        return "Less than 1 %"
    return f"{share:.0f} %"


def _symbol(genes: pd.DataFrame, column: int) -> str:
    return str(genes["symbol"].iloc[column] or genes.index[column])


def _by_excess(trend: MeanVariance) -> Rows:
    """Genes that vary clearly more than counting, the most variance beyond it first."""
    ranked = np.argsort(-trend.excess, kind="stable")
    above: Rows = ranked[(trend.clearly_above & trend.counted)[ranked]]
    return above


def _thinned(trend: MeanVariance, chosen: npt.NDArray[np.bool_]) -> Rows:
    where = np.flatnonzero(chosen)
    share = len(where) / max(int(trend.counted.sum()), 1)
    most = max(int(_MOST_POINTS * share), 1)
    if len(where) <= most:
        return where
    ordered = where[np.argsort(trend.mean[where], kind="stable")]
    even = ordered[np.linspace(0, len(ordered) - 1, most).round().astype(np.intp)]
    first = _by_excess(trend)[:_ALWAYS]
    return np.union1d(even, first[chosen[first]])


def _points(
    trend: MeanVariance, genes: pd.DataFrame, chosen: npt.NDArray[np.bool_], name: str, colour: str
) -> dict[str, Any]:
    where = _thinned(trend, chosen)
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": f"{name} ({int(chosen.sum()):,})",
        "x": trend.mean[where].astype(np.float32),
        "y": np.sqrt(trend.variance[where]).astype(np.float32),
        "customdata": genes.index[where].to_list(),
        "hovertext": [plain(_symbol(genes, column)) for column in where],
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata}<br>mean %{x:.2f}, "
        "standard deviation %{y:.2f}<extra></extra>",
        "marker": {"color": colour, "size": 4, "opacity": 0.6, "line": {"width": 0}},
    }


def _counting(trend: MeanVariance) -> dict[str, Any]:
    mean = np.linspace(0, float(trend.mean.max()), 240)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "counting alone (Poisson)",
        "x": mean.astype(np.float32),
        "y": np.sqrt(trend.counting(mean)).astype(np.float32),
        "line": {"color": _LINE, "width": 2.5},
        "hoverinfo": "skip",
    }


def _name(figure: go.Figure, trend: MeanVariance, genes: pd.DataFrame) -> None:
    """Name the genes with the most variance beyond counting, such as their names do not lie on each other."""
    deviation = np.sqrt(trend.variance)
    width, height = float(np.ptp(trend.mean)) or 1.0, float(deviation.max()) or 1.0
    named: list[tuple[float, float, int]] = []
    for gene in _by_excess(trend)[: 6 * _NAMED]:
        x, y, symbol = float(trend.mean[gene]), float(deviation[gene]), _symbol(genes, gene)
        if any(
            abs(x - a) < _CHARACTER * width * (len(symbol) + characters) / 2 and abs(y - b) < _LINE_HEIGHT * height
            for a, b, characters in named
        ):
            continue
        named.append((x, y, len(symbol)))
        figure.add_annotation(x=x, y=y, text=plain(symbol), showarrow=False, yshift=9, font_size=11)
        if len(named) == _NAMED:
            return


def _layout(theme: Theme, listed: list[str], why_not: str) -> dict[str, Any]:
    below = legend_height(listed, 620)
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": _HEIGHT + below,
        "margin": {"l": 10, "r": 10, "t": 24, "b": 56 + below},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": legend_below(itemsizing="constant"),
        "xaxis": {"title": {"text": "Mean of log2(CPM + 1)", "standoff": 10}, "zeroline": False},
        "yaxis": {"title": {"text": "Standard deviation of log2(CPM + 1)", "standoff": 10}, "rangemode": "tozero"},
    }
    if why_not:
        notice = {"text": why_not, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.6, "showarrow": False}
        layout["annotations"] = [notice]
    return layout
