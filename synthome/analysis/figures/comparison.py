"""Two sets of samples in one plane of principal components: colours tell groups, symbols tell the sets."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.theme import Theme, legend_below, theme_layout
from synthome.analysis.figures.words import legend_height, plain, wrap
from synthome.analysis.projection import Projection
from synthome.analysis.run_comparison import Likeness, SampleSet

__all__ = ["comparison_figure", "describe_plane", "group_colours"]

MAX_LEGEND = 24
"""Most groups that a legend lists; past it, it tells the two sets apart."""
_SYMBOLS = {"A": "circle", "B": "diamond-open"}
_PLOT_HEIGHT = 460
_SAID = 3
"""Groups of which a sentence says what they are nearest to."""


def group_colours(first: SampleSet, second: SampleSet) -> dict[str, str]:
    """A hex colour for every group, by its name in lower case: groups of one name have one colour in both sets."""
    names = dict.fromkeys(name.casefold() for name in (*first.groups, *second.groups))
    return {name: group_style(index).colour for index, name in enumerate(names)}


def comparison_figure(
    projection: Projection,
    first: SampleSet,
    second: SampleSet,
    hover: tuple[Sequence[str], Sequence[str]],
    *,
    components: tuple[int, int] = (1, 2),
    theme: Theme = "light",
) -> go.Figure:
    """Draw the samples of both sets; those of the first are filled circles, those of the second open diamonds.

    Parameters
    ----------
    hover : pair of sequences of str
        What hovering tells of each sample, markup escaped.
    components : pair of int
        Counted from 1. A component that does not exist is drawn as zero.
    """
    x, y = ((projection.space.coordinates(c), projection.coordinates(c)) for c in components)
    colours = group_colours(first, second)
    listed = len(first.groups) + len(second.groups) <= MAX_LEGEND
    traces: list[dict[str, Any]] = []
    for index, part in enumerate((first, second)):
        points = _Points(part, x[index], y[index], hover[index])
        traces.extend(points.groups(colours, components, listed=listed))
        if not listed:
            traces.append(_key(part))
    names = [str(trace["name"]) for trace in traces if trace["showlegend"]]
    return go.Figure(data=traces, layout=_layout(projection, components, names, theme))


def describe_plane(projection: Projection, alike: Likeness) -> str:
    """Which of A's groups B's lie nearest to, and what B lacks of the genes that make the axes."""
    if not projection.space.n_components:
        return projection.space.degenerate
    nearest = alike.nearest()
    nearest = nearest[nearest["nearest"] != ""]
    parts = [
        f"{'B: ' if place == 0 else ''}{group} {'lies nearest to' if place == 0 else 'to'} {row['nearest']} of A "
        f"(correlation {row['correlation']:.3f})"
        for place, (group, row) in enumerate(nearest.head(_SAID).iterrows())
    ]
    sentences = [", ".join(parts)] if parts else ["No correlation can be told: there are too few genes that vary"]
    more = len(nearest) - _SAID
    if more > 0:
        sentences[0] += f"; {more} more in the table"
    sentences[0] += "."
    if projection.n_missing:
        total = len(projection.space.genes)
        sentences.append(
            f"{projection.n_missing:,} of the {total:,} genes that make the axes are missing in B: they are taken at "
            "A's mean and add nothing."
        )
    if projection.space.degenerate:
        sentences.append(projection.space.degenerate)
    return " ".join(sentences)


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """Where the samples of one set lie, and what hovering tells of each."""

    part: SampleSet
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    hover: Sequence[str]

    @property
    def size(self) -> int:
        return 10 if len(self.x) <= 200 else 7

    def groups(self, colours: dict[str, str], axes: tuple[int, int], *, listed: bool) -> Iterator[dict[str, Any]]:
        """A trace for each group, and one for samples in none."""
        letter = self.part.letter
        for index, name in [*enumerate(self.part.groups), (-1, "not given")]:
            rows = np.flatnonzero(self.part.group == index)
            if not len(rows):
                continue
            colour = NOT_GIVEN.colour if index < 0 else colours[name.casefold()]
            yield {
                "type": "scatter",
                "mode": "markers",
                "name": wrap(f"{letter}: {name}"),
                "x": self.x[rows].astype(np.float32),
                "y": self.y[rows].astype(np.float32),
                "hovertext": [self.hover[row] for row in rows.tolist()],
                "hovertemplate": f"{letter}: %{{hovertext}}<br>PC{axes[0]} %{{x:.1f}}, PC{axes[1]} %{{y:.1f}}"
                "<extra></extra>",
                "marker": _marker(letter, colour, self.size),
                "showlegend": listed,
            }


def _marker(letter: str, colour: str, size: int) -> dict[str, Any]:
    marker: dict[str, Any] = {"color": colour, "symbol": _SYMBOLS[letter], "size": size}
    if letter == "B":
        marker["line"] = {"color": colour, "width": 2}
    return marker


def _key(part: SampleSet) -> dict[str, Any]:
    """An entry of the legend that tells a set's symbol."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": wrap(f"{part.letter}: {part.title}"),
        "x": [math.nan],
        "y": [math.nan],
        "marker": _marker(part.letter, NOT_GIVEN.colour, 10),
        "showlegend": True,
    }


def _layout(projection: Projection, components: tuple[int, int], listed: list[str], theme: Theme) -> dict[str, Any]:
    below = legend_height(listed, 860)
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": _PLOT_HEIGHT + 80 + below,
        "margin": {"l": 10, "r": 10, "t": 24, "b": 56 + below},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": legend_below(font={"size": 12}),
    }
    whose = "of A and B" if projection.together else "of A"
    for axis, component in zip(("xaxis", "yaxis"), components, strict=True):
        share = 100 * projection.space.share(component)
        layout[axis] = {"title": {"text": f"PC{component} ({share:.1f} % of the variance {whose})", "standoff": 10}}
        if component > projection.space.n_components:
            layout[axis]["range"] = [-1, 1]
    if not projection.space.n_components:
        text = "<br>".join(map(plain, textwrap.wrap(projection.space.degenerate, 44)))
        layout["annotations"] = [
            {"text": text, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.8, "showarrow": False}
        ]
    return layout
