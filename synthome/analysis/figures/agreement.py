"""One set of samples against another, one point a gene: fold changes, or levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from synthome.analysis.agreement import LEAST_LOG2, MOST_ADJUSTED_P, Changes, Levels
from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.theme import Theme, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain, shorten

__all__ = ["changes_figure", "describe_changes", "describe_levels", "levels_figure"]

Array = npt.NDArray[np.float64]

_MOST_POINTS = 3_000
"""Points of one kind, taken evenly: more would only lie on each other."""
_LABELLED = 8
_APART = (0.14, 0.06)
"""Shares of the figure's width and height within which two names would lie on each other."""
_HEIGHT = 500


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    """Genes of one colour: rows of the table."""

    label: str
    colour: str
    rows: npt.NDArray[np.intp]
    size: int = 6


def changes_figure(changes: Changes, *, theme: Theme = "light") -> go.Figure:
    """Draw the log2 fold changes of A across and those of B up; ``customdata`` is a gene's Ensembl id."""
    called = changes.rows["called"].to_numpy()
    styles = {
        "neither": ("called in neither", NOT_GIVEN.colour),
        "A": ("in A alone", group_style(0).colour),
        "B": ("in B alone", group_style(1).colour),
        "both": ("in both", group_style(2).colour),
    }
    kinds = [
        _Kind(
            f"{label} ({int((called == name).sum()):,})",
            colour,
            np.flatnonzero(called == name),
            6 if name != "neither" else 4,
        )
        for name, (label, colour) in styles.items()
    ]
    x, y = (changes.rows[column].to_numpy(dtype=np.float64) for column in ("change_a", "change_b"))
    best = np.argsort(-np.minimum(np.abs(x), np.abs(y)), kind="stable")
    titles = tuple(
        f"log2 fold change in {letter}, {_short(names[0])} over {_short(names[1])}"
        for letter, names in (("A", changes.names_a), ("B", changes.names_b))
    )
    return _figure(changes.rows, (x, y), kinds, best, titles, theme)


def levels_figure(levels: Levels, *, theme: Theme = "light") -> go.Figure:
    """Draw the mean log CPM of A's group across and that of B's up; ``customdata`` is a gene's Ensembl id."""
    difference = levels.rows["difference"].to_numpy()
    sides = (
        ("within twofold", NOT_GIVEN.colour, np.abs(difference) < LEAST_LOG2, 4),
        ("higher in A", group_style(0).colour, difference <= -LEAST_LOG2, 6),
        ("higher in B", group_style(1).colour, difference >= LEAST_LOG2, 6),
    )
    kinds = [
        _Kind(f"{label} ({int(chosen.sum()):,})", colour, np.flatnonzero(chosen), size)
        for label, colour, chosen, size in sides
    ]
    x, y = (levels.rows[column].to_numpy(dtype=np.float64) for column in ("mean_a", "mean_b"))
    best = np.argsort(-np.abs(difference), kind="stable")
    titles = (f"A: {_short(levels.name_a)}, mean log2(CPM + 1)", f"B: {_short(levels.name_b)}, mean log2(CPM + 1)")
    return _figure(levels.rows, (x, y), kinds, best, titles, theme)


def describe_changes(changes: Changes) -> str:
    """How far the two fold changes agree, in a sentence with its thresholds."""
    agree = f"The fold changes of A and B correlate with r = {changes.correlation:.2f} over all genes that vary in both"
    if math.isnan(changes.correlation):
        agree = "Too few genes vary in both A and B for a correlation"
    if not changes.tested:
        return f"{agree}. With one sample in a group no gene can be called."
    numbers = f"{changes.number('both'):,} genes are called in both, {changes.number('A'):,} in A alone and "
    numbers += f"{changes.number('B'):,} in B alone (adjusted p at most {MOST_ADJUSTED_P:g}, at least twofold)"
    if math.isnan(changes.same_sign):
        return f"{agree}. {numbers}."
    return f"{agree}. {numbers}; {100 * changes.same_sign:.0f} % of these change in the same direction."


def describe_levels(levels: Levels) -> str:
    """How far the levels agree, in a sentence."""
    difference = levels.rows["difference"]
    higher, lower = int((difference >= LEAST_LOG2).sum()), int((difference <= -LEAST_LOG2).sum())
    agree = f"{levels.name_b} of B correlates with {levels.name_a} of A with r = {levels.correlation:.2f}"
    if math.isnan(levels.correlation):
        agree = "Too few genes are expressed for a correlation"
    return f"{agree}. {higher:,} genes are at least twofold higher in B, and {lower:,} in A."


def _short(name: str) -> str:
    return plain(shorten(name, 28))


def _figure(
    rows: pd.DataFrame,
    points: tuple[Array, Array],
    kinds: Sequence[_Kind],
    best: npt.NDArray[np.intp],
    titles: Sequence[str],
    theme: Theme,
) -> go.Figure:
    lowest, highest = _range(points)
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [lowest, highest],
        "y": [lowest, highest],
        "line": {"dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    coloured = np.concatenate([kind.rows for kind in kinds[1:]])
    named = _named(points, best[np.isin(best, coloured)])
    traces = [line, *(_trace(rows, points, kind, named) for kind in kinds if len(kind.rows))]
    listed = [kind.label for kind in kinds if len(kind.rows)]
    figure = go.Figure(data=traces, layout=_layout(titles, listed, theme))
    for row in named:
        name = plain(str(rows["symbol"].iloc[row] or rows.index[row]))
        at = {"x": float(points[0][row]), "y": float(points[1][row])}
        outwards = 9 if at["y"] >= at["x"] else -9
        figure.add_annotation(**at, text=name, showarrow=False, yshift=outwards, font_size=11)
    return figure


def _range(points: tuple[Array, Array]) -> tuple[float, float]:
    if not points[0].size:
        return 0.0, 1.0
    return float(min(values.min() for values in points)), float(max(values.max() for values in points))


def _trace(rows: pd.DataFrame, points: tuple[Array, Array], kind: _Kind, named: Sequence[int]) -> dict[str, Any]:
    where = np.union1d(_evenly(kind.rows, points), np.intersect1d(kind.rows, named)).astype(np.intp)
    shown = rows.iloc[where]
    x, y = (values[where].astype(np.float32) for values in points)
    return {
        "type": "scattergl",
        "mode": "markers",
        "name": plain(kind.label),
        "x": x,
        "y": y,
        "customdata": shown.index.to_list(),
        "hovertext": [plain(symbol or gene) for gene, symbol in zip(shown.index, shown["symbol"], strict=True)],
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata}<br>A %{x:.2f}, B %{y:.2f}<extra></extra>",
        "marker": {"color": kind.colour, "size": kind.size, "opacity": 0.75, "line": {"width": 0}},
    }


def _evenly(where: npt.NDArray[np.intp], points: tuple[Array, Array]) -> npt.NDArray[np.intp]:
    """Of more points than can be seen, as many along each distance from the diagonal."""
    if len(where) <= _MOST_POINTS:
        return where
    ordered = where[np.argsort(points[1][where] - points[0][where], kind="stable")]
    return ordered[np.linspace(0, len(ordered) - 1, _MOST_POINTS).round().astype(np.intp)]


def _named(points: tuple[Array, Array], best: npt.NDArray[np.intp]) -> list[int]:
    """The first of the genes in ``best`` whose names do not lie on each other."""
    width, height = (float(np.ptp(values)) or 1.0 if values.size else 1.0 for values in points)
    named: list[int] = []
    for row in best[: 10 * _LABELLED].tolist():
        away = ((abs(points[0][row] - points[0][other]), abs(points[1][row] - points[1][other])) for other in named)
        if any(across < _APART[0] * width and up < _APART[1] * height for across, up in away):
            continue
        named.append(row)
        if len(named) == _LABELLED:
            break
    return named


def _layout(titles: Sequence[str], listed: list[str], theme: Theme) -> dict[str, Any]:
    below = legend_height(listed, 860)
    return {
        **theme_layout(theme),
        "height": _HEIGHT + below,
        "margin": {"l": 10, "r": 10, "t": 24, "b": 56 + below},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": legend_below(),
        "xaxis": {"title": {"text": titles[0], "standoff": 10}, "zeroline": True},
        "yaxis": {"title": {"text": titles[1], "standoff": 10}, "zeroline": True},
    }
