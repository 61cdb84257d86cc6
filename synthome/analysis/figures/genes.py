"""Levels of genes in groups of samples: a box, a violin or the points alone, one plot a gene beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from synthome.analysis.figures.dot_plot import dot_plot_figure
from synthome.analysis.figures.palette import NOT_GIVEN, Style, group_style
from synthome.analysis.figures.theme import Theme, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain, shorten, wrap
from synthome.analysis.gene_levels import GeneLevels
from synthome.analysis.views import GenesView

__all__ = ["MAX_DOTTED", "MAX_DRAWN", "MAX_POINTS", "genes_figure"]

MAX_DRAWN = 12
"""Genes that stand beside each other."""
MAX_DOTTED = 60
"""Genes of a dot plot."""
MAX_POINTS = 300
"""Points a gene; more samples are thinned to so many, evenly by their level in each group."""
MAX_LEGEND = 24
"""Most groups that a legend lists and that have colours of their own; past it hovering tells them apart."""
_MAX_COLOURED = 120
"""Boxes or violins in colours of their own, a millisecond each to draw; where there are more, only the points have."""
_ROW_HEIGHT = {1: 400, 2: 300, 3: 250}
_GAP = 64
"""Pixels between two rows of plots, which a gene's name stands in."""
_BESIDE = {1: 0.0, 2: 0.08, 3: 0.14}
"""Share of a plot's width left of it, for the numbers of its axis, by how many stand in a row."""
_TOP = 36
_WIDTH = 0.72
"""Of a box or violin; its groups stand 1 apart."""
_GOLDEN = 0.6180339887
_TITLES = {"log CPM": "log2(CPM + 1)", "counts": "counts"}
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Groups that one trace draws: one, or all where they are too many for a legend."""

    name: str
    style: Style
    groups: tuple[int, ...]
    listed: bool


def genes_figure(levels: GeneLevels, view: GenesView, *, theme: Theme = "light") -> go.Figure:
    """Draw the levels as ``view`` says, the first 12 genes, or 60 as a dot plot.

    Returns
    -------
    Figure
        Boxes span the quartiles, whiskers the furthest level within 1.5 times their distance (Tukey); they and the
        violins are of all samples. ``customdata`` of a point is its sample's row in ``levels``.
    """
    if view.kind == "dot plot":
        return dot_plot_figure(levels, MAX_DOTTED, theme)
    values = levels.values(view.scale)[:, :MAX_DRAWN]
    drawn = _drawn(levels, values.shape[1])
    traces = [
        trace for column in range(values.shape[1]) for trace in _gene(levels, values[:, column], view, drawn, column)
    ]
    listed = [] if len(levels.groups) > MAX_LEGEND else [wrap(name) for name in levels.groups]
    if listed and not drawn[0].listed:
        traces += [_legend_entry(name, place) for name, place in zip(listed, levels.places, strict=True)]
    return go.Figure(data=traces, layout=_layout(levels, values, view, listed, theme))


def _drawn(levels: GeneLevels, n_genes: int) -> list[_Drawn]:
    if len(levels.groups) > MAX_LEGEND or len(levels.groups) * n_genes > _MAX_COLOURED:
        return [_Drawn("", NOT_GIVEN, tuple(range(len(levels.groups))), False)]
    return [
        _Drawn(wrap(name), _style(place), (group,), True)
        for group, (name, place) in enumerate(zip(levels.groups, levels.places, strict=True))
    ]


def _gene(
    levels: GeneLevels, values: Array, view: GenesView, drawn: list[_Drawn], column: int
) -> Iterator[dict[str, Any]]:
    number = "" if column == 0 else str(column + 1)
    axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    for part in drawn:
        shared = {
            **axes,
            "name": part.name,
            "legendgroup": part.name,
            "showlegend": False,
        }
        if view.kind == "box":
            yield _box(levels, values, part) | shared
        elif view.kind == "violin":
            yield _violin(levels, values, part) | shared
        first = part.listed and column == 0
        yield _points(levels, values, view, part) | shared | {"showlegend": first}
    if view.kind == "points":
        yield _medians(levels, values) | axes


def _legend_entry(name: str, place: int) -> dict[str, Any]:
    """What the legend lists where the points of all groups are one trace."""
    style = _style(place)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": name,
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 7},
        "showlegend": True,
    }


def _style(place: int) -> Style:
    return NOT_GIVEN if place < 0 else group_style(place)


def _of_group(levels: GeneLevels, values: Array, group: int) -> Array:
    chosen: Array = values[levels.index == group]
    return chosen


def _box(levels: GeneLevels, values: Array, part: _Drawn) -> dict[str, Any]:
    spans = np.array([_five_numbers(_of_group(levels, values, group)) for group in part.groups], dtype=np.float32)
    return {
        "type": "box",
        "x": np.array(part.groups, dtype=np.float32),
        "lowerfence": spans[:, 0],
        "q1": spans[:, 1],
        "median": spans[:, 2],
        "q3": spans[:, 3],
        "upperfence": spans[:, 4],
        "width": _WIDTH,
        "fillcolor": f"{part.style.colour}33",
        "line": {"color": part.style.colour, "width": 1.5},
        "hoverinfo": "y",
    }


def _five_numbers(values: Array) -> tuple[float, float, float, float, float]:
    low, middle, high = (float(value) for value in np.percentile(values, [25, 50, 75]))
    reach = 1.5 * (high - low)
    within = values[(values >= low - reach) & (values <= high + reach)]
    return float(within.min(initial=low)), low, middle, high, float(within.max(initial=high))


def _violin(levels: GeneLevels, values: Array, part: _Drawn) -> dict[str, Any]:
    chosen = np.isin(levels.index, part.groups)
    return {
        "type": "violin",
        "x": levels.index[chosen].astype(np.int16),
        "y": values[chosen].astype(np.float32),
        "width": 0.9,
        "points": False,
        "spanmode": "hard",
        "meanline": {"visible": False},
        "fillcolor": f"{part.style.colour}33",
        "line": {"color": part.style.colour, "width": 1.5},
        "hoverinfo": "skip",
    }


def _points(levels: GeneLevels, values: Array, view: GenesView, part: _Drawn) -> dict[str, Any]:
    rows = np.concatenate([_thinned(levels, values, group) for group in part.groups])
    group = levels.index[rows]
    styles = [_style(levels.places[place]) for place in group]
    few = len(levels.samples) <= 60
    return {
        "type": "scatter",
        "mode": "markers",
        "x": (group + ((rows * _GOLDEN) % 1 - 0.5) * 0.5).astype(np.float32),
        "y": values[rows].astype(np.float32),
        "customdata": rows.astype(np.int32),
        "hovertext": [_hover(levels, row) for row in rows],
        "hovertemplate": f"%{{hovertext}}<br>%{{y:{',.2f' if view.scale == 'log CPM' else ',.0f'}}}<extra></extra>",
        "marker": {
            "color": part.style.colour if part.listed else [style.colour for style in styles],
            "symbol": part.style.symbol if part.listed else [style.symbol for style in styles],
            "size": 7 if few else 5,
            "opacity": 0.9 if few else 0.7,
        },
    }


def _hover(levels: GeneLevels, row: int) -> str:
    name = f"<b>{plain(shorten(levels.samples[row], 60))}</b>"
    group = levels.groups[levels.index[row]]
    return name if levels.samples[row].startswith(group) else f"{name}<br>{plain(shorten(group, 60))}"


def _thinned(levels: GeneLevels, values: Array, group: int) -> npt.NDArray[np.intp]:
    """Rows of a group, as many of them as it may show: evenly by their level, so that its ends are among them."""
    rows = np.flatnonzero(levels.index == group)
    if len(levels.samples) <= MAX_POINTS:
        return rows
    shown = max(2, round(MAX_POINTS * len(rows) / len(levels.samples)))
    if shown >= len(rows):
        return rows
    ordered = rows[np.argsort(values[rows], kind="stable")]
    return ordered[np.linspace(0, len(rows) - 1, shown).round().astype(np.intp)]


def _medians(levels: GeneLevels, values: Array) -> dict[str, Any]:
    medians = [np.median(_of_group(levels, values, group)) for group in range(len(levels.groups))]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.arange(len(medians), dtype=np.float32),
        "y": np.array(medians, dtype=np.float32),
        "marker": {"symbol": "line-ew", "size": 26, "line": {"width": 2}},
        "hovertemplate": "median %{y:,.2f}<extra></extra>",
        "showlegend": False,
    }


def _layout(levels: GeneLevels, values: Array, view: GenesView, listed: list[str], theme: Theme) -> dict[str, Any]:
    shown = values.shape[1]
    columns = shown if shown <= 3 else (2 if shown == 4 else 3)
    rows = -(-shown // columns) if shown else 1
    plots = rows * _ROW_HEIGHT[max(columns, 1)] + (rows - 1) * _GAP
    below = legend_height(listed, 860) + 16
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": _TOP + plots + below,
        "margin": {"l": 10, "r": 10, "t": _TOP, "b": below},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": legend_below(font={"size": 12}, itemsizing="constant"),
        "annotations": [],
    }
    for place in range(shown):
        row, column = divmod(place, columns)
        top = 1 - row * (_ROW_HEIGHT[columns] + _GAP) / plots
        across = (column + (_BESIDE[columns] if column else 0)) / columns, (column + 1) / columns
        _add_plot(layout, levels, values[:, place], view, place, across, (top - _ROW_HEIGHT[columns] / plots, top))
    return layout


def _add_plot(
    layout: dict[str, Any],
    levels: GeneLevels,
    values: Array,
    view: GenesView,
    place: int,
    across: tuple[float, float],
    up: tuple[float, float],
) -> None:
    number = "" if place == 0 else str(place + 1)
    highest = float(values.max(initial=0)) or 1.0
    layout[f"xaxis{number}"] = {
        "domain": across,
        "anchor": f"y{number}",
        "range": [-0.6, len(levels.groups) - 0.4],
        "showticklabels": False,
        "showgrid": False,
        "zeroline": False,
    }
    layout[f"yaxis{number}"] = {
        "domain": [max(up[0], 0.0), min(up[1], 1.0)],
        "anchor": f"x{number}",
        "range": [-0.04 * highest, 1.06 * highest],  # points at zero are whole
        "zeroline": False,
    }
    if across[0] == 0:
        layout[f"yaxis{number}"]["title"] = {"text": _TITLES[view.scale], "standoff": 8}
    layout["annotations"].append(
        {
            "text": f"<b>{plain(shorten(levels.symbols[place], 24))}</b>",
            "xref": "paper",
            "yref": "paper",
            "x": sum(across) / 2,
            "xanchor": "center",
            "y": min(up[1], 1.0),
            "yanchor": "bottom",
            "yshift": 6,
            "showarrow": False,
        }
    )
