"""Who answers: the choice, and what the chosen one needs."""

from __future__ import annotations

import streamlit as st

from components.answerer import answerer_named, chosen_answerer, offered_answerers, set_answerer
from components.answerer_addresses import addresses_panel
from components.answerer_key import key_panel
from components.session import show
from components.vocabulary_files import vocabulary_files_panel
from components.words import as_text
from synthome.runs import Answerer

__all__ = ["answerer_panel"]


def _note(answerer: Answerer) -> str:
    return answerer.note if answerer.available else "A container of your own, once you have entered where it is."


def answerer_panel() -> None:
    """Embedded, hosted or self-hosted; with its key, its addresses, or the values that it accepts."""
    st.subheader("Who answers", anchor=False)
    offered = {answerer.name: answerer for answerer in offered_answerers()}
    show("answerer_choice", chosen_answerer())
    st.radio(
        "Who answers",
        list(offered),
        key="answerer_choice",
        format_func=lambda name: offered[name].label,
        captions=[as_text(_note(answerer)) for answerer in offered.values()],
        label_visibility="collapsed",
        on_change=lambda: set_answerer(st.session_state["answerer_choice"]),
    )
    if "self-hosted" not in offered:
        container = answerer_named("self-hosted")
        st.caption(as_text(f"{container.label}: {container.note}"))
    if chosen_answerer() == "hosted":
        with st.container(border=True, key="hosted_key"):
            key_panel()
        with st.container(border=True, key="hosted_values"):
            vocabulary_files_panel()
    elif chosen_answerer() == "self-hosted":
        with st.container(border=True, key="containers"):
            addresses_panel()
