"""Learn: short lessons on data made while one waits."""

from __future__ import annotations

import streamlit as st

from components.lessons_panel import lessons_panel

st.title("Learn")
st.markdown("Ask yourself the question first. Then make the data, look, and unfold the answer.")
lessons_panel()
