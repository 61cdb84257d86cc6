"""The menu "Download" in a result's header: what most people take away, and the way to the rest."""

from __future__ import annotations

import streamlit as st

from components.taking_away import file_button, taken_of
from synthome.runs import Run

__all__ = ["download_menu"]


def download_menu(run: Run) -> None:
    """A menu of files, everything in one first."""
    taken = taken_of(run)
    told = ("probabilities",) if taken.told else ()
    with st.popover("Download", icon=":material/download:"):
        for name in ("archive", "report", *told, "expression", "metadata", "h5ad"):
            file_button(taken, name, "menu", width="stretch")
        st.button(
            "More formats, methods and code",
            key="more_downloads",
            icon=":material/table_view:",
            type="tertiary",
            on_click=_to_data,
        )


def _to_data() -> None:
    st.session_state["tab"] = "Data"
