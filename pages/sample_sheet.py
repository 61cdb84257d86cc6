"""A sample sheet: paste it, review what its words were taken for, use it as the design."""

from __future__ import annotations

import streamlit as st

from components.sheet_panel import sheet_panel

st.page_link("pages/design.py", label="Back to the design", icon=":material/arrow_back:")
st.title("A sample sheet becomes a design")
sheet_panel()
