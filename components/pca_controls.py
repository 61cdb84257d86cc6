"""How the PCA of a run is looked at: the controls beside its figure."""

from __future__ import annotations

import streamlit as st

from components.analyses import pca_of
from synthome.analysis import PCA
from synthome.analysis.figures.words import key_label
from synthome.analysis.views import CONDITION, PCAView
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["pca_controls"]

_DEFAULT_GENES = 2000
_ALL_GENES = 0
_GENES = [100, 200, 500, 1000, 2000, 5000, 10_000, _ALL_GENES]
_PLANE, _SPACE = "2-D", "3-D"


def pca_controls(run: Run, prediction: Prediction) -> tuple[PCAView, PCA]:
    """What the controls say, and the components that this asks for."""
    keys = [CONDITION, *map(str, prediction.metadata.columns)]
    colour_by = st.selectbox("Colour by", keys, key="pca_colour", format_func=key_label, bind="query-params")
    symbol_by = st.selectbox(
        "Symbol by",
        ["", *keys],
        key="pca_symbol",
        format_func=lambda key: key_label(key) if key else "Same as colour",
        bind="query-params",
    )
    axes = st.container()  # which components there are to choose from depends on the genes used, asked for below
    ellipses_and_arrows = st.container()
    with st.expander("Genes and scaling", icon=":material/tune:", type="compact"):
        n_genes = st.select_slider(
            "Most variable genes used",
            _GENES,
            value=_DEFAULT_GENES,
            key="pca_genes",
            format_func=lambda number: f"{number:,}" if number else "all",
            bind="query-params",
        )
        scaled = st.toggle(
            "Scale genes",
            key="pca_scaled",
            help="Divide each gene by its standard deviation, so that all weigh the same; "
            "without it genes that vary more weigh more",
            bind="query-params",
        )
    n_genes = n_genes or prediction.expression.shape[1]
    components = pca_of(run, n_genes, scaled)
    with axes:
        shown = _axes(components)
    with ellipses_and_arrows:
        in_space = len(shown) == 3
        ellipses = st.toggle(
            "95 % ellipses",
            key="pca_ellipses",
            disabled=in_space,
            help="Where 95 % of a group of four or more samples would lie; in 2-D only",
            bind="query-params",
        )
        arrows = st.segmented_control(
            "Genes as arrows",
            [0, 5, 10, 20],
            default=0,
            required=True,
            key="pca_arrows",
            format_func=lambda number: str(number) if number else "none",
            disabled=in_space,
            help="A biplot: the genes that weigh most on the two axes, each as an arrow towards the samples that have "
            "more of it; in 2-D only",
            bind="query-params",
        )
    view = PCAView(
        n_genes=n_genes,
        scaled=scaled,
        components=shown,
        colour_by=colour_by,
        symbol_by=symbol_by,
        ellipses=ellipses and not in_space,
        arrows=0 if in_space else arrows,
    )
    return view, components


def _axes(components: PCA) -> tuple[int, ...]:
    """The components along the axes, two or three."""
    dimensions = st.segmented_control(
        "Axes",
        [_PLANE, _SPACE],
        default=_PLANE,
        required=True,
        key="pca_dimensions",
        bind="query-params",
    )
    n_axes = 3 if dimensions == _SPACE else 2
    available = list(range(1, max(components.n_components, n_axes) + 1))
    columns = st.columns(n_axes, gap="small")
    named = zip(columns, ("x axis", "y axis", "z axis"), ("pca_x", "pca_y", "pca_z"), strict=False)
    return tuple(
        column.selectbox(
            label, available, index=place, key=key, format_func=lambda number: f"PC{number}", bind="query-params"
        )
        for place, (column, label, key) in enumerate(named)
    )
