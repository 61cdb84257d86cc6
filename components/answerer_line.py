"""Who answers, in one line with the way to change it."""

from __future__ import annotations

import streamlit as st

from components.answerer import answerer_named, chosen_answerer, lacks_key
from components.sampling_panel import MODEL_NAMES
from components.support_marks import quiet_line
from synthome.query import base_model
from synthome.runs import AnswererName

__all__ = ["answerer_line"]

_ICONS: dict[AnswererName, str] = {"embedded": "memory", "hosted": "cloud", "self-hosted": "dns"}


def answerer_line(model_id: str) -> None:
    """Who answers ``model_id``; beneath, in a line of its own, why that cannot be."""
    chosen = answerer_named(chosen_answerer())
    st.page_link(
        "pages/settings.py",
        label=f":small[Answered by: {chosen.label.lower()}]",
        icon=f":material/{_ICONS[chosen.name]}:",
        help=f"{chosen.note} Who answers is chosen in Settings.",
    )
    if not chosen.answers(model_id):
        others = [MODEL_NAMES[other].lower() for other in chosen.models]
        has = f"there is one for {' and '.join(others)}" if others else "no address is set"
        name = MODEL_NAMES[base_model(model_id)].lower()
        quiet_line(f":orange[:material/warning:] no container answers {name}: {has}")
    elif lacks_key(chosen.name):
        quiet_line(":orange[:material/key:] an API key is needed; Predict asks for it")
