"""Which ontologies are in use, and what everything is licensed under."""

from __future__ import annotations

import streamlit as st

from components.refresh_panel import refresh_panel
from components.support_marks import MODEL_CARD_PAGE
from synthome import __version__
from synthome.ontology import default_index

__all__ = ["about_panel", "ontologies_panel"]


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
        label="Model card: what the embedded models know",
        icon=":material/fact_check:",
    )
