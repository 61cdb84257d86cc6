"""Figures about principal components themselves: the scree plot, the genes behind one, and what they follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from synthome.analysis.associations import SIGNIFICANCE, Associations
from synthome.analysis.figures.palette import group_style
from synthome.analysis.figures.theme import Theme, theme_layout
from synthome.analysis.figures.words import key_label, plain, shorten
from synthome.analysis.principal_components import PCA

__all__ = [
    "association_figure",
    "describe_loadings",
    "describe_scree",
    "loadings_figure",
    "scree_figure",
    "top_genes",
]

_PLAIN_MARGIN = {"l": 10, "r": 10, "t": 24, "b": 56}


def scree_figure(pca: PCA, *, theme: Theme = "light") -> go.Figure:
    """Share of the variance that each component explains, and of all up to it."""
    names = [f"PC{i + 1}" for i in range(pca.n_components)]
    share = 100 * pca.variance_explained
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": "this component",
            "x": names,
            "y": share.round(3),
            "marker": {"color": group_style(0).colour},
            "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
        },
        {
            "type": "scatter",
            "name": "all up to it",
            "mode": "lines+markers",
            "x": names,
            "y": share.cumsum().round(3),
            "line": {"color": group_style(1).colour, "width": 2},
            "marker": {"color": group_style(1).colour, "size": 7},
            "hovertemplate": "PC1 to %{x}: %{y:.1f} %<extra></extra>",
        },
    ]
    layout = {
        **theme_layout(theme),
        "height": 340,
        "margin": _PLAIN_MARGIN,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "yaxis": {"title": {"text": "variance explained (%)"}, "range": [0, 105]},
        "bargap": 0.35,
    }
    return go.Figure(data=traces, layout=layout)


def describe_scree(pca: PCA) -> str:
    """How much the first components explain together."""
    if not pca.n_components:
        return pca.degenerate
    total = 100 * pca.variance_explained.cumsum()
    genes = f"of the variance of the {len(pca.genes):,} genes used{', each scaled' if pca.scaled else ''}"
    if pca.n_components == 1:
        return f"PC1 explains {total[0]:.1f} % {genes}. {pca.degenerate}"
    said = f"PC1 explains {total[0]:.1f} % {genes}, the first two explain {total[1]:.1f} %"
    return f"{said}." if pca.n_components == 2 else f"{said}, all {pca.n_components} shown {total[-1]:.1f} %."


def top_genes(pca: PCA, component: int, most: int = 10) -> npt.NDArray[np.intp]:
    """Rows of the genes with the largest loadings of each sign, at most ``most`` of either, falling."""
    weights = pca.weights(component)
    order = np.argsort(-weights, kind="stable")
    positive, negative = order[weights[order] > 0], order[weights[order] < 0]
    return np.concatenate([positive[:most], negative[max(len(negative) - most, 0) :]])


def loadings_figure(pca: PCA, names: list[str], component: int, *, most: int = 10, theme: Theme = "light") -> go.Figure:
    """Bars of the genes that weigh most in a component, with their sign.

    ``names`` are what people call the genes of ``pca``, one a gene.
    """
    rows = top_genes(pca, component, most)
    weights = pca.weights(component)[rows]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": weights.round(5),
        "y": np.arange(len(rows)),
        "customdata": [pca.genes[row] for row in rows],
        "hovertext": [plain(names[row]) for row in rows],
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata}<br>loading %{x:.3f}<extra></extra>",
        "marker": {"color": [group_style(int(weight < 0)).colour for weight in weights]},
    }
    layout = {
        **theme_layout(theme),
        "height": 110 + 19 * max(len(rows), 4),
        "margin": _PLAIN_MARGIN,
        "xaxis": {"title": {"text": f"loading on PC{component}"}, "zeroline": True},
        "yaxis": {
            "autorange": "reversed",
            "tickvals": np.arange(len(rows)),
            "ticktext": [plain(shorten(names[row], 20)) for row in rows],
            "showgrid": False,
        },
        "bargap": 0.25,
    }
    return go.Figure(data=[trace], layout=layout)


def describe_loadings(pca: PCA, names: list[str], component: int) -> str:
    """Which genes are high in samples at either end of a component."""
    if component > pca.n_components:
        return pca.degenerate or f"There is no PC{component}."
    rows = top_genes(pca, component, 3)
    weights = pca.weights(component)[rows]
    high = ", ".join(names[row] for row in rows[weights > 0])
    low = ", ".join(names[row] for row in rows[weights < 0][::-1])
    parts = []
    if high:
        parts.append(f"samples high on PC{component} have more of {high}")
    if low:
        parts.append(f"samples low on {'it' if high else f'PC{component}'} have more of {low}")
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def association_figure(found: Associations, *, theme: Theme = "light") -> go.Figure:
    """How much of each component each key explains; a star where that is more than chance (adjusted p at most 0.05)."""
    share = 100 * found.explained.to_numpy(dtype=np.float64)
    starred = found.adjusted_p_value.to_numpy(dtype=np.float64) <= SIGNIFICANCE
    text = [
        [f"{value:.0f} %{' *' if star else ''}" for value, star in zip(row, stars, strict=True)]
        for row, stars in zip(share, starred, strict=True)
    ]
    trace = {
        "type": "heatmap",
        "x": list(found.explained.columns),
        "y": [plain(shorten(key_label(key), 30)) for key in found.explained.index],
        "z": share.round(2),
        "customdata": found.adjusted_p_value.to_numpy(dtype=np.float64),
        "text": text,
        "texttemplate": "%{text}",
        "hovertemplate": "%{y} explains %{z:.1f} % of %{x}<br>adjusted p %{customdata:.2g}<extra></extra>",
        "coloraxis": "coloraxis",
        "xgap": 2,
        "ygap": 2,
    }
    layout = {
        **theme_layout(theme),
        "height": 110 + 34 * max(len(share), 2),
        "margin": {**_PLAIN_MARGIN, "b": 30},
        "xaxis": {"side": "bottom", "showgrid": False},
        "yaxis": {"autorange": "reversed", "showgrid": False},
        "coloraxis": {"cmin": 0, "cmax": 100, "colorbar": {"title": {"text": "% of variance"}, "thickness": 10}},
    }
    return go.Figure(data=[trace], layout=layout)
