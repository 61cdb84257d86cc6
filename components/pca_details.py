"""What stands behind a PCA: variance explained, the genes of each component, what the components follow."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from components.figure import figure
from components.session import screen_theme
from synthome.analysis import PCA
from synthome.analysis.associations import associations, describe_associations, factors_of
from synthome.analysis.figures.components import (
    association_figure,
    describe_loadings,
    describe_scree,
    loadings_figure,
    scree_figure,
)
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["pca_details"]


def pca_details(run: Run, components: PCA, prediction: Prediction) -> None:
    """Three parts beneath the figure, each computed when it is opened."""
    if not components.n_components:
        return
    variance = st.expander(
        "Variance explained", icon=":material/bar_chart:", key="pca_scree", on_change="rerun", bind="query-params"
    )
    if variance.open:
        with variance:
            _variance(run, components)
    genes = st.expander(
        "Genes behind the components",
        icon=":material/genetics:",
        key="pca_loadings",
        on_change="rerun",
        bind="query-params",
    )
    if genes.open:
        with genes:
            _genes(run, components, prediction)
    followed = st.expander(
        "What the components follow",
        icon=":material/conversion_path:",
        key="pca_follows",
        on_change="rerun",
        bind="query-params",
    )
    if followed.open:
        with followed:
            _followed(run, components, prediction)


def _variance(run: Run, components: PCA) -> None:
    figure(
        "pca_scree_plot",
        scree_figure(components, theme=screen_theme()),
        describe_scree(components),
        title=run.title,
        for_file=lambda: scree_figure(components),
    )


def _genes(run: Run, components: PCA, prediction: Prediction) -> None:
    """The genes that weigh most in one component as bars, all of them as a table."""
    bars, table = st.columns([3, 2], gap="medium")
    symbols = prediction.genes["symbol"].reindex(components.genes)
    names = [symbol or gene for gene, symbol in zip(components.genes, symbols, strict=True)]
    with bars:
        component = st.selectbox(
            "Component",
            list(range(1, components.n_components + 1)),
            key="pca_loadings_of",
            format_func=lambda number: f"PC{number}",
            bind="query-params",
            width=140,
        )
        draw = partial(loadings_figure, components, names, component)
        figure(
            "pca_loadings_plot",
            draw(theme=screen_theme()),
            describe_loadings(components, names, component),
            title=run.title,
            for_file=draw,
        )
    with table:
        weights = components.weights(component)
        order = np.argsort(-np.abs(weights), kind="stable")
        listed = pd.DataFrame(
            {
                "Symbol": symbols.to_numpy()[order],
                "Loading": weights[order].astype(np.float32),
                "Share": (100 * weights[order] ** 2).astype(np.float32),
                "Ensembl id": components.genes[order],
            }
        )
        st.dataframe(
            listed,
            hide_index=True,
            height=440,
            column_config={
                "Loading": st.column_config.NumberColumn(format="%.4f"),
                "Share": st.column_config.NumberColumn(
                    "Share (%)", format="%.2f", help="Of the component: its loading squared; all genes together 100 %"
                ),
            },
            alt=f"Genes used and their loadings on PC{component}, the largest first",
        )


def _followed(run: Run, components: PCA, prediction: Prediction) -> None:
    found = associations(components, factors_of(prediction))
    sentence = describe_associations(found)
    if found.explained.empty:
        st.info(sentence, icon=":material/info:")
        return
    figure(
        "pca_follows_plot",
        association_figure(found, theme=screen_theme()),
        sentence,
        title=run.title,
        for_file=lambda: association_figure(found),
    )
    st.caption(
        "Share of each component's variance that lies between the groups of a key, or goes with its numbers. "
        "\\* more than chance would give (adjusted p at most 0.05)."
    )
