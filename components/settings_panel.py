"""Who answers, which ontologies are in use, and what everything is licensed under."""

from __future__ import annotations

import streamlit as st

from components.answerer import API_KEY, chosen_answerer, set_answerer
from components.refresh_panel import refresh_panel
from components.session import show
from components.support_marks import MODEL_CARD_PAGE
from synthome import __version__
from synthome.ontology import default_index
from synthome.runs import answerers

__all__ = ["about_panel", "answerer_panel", "ontologies_panel"]

_KEY_FIELD = "api_key_field"


def answerer_panel() -> None:
    """Embedded, hosted or self-hosted; and the API key, for this session alone."""
    st.subheader("Who answers", anchor=False)
    offered = {answerer.name: answerer for answerer in answerers() if answerer.available}
    show("answerer_choice", chosen_answerer())
    st.radio(
        "Who answers",
        list(offered),
        key="answerer_choice",
        format_func=lambda name: offered[name].label,
        captions=[answerer.note for answerer in offered.values()],
        label_visibility="collapsed",
        on_change=lambda: set_answerer(st.session_state["answerer_choice"]),
    )
    if offered[chosen_answerer()].needs_key:
        _api_key()


def _api_key() -> None:
    def keep() -> None:
        typed = st.session_state.pop(_KEY_FIELD, "").strip()
        if typed:
            st.session_state[API_KEY] = typed

    if st.session_state.get(API_KEY):
        st.success("An API key is set for this session. It is not stored and is forgotten when the page is closed.")
        st.button("Forget the key", key="forget_key", on_click=lambda: st.session_state.pop(API_KEY, None))
        return
    st.text_input(
        "API key",
        type="password",
        key=_KEY_FIELD,
        on_change=keep,
        help="Kept in this session's memory alone: not on disk, not in links, not in exports.",
    )


def ontologies_panel() -> None:
    """Name, version, size and licence of each ontology of the snapshot; and how to refresh them."""
    st.subheader("Ontologies", anchor=False)
    st.dataframe(
        [
            {
                "Ontology": entry.name,
                "Version": entry.version,
                "Terms": entry.current,
                "Obsolete": entry.obsolete,
                "Licence": entry.licence,
                "Source": entry.source_url,
            }
            for entry in default_index().manifest.ontologies.values()
        ],
        column_config={"Source": st.column_config.LinkColumn(display_text="open")},
        hide_index=True,
        alt="The ontologies in use with their versions, numbers of terms and licences",
    )
    refresh_panel()


def about_panel() -> None:
    """Versions and licences."""
    st.subheader("About", anchor=False)
    st.markdown(
        f"Synthome {__version__}. The code is under the MIT licence. The embedded models' parameters are fitted to "
        "public data, among them the Human Protein Atlas, and are shared under CC BY-SA 4.0; each ontology keeps its "
        "own licence. Synthetic data are for teaching and for planning; they are not for clinical use."
    )
    st.page_link(
        MODEL_CARD_PAGE,
        label="Model card: what the embedded models know, how good that is, and where they fail",
        icon=":material/fact_check:",
    )
