"""The arrows of a biplot: which genes pull the samples where."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from synthome.analysis.figures.words import plain, shorten
from synthome.analysis.principal_components import PCA

__all__ = ["arrow_genes", "biplot_arrows"]

_GREY = "#808691"
"""Readable on light and dark pages."""
_REACH = 0.75
"""How far the longest arrow goes, as a share of the way to the farthest sample; farther, names would cover samples."""
_PLOT = (800, 400)
"""Pixels of the plot in which names must not lie on each other."""
_CHARACTER = 7.0
_LINE = 15.0

Array = npt.NDArray[np.float64]


def arrow_genes(pca: PCA, components: tuple[int, ...], n: int) -> npt.NDArray[np.intp]:
    """Rows of the ``n`` genes with the largest loadings, the largest first.

    A loading counts as a share of the largest on its component; otherwise a component made of few genes would leave no
    arrow to one made of many.
    """
    lengths = np.hypot(*(_relative(pca, component) for component in components))
    return np.argsort(-lengths, kind="stable")[:n]


def _relative(pca: PCA, component: int) -> Array:
    weights = pca.weights(component)
    largest = np.abs(weights).max(initial=0)
    return weights / largest if largest else weights


def biplot_arrows(pca: PCA, names: list[str], components: tuple[int, ...], n: int) -> list[dict[str, Any]]:
    """Traces of the arrows and of their genes' names.

    An arrow points to its gene's loadings. Along each axis they are scaled such that the largest of any gene goes
    three quarters of the way to the farthest sample, so that arrows lie where the samples do.

    Parameters
    ----------
    names : list of str, one a gene of ``pca``
    n : int
        How many genes.
    """
    chosen = arrow_genes(pca, components, n)
    if not n or not len(chosen) or not pca.n_components:
        return []
    loadings = np.column_stack([pca.weights(component)[chosen] for component in components])
    extent = np.array([np.abs(pca.coordinates(component)).max() for component in components])
    tips = np.column_stack([_relative(pca, component)[chosen] for component in components]) * _REACH * extent
    shown = [plain(shorten(names[row], 20)) for row in chosen]
    hover = [
        f"<b>{name}</b><br>loading on PC{components[0]} {x:.3f}, on PC{components[1]} {y:.3f}"
        for name, (x, y) in zip(shown, loadings, strict=True)
    ]
    ends = _labels(tips, extent, [len(name) for name in shown])
    return [_arrows(tips, hover), _names(ends, shown)]


def _arrows(tips: Array, hover: list[str]) -> dict[str, Any]:
    """From the middle to each tip, in one trace: the middle, the tip, a gap."""
    path = np.full((3 * len(tips), 2), np.nan, dtype=np.float32)
    path[0::3], path[1::3] = 0, tips
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [None if np.isnan(value) else float(value) for value in path[:, 0]],
        "y": [None if np.isnan(value) else float(value) for value in path[:, 1]],
        "line": {"color": _GREY, "width": 1},
        "marker": {
            "symbol": "arrow",
            "angleref": "previous",
            "color": _GREY,
            "size": [0, 9, 0] * len(tips),
            "opacity": 1,
            "line": {"width": 0},
        },
        "hovertext": [text for line in hover for text in ("", line, "")],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _names(ends: Array, names: list[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": ends[:, 0].astype(np.float32),
        "y": ends[:, 1].astype(np.float32),
        "text": names,
        "textfont": {"size": 11, "shadow": "auto"},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _labels(tips: Array, extent: Array, lengths: list[int]) -> Array:
    """Where the names stand: beyond their tips, moved up or down until none lies on another."""
    per_pixel = 2.2 * np.maximum(extent, 1e-12) / _PLOT
    placed: list[tuple[float, float, float]] = []
    ends = np.empty_like(tips)
    for row, tip in enumerate(tips / per_pixel):
        width = lengths[row] * _CHARACTER
        x = tip[0] + np.sign(tip[0]) * (width / 2 + 6)
        y = tip[1] + np.sign(tip[1]) * 8
        step = 0
        while any(abs(x - a) < (width + w) / 2 and abs(y + step * _LINE - b) < _LINE for a, b, w in placed):
            step = -step if step > 0 else 1 - step
        y += step * _LINE
        placed.append((x, y, width))
        ends[row] = (x, y)
    return ends * per_pixel
