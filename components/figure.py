"""A figure as it stands on a page: the chart, the sentence that says what it shows, its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from components.figure_files import figure_files
from components.words import as_text
from synthome.export import export_layout, figure_html, file_name

__all__ = ["Picks", "figure"]

Picks = Literal["points", "areas"]

_CONFIG = {
    "displaylogo": False,
    "responsive": True,
}
_REMOVED = ["toImage", "autoScale2d"]
_SELECTING = ["select2d", "lasso2d"]


def figure(
    name: str,
    chart: go.Figure,
    sentence: str,
    *,
    title: str = "",
    for_file: Callable[[], go.Figure] | None = None,
    picks: Picks | None = None,
) -> list[Any]:
    """Draw ``chart`` with ``sentence`` beneath and buttons for SVG, PNG and HTML.

    Parameters
    ----------
    name : str
        Tells the page's figures apart; with ``title`` it names their files.
    for_file : callable, optional
        Draws the figure for paper when the HTML file is asked for; without it there are no file buttons.
    picks : "points" or "areas", optional
        Whether a click picks a point, or dragging picks all points of an area.

    Returns
    -------
    list
        ``customdata`` of the points picked; empty where none are.
    """
    removed = _REMOVED if picks == "areas" else [*_REMOVED, *_SELECTING]
    config = {**_CONFIG, "modeBarButtonsToRemove": removed}
    if picks is None:
        st.plotly_chart(chart, key=name, theme=None, config=config, alt=sentence)
        picked: list[Any] = []
    else:
        modes: list[Literal["points", "box", "lasso"]] = ["points"] if picks == "points" else ["box", "lasso"]
        event = st.plotly_chart(
            chart, key=name, theme=None, config=config, alt=sentence, on_select="rerun", selection_mode=modes
        )
        picked = [point["customdata"] for point in event["selection"]["points"] if "customdata" in point]
    st.caption(as_text(sentence))
    if for_file is not None:
        _files(name, sentence, title, for_file)
    return picked


def _files(name: str, sentence: str, title: str, for_file: Callable[[], go.Figure]) -> None:
    html_name = file_name(title, name, "html")
    with st.container(horizontal=True, vertical_alignment="center"):
        figure_files(
            key=f"{name}_files",
            chart_key=name,
            file_name=html_name.removesuffix(".html"),
            layout=export_layout("light"),
            title=title or name,
            sentence=sentence,
        )
        st.download_button(
            "HTML",
            data=lambda: figure_html(for_file(), title, caption=sentence),
            file_name=html_name,
            mime="text/html",
            key=f"{name}_html",
            on_click="ignore",
            help="Interactive, in one file that needs no network and fits its window",
        )
