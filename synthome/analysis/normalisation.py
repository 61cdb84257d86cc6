"""From counts to log CPM, the scale that every figure is drawn on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["FloatArray", "library_sizes", "log_cpm"]

FloatArray = npt.NDArray[np.float32]


def library_sizes(expression: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Counts of each sample summed over all genes, n long."""
    return np.asarray(expression.to_numpy().sum(axis=1, dtype=np.int64))


def log_cpm(expression: pd.DataFrame) -> FloatArray:
    """Log counts per million: ``log2(10^6 * count / library size + 1)``.

    The pseudo-count of 1 CPM keeps zero counts at zero and damps the counting noise of genes below it.

    Parameters
    ----------
    expression : DataFrame, n samples x genes, counts of zero or more

    Returns
    -------
    float32 array, n x genes, in log2(CPM + 1)
        A sample without any count is zero throughout: no library, nothing expressed.

    Examples
    --------
    >>> log_cpm(pd.DataFrame([[1, 3], [0, 0]])).round(2).tolist()
    [[17.93000030517578, 19.520000457763672], [0.0, 0.0]]
    """
    totals = library_sizes(expression)
    scale = np.divide(1e6, totals, out=np.zeros(len(totals)), where=totals > 0).astype(np.float32)
    values = expression.to_numpy().astype(np.float32, order="C")
    values *= scale[:, None]
    values += np.float32(1)
    return np.log2(values, out=values)
