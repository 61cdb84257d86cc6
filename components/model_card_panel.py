"""The model card as a page: the section that a link names first, then the whole."""

from __future__ import annotations

import streamlit as st

from components.model_card import CardSection, ModelCard, model_card
from components.session import show
from components.words import as_text
from synthome.query.vocabulary import KEYS

__all__ = ["model_card_panel"]

_SECTION = "section"
_WHOLE = "The whole card"
# Streamlit lets a wide table stick out of a narrow screen: here it scrolls by itself, and its words stay words.
_TABLES = """<style>
.st-key-model_card table { display: block; width: fit-content; max-width: 100%; overflow-x: auto; font-size: 0.875rem; }
.st-key-model_card :is(th, td) { min-width: 5.5rem; max-width: 26rem; vertical-align: top; overflow-wrap: normal; }
.st-key-model_card td code { white-space: nowrap; }
</style>"""


def model_card_panel() -> None:
    """What the models know, how good that is, and where they fail."""
    card = model_card()
    st.warning(
        "For teaching, planning and trying out software. **Not for diagnosis, treatment or any other clinical use.** "
        "A synthetic sample is not evidence.",
        icon=":material/health_and_safety:",
    )
    asked = st.query_params.get(_SECTION, "")
    section = card.section(asked) if asked else None
    _choice(card, section)
    with st.container(key="model_card"):
        st.html(_TABLES)
        if section is not None:
            with st.container(border=True):
                _section(section)
            st.subheader(_WHOLE, anchor=False)
        elif asked:
            name = KEYS[asked].label if asked in KEYS else asked[:60]
            st.info(f"The card has no section of its own on “{as_text(name)}”.", icon=":material/search_off:")
        _whole(card)


def _choice(card: ModelCard, section: CardSection | None) -> None:
    """A way to each section."""
    titles = [_WHOLE, *dict.fromkeys(other.title for other in card.sections)]
    show("card_section", section.title if section is not None else _WHOLE)
    st.selectbox("Section", titles, key="card_section", on_change=_go, args=(card,), width=420)


def _go(card: ModelCard) -> None:
    title = st.session_state["card_section"]
    chosen = next((section for section in card.sections if section.title == title), None)
    if chosen is None:
        st.query_params.pop(_SECTION, None)
    else:
        st.query_params[_SECTION] = min(chosen.anchors & KEYS.keys() or chosen.anchors)


def _section(section: CardSection) -> None:
    st.subheader(as_text(section.title), anchor=False)
    st.markdown(section.text)


def _whole(card: ModelCard) -> None:
    st.caption(as_text(card.title))
    st.markdown(card.introduction)
    for section in card.sections:
        if section.level == 2:
            _section(section)
