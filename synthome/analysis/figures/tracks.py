"""Strips above a heatmap that tell what its samples are, one a key, and what the legend says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from plotly.colors import sample_colorscale

from synthome.analysis.figures.colouring import group_samples, numbers
from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.pca import MAX_LEGEND
from synthome.analysis.figures.theme import SEQUENTIAL
from synthome.analysis.figures.words import key_label, legend_height, plain, shorten, wrap
from synthome.prediction import Prediction

__all__ = ["Track", "legend_entries", "strips", "track", "tracks_legend_height"]

_SHADES = 32
"""Steps of the scale that a numeric key is coloured on."""
_UNITS = {"age_years": "years"}
_NOT_GIVEN = "not given"
_CHARACTER, _KEY = 5.9, 50
"""Widths in pixels of an average character of the legend, and of the square beside a name with the space around it."""


@dataclass(frozen=True, slots=True)
class Track:
    """A colour and a word for each of n columns, and the legend's pairs of name and colour under the key's ``name``.

    ``too_many`` counts the values where they are more than a legend can list.
    """

    name: str
    colours: tuple[str, ...]
    words: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]
    too_many: int = 0


def track(prediction: Prediction, key: str, samples: npt.NDArray[np.intp], labels: Mapping[str, str]) -> Track:
    """What ``key`` says of the ``samples``, which are rows of the prediction, in the colours that a PCA gives them.

    Raises
    ------
    SynthomeError
        No condition gives the key.
    """
    values = numbers(prediction, key)
    if values is not None:
        return _on_a_scale(key, values, values[samples])
    groups = group_samples(prediction, key, labels)
    index = groups.index[samples]
    colours = [group_style(place).colour for place in range(len(groups.names))] + [NOT_GIVEN.colour]
    names = [*groups.names, _NOT_GIVEN]
    present = [place for place in range(len(groups.names)) if place in set(index.tolist())]
    listed = [*present, -1] if (index < 0).any() else present
    return Track(
        key_label(key),
        tuple(colours[place] for place in index),
        tuple(names[place] for place in index),
        tuple((names[place], colours[place]) for place in listed) if len(present) <= MAX_LEGEND else (),
        too_many=len(present) if len(present) > MAX_LEGEND else 0,
    )


def _on_a_scale(key: str, values: npt.NDArray[np.float64], shown: npt.NDArray[np.float64]) -> Track:
    """Numbers on the sequential scale between the least and the greatest of all samples, which the legend names."""
    least, greatest = float(np.nanmin(values)), float(np.nanmax(values))
    steps = np.nan_to_num((shown - least) / ((greatest - least) or 1.0)) * (_SHADES - 1)
    shades = sample_colorscale(SEQUENTIAL, np.linspace(0, 1, _SHADES).tolist())
    missing = np.isnan(shown)
    unit = _UNITS.get(key, "")
    ends = [(least, shades[0]), ((least + greatest) / 2, shades[_SHADES // 2]), (greatest, shades[-1])]
    legend = [(f"{value:g}", colour) for value, colour in (ends if greatest > least else ends[:1])]
    if missing.any():
        legend.append((_NOT_GIVEN, NOT_GIVEN.colour))
    return Track(
        f"{key_label(key)} ({unit})" if unit else key_label(key),
        tuple(
            NOT_GIVEN.colour if gone else shades[step]
            for gone, step in zip(missing, steps.round().astype(int), strict=True)
        ),
        tuple(_NOT_GIVEN if gone else f"{value:g}" for gone, value in zip(missing, shown, strict=True)),
        tuple(legend),
    )


def strips(tracks: Sequence[Track], yaxis: str) -> dict[str, Any]:
    """One trace for all tracks: a row a track, the first on top; its colour scale holds every colour once."""
    colours = list(dict.fromkeys(colour for each in tracks for colour in each.colours))
    place = {colour: index for index, colour in enumerate(colours)}
    steps = len(colours)
    scale = [[edge / steps, colour] for index, colour in enumerate(colours) for edge in (index, index + 1)]
    return {
        "type": "heatmap",
        "z": np.array([[place[colour] for colour in each.colours] for each in tracks], dtype=np.int16),
        "zmin": -0.5,
        "zmax": steps - 0.5,
        "colorscale": scale,
        "showscale": False,
        "yaxis": yaxis,
        "ygap": 2 if len(tracks) > 1 else 0,
        "text": [[plain(shorten(word, 60)) for word in each.words] for each in tracks],
        "hovertemplate": "%{x}<br>%{y}: %{text}<extra></extra>",
    }


def legend_entries(tracks: Sequence[Track], yaxis: str) -> list[dict[str, Any]]:
    """Squares without a place in the plot, so that the legend explains the strips; under the key's name where there
    are several."""
    titled = len(tracks) > 1
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "yaxis": yaxis,
            "name": name if not each.too_many else _too_many(each),
            "marker": {"symbol": "square", "size": 11, "color": colour, "opacity": 0 if each.too_many else 1},
            "showlegend": True,
            **({"legendgroup": str(number), "legendgrouptitle": {"text": plain(each.name)}} if titled else {}),
        }
        for number, each in enumerate(tracks)
        for name, colour in _listed(each, titled)
    ]


def _listed(each: Track, titled: bool) -> list[tuple[str, str]]:
    if each.too_many:
        return [("", NOT_GIVEN.colour)] if titled else []
    return [(wrap(name), colour) for name, colour in each.legend]


def _too_many(each: Track) -> str:
    return f"{each.too_many:,} values; hover over the strip"


def tracks_legend_height(tracks: Sequence[Track], width: int) -> int:
    """Pixels that the legend of these tracks takes in a figure ``width`` pixels wide."""
    if len(tracks) < 2:
        return legend_height([name for each in tracks for name, _ in each.legend], width)
    total, row, left = 0, 0, width
    for each in tracks:
        names = [_too_many(each)] if each.too_many else [wrap(name) for name, _ in each.legend]
        lines = [line for name in names for line in name.split("<br>")]
        wide = int(max(map(len, [*lines, each.name])) * _CHARACTER) + _KEY
        high = 24 + 16 * len(lines) + 4 * len(names)
        if wide > left and row:
            total, row, left = total + row + 10, 0, width
        row, left = max(row, high), left - wide
    return total + row + 8
