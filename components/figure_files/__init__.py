"""A figure as a file: SVG and PNG made in the browser from what is on the screen, HTML made by the server.

The browser has the figure already; it fetches plotly.js from ``/api/plotly.min.js`` when the first file is asked for,
so that neither Chrome on the server nor a network is needed. ``files.js`` holds the buttons and ``size.js`` the dialog
in which the file's size is chosen; ``drawing.js`` draws the figure anew at that size, on paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

__all__ = ["figure_files"]

_HERE = Path(__file__).parent
_SCRIPTS = ("drawing.js", "size.js", "files.js")
"""Joined to one module: a component has one script."""
_COMPONENT = st.components.v2.component(
    "synthome_figure_files",
    html='<div class="files"></div>',
    css=(_HERE / "files.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


def figure_files(
    *, key: str, chart_key: str, file_name: str, layout: Mapping[str, Any], title: str = "", sentence: str = ""
) -> None:
    """Buttons "SVG", "PNG" and "Size" for the Plotly chart drawn with ``key=chart_key``.

    ``file_name`` has no ending. ``layout`` replaces parts of the figure's layout in the file: paper on white, whatever
    the screen's theme. ``title`` and ``sentence`` become the SVG's title and description, which are read out to those
    who cannot see it.
    """
    data = {
        "chart": chart_key,
        "fileName": file_name,
        "layout": dict(layout),
        "title": title,
        "sentence": sentence,
    }
    _COMPONENT(key=key, width="content", data=data)
