"""The heatmap: z-scores of genes in samples, both clustered, under a strip that tells the conditions."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from synthome.analysis.clustering import Heatmap
from synthome.analysis.figures.dendrogram import dendrogram_lines
from synthome.analysis.figures.palette import group_style
from synthome.analysis.figures.pca import MAX_LEGEND
from synthome.analysis.figures.theme import Theme, theme_layout
from synthome.analysis.figures.words import legend_height, plain, shorten, wrap
from synthome.prediction import Prediction

__all__ = ["heatmap_figure"]

_MAX_GENE_LABELS = 120
_MAX_SAMPLE_LABELS = 30
_SAMPLE_LABEL = 22
"""Characters of a sample's name under its column; hovering shows more."""
_STRIP, _TREE, _GAP, _TOP = 14, 60, 4, 48
"""Heights in pixels of the condition strip, the samples' tree, the gap between panels, and the margin above."""
_TREE_WIDTH = 0.09
"""Share of the width that the genes' tree takes."""


def heatmap_figure(
    heatmap: Heatmap,
    prediction: Prediction,
    *,
    dendrograms: bool = True,
    theme: Theme = "light",
) -> go.Figure:
    """Draw clustered z-scores: a row a gene, a column a sample, conditions in a strip above.

    Genes are named by symbol where the rows are tall enough for it, samples by name where there are few; hovering
    names both always. Colours are symmetrical about zero and end at the 99th percentile of ``|z|``, at most 4.
    """
    trees = dendrograms and len(heatmap.z) > 0
    bands = _Bands(heatmap, prediction, trees)
    traces = [_cells(heatmap), _strip(heatmap, prediction), *_legend_entries(heatmap, prediction)]
    if trees and heatmap.sample_tree is not None:
        along, up = dendrogram_lines(heatmap.sample_tree)
        traces.append(_tree(along, up, xaxis="x", yaxis="y3"))
    if trees and heatmap.gene_tree is not None:
        along, up = dendrogram_lines(heatmap.gene_tree)
        traces.append(_tree(up, along, xaxis="x2", yaxis="y"))
    return go.Figure(data=traces, layout=_layout(heatmap, prediction, bands, theme))


class _Bands:
    """Heights in pixels of what is stacked: margin, tree, strip, rows, sample names, legend."""

    def __init__(self, heatmap: Heatmap, prediction: Prediction, trees: bool) -> None:
        n_genes, n_samples = heatmap.z.shape
        self.row = _row_height(n_genes)
        self.rows = max(n_genes * self.row, 120)
        self.tree = _TREE if trees and heatmap.sample_tree is not None else 0
        self.plot = self.rows + _GAP + _STRIP + (_GAP + self.tree if self.tree else 0)
        self.sample_labels = n_samples <= _MAX_SAMPLE_LABELS
        self.gene_labels = n_genes <= _MAX_GENE_LABELS
        names = _listed(heatmap, prediction)
        longest = max((len(shorten(prediction.sample_names[i], _SAMPLE_LABEL)) for i in heatmap.samples), default=0)
        self.names = int(longest * 6.2) + 12 if self.sample_labels else 28
        self.legend = legend_height(names, 400 if len(names) <= 8 else 860)
        self.height = _TOP + self.plot + self.names + self.legend

    def share(self, start: int, length: int) -> list[float]:
        """The part of the plotting area from ``start`` pixels above its foot, ``length`` pixels high."""
        return [start / self.plot, min((start + length) / self.plot, 1.0)]


def _row_height(n_genes: int) -> int:
    if n_genes <= 60:
        return 16
    return 13 if n_genes <= _MAX_GENE_LABELS else 5


def _listed(heatmap: Heatmap, prediction: Prediction) -> list[str]:
    """Conditions that the legend names."""
    present = np.unique(prediction.condition[heatmap.samples])
    return [prediction.condition_names[index] for index in present] if len(present) <= MAX_LEGEND else []


def _cells(heatmap: Heatmap) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": heatmap.z,
        "coloraxis": "coloraxis",
        "xgap": 1 if heatmap.z.shape[1] <= 60 else 0,
        "ygap": 1 if len(heatmap.z) <= 60 else 0,
        "hovertemplate": "<b>%{y}</b> in %{x}<br>z-score %{z:.2f}<extra></extra>",
    }


def _strip(heatmap: Heatmap, prediction: Prediction) -> dict[str, Any]:
    """One row of cells in the colours of the conditions."""
    conditions = prediction.condition[heatmap.samples]
    present, place = np.unique(conditions, return_inverse=True)
    steps = len(present)
    scale = []
    for index, condition in enumerate(present):
        colour = group_style(int(condition)).colour
        scale += [[index / steps, colour], [(index + 1) / steps, colour]]
    names = [plain(shorten(prediction.condition_names[condition], 60)) for condition in conditions]
    return {
        "type": "heatmap",
        "z": place[None, :].astype(np.int16),
        "zmin": -0.5,
        "zmax": steps - 0.5,
        "colorscale": scale,
        "showscale": False,
        "yaxis": "y2",
        "text": [names],
        "hovertemplate": "%{x}<br>Condition: %{text}<extra></extra>",
    }


def _legend_entries(heatmap: Heatmap, prediction: Prediction) -> list[dict[str, Any]]:
    """Squares without a place in the plot, so that the legend explains the strip."""
    present = np.unique(prediction.condition[heatmap.samples])
    if len(present) > MAX_LEGEND:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "yaxis": "y2",
            "name": wrap(prediction.condition_names[index]),
            "marker": {"symbol": "square", "size": 11, "color": group_style(int(index)).colour},
            "showlegend": True,
        }
        for index in present
    ]


def _tree(x: np.ndarray, y: np.ndarray, *, xaxis: str, yaxis: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "xaxis": xaxis,
        "yaxis": yaxis,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _colour_limit(heatmap: Heatmap) -> float:
    if not heatmap.z.size:
        return 1.0
    return float(np.clip(np.ceil(2 * np.percentile(np.abs(heatmap.z), 99)) / 2, 1.0, 4.0))


def _layout(heatmap: Heatmap, prediction: Prediction, bands: _Bands, theme: Theme) -> dict[str, Any]:
    n_genes, n_samples = heatmap.z.shape
    limit = _colour_limit(heatmap)
    bare = {"visible": False, "fixedrange": True}
    strip_start = bands.rows + _GAP
    gene_tree = heatmap.gene_tree is not None and bands.tree > 0
    left = _TREE_WIDTH if gene_tree else 0.0
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": bands.height,
        "margin": {"l": 10, "r": 10, "t": _TOP, "b": bands.names + bands.legend},
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {
            "domain": [left, 1],
            "range": [-0.5, n_samples - 0.5],
            "anchor": "y",
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
            **_sample_ticks(heatmap, prediction, bands),
        },
        "yaxis": {
            "domain": bands.share(0, bands.rows),
            "range": [n_genes - 0.5, -0.5],
            "side": "right",
            "anchor": "x",
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
            **_gene_ticks(heatmap, prediction, bands),
        },
        "yaxis2": {**bare, "domain": bands.share(strip_start, _STRIP), "range": [-0.5, 0.5]},
        "yaxis3": {**bare, "domain": bands.share(strip_start + _STRIP + _GAP, bands.tree), "range": [0, 1.03]},
        "xaxis2": {**bare, "domain": [0, max(left - 0.005, 0.01)], "range": [1.03, 0], "anchor": "y"},
        "coloraxis": {"cmin": -limit, "cmax": limit, "autocolorscale": True, "colorbar": _colour_bar()},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "font": {"size": 12},
            "itemclick": False,
            "itemdoubleclick": False,
        },
    }
    if not bands.tree:
        layout["yaxis3"]["domain"] = [0.999, 1]
    if not n_genes:
        layout["annotations"] = [_no_genes()]
    return layout


def _sample_ticks(heatmap: Heatmap, prediction: Prediction, bands: _Bands) -> dict[str, Any]:
    names = [plain(shorten(prediction.sample_names[i], _SAMPLE_LABEL)) for i in heatmap.samples]
    return {
        "tickmode": "array",
        "tickvals": np.arange(len(names)),
        "ticktext": names,
        "showticklabels": bands.sample_labels,
        "tickangle": -90,
        "tickfont": {"size": 11 if len(names) <= 20 else 9},
        "title": {} if bands.sample_labels else {"text": f"{len(names):,} samples"},
    }


def _gene_ticks(heatmap: Heatmap, prediction: Prediction, bands: _Bands) -> dict[str, Any]:
    symbols = prediction.symbols()
    return {
        "tickmode": "array",
        "tickvals": np.arange(len(heatmap.genes)),
        "ticktext": [plain(shorten(symbols[gene], 16)) for gene in heatmap.genes],
        "showticklabels": bands.gene_labels,
        "tickfont": {"size": 11 if bands.row >= 16 else 10},
        "title": {} if bands.gene_labels else {"text": f"{len(heatmap.genes):,} genes"},
    }


def _colour_bar() -> dict[str, Any]:
    return {
        "title": {"text": "z-score", "side": "right"},
        "orientation": "h",
        "thickness": 10,
        "lenmode": "pixels",
        "len": 190,
        "x": 1,
        "xanchor": "right",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 2,
        "outlinewidth": 0,
        "tickfont": {"size": 11},
    }


def _no_genes() -> dict[str, Any]:
    return {
        "text": "No gene varies between these samples,<br>so there is nothing to cluster.",
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
    }
