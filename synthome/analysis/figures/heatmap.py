"""The heatmap: genes in samples, clustered, under strips that tell what the samples are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from synthome.analysis.clustering import Heatmap, cut
from synthome.analysis.figures.cluster_strip import cluster_strip
from synthome.analysis.figures.dendrogram import dendrogram_path
from synthome.analysis.figures.theme import Theme, colour_bar, legend_below, theme_layout
from synthome.analysis.figures.tracks import Track, legend_entries, strips, track, tracks_legend_height
from synthome.analysis.figures.words import plain, shorten
from synthome.analysis.views import HeatmapView
from synthome.distinct import distinct
from synthome.prediction import Prediction

__all__ = ["heatmap_figure"]

_MOST_ROWS = 2_000
"""Pixels that the rows take at most; up to 200 genes each has room for its name, and more are named by zooming in."""
_SAMPLE_LABEL = 22
"""Characters of a sample's name under its column; hovering shows more."""
_STRIP, _TREE, _GAP, _TOP = 16, 60, 4, 48
"""Heights in pixels of a strip, the samples' tree, the gap between panels, and the margin above."""
_TREE_WIDTH, _CLUSTER_WIDTH = 0.09, 0.03
"""Shares of the width that the genes' tree and the strip of its clusters take."""
_BARE = {"visible": False, "fixedrange": True}


def heatmap_figure(
    heatmap: Heatmap,
    prediction: Prediction,
    view: HeatmapView,
    *,
    labels: Mapping[str, str] | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """Draw a row a gene, a column a sample, and a strip above for each key in ``view.tracks``.

    Genes are named by symbol, samples by name; where there is no room for all, some are, and more as one zooms in.
    Hovering names both always. Colours of z-scores are symmetrical about zero and end at the 99th percentile of
    ``|z|``, at most 4; those of log CPM go from the lowest level shown to the highest.

    Parameters
    ----------
    heatmap : Heatmap of ``prediction`` as ``view`` asks for it
    labels : mapping of term id to label, optional
        Shown instead of ids in the strips.

    Raises
    ------
    SynthomeError
        A track is no key that any condition gives.
    """
    tracks = [track(prediction, key, heatmap.samples, labels or {}) for key in dict.fromkeys(view.tracks)]
    sizes = _sizes(heatmap, prediction, view, tracks)
    traces = [_cells(heatmap, view)]
    if tracks:
        traces += [strips(tracks, "y2"), *legend_entries(tracks, "y2")]
    return go.Figure(data=traces, layout=_layout(heatmap, prediction, view, tracks, sizes, theme))


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Heights in pixels of what is stacked - tree, strips, rows, sample names, legend - and shares of the width."""

    row: int
    rows: int
    strips: int
    sample_tree: int
    names: int
    legend: int
    gene_tree: float
    clusters: float

    @property
    def plot(self) -> int:
        """All that is drawn on axes."""
        return self.rows + _GAP + self.strips + (_GAP + self.sample_tree if self.sample_tree else 0)

    @property
    def left(self) -> float:
        """What stands left of the cells."""
        return self.gene_tree + self.clusters

    def share(self, start: int, length: int) -> list[float]:
        """The part of the plotting area from ``start`` pixels above its foot, ``length`` pixels high."""
        return [min(start / self.plot, 0.999), min((start + max(length, 1)) / self.plot, 1.0)]


def _sizes(heatmap: Heatmap, prediction: Prediction, view: HeatmapView, tracks: Sequence[Track]) -> _Sizes:
    n_genes = len(heatmap.genes)
    row = _row_height(n_genes)
    longest = max((len(shorten(prediction.sample_names[i], _SAMPLE_LABEL)) for i in heatmap.samples), default=0)
    listed = sum(len(each.legend) for each in tracks)
    return _Sizes(
        row=row,
        rows=max(n_genes * row, 120),
        strips=_STRIP * len(tracks),
        sample_tree=_TREE if view.dendrograms and heatmap.sample_tree is not None and n_genes else 0,
        names=int(longest * 0.57 * _name_font(heatmap)) + 14,
        legend=tracks_legend_height(tracks, 400 if listed <= 8 else 860),
        gene_tree=_TREE_WIDTH if view.dendrograms and heatmap.gene_tree is not None else 0.0,
        clusters=_CLUSTER_WIDTH if _is_cut(heatmap, view) else 0.0,
    )


def _row_height(n_genes: int) -> int:
    if n_genes <= 60:
        return 16
    return max(min(13, _MOST_ROWS // n_genes), 1)


def _name_font(heatmap: Heatmap) -> int:
    """Size in pixels of the samples' names."""
    return 11 if len(heatmap.samples) <= 20 else 9


def _is_cut(heatmap: Heatmap, view: HeatmapView) -> bool:
    return view.clusters > 1 and heatmap.gene_tree is not None


def _cells(heatmap: Heatmap, view: HeatmapView) -> dict[str, Any]:
    unit = "z-score" if view.values == "z-score" else "log2(CPM + 1)"
    return {
        "type": "heatmap",
        "z": heatmap.levels,
        "coloraxis": "coloraxis",
        "xgap": 1 if heatmap.levels.shape[1] <= 60 else 0,
        "ygap": 1 if len(heatmap.levels) <= 60 else 0,
        "hovertemplate": f"<b>%{{y}}</b> in %{{x}}<br>{unit} %{{z:.2f}}<extra></extra>",
    }


def _layout(
    heatmap: Heatmap, prediction: Prediction, view: HeatmapView, tracks: Sequence[Track], sizes: _Sizes, theme: Theme
) -> dict[str, Any]:
    n_genes = len(heatmap.genes)
    strips_start = sizes.rows + _GAP
    layout: dict[str, Any] = {
        **theme_layout(theme),
        "height": _TOP + sizes.plot + sizes.names + sizes.legend,
        "margin": {"l": 10, "r": 10, "t": _TOP, "b": sizes.names + sizes.legend},
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {**_sample_axis(heatmap, prediction), "domain": [sizes.left, 1]},
        "yaxis": {**_gene_axis(heatmap, prediction, sizes), "domain": sizes.share(0, sizes.rows)},
        "yaxis2": {**_track_axis(tracks), "domain": sizes.share(strips_start, sizes.strips)},
        "yaxis3": {
            **_BARE,
            "domain": sizes.share(strips_start + sizes.strips + _GAP, sizes.sample_tree),
            "range": [0, 1.03],
        },
        "xaxis2": {**_BARE, "domain": [0, max(sizes.gene_tree - 0.005, 0.01)], "range": [1.03, 0], "anchor": "y"},
        "coloraxis": _colour_axis(heatmap, view),
        "legend": legend_below(font={"size": 12}, grouptitlefont={"size": 12}, itemclick=False, itemdoubleclick=False),
        "shapes": _trees(heatmap, sizes),
    }
    if not n_genes:
        layout["annotations"] = [_no_genes()]
    if _is_cut(heatmap, view):
        strip = cluster_strip(cut(heatmap.gene_tree, n_genes, view.clusters), sizes.row)
        layout["shapes"] += strip.shapes
        layout["annotations"] = strip.numbers
        layout["xaxis3"] = {
            **_BARE,
            "domain": [sizes.gene_tree, sizes.left - 0.005],
            "range": [0, 1],
            "anchor": "y",
        }
    return layout


def _trees(heatmap: Heatmap, sizes: _Sizes) -> list[dict[str, Any]]:
    found = []
    if sizes.sample_tree and heatmap.sample_tree is not None:
        found.append({"type": "path", "path": dendrogram_path(heatmap.sample_tree), "xref": "x", "yref": "y3"})
    if sizes.gene_tree and heatmap.gene_tree is not None:
        path = dendrogram_path(heatmap.gene_tree, sideways=True)
        found.append({"type": "path", "path": path, "xref": "x2", "yref": "y"})
    return found


def _names_axis(names: list[str]) -> dict[str, Any]:
    """An axis of names, of which as many are shown as have room."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": distinct(names),  # of two categories of one name, one would vanish
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }


def _sample_axis(heatmap: Heatmap, prediction: Prediction) -> dict[str, Any]:
    names = [plain(shorten(prediction.sample_names[i], _SAMPLE_LABEL)) for i in heatmap.samples]
    return {
        **_names_axis(names),
        "range": [-0.5, len(names) - 0.5],
        "anchor": "y",
        "tickangle": -90,
        "tickfont": {"size": _name_font(heatmap)},
    }


def _gene_axis(heatmap: Heatmap, prediction: Prediction, sizes: _Sizes) -> dict[str, Any]:
    symbols = prediction.symbols()
    names = [plain(shorten(symbols[gene], 16)) for gene in heatmap.genes]
    return {
        **_names_axis(names),
        "range": [len(names) - 0.5, -0.5],
        "side": "right",
        "anchor": "x",
        "tickfont": {"size": 11 if sizes.row >= 16 else 10 if sizes.row >= 13 else 9},
        **({"nticks": sizes.rows // 10} if sizes.row < 13 else {}),  # closer than plotly.js would set them
    }


def _track_axis(tracks: Sequence[Track]) -> dict[str, Any]:
    if not tracks:
        return {**_BARE, "range": [-0.5, 0.5]}
    return {
        **_names_axis([plain(each.name) for each in tracks]),
        "range": [len(tracks) - 0.5, -0.5],
        "side": "right",
        "anchor": "x",
        "fixedrange": True,
        "nticks": len(tracks),
        "tickfont": {"size": 11},
    }


def _colour_axis(heatmap: Heatmap, view: HeatmapView) -> dict[str, Any]:
    """Z-scores on the diverging scale, levels on the sequential one: plotly.js takes it by the limits' signs."""
    if view.values == "log CPM":
        least, greatest = (float(heatmap.levels.min()), float(heatmap.levels.max())) if heatmap.levels.size else (0, 1)
        limits = {"cmin": np.floor(least), "cmax": max(np.ceil(greatest), np.floor(least) + 1)}
    else:
        limit = _limit(heatmap)
        limits = {"cmin": -limit, "cmax": limit}
    return {**limits, "autocolorscale": True, "colorbar": _colour_bar(view)}


def _limit(heatmap: Heatmap) -> float:
    if not heatmap.levels.size:
        return 1.0
    return float(np.clip(np.ceil(2 * np.percentile(np.abs(heatmap.levels), 99)) / 2, 1.0, 4.0))


def _colour_bar(view: HeatmapView) -> dict[str, Any]:
    return colour_bar(
        "z-score" if view.values == "z-score" else "log2(CPM + 1)",
        190 if view.values == "z-score" else 250,
        tickfont={"size": 11},
    )


def _no_genes() -> dict[str, Any]:
    return {
        "text": "No gene varies between these samples,<br>so there is nothing to cluster.",
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
    }
