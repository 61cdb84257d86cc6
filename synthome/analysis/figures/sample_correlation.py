"""The correlation of every two samples as a heatmap, condition after condition."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from synthome.analysis.figures.palette import group_style
from synthome.analysis.figures.theme import Theme, colour_bar, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain, shorten, wrap
from synthome.analysis.likeness import IDENTICAL, Correlations
from synthome.prediction import Prediction

__all__ = ["correlation_figure", "describe_correlations"]

Array = npt.NDArray[np.float64]

_MOST_NAMED = 30
_NAME = 22
"""Characters of a sample's name beside its row; hovering shows more."""
_MOST_LISTED = 12
"""Conditions that the legend lists, and of which the most and the least alike are told."""
_MATRIX, _STRIP, _GAP, _TOP = 400, 12, 4, 48
"""Heights in pixels of the matrix, the condition strip, the gap between them, and the margin above."""


def correlation_figure(found: Correlations, prediction: Prediction, *, theme: Theme = "light") -> go.Figure:
    """Draw ``found`` with a strip of the conditions above it; samples are named where there are few."""
    traces = [_cells(found), _strip(found, prediction), *_legend_entries(found, prediction)]
    return go.Figure(data=traces, layout=_layout(found, prediction, theme))


def describe_correlations(found: Correlations, prediction: Prediction) -> str:
    """How alike samples of one condition are, and of two; of three or more, which are most and least alike."""
    if found.n_genes == 0:
        return "No gene is counted in these samples, so they cannot be compared."
    condition = np.asarray(prediction.condition)[found.samples]
    within, between = _pairs(found.r, condition)
    parts = [_say_pairs(within, between), _say_conditions(found, prediction, condition)]
    if found.n_available > len(found.samples):
        parts.append(f"Shown are {len(found.samples):,} of {found.n_available:,} samples, taken evenly.")
    return " ".join(part for part in parts if part)


def _pairs(r: Array, condition: npt.NDArray[np.intp]) -> tuple[Array, Array]:
    """Correlations of two samples of one condition, and of two conditions."""
    first, second = np.triu_indices(len(r), 1)
    same = condition[first] == condition[second]
    values = r[first, second]
    return values[same], values[~same]


def _say_pairs(within: Array, between: Array) -> str:
    if not len(within) and not len(between):
        return "One sample alone has none to compare it with."
    apart = f"{np.median(between):.2f}" if len(between) else ""
    if not len(within):
        return f"Each condition has one sample; two of them correlate at {apart} (median)."
    if within.min() >= IDENTICAL:
        told = "Samples of one condition are identical"
        return f"{told}; of two conditions they correlate at {apart} (median)." if apart else f"{told}."
    told = f"Samples of one condition correlate at {np.median(within):.2f} (median)"
    return f"{told}, of two conditions at {apart}." if apart else f"{told}."


def _say_conditions(found: Correlations, prediction: Prediction, condition: npt.NDArray[np.intp]) -> str:
    present = np.unique(condition)
    if not 2 < len(present) <= _MOST_LISTED:
        return ""
    medians = {
        (a, b): float(np.median(found.r[np.ix_(condition == a, condition == b)])) for a, b in combinations(present, 2)
    }
    most, least = max(medians, key=medians.__getitem__), min(medians, key=medians.__getitem__)

    def told(pair: tuple[int, int]) -> str:
        return f"{' and '.join(prediction.condition_names[index] for index in pair)} ({medians[pair]:.2f})"

    return f"Most alike are {told(most)}, least alike {told(least)}."


def _cells(found: Correlations) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": found.r.astype(np.float32).round(4),
        "coloraxis": "coloraxis",
        "xgap": 1 if len(found.r) <= 60 else 0,
        "ygap": 1 if len(found.r) <= 60 else 0,
        "hovertemplate": "%{y}<br>%{x}<br>r = %{z:.3f}<extra></extra>",
    }


def _strip(found: Correlations, prediction: Prediction) -> dict[str, Any]:
    """One row of cells in the colours of the conditions."""
    conditions = prediction.condition[found.samples]
    present, place = np.unique(conditions, return_inverse=True)
    scale = []
    for index, condition in enumerate(present):
        colour = group_style(int(condition)).colour
        scale += [[index / len(present), colour], [(index + 1) / len(present), colour]]
    return {
        "type": "heatmap",
        "z": place[None, :].astype(np.int16),
        "zmin": -0.5,
        "zmax": len(present) - 0.5,
        "colorscale": scale,
        "showscale": False,
        "yaxis": "y2",
        "text": [[plain(shorten(prediction.condition_names[condition], 60)) for condition in conditions]],
        "hovertemplate": "%{x}<br>Condition: %{text}<extra></extra>",
    }


def _listed(found: Correlations, prediction: Prediction) -> list[int]:
    present = np.unique(prediction.condition[found.samples])
    return [int(index) for index in present] if len(present) <= _MOST_LISTED else []


def _legend_entries(found: Correlations, prediction: Prediction) -> list[dict[str, Any]]:
    """Squares without a place in the plot, so that the legend explains the strip."""
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "yaxis": "y2",
            "name": wrap(prediction.condition_names[index]),
            "marker": {"symbol": "square", "size": 11, "color": group_style(index).colour},
            "showlegend": True,
        }
        for index in _listed(found, prediction)
    ]


def _limits(r: Array) -> tuple[float, float]:
    """From the lowest correlation, in twentieths, to 1; symmetrical where one is negative."""
    lowest = float(np.floor(20 * r.min(initial=1)) / 20)
    return (-1.0, 1.0) if lowest < 0 else (min(lowest, 0.95), 1.0)


def _layout(found: Correlations, prediction: Prediction, theme: Theme) -> dict[str, Any]:
    m = len(found.samples)
    names = [plain(shorten(prediction.sample_names[row], _NAME)) for row in found.samples]
    named = m <= _MOST_NAMED
    below = legend_height([prediction.condition_names[index] for index in _listed(found, prediction)], 620)
    foot = 16 if named else 44
    plot = _MATRIX + _GAP + _STRIP
    lowest, highest = _limits(found.r)
    bare = {"showgrid": False, "zeroline": False, "ticks": "", "tickmode": "array", "tickvals": np.arange(m)}
    return {
        **theme_layout(theme),
        "height": _TOP + plot + foot + below,
        "margin": {"l": 10, "r": 10, "t": _TOP, "b": foot + below},
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {
            **bare,
            "range": [-0.5, m - 0.5],
            "ticktext": names,
            "showticklabels": False,
            "title": {} if named else {"text": f"{m:,} samples, by condition"},
        },
        "yaxis": {
            **bare,
            "domain": [0, _MATRIX / plot],
            "range": [m - 0.5, -0.5],
            "ticktext": names,
            "showticklabels": named,
            "tickfont": {"size": 10 if m > 20 else 11},
        },
        "yaxis2": {
            "domain": [(_MATRIX + _GAP) / plot, 1],
            "range": [-0.5, 0.5],
            "visible": False,
            "fixedrange": True,
        },
        "coloraxis": {"cmin": lowest, "cmax": highest, "autocolorscale": True, "colorbar": _colour_bar()},
        "legend": legend_below(font={"size": 12}, itemclick=False, itemdoubleclick=False),
    }


def _colour_bar() -> dict[str, Any]:
    return colour_bar("Pearson r", 200, tickfont={"size": 11}, nticks=5, tickangle=0)
