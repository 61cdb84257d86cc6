"""A figure as it stands on a page: the chart, the sentence that says what it shows, its files."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from components.figure_files import figure_files
from components.words import as_text
from synthome.export import export_layout, figure_html, file_name

__all__ = ["figure"]

_CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["toImage", "select2d", "lasso2d", "autoScale2d"],
}


def figure(
    name: str, chart: go.Figure, sentence: str, *, title: str = "", for_file: Callable[[], go.Figure] | None = None
) -> None:
    """Draw ``chart`` with ``sentence`` beneath and buttons for SVG, PNG and HTML.

    ``name`` tells the page's figures apart; with ``title`` it names their files. ``for_file`` draws the figure for
    paper when the HTML file is asked for; without it there are no file buttons.
    """
    st.plotly_chart(chart, key=name, theme=None, config=_CONFIG, alt=sentence)
    st.caption(as_text(sentence))
    if for_file is None:
        return
    html_name = file_name(title, name, "html")
    with st.container(horizontal=True, vertical_alignment="center"):
        figure_files(
            key=f"{name}_files",
            chart_key=name,
            file_name=html_name.removesuffix(".html"),
            layout=export_layout("light"),
        )
        st.download_button(
            "HTML",
            data=lambda: figure_html(for_file(), title, caption=sentence),
            file_name=html_name,
            mime="text/html",
            key=f"{name}_html",
            on_click="ignore",
            help="Interactive, in one file that needs no network",
        )
