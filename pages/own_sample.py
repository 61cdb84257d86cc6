"""Your sample: bring real samples, ask what they are, perturb them."""

from __future__ import annotations

import streamlit as st

from components.own_sample_bring import bring_panel
from components.own_sample_panel import ask_panel

st.title("Start from your own sample")
table = bring_panel()
if table is None:
    st.stop()
ask_panel(table)
