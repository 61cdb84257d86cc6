"""Ontologies: find a term, walk to its relatives, use it."""

from __future__ import annotations

import streamlit as st

from components.term_panel import all_ontologies, asked_term, search_panel, term_panel, unknown_term_panel
from synthome.ontology import default_index

st.title("Ontologies")
search_panel()
asked = asked_term()
if asked is None:
    all_ontologies()
    st.stop()

term = default_index().term(asked)
if term is not None:
    term_panel(term)
else:
    unknown_term_panel(asked)
