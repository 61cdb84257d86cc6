"""How figures look on a light and on a dark page.

Everything that depends on the page's colours stands in the template, none of it in the traces. So a figure changes its
theme by taking another ``theme_layout``, in Python or in the browser.
"""

from __future__ import annotations

from typing import Any, Literal

__all__ = ["FONT", "SEQUENTIAL", "Theme", "colour_bar", "legend_below", "theme_layout"]

Theme = Literal["light", "dark"]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif'

_TEXT = {"light": "#262730", "dark": "#FAFAFA"}
_MUTED = {"light": "#5F6470", "dark": "#B4B9C4"}
_GRID = {"light": "rgba(38,39,48,0.12)", "dark": "rgba(250,250,250,0.14)"}
_GRID_IN_SPACE = {"light": "#D9DBE0", "dark": "#3A3F4A"}
"""Opaque: lines in the space are drawn without blending."""
_PAPER = {"light": "#FFFFFF", "dark": "#1B1E26"}
_BEHIND_TEXT = {"light": "rgba(255,255,255,0.6)", "dark": "rgba(15,23,24,0.6)"}
"""Keeps words legible that stand on points."""
_OUTLINE = {"light": "rgba(0,0,0,0.55)", "dark": "rgba(255,255,255,0.75)"}

SEQUENTIAL = [
    [0.0, "#440154"],
    [0.2, "#414487"],
    [0.4, "#2A788E"],
    [0.6, "#22A884"],
    [0.8, "#7AD151"],
    [1.0, "#FDE725"],
]
"""Viridis (van der Walt and Smith, CC0): even steps in lightness, readable with every kind of colour blindness."""

_DIVERGING = {
    "light": [[0.0, "#1F5FA8"], [0.25, "#7FB2DB"], [0.5, "#F5F5F5"], [0.75, "#F0A17B"], [1.0, "#B2301B"]],
    "dark": [[0.0, "#7CC0F0"], [0.25, "#2F6DA6"], [0.5, "#23262E"], [0.75, "#AE4A22"], [1.0, "#FFAF82"]],
}
"""Blue to red, told apart with every kind of colour blindness; the middle is close to the page's own colour."""


def theme_layout(theme: Theme) -> dict[str, Any]:
    """Layout entries that give a figure the colours of a page, which shows through behind it.

    >>> theme_layout("dark")["template"]["layout"]["font"]["color"]
    '#FAFAFA'
    """
    axis = {
        "gridcolor": _GRID[theme],
        "zerolinecolor": _GRID[theme],
        "linecolor": _GRID[theme],
        "tickfont": {"color": _MUTED[theme]},
        "automargin": True,
    }
    in_space = {
        "gridcolor": _GRID_IN_SPACE[theme],
        "zerolinecolor": _GRID_IN_SPACE[theme],
        "linecolor": _MUTED[theme],
        "showline": True,
        "showbackground": False,
        "tickfont": {"color": _MUTED[theme], "size": 11},
        "title": {"font": {"size": 13}},
    }
    layout = {
        "font": {"family": FONT, "size": 13, "color": _TEXT[theme]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorscale": {"sequential": SEQUENTIAL, "diverging": _DIVERGING[theme]},
        "xaxis": axis,
        "yaxis": axis,
        "scene": {"xaxis": in_space, "yaxis": in_space, "zaxis": in_space},
        "legend": {"bgcolor": "rgba(0,0,0,0)"},
        "shapedefaults": {"line": {"color": _MUTED[theme], "width": 1}},
        "hoverlabel": {
            "bgcolor": _PAPER[theme],
            "bordercolor": _MUTED[theme],
            "font": {"family": FONT, "size": 13, "color": _TEXT[theme]},
            "align": "left",
        },
        "annotationdefaults": {"bgcolor": _BEHIND_TEXT[theme]},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": _MUTED[theme], "activecolor": _TEXT[theme]},
    }
    scatter = {
        "type": "scatter",
        "marker": {"line": {"color": _OUTLINE[theme], "width": 0.8}},
        "line": {"color": _MUTED[theme], "width": 1},
    }
    scatter3d = {"type": "scatter3d", "marker": {"line": {"color": _OUTLINE[theme], "width": 0.5}}}
    return {"template": {"layout": layout, "data": {"scatter": [scatter], "scatter3d": [scatter3d]}}}


def legend_below(**more: Any) -> dict[str, Any]:
    """A legend in rows along the lower edge of a figure, whose margin leaves room for it; ``more`` is added to it."""
    place = {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"}
    return {**place, **more}


def colour_bar(title: str, length: int, **more: Any) -> dict[str, Any]:
    """A scale ``length`` pixels long above the plot, at its right; ``more`` is added or stands instead."""
    bar = {
        "title": {"text": title, "side": "right"},
        "orientation": "h",
        "thickness": 10,
        "lenmode": "pixels",
        "len": length,
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 2,
        "outlinewidth": 0,
    }
    return {**bar, **more}
