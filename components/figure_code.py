"""The Python that draws a figure again from downloaded files, under the figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components.words import as_text

__all__ = ["figure_code"]


def figure_code(name: str, script: str | Callable[[], str], files: Sequence[str]) -> None:
    """An expander "Code for this figure"; nothing is written before it is opened.

    Parameters
    ----------
    name : str
        Tells the page's figures apart, as in :func:`components.figure.figure`.
    script : str or callable
        The script, or what writes it.
    files : sequence of str
        The downloaded files that it reads.
    """
    panel = st.expander(
        "Code for this figure", icon=":material/code:", type="compact", key=f"{name}_code", on_change="rerun"
    )
    if not panel.open:
        return
    text = script if isinstance(script, str) else script()
    with panel:
        needed = ", ".join(as_text(file) for file in files)
        st.caption(
            f"Python that draws this figure again. Save it beside {needed}; where your files are called otherwise, "
            "change the names at its top."
        )
        st.code(text, language="python", height=320)
        st.download_button(
            "Script",
            data=text.encode,
            file_name=f"{name}.py",
            mime="text/x-python",
            key=f"{name}_script",
            icon=":material/download:",
            on_click="ignore",
        )
