"""Ontologies: find a term, walk to its relatives, use it."""

from __future__ import annotations

import streamlit as st

from components.term_panel import search_panel, term_panel

st.title("Ontologies")
term = search_panel()
if term is None:
    st.caption("Nothing chosen yet. Try “liver”, “T cell”, “HeLa”, “asthma” or “aspirin”.")
else:
    term_panel(term)
