"""The volcano and the MA plot of a comparison: one point a gene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from synthome.analysis.differential.comparison import DifferentialTable
from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.theme import Theme, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain, shorten
from synthome.analysis.views import DifferentialView

__all__ = ["describe_comparison", "volcano_figure"]

Plot = Literal["volcano", "MA"]
Array = npt.NDArray[np.float64]

_MOST_OTHERS = 3_000
"""Points of genes that are not called, taken evenly by their p-value: more would only lie on each other."""
_MOST_NAMED = 30
"""Most genes asked for that are named; more would cover the plot."""
_LABELLED = 6
"""Genes named on each side."""
_APART = (0.11, 0.05)
"""Shares of the figure's width and height within which two names would lie on each other."""
_HEIGHT = 480
_SMALLEST_P = 1e-300
_STYLES = (group_style(1), group_style(0))
"""Of the group and its reference, which mostly is the first condition and has that colour elsewhere."""
_RING = "#CC79A7"
_VIEW = DifferentialView()
_HOVER = {
    "volcano": "log2 fold change %{x:.2f}<br>-log10 p-value %{y:.1f}",
    "MA": "mean expression (log2) %{x:.2f}<br>log2 fold change %{y:.2f}",
}


def volcano_figure(table: DifferentialTable, view: DifferentialView = _VIEW, *, theme: Theme = "light") -> go.Figure:
    """Draw the genes that were tested: fold change against -log10 p, or as an MA plot mean against fold change.

    A gene that passes both thresholds of ``view`` is called, and coloured by the group in which it is higher.

    Returns
    -------
    Figure
        ``customdata`` of each point is its gene's Ensembl id.
    """
    rows = table.rows[table.rows["p_value"].notna()]
    called = _called(rows, view)
    higher = called & (rows["log2_fold_change"] > 0).to_numpy()
    names = (table.comparison.group_name, table.comparison.reference_name)
    traces = [_trace(rows, _evenly(rows, ~called), "not called", NOT_GIVEN.colour, view.plot, 4)]
    for style, name, chosen in zip(_STYLES, names, (higher, called & ~higher), strict=True):
        where = np.flatnonzero(chosen)
        label = f"higher in {shorten(name, 40)} ({len(where):,})"
        traces.append(_trace(rows, where, label, style.colour, view.plot, 6))
    listed = [str(trace["name"]) for trace in traces]
    named = rows[rows.index.isin(view.named)]
    if len(named):
        traces.append(_rings(named, view.plot))
    figure = go.Figure(data=traces, layout=_layout(table, view.plot, theme, listed))
    figure.update_layout(annotations=_labels(rows, named, (higher, called & ~higher), view.plot))
    return figure


def describe_comparison(table: DifferentialTable, view: DifferentialView = _VIEW) -> str:
    """What the comparison found, in a sentence with its thresholds."""
    rows = table.rows[table.rows["p_value"].notna()]
    if rows.empty:
        return (
            "No gene can be tested: within each group the samples do not vary. Ask for samples that do, without mean "
            "latents, to compare them."
        )
    called = _called(rows, view)
    up = int((called & (rows["log2_fold_change"] > 0).to_numpy()).sum())
    down = int(called.sum()) - up
    group, reference = table.comparison.group_name, table.comparison.reference_name
    what = f"adjusted p at most {view.most_adjusted_p:g}"
    if view.least_log2_fold_change:
        what += f", at least {2**view.least_log2_fold_change:.3g}-fold"
    found = f"{up:,} {'gene is' if up == 1 else 'genes are'} higher in {group} and {down:,} in {reference}"
    return f"{found}, of {len(rows):,} that could be tested ({what})."


def _called(rows: pd.DataFrame, view: DifferentialView) -> npt.NDArray[np.bool_]:
    passes = rows["adjusted_p_value"] <= view.most_adjusted_p
    return (passes & (rows["log2_fold_change"].abs() >= view.least_log2_fold_change)).to_numpy(dtype=bool)


def _evenly(rows: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    where = np.flatnonzero(chosen)
    if len(where) <= _MOST_OTHERS:
        return where
    ordered = where[np.argsort(rows["p_value"].to_numpy()[where], kind="stable")]
    return ordered[np.linspace(0, len(ordered) - 1, _MOST_OTHERS).round().astype(np.intp)]


def _coordinates(rows: pd.DataFrame, plot: Plot) -> tuple[Array, Array]:
    change = rows["log2_fold_change"].to_numpy(dtype=np.float64)
    if plot == "MA":
        return _level(rows), change
    return change, -np.log10(np.maximum(rows["p_value"].to_numpy(dtype=np.float64), _SMALLEST_P))


def _level(rows: pd.DataFrame) -> Array:
    mean = rows["base_mean"].to_numpy(dtype=np.float64)
    level: Array = np.log2(mean + 1) if mean.max(initial=0) > 64 else mean
    return level


def _trace(
    rows: pd.DataFrame, where: npt.NDArray[np.intp], name: str, colour: str, plot: Plot, size: int
) -> dict[str, Any]:
    x, y = (values[where].astype(np.float32) for values in _coordinates(rows, plot))
    shown = rows.iloc[where]
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": plain(name),
        "x": x,
        "y": y,
        "customdata": shown.index.to_list(),
        "hovertext": [plain(symbol or gene) for gene, symbol in zip(shown.index, shown["symbol"], strict=True)],
        "hovertemplate": f"<b>%{{hovertext}}</b><br>%{{customdata}}<br>{_HOVER[plot]}<extra></extra>",
        "marker": {"color": colour, "size": size, "opacity": 0.75, "line": {"width": 0}},
        "selected": {"marker": {"opacity": 1, "size": 14}},
        "unselected": {"marker": {"opacity": 0.75}},  # a click leaves the others as they are
    }


def _rings(named: pd.DataFrame, plot: Plot) -> dict[str, Any]:
    """A ring around each gene that was asked for, in a colour that stands out on any page and among all points."""
    trace = _trace(named, np.arange(len(named)), "", _RING, plot, 14)
    trace["marker"] |= {"symbol": "circle-open", "opacity": 1, "line": {"width": 3}}
    return trace | {"showlegend": False}


def _labels(
    rows: pd.DataFrame, named: pd.DataFrame, sides: Sequence[npt.NDArray[np.bool_]], plot: Plot
) -> list[dict[str, Any]]:
    """Names of the genes asked for, then on each side of those with the smallest p-values, none upon another."""
    if rows.empty:
        return []
    width, height = (float(np.ptp(values)) or 1.0 for values in _coordinates(rows, plot))
    taken: list[tuple[float, float]] = []
    labels = []

    def name(genes: pd.DataFrame, most: int, *, always: bool) -> None:
        added = 0
        for gene, symbol, across, up in zip(genes.index, genes["symbol"], *_coordinates(genes, plot), strict=True):
            near = any(abs(across - a) < _APART[0] * width and abs(up - b) < _APART[1] * height for a, b in taken)
            if (near and not always) or added == most:
                continue
            added += 1
            taken.append((float(across), float(up)))
            labels.append(_label(str(symbol or gene), float(across), float(up), asked_for=always))

    name(named, _MOST_NAMED, always=True)
    for side in sides:
        first = rows.iloc[np.flatnonzero(side)].sort_values("p_value", kind="stable").head(5 * _LABELLED)
        name(first[~first.index.isin(named.index)], _LABELLED, always=False)
    return labels


def _label(text: str, across: float, up: float, *, asked_for: bool) -> dict[str, Any]:
    shown = plain(shorten(text, 20))
    return {
        "x": across,
        "y": up,
        "text": f"<b>{shown}</b>" if asked_for else shown,
        "showarrow": False,
        "yshift": 15 if asked_for else 9,
        "font": {"size": 13 if asked_for else 11},
    }


def _layout(table: DifferentialTable, plot: Plot, theme: Theme, listed: list[str]) -> dict[str, Any]:
    change = f"log2 fold change, {plain(shorten(table.comparison.group_name, 30))} over "
    change += plain(shorten(table.comparison.reference_name, 30))
    titles = (change, "-log10 p-value") if plot == "volcano" else ("mean expression (log2)", change)
    below = legend_height(listed, 860)
    return {
        **theme_layout(theme),
        "height": _HEIGHT + below,
        "margin": {"l": 10, "r": 10, "t": 24, "b": 56 + below},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": legend_below(),
        "xaxis": {"title": {"text": titles[0], "standoff": 10}, "zeroline": plot == "volcano"},
        "yaxis": {"title": {"text": titles[1], "standoff": 10}, "zeroline": plot == "MA"},
    }
