"""The volcano and the MA plot of a comparison: one point a gene."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from synthome.analysis.differential.comparison import DifferentialTable
from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.theme import Theme, theme_layout
from synthome.analysis.figures.words import legend_height, plain, shorten

__all__ = ["Plot", "describe_comparison", "volcano_figure"]

Plot = Literal["volcano", "MA"]
Array = npt.NDArray[np.float64]

_MOST_OTHERS = 3_000
"""Points of genes that are not called, taken evenly by their p-value: more would only lie on each other."""
_LABELLED = 6
"""Genes named on each side."""
_APART = (0.11, 0.05)
"""Shares of the figure's width and height within which two names would lie on each other."""
_HEIGHT = 480
_SMALLEST_P = 1e-300


def volcano_figure(
    table: DifferentialTable,
    *,
    plot: Plot = "volcano",
    most_adjusted_p: float = 0.05,
    least_log2_fold_change: float = 1.0,
    theme: Theme = "light",
) -> go.Figure:
    """Draw the genes that were tested.

    Parameters
    ----------
    plot : "volcano" or "MA"
        Fold change against -log10 p, or mean expression against fold change.
    most_adjusted_p, least_log2_fold_change : float
        A gene that passes both is called, and coloured by the group in which it is higher.

    Returns
    -------
    Figure
        ``customdata`` of each point is its gene's Ensembl id.
    """
    rows = table.rows[table.rows["p_value"].notna()]
    called = _called(rows, most_adjusted_p, least_log2_fold_change)
    higher = called & (rows["log2_fold_change"] > 0).to_numpy()
    names = (table.comparison.group_name, table.comparison.reference_name)
    others = _evenly(rows, ~called)
    traces = [_trace(rows, others, "not called", NOT_GIVEN.colour, plot, 4)]
    for index, (name, chosen) in enumerate(zip(names, (higher, called & ~higher), strict=True)):
        where = np.flatnonzero(chosen)
        label = f"higher in {shorten(name, 40)} ({len(where):,})"
        traces.append(_trace(rows, where, label, group_style(index).colour, plot, 6))
    figure = go.Figure(data=traces, layout=_layout(table, plot, theme, [str(t["name"]) for t in traces]))
    for where in (np.flatnonzero(higher), np.flatnonzero(called & ~higher)):
        _label(figure, rows.iloc[where].sort_values("p_value"), plot, _coordinates(rows, plot))
    return figure


def describe_comparison(
    table: DifferentialTable, *, most_adjusted_p: float = 0.05, least_log2_fold_change: float = 1.0
) -> str:
    """What the comparison found, in a sentence with its thresholds."""
    rows = table.rows[table.rows["p_value"].notna()]
    called = _called(rows, most_adjusted_p, least_log2_fold_change)
    up = int((called & (rows["log2_fold_change"] > 0).to_numpy()).sum())
    down = int(called.sum()) - up
    group, reference = table.comparison.group_name, table.comparison.reference_name
    what = f"adjusted p at most {most_adjusted_p:g}"
    if least_log2_fold_change:
        what += f", at least {2**least_log2_fold_change:.3g}-fold"
    found = f"{up:,} genes are higher in {group} and {down:,} in {reference}"
    return f"{found}, of {len(rows):,} that could be tested ({what})."


def _called(rows: pd.DataFrame, most_adjusted_p: float, least: float) -> npt.NDArray[np.bool_]:
    passes = (rows["adjusted_p_value"] <= most_adjusted_p) & (rows["log2_fold_change"].abs() >= least)
    return passes.to_numpy(dtype=bool)


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
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
        "marker": {"color": colour, "size": size, "opacity": 0.75, "line": {"width": 0}},
    }


def _label(figure: go.Figure, called: pd.DataFrame, plot: Plot, all_points: tuple[Array, Array]) -> None:
    """Name the genes with the smallest p-values, such as their names do not lie on each other."""
    width, height = (float(np.ptp(values)) or 1.0 for values in all_points)
    first = called.head(5 * _LABELLED)
    x, y = _coordinates(first, plot)
    named: list[tuple[float, float]] = []
    for (gene, row), across, up in zip(first.iterrows(), x, y, strict=True):
        near = any(abs(across - a) < _APART[0] * width and abs(up - b) < _APART[1] * height for a, b in named)
        if near or len(named) == _LABELLED:
            continue
        named.append((float(across), float(up)))
        figure.add_annotation(
            x=float(across),
            y=float(up),
            text=plain(str(row["symbol"] or gene)),
            showarrow=False,
            yshift=9,
            font_size=11,
        )


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
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"},
        "xaxis": {"title": {"text": titles[0], "standoff": 10}, "zeroline": plot == "volcano"},
        "yaxis": {"title": {"text": titles[1], "standoff": 10}, "zeroline": plot == "MA"},
    }
