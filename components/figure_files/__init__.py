"""A figure as a file: SVG and PNG made in the browser from what is on the screen, HTML made by the server.

The browser has the figure already; it fetches plotly.js from ``/api/plotly.min.js`` when the first file is asked for,
so that neither Chrome on the server nor a network is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

__all__ = ["figure_files"]

_HERE = Path(__file__).parent
_COMPONENT = st.components.v2.component(
    "synthome_figure_files",
    html='<div class="files"></div>',
    css=(_HERE / "files.css").read_text(encoding="utf-8"),
    js=(_HERE / "files.js").read_text(encoding="utf-8"),
)


def figure_files(*, key: str, chart_key: str, file_name: str, layout: Mapping[str, Any]) -> None:
    """Buttons "SVG" and "PNG" for the Plotly chart drawn with ``key=chart_key``.

    ``file_name`` has no ending. ``layout`` replaces parts of the figure's layout in the file: paper on white, whatever
    the screen's theme.
    """
    _COMPONENT(key=key, width="content", data={"chart": chart_key, "fileName": file_name, "layout": dict(layout)})
