"""Two sets of samples in one PCA space, and which of their conditions are alike."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from components.analyses import prediction_of, term_labels
from components.compared import N_GENES, Pair
from components.figure import figure
from components.file_download import file_download
from components.session import screen_theme
from components.words import counted
from synthome.analysis.figures import Theme
from synthome.analysis.figures.comparison import comparison_figure, describe_plane
from synthome.analysis.figures.words import sample_hover
from synthome.analysis.run_comparison import Likeness
from synthome.export.comparison import comparison_csv

__all__ = ["plane_section"]

_AXES = {"run": "A, with B laid into it", "both": "A and B together"}


def plane_section(pair: Pair) -> None:
    """The plane of two components, and for each group of B the most alike of A."""
    st.subheader("In one PCA space", anchor=False)
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        axes = st.radio(
            "Axes made by", list(_AXES), key="compare_axes", format_func=_AXES.__getitem__, bind="query-params"
        )
        projection = pair.projection(together=axes == "both")
        available = list(range(1, max(projection.space.n_components, 2) + 1))
        across, up = st.columns(2)
        x = across.selectbox("Across", available, format_func=_name, key="compare_x", index=0, bind="query-params")
        y = up.selectbox("Up", available, format_func=_name, key="compare_y", index=1, bind="query-params")
        st.caption(
            f"Log CPM over the {N_GENES:,} genes that vary most. Laid into A's space, B has no say in where the axes "
            "point; what sets B apart from all of A may then not show."
        )
    alike = pair.likeness()
    prediction = prediction_of(pair.run)
    labels = ["" if index < 0 else pair.second.groups[index] for index in pair.second.group]
    hover = sample_hover(prediction, term_labels(prediction)), pair.other.hover(labels)

    def draw(theme: Theme) -> go.Figure:
        return comparison_figure(projection, pair.first, pair.second, hover, components=(x, y), theme=theme)

    with chart:
        figure(
            "compare_plane",
            draw(screen_theme()),
            describe_plane(projection, alike),
            title=pair.run.title,
            for_file=lambda: draw("light"),
        )
    _nearest(pair, alike)


def _name(component: int) -> str:
    return f"PC{component}"


def _nearest(pair: Pair, alike: Likeness) -> None:
    rows = alike.nearest()
    rows.insert(0, "samples", pair.second.sizes)
    shown = rows.reset_index()
    st.dataframe(
        shown,
        hide_index=True,
        height=min(38 + 35 * len(shown), 260),
        column_config={
            "group": "Group of B",
            "samples": "Samples",
            "nearest": "Nearest of A",
            "correlation": st.column_config.NumberColumn("Correlation", format="%.3f"),
            "next": "Next",
            "next_correlation": st.column_config.NumberColumn("Its correlation", format="%.3f"),
        },
        alt="For each group of B the group of A whose mean log CPM correlates most with it",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        file_download(
            "All correlations (CSV)",
            lambda: comparison_csv(alike.correlation, "group_of_b"),
            title=pair.run.title,
            what=f"correlations with {pair.other.title}",
            key="compare_nearest_csv",
        )
        whole = alike.n_genes == len(pair.matched.shared)
        which = "of both" if whole else "that vary most in A and are in B"
        st.caption(f"Pearson's r of mean log CPM over {counted(alike.n_genes, 'gene')} {which}.")
