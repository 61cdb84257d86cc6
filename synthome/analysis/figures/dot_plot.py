"""The dot plot: genes across, groups down; how many samples have a count, and how high the gene is on average."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from synthome.analysis.figures.theme import Theme, theme_layout
from synthome.analysis.figures.words import plain, shorten
from synthome.analysis.gene_levels import GeneLevels

__all__ = ["dot_plot_figure"]

_LARGEST = 20
"""Pixels across a dot of a gene that every sample of the group has a count of."""
_SMALLEST = 2
_ROW = 28
_LEGEND = (0.25, 0.5, 1.0)
_ABOVE = 76
"""Pixels above the plot for the scale of its colours."""
_BELOW = 92
"""Pixels beneath it for the genes' names and the sizes of its dots."""
_LONGEST = 28


def dot_plot_figure(levels: GeneLevels, most_genes: int, theme: Theme = "light") -> go.Figure:
    """Draw the first ``most_genes`` genes in every group, the first group on top.

    Returns
    -------
    Figure
        The area of a dot grows with the share of the group's samples that have a count; its colour is the mean of
        log2(CPM + 1). ``customdata`` of a dot is its gene's Ensembl id.
    """
    shown = min(len(levels.genes), most_genes)
    means, shares = levels.means()[:, :shown], levels.shares[:, :shown]
    group, gene = (place.ravel() for place in np.indices(means.shape))
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": gene,
        "y": group,
        "customdata": [levels.genes[place] for place in gene],
        "hovertext": [
            f"<b>{plain(levels.symbols[column])}</b> in {plain(shorten(levels.groups[row], 60))}<br>"
            f"mean {means[row, column]:.2f} log2 CPM<br>a count in {100 * shares[row, column]:.0f} % of samples"
            for row, column in zip(group, gene, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "size": _diameters(shares.ravel()),
            "color": means.ravel().astype(np.float32),
            "cmin": 0,
            "cmax": max(float(means.max(initial=0)), 0.1),
            "autocolorscale": True,
            "line": {"width": 0.5},
            "colorbar": _colour_bar(),
        },
        "showlegend": False,
    }
    return go.Figure(data=[dots, *map(_legend_entry, _LEGEND)], layout=_layout(levels, shown, theme))


def _diameters(shares: np.ndarray) -> np.ndarray:
    """The area is what the eye compares, so the diameter grows with the root; what is nowhere has no dot."""
    drawn = np.maximum(_LARGEST * np.sqrt(shares), _SMALLEST)
    return np.where(shares > 0, drawn, 0).astype(np.float32)


def _legend_entry(share: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": f"{100 * share:.0f} %",
        "marker": {"size": float(_diameters(np.array([share]))[0]), "color": "#9A9DA5"},
        "hoverinfo": "skip",
        "showlegend": True,
    }


def _colour_bar() -> dict[str, Any]:
    return {
        "title": {"text": "mean log2(CPM + 1)", "side": "top", "font": {"size": 12}},
        "orientation": "h",
        "thickness": 10,
        "lenmode": "pixels",
        "len": 160,
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 4,
        "outlinewidth": 0,
    }


def _layout(levels: GeneLevels, shown: int, theme: Theme) -> dict[str, Any]:
    k = len(levels.groups)
    return {
        **theme_layout(theme),
        "height": _ABOVE + max(k, 3) * _ROW + _BELOW,
        "margin": {"l": 10, "r": 10, "t": _ABOVE, "b": _BELOW},
        "hovermode": "closest",
        "dragmode": "pan",
        "legend": {
            "orientation": "h",
            "title": {"text": "samples with a count", "side": "top", "font": {"size": 12}},
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "font": {"size": 12},
            "itemsizing": "trace",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "xaxis": {
            "tickvals": list(range(shown)),
            "ticktext": [plain(shorten(symbol, 16)) for symbol in levels.symbols[:shown]],
            "range": [-0.6, max(shown, 1) - 0.4],
            "tickangle": 0 if shown <= 8 else -60,
            "zeroline": False,
        },
        "yaxis": {
            "tickvals": list(range(k)),
            "ticktext": [plain(shorten(name, _LONGEST)) for name in levels.groups],
            "range": [k - 0.4, -0.6],
            "zeroline": False,
        },
    }
