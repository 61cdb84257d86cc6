"""Home: what this is, examples that run at once, and where the user left off."""

from __future__ import annotations

import streamlit as st

from components.examples_panel import continue_panel, examples_panel

st.title("Synthome")
st.markdown(
    "Describe samples in the words of biology, and get synthetic RNA-seq to look at, compare and download. "
    "An open model fitted to public data answers on this computer; nothing leaves it."
)
examples_panel()
continue_panel()
