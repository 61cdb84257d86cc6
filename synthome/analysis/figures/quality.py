"""One measure of quality of every sample, a row a condition, and what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from synthome.analysis.figures.palette import group_style
from synthome.analysis.figures.theme import Theme, theme_layout
from synthome.analysis.figures.words import plain, shorten, wrap
from synthome.analysis.quality import MEASURES, Measure, Quality
from synthome.prediction import Prediction

__all__ = ["describe_measure", "quality_figure"]

Array = npt.NDArray[np.float64]

_FEWEST_BOXED = 5
"""Samples from which a box says more than its points."""
_MOST_WRAPPED, _MOST_NAMED = 12, 50
"""Conditions whose rows are high enough for a name on two lines, and on one."""
_NAME = 26
"""Characters of a name on each of its two lines."""
_SPOKEN = 60
"""Characters of a name in a sentence."""
_ROW, _NAMED_ROW, _LOW_ROW, _AROUND = 46, 20, 8, 70
"""Heights in pixels of a row with two lines, with one, without a name; and of what is above and below all rows."""
_SPREAD = 0.5
"""Share of a row over which points are spread, so that equal values can be told apart."""
_GOLDEN = 0.618033988749895
"""Multiples of it, less their whole part, are spread evenly however many there are."""
_MOST_STEPS = 8
"""Range of whole numbers in which each has its tick."""
_SHALLOW = 100_000
"""Counts a sample below which genes at low levels go uncounted."""


def quality_figure(
    found: Quality, prediction: Prediction, measure: Measure = MEASURES[0], *, theme: Theme = "light"
) -> go.Figure:
    """Draw ``measure``: every sample a point, a row a condition, a box around the middle half of five or more.

    Returns
    -------
    Figure
        ``customdata`` of each point is the sample's row in ``prediction``.
    """
    values = measure.shown(found)
    traces: list[dict[str, Any]] = []
    for place, condition in enumerate(np.unique(prediction.condition)):
        rows = np.flatnonzero((prediction.condition == condition) & ~np.isnan(values))
        if len(rows) >= _FEWEST_BOXED:
            traces.append(_box(values[rows], place, int(condition)))
        if len(rows):
            traces.append(_points(values, rows, place, prediction, measure))
    return go.Figure(data=traces, layout=_layout(values, prediction, measure, theme))


def describe_measure(found: Quality, prediction: Prediction, measure: Measure) -> str:
    """Range and middle of ``measure``, the conditions that have most and least of it, and what to make of that."""
    values = measure.shown(found)
    known = values[~np.isnan(values)]
    name = measure.name.capitalize()
    if not len(known):
        return _why_unknown(measure)
    depth = float(np.median(found.library_size))
    if measure.worded(known.min()) == measure.worded(known.max()):
        told = f"{name}: {measure.worded(known[0])}{' in every sample' if len(known) > 1 else ''}."
        if measure.attribute == "library_size":
            told += " Counts are made to sum to the number asked for, so this tells nothing of a sample's quality."
        return told
    middle = measure.worded(float(np.median(known)))
    parts = [f"{name}: {measure.worded(known.min(), known.max())}, median {middle}."]
    parts.append(_by_condition(values, prediction, measure))
    if measure.attribute == "detected" and depth < _SHALLOW:
        parts.append(f"With {depth:,.0f} counts a sample, genes that are expressed at a low level often go uncounted.")
    if measure.attribute == "likeness" and len(known) < len(values):
        parts.append("Conditions of one sample are left out.")
    return " ".join(part for part in parts if part)


def _why_unknown(measure: Measure) -> str:
    if measure.attribute == "mitochondrial":
        return (
            "The mitochondrial share is not known: none of the genes in this result is known to be of the "
            "mitochondrial genome."
        )
    if measure.attribute == "likeness":
        return "Each condition has one sample, so there is none of its kind to compare it with."
    return "There is no sample."


def _by_condition(values: Array, prediction: Prediction, measure: Measure) -> str:
    medians = {
        int(condition): float(np.median(own))
        for condition in np.unique(prediction.condition)
        if len(own := values[(prediction.condition == condition) & ~np.isnan(values)])
    }
    if len(medians) < 2:
        return ""
    low, high = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
    least, most = measure.worded(medians[low]), measure.worded(medians[high])
    if least == most:
        return "The conditions do not differ in it."
    highest, lowest = (shorten(prediction.condition_names[index], _SPOKEN) for index in (high, low))
    return f"Highest in {highest} (median {most}), lowest in {lowest} ({least})."


def _box(values: Array, place: int, condition: int) -> dict[str, Any]:
    colour = group_style(condition).colour
    return {
        "type": "box",
        "orientation": "h",
        "x": values.astype(np.float32),
        "y0": place,
        "width": 0.72,
        "boxpoints": False,
        "whiskerwidth": 0,
        "fillcolor": f"{colour}1f",
        "line": {"color": f"{colour}99", "width": 1.2},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _points(
    values: Array, rows: npt.NDArray[np.intp], place: int, prediction: Prediction, measure: Measure
) -> dict[str, Any]:
    condition = int(prediction.condition[rows[0]])
    style = group_style(condition)
    marker: dict[str, Any] = {"color": style.colour, "symbol": style.symbol, "size": 8 if len(rows) <= 100 else 5}
    aside = (np.arange(1, len(rows) + 1) * _GOLDEN % 1 - 0.5) * _SPREAD if len(rows) > 1 else np.zeros(1)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": wrap(prediction.condition_names[condition]),
        "x": values[rows].astype(np.float32),
        "y": (place + aside).astype(np.float32),
        "customdata": rows.astype(np.int32),
        "hovertext": [
            f"<b>{plain(shorten(prediction.sample_names[row], 60))}</b><br>{measure.worded(values[row])}"
            for row in rows
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": marker,
        "showlegend": False,
    }


def _layout(values: Array, prediction: Prediction, measure: Measure, theme: Theme) -> dict[str, Any]:
    present = np.unique(prediction.condition)
    unknown = bool(np.isnan(values).all())
    named = len(present) <= _MOST_NAMED and not unknown
    names = [prediction.condition_names[condition] for condition in present]
    rows = 0 if unknown else len(present) * _row_height(len(present))
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": _AROUND + max(rows, 2 * _ROW),
        "margin": {"l": 10, "r": 20, "t": 24, "b": 46},
        "hovermode": "closest",
        "dragmode": "pan",
        "xaxis": {"title": {"text": measure.axis, "standoff": 8}, "zeroline": False, **_scale(values, measure)},
        "yaxis": {
            "range": [len(present) - 0.5, -0.5],
            "tickmode": "array",
            "tickvals": np.arange(len(present)),
            "ticktext": [_row_name(name, len(present)) for name in names],
            "showticklabels": named,
            "showgrid": False,
            "zeroline": False,
            "title": {} if named or unknown else {"text": f"{len(present):,} conditions"},
            "fixedrange": True,
        },
    }
    if unknown:
        layout["xaxis"]["showticklabels"] = layout["xaxis"]["showgrid"] = False
        layout["annotations"] = [
            {"text": "Not known", "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        ]
    return layout


def _row_height(conditions: int) -> int:
    if conditions <= _MOST_WRAPPED:
        return _ROW
    return _NAMED_ROW if conditions <= _MOST_NAMED else _LOW_ROW


def _row_name(name: str, conditions: int) -> str:
    return wrap(name, _NAME) if conditions <= _MOST_WRAPPED else plain(shorten(name, _NAME))


def _scale(values: Array, measure: Measure) -> dict[str, Any]:
    """Whole numbers in full; and a range around values that are all the same, for which Plotly would choose its own."""
    whole: dict[str, Any] = {} if measure.digits else {"tickformat": ","}
    known = values[~np.isnan(values)]
    if not len(known) or np.ptp(known) > 1e-9 * abs(known[0]):
        return whole | ({"dtick": 1} if whole and np.ptp(known) < _MOST_STEPS else {})
    around = 0.1 * abs(float(known[0])) or 1.0
    return whole | {"range": [float(known[0]) - around, float(known[0]) + around]}
