"""Levels of chosen genes in a run: by condition or any key, as boxes, violins, points or a dot plot."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from components.analyses import log_cpm_of, prediction_of, term_labels, variable_genes_of
from components.figure import figure
from components.figure_code import figure_code
from components.file_download import file_download
from components.gene_card import gene_card
from components.gene_field import gene_field
from components.session import screen_theme
from components.words import as_text, counted
from synthome.analysis.figures import Theme
from synthome.analysis.figures.gene_words import describe_genes
from synthome.analysis.figures.genes import MAX_DOTTED, MAX_DRAWN, MAX_POINTS, genes_figure
from synthome.analysis.figures.words import key_label
from synthome.analysis.gene_levels import GeneLevels, gene_levels
from synthome.analysis.views import CONDITION, GenesView, Kind, Scale
from synthome.export.gene_levels import gene_levels_csv
from synthome.export.redraw import DataFiles, redraw_genes
from synthome.prediction import Prediction
from synthome.query.vocabulary import base_model
from synthome.runs import Run

__all__ = ["genes_panel"]

_SUGGESTED = 12
_FIRST_SHOWN = 4
_MANY_CONDITIONS = 5
"""From so many conditions on, single cells are shown as dots at first."""
_KINDS: dict[Kind, str] = {"box": "Box", "violin": "Violin", "points": "Points", "dot plot": "Dot plot"}
_SCALES: dict[Scale, str] = {"log CPM": "Log CPM", "counts": "Counts"}


def genes_panel(run: Run) -> None:
    """The chosen genes beside each other, their levels as a file, and the card of one of them."""
    prediction = prediction_of(run)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        view = _view(run, prediction)
    log_expression = log_cpm_of(run)
    levels = gene_levels(prediction, log_expression, view.genes, view.by, term_labels(prediction))
    if not levels.genes:
        with chart:
            st.info("Name a gene to see its level in each group.", icon=":material/search:")
        return

    def draw(theme: Theme) -> go.Figure:
        return genes_figure(levels, view, theme=theme)

    with chart:
        sentence = describe_genes(levels, view)
        figure("genes", draw(screen_theme()), sentence, title=run.title, for_file=lambda: draw("light"))
        _left_out(levels, view)
        file_download(
            "Levels (CSV)",
            lambda: gene_levels_csv(prediction, log_expression, levels.genes, view.by),
            title=run.title,
            what="gene levels",
            key="genes_csv",
            help="One row a sample and gene: counts and log CPM",
        )
        files = DataFiles.downloaded(run.title)
        symbols = dict(zip(levels.genes, levels.symbols, strict=True))
        figure_code("genes", partial(redraw_genes, view, symbols, files), [files.expression, files.metadata])
        _card(prediction, levels)


def _view(run: Run, prediction: Prediction) -> GenesView:
    """What the controls say."""
    named = gene_field(run, "Genes", "genes_list")
    genes = named.genes or (() if named.unknown else _suggested(run, prediction))
    by = st.selectbox(
        "Groups by",
        [CONDITION, *map(str, prediction.metadata.columns)],
        key="genes_by",
        format_func=key_label,
        bind="query-params",
    )
    kind: Kind = st.segmented_control(
        "Figure",
        list(_KINDS),
        default=_first_kind(run, prediction),
        required=True,
        key="genes_kind",
        format_func=_KINDS.__getitem__,
        bind="query-params",
    )
    scale: Scale = "log CPM"
    if kind != "dot plot":
        scale = st.segmented_control(
            "Scale",
            list(_SCALES),
            default="log CPM",
            required=True,
            key="genes_scale",
            format_func=_SCALES.__getitem__,
            help="Log CPM: log2(counts per million + 1), which makes samples of any depth comparable",
            bind="query-params",
        )
    return GenesView(genes, by, kind, scale)


def _suggested(run: Run, prediction: Prediction) -> tuple[str, ...]:
    """Genes to begin with where none is named."""
    offered = variable_genes_of(run, _SUGGESTED)
    if not offered:
        return ()
    kept = st.session_state.get("genes_suggested")
    if kept and not set(kept) <= set(offered):  # they were another run's
        st.session_state["genes_suggested"] = list(offered[:_FIRST_SHOWN])
    symbols = dict(zip(prediction.genes.index, prediction.symbols(), strict=True))
    chosen = st.pills(
        "Or of those that vary most",
        offered,
        selection_mode="multi",
        default=offered[:_FIRST_SHOWN],
        key="genes_suggested",
        wrap=True,
        format_func=lambda gene: str(symbols.get(gene, gene)),
        bind="query-params",
    )
    return tuple(chosen)


def _first_kind(run: Run, prediction: Prediction) -> Kind:
    single_cell = base_model(run.model_id) == "gem-1-sc"
    return "dot plot" if single_cell and len(prediction.condition_names) >= _MANY_CONDITIONS else "box"


def _left_out(levels: GeneLevels, view: GenesView) -> None:
    """What the figure does not show, though the file holds it."""
    most = MAX_DOTTED if view.kind == "dot plot" else MAX_DRAWN
    left_out = []
    if len(levels.genes) > most:
        left_out.append(f"The first {most} of {counted(len(levels.genes), 'gene')} are drawn; the file has all.")
    if view.kind != "dot plot" and len(levels.samples) > MAX_POINTS:
        samples = counted(len(levels.samples), "sample")
        left_out.append(f"Of {samples} about {MAX_POINTS} are drawn as points, evenly by their level.")
    if left_out:
        st.caption(as_text(" ".join(left_out)))


def _card(prediction: Prediction, levels: GeneLevels) -> None:
    symbols = dict(zip(levels.genes[:MAX_DOTTED], levels.symbols, strict=False))
    gene = levels.genes[0]
    if len(symbols) > 1:
        gene = st.selectbox(
            "About the gene", list(symbols), key="genes_card", format_func=symbols.__getitem__, bind="query-params"
        )
    gene_card(prediction, levels.only(gene))
