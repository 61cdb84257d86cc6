"""Matrix products that stay on the thread that asks for them.

A linear algebra library shares a large product among all cores. Samples are made by several threads already, so that
they would only wait for each other, many times as long as the product takes where the machine has other work. Cut into
blocks the products are small enough to be left alone, and their sums do not depend on the number of cores.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["inner", "outer"]

Array = npt.NDArray[np.float64]
MOST = 200_000
"""Multiplications in a block: OpenBLAS uses one thread below 262,144."""


def inner(a: Array, b: Array) -> Array:
    """``a`` (m x k) times ``b`` (k x n) for a long k.

    >>> inner(np.ones((1, 3)), np.ones((3, 2))).tolist()
    [[3.0, 3.0]]
    """
    block = max(1, MOST // (a.shape[0] * b.shape[1]))
    whole = len(b) // block * block
    rest: Array = a[:, whole:] @ b[whole:]
    if not whole:
        return rest
    left = a[:, :whole].reshape(len(a), -1, block).transpose(1, 0, 2)
    product: Array = np.matmul(left, b[:whole].reshape(-1, block, b.shape[1])).sum(axis=0) + rest
    return product


def outer(a: Array, b: Array) -> Array:
    """``a`` (m x k) times ``b`` (k x n) for a long n.

    >>> outer(np.ones((2, 1)), np.ones((1, 3))).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    block = max(1, MOST // a.size)
    out = np.empty((len(a), b.shape[1]))
    for first in range(0, b.shape[1], block):
        part = slice(first, first + block)
        np.matmul(a, b[:, part], out=out[:, part])
    return out
