"""Figures as files. HTML is written here; SVG and PNG are drawn by plotly.js in the user's browser."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
from plotly.io import to_html

from synthome.analysis.figures import FONT, Theme, theme_layout
from synthome.errors import SynthomeError

__all__ = ["export_layout", "figure_html", "plotly_js_path"]

_CONFIG = {"displaylogo": False, "responsive": True}
_PAPER = {"light": "#FFFFFF", "dark": "#0E1117"}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0 auto; padding: 16px; max-width: 1100px; background: #fff; color: #262730; font-family: {font}; }}
h1 {{ font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }}
p {{ line-height: 1.5; }}
</style>
</head>
<body>
<h1>{title}</h1>
{figure}
{caption}
</body>
</html>
"""


def export_layout(theme: Theme = "light") -> dict[str, Any]:
    """Layout entries to lay over a figure's own before it is written to a file.

    They replace the theme of the page by an opaque one, and are plain JSON: in the browser,
    ``Plotly.toImage({data, layout: {...layout, ...export_layout}}, {format, width, height, scale})``. They set no
    title, because plotly.js moves one out of the picture where a colour bar stands above the plot.
    """
    return {**theme_layout(theme), "paper_bgcolor": _PAPER[theme], "plot_bgcolor": _PAPER[theme]}


def figure_html(figure: go.Figure, title: str, caption: str = "", plotly_js: str = "") -> bytes:
    """A page that shows ``figure`` without any network, as wide as its window: plotly.js (about 5 MB) stands in it.

    It is light whatever the theme of ``figure``, which stays as it is. ``caption`` is a sentence under the figure.
    With ``plotly_js``, the address of that file from the page, such as ``plotly.min.js``, many pages share one.
    """
    light = go.Figure(figure)
    light.update_layout(export_layout("light"), overwrite=True)
    drawn = to_html(light, full_html=False, include_plotlyjs=plotly_js or True, config=_CONFIG)
    text = f"<p>{html.escape(caption)}</p>" if caption else ""
    return _PAGE.format(title=html.escape(title), font=FONT, figure=drawn, caption=text).encode()


def plotly_js_path() -> Path:
    """The plotly.js that comes with the Python package, for the server to hand to browsers.

    Raises
    ------
    SynthomeError
        The installed package has no such file.
    """
    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    if not path.is_file():
        message = f"plotly.js is missing: there is no {path}. Install it again: pip install --force-reinstall plotly."
        raise SynthomeError(message)
    return path
