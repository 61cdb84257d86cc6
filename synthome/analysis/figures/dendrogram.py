"""The lines of a tree over leaves at 0, 1, 2, …"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["dendrogram_lines", "dendrogram_path"]

Array = npt.NDArray[np.float32]


def dendrogram_lines(tree: npt.NDArray[np.float64]) -> tuple[Array, Array]:
    """Positions along the leaves and heights of the brackets that draw ``tree``, NaN between brackets.

    ``scipy.cluster.hierarchy.dendrogram`` recurses, which a thousand samples in one chain do not survive; this does
    not.

    Parameters
    ----------
    tree : (m - 1) x 4 linkage whose leaf i stands at position i

    Returns
    -------
    position, height : float32 arrays, 5 (m - 1) long
        Four corners a bracket and a gap; the tree is 1 high.
    """
    leaves = len(tree) + 1
    top = tree[:, 2].max() or 1.0
    place = np.concatenate([np.arange(leaves, dtype=float), np.zeros(len(tree))])
    height = np.concatenate([np.zeros(leaves), tree[:, 2] / top])
    left, right = tree[:, 0].astype(np.intp), tree[:, 1].astype(np.intp)
    for merge, (first, second) in enumerate(zip(left, right, strict=True)):
        place[leaves + merge] = (place[first] + place[second]) / 2
    own, gap = height[leaves:], np.full(len(tree), np.nan)
    positions = np.column_stack([place[left], place[left], place[right], place[right], gap])
    heights = np.column_stack([height[left], own, own, height[right], gap])
    return positions.ravel().astype(np.float32), heights.ravel().astype(np.float32)


def dendrogram_path(tree: npt.NDArray[np.float64], *, sideways: bool = False) -> str:
    """The brackets of ``tree`` as the path of a Plotly shape; ``sideways`` with the leaves along y.

    A shape and not a trace: on an axis of names, a trace's positions would become names of their own.
    """
    along, height = (np.round(values.astype(float), 4) for values in dendrogram_lines(tree))
    x, y = (height, along) if sideways else (along, height)
    corners = zip(x.tolist(), y.tolist(), strict=True)
    return "".join(
        f"M{first[0]:g},{first[1]:g}L{second[0]:g},{second[1]:g}L{third[0]:g},{third[1]:g}L{last[0]:g},{last[1]:g}"
        for first, second, third, last, _ in zip(*[corners] * 5, strict=True)
    )
