"""Design: describe the conditions, say how to sample, predict."""

from __future__ import annotations

import streamlit as st

from components.design_panel import (
    begun_design,
    conditions_panel,
    design_faults,
    design_supports,
    import_panel,
    predict_panel,
    query_panel,
)
from components.sampling_panel import model_choice

st.title("Design an experiment")
left, right = st.columns([1, 1], vertical_alignment="center")
with left, st.container(horizontal=True, vertical_alignment="center"):
    model_choice()
    st.page_link("pages/own_sample.py", label=":small[or start from your own sample]", icon=":material/biotech:")
with right:
    import_panel()

current = begun_design()
supports = design_supports(current)
faults = design_faults(current, supports)

conditions, sampling = st.columns([3, 1], gap="medium")
with conditions:
    conditions_panel(current, faults, supports)
    query_panel(current)
with sampling, st.container(border=True, key="sampling"):
    predict_panel(current, faults, supports)
