"""Results: look at a run, compare its conditions, download it."""

from __future__ import annotations

import streamlit as st

from components.data_panel import data_panel, download_row
from components.differential_panel import differential_panel
from components.genes_panel import genes_panel
from components.heatmap_panel import heatmap_overview, heatmap_panel
from components.pca_panel import pca_overview, pca_panel
from components.result_header import chosen_run, result_header, unfinished
from components.told_panel import is_told, told_panel
from synthome.runs import RunState

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
overview, pca, heatmap, genes, differential, data = st.tabs(
    ["Overview", "PCA", "Heatmap", "Genes", "Differential expression", "Data"], key="tab", bind="query-params"
)
if overview.open:
    with overview:
        if is_told(run):
            told_panel(run)
        else:
            left, right = st.columns(2, gap="medium")
            with left:
                pca_overview(run)
            with right:
                heatmap_overview(run)
        download_row(run, "overview")
if pca.open:
    with pca:
        pca_panel(run)
if heatmap.open:
    with heatmap:
        heatmap_panel(run)
if genes.open:
    with genes:
        genes_panel(run)
if differential.open:
    with differential:
        differential_panel(run)
if data.open:
    with data:
        data_panel(run)
