"""What may be taken from a heatmap: its cells, and the genes of its clusters."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from components.analyses import log_cpm_of, prediction_of
from components.file_download import file_download
from components.words import counted
from synthome.analysis import Heatmap
from synthome.analysis.views import HeatmapView
from synthome.export.heatmap import cells_csv, cells_gct, cluster_table, clusters_csv
from synthome.runs import Run

__all__ = ["heatmap_files"]

_BESIDE = 3
"""Lists of genes that stand beside each other."""


def heatmap_files(run: Run, cells: Heatmap, view: HeatmapView) -> None:
    """Buttons for the cells as they are shown; where the genes are cut into clusters, also for those, and their lists
    to copy."""
    prediction = prediction_of(run)
    cut_into_clusters = view.clusters > 1 and cells.gene_tree is not None
    log_expression = log_cpm_of(run)

    def table() -> pd.DataFrame:
        return cluster_table(cells, prediction, view, log_expression)

    with st.container(horizontal=True):
        _download(
            run, "Cells (CSV)", "heatmap", "csv", lambda: cells_csv(cells, prediction),
            "What is shown, genes and samples in the order of the figure",
        )  # fmt: skip
        _download(
            run, "Cells (GCT)", "heatmap", "gct", lambda: cells_gct(cells, prediction, view),
            "For Morpheus: what is shown, with the strips above the samples",
        )  # fmt: skip
        if cut_into_clusters:
            _download(
                run, "Clusters (CSV)", "gene clusters", "csv", lambda: clusters_csv(table()),
                "One row a gene: its cluster, and its mean log2 CPM in each condition",
            )  # fmt: skip
    if not cut_into_clusters:
        return
    lists = st.expander(
        "Genes of each cluster", icon=":material/list:", key="heatmap_lists", on_change="rerun", type="compact"
    )
    if lists.open:
        with lists:
            _lists(table())


def _lists(table: pd.DataFrame) -> None:
    columns = st.columns(_BESIDE)
    for place, (cluster, rows) in enumerate(table.groupby("cluster")):
        names = [symbol or gene for gene, symbol in zip(rows["gene_id"], rows["symbol"], strict=True)]
        with columns[place % _BESIDE]:
            st.markdown(f"**Cluster {cluster}**, {counted(len(names), 'gene')}")
            st.code("\n".join(names), language=None, height=160)


def _download(run: Run, label: str, what: str, ending: str, make: Callable[[], bytes], help: str) -> None:
    key = f"{what.replace(' ', '_')}_{ending}"
    file_download(label, make, title=run.title, what=what, ending=ending, key=key, help=help)
