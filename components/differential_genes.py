"""The genes of a comparison: the table of all, those called as lists, and the one that was clicked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.analyses import log_cpm_of, prediction_of
from components.figure import figure
from components.file_download import file_download
from components.gene_card import gene_card
from components.session import screen_theme
from components.words import as_text, counted
from synthome.analysis.differential import DifferentialTable
from synthome.analysis.figures import Theme
from synthome.analysis.figures.gene_words import describe_genes
from synthome.analysis.figures.genes import genes_figure
from synthome.analysis.gene_levels import compared_levels
from synthome.analysis.views import GenesView
from synthome.export.differential import differential_csv
from synthome.runs import Run

__all__ = ["clicked_gene", "gene_lists", "gene_table", "table_key", "the_gene"]

_GENE = "de_gene"
_SEEN = "de_seen"
_LISTED = 500
_MEANS = {"welch": "Mean log2 CPM", "deseq2": "Mean of normalised counts"}


def table_key(run: Run, table: DifferentialTable) -> str:
    """The table's widget: another one for each comparison, so that a row picked in one is not picked in the next."""
    told = b"|".join([run.id.encode(), table.method.encode(), *table.comparison.identity])
    return f"de_table_{hashlib.sha256(told).hexdigest()[:10]}"


def clicked_gene(run: Run, picked: dict[str, Sequence[str]]) -> str | None:
    """The gene last clicked, wherever that was.

    Parameters
    ----------
    picked : dict
        By widget, the genes that it has picked now. Only a new choice counts: each widget keeps its own while another
        is clicked, and a figure that is drawn anew forgets it.
    """
    seen = st.session_state.setdefault(_SEEN, {})
    for widget, genes in picked.items():
        name = f"{run.id} {widget}"
        if list(genes) != seen.get(name, []):
            seen[name] = list(genes)
            if genes:
                st.session_state[_GENE] = genes[0]
    gene = st.session_state.get(_GENE)
    return gene if gene in prediction_of(run).genes.index else None


def gene_table(table: DifferentialTable, key: str) -> list[str]:
    """The table of all genes; returns the one whose row is picked, if any."""
    shown = table.sorted_rows.drop(columns=["statistic", "standard_error"])
    shown.insert(1, "gene", shown.index)
    event = st.dataframe(
        shown,
        hide_index=True,
        height=320,
        column_config={
            "symbol": "Symbol",
            "gene": "Ensembl id",
            "base_mean": st.column_config.NumberColumn(_MEANS[table.method], format="%.2f"),
            "log2_fold_change": st.column_config.NumberColumn("log2 fold change", format="%.2f"),
            "p_value": st.column_config.NumberColumn("p", format="scientific"),
            "adjusted_p_value": st.column_config.NumberColumn("Adjusted p", format="scientific"),
        },
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        alt="Genes with their fold changes and p-values, the smallest p-value first",
    )
    return [str(shown.index[row]) for row in event["selection"]["rows"] if row < len(shown)]


def the_gene(run: Run, table: DifferentialTable, gene: str) -> None:
    """Levels of one gene in the two groups, and its card."""
    prediction = prediction_of(run)
    levels = compared_levels(prediction, log_cpm_of(run), [gene], table.comparison)
    view = GenesView((gene,))

    def draw(theme: Theme) -> go.Figure:
        return genes_figure(levels, view, theme=theme)

    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{as_text(levels.symbols[0])}**", width="content")
        st.button(
            "Close",
            key="de_close",
            icon=":material/close:",
            type="tertiary",
            on_click=st.session_state.pop,
            args=(_GENE,),
        )
    figure(
        "differential_gene",
        draw(screen_theme()),
        describe_genes(levels, view),
        title=f"{run.title} {levels.symbols[0]}",
        for_file=lambda: draw("light"),
    )
    gene_card(prediction, levels)


def gene_lists(run: Run, table: DifferentialTable, called: pd.DataFrame) -> None:
    """The files, and the called genes as lists to copy."""
    names = f"{table.comparison.group_name} vs {table.comparison.reference_name}"
    with st.container(horizontal=True, vertical_alignment="center"):
        _download("All genes (CSV)", run, table, names, "de_csv")
        _download(
            f"Called genes (CSV, {len(called):,})", run, replace(table, rows=called), f"{names} called", "de_called_csv"
        )
    higher = called[called["log2_fold_change"] > 0]
    lower = called[called["log2_fold_change"] < 0]
    lists = {
        f"Higher in {table.comparison.group_name}": higher,
        f"Higher in {table.comparison.reference_name}": lower,
        "All called": called,
    }
    with st.expander(f"{counted(len(called), 'called gene')} as lists to copy", icon=":material/list:", type="compact"):
        if len(called) > _LISTED:
            st.caption(f"Of each list the {_LISTED} genes with the smallest p-values; the file has all.")
        for column, (title, rows) in zip(st.columns(3), lists.items(), strict=True):
            with column:
                st.caption(f"{title} ({len(rows):,})")
                symbols = [symbol or gene for gene, symbol in zip(rows.index, rows["symbol"], strict=True)]
                st.code("\n".join(symbols[:_LISTED]) or "none", language=None, height=200)


def _download(label: str, run: Run, table: DifferentialTable, what: str, key: str) -> None:
    file_download(label, lambda: differential_csv(table), title=run.title, what=what, key=key)
