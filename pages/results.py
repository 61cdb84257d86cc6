"""Results: look at a run, compare its conditions, download it."""

from __future__ import annotations

import streamlit as st

from components.compare_panel import compare_panel
from components.data_panel import data_panel, download_row
from components.differential_panel import differential_panel
from components.heatmap_panel import heatmap_panel
from components.overview_panel import overview_panel
from components.pca_panel import pca_panel
from components.result_header import chosen_run, result_header, unfinished
from components.sharing import predict_again, shared_design
from components.told_panel import is_told, told_panel
from synthome.runs import RunState

shared = shared_design()
if shared is not None:
    predict_again(shared)
    st.stop()
run = chosen_run()
if run is None:
    st.title("Results")
    st.info("There is no result yet.", icon=":material/scatter_plot:")
    st.page_link("pages/design.py", label="Design an experiment", icon=":material/edit_note:")
    st.page_link("pages/home.py", label="Or run an example", icon=":material/home:")
    st.stop()
if run.state is not RunState.DONE:
    unfinished(run)
    st.stop()

result_header(run)
overview, pca, heatmap, differential, compare, data = st.tabs(
    ["Overview", "PCA", "Heatmap", "Differential expression", "Compare", "Data"], key="tab", bind="query-params"
)
if overview.open:
    with overview:
        if is_told(run):
            told_panel(run)
        else:
            overview_panel(run)
        download_row(run, "overview")
if pca.open:
    with pca:
        pca_panel(run)
if heatmap.open:
    with heatmap:
        heatmap_panel(run)
if differential.open:
    with differential:
        differential_panel(run)
if compare.open:
    with compare:
        compare_panel(run)
if data.open:
    with data:
        data_panel(run)
