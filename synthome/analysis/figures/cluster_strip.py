"""The strip left of a heatmap's rows that numbers the clusters of its genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["ClusterStrip", "cluster_strip"]

_GREYS = ("#5F6470", "#858A96")
"""In turn, dark enough for a white number: colours would be taken for those of the tracks."""
_NUMBER = 11
"""Height in pixels of a number; a cluster lower than this has none."""


@dataclass(frozen=True, slots=True)
class ClusterStrip:
    """Parts of a Plotly layout: blocks in the strip with lines across the cells, and the clusters' numbers."""

    shapes: list[dict[str, Any]]
    numbers: list[dict[str, Any]]


def cluster_strip(clusters: npt.NDArray[np.intp], row_height: int) -> ClusterStrip:
    """Blocks for the ``clusters`` of rows in display order: on the axes ``x3`` and ``y``, lines across ``x``."""
    starts = np.flatnonzero(np.diff(clusters, prepend=clusters[0] - 1))
    ends = [*starts[1:].tolist(), len(clusters)]
    shapes: list[dict[str, Any]] = []
    numbers = []
    for turn, (start, end) in enumerate(zip(starts.tolist(), ends, strict=True)):
        block = {"xref": "x3", "yref": "y", "x0": 0, "x1": 1, "y0": start - 0.5, "y1": end - 0.5}
        shapes.append({"type": "rect", **block, "fillcolor": _GREYS[turn % 2], "line": {"width": 0}})
        if start:
            shapes.append(_line_above(start))
        if (end - start) * row_height >= _NUMBER:
            numbers.append(_number(int(clusters[start]), (start + end - 1) / 2))
    return ClusterStrip(shapes, numbers)


def _line_above(row: int) -> dict[str, Any]:
    at = row - 0.5
    return {"type": "line", "xref": "x domain", "yref": "y", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": {"width": 2}}


def _number(cluster: int, row: float) -> dict[str, Any]:
    return {
        "text": str(cluster),
        "xref": "x3",
        "yref": "y",
        "x": 0.5,
        "y": row,
        "showarrow": False,
        "font": {"size": 11, "color": "#FFFFFF"},
    }
