"""The scale on which expression is modelled: theta = ln(CPM + c), with c = 0.5.

Zero expression has a finite value, one count in two million, so that effects can be added to it.
"""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["CODE_STEP", "DEVIATION_STEP", "LEAST_THETA", "PSEUDO_CPM", "cpm_of", "log_expression"]

PSEUDO_CPM = 0.5
"""Counts per million added before the logarithm."""
LEAST_THETA = float(np.log(PSEUDO_CPM))
"""Log expression of a gene that is not expressed."""
CODE_STEP = 0.054
"""One unit of a stored profile, in ln; 255 of them reach 477,000 CPM."""
DEVIATION_STEP = 0.2
"""One unit of a stored deviation of a cell type in one tissue from the cell type, in ln."""


@overload
def log_expression(cpm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]: ...


@overload
def log_expression(cpm: pd.DataFrame) -> pd.DataFrame: ...


def log_expression(cpm: npt.NDArray[np.float64] | pd.DataFrame) -> npt.NDArray[np.float64] | pd.DataFrame:
    """ln(CPM + c).

    >>> float(np.round(log_expression(np.array([0.5])), 6)[0])
    0.0
    """
    if isinstance(cpm, pd.DataFrame):
        return pd.DataFrame(np.log(cpm.to_numpy() + PSEUDO_CPM), index=cpm.index, columns=cpm.columns)
    return np.log(cpm + PSEUDO_CPM)


def cpm_of(theta: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """CPM of log expression; never below zero."""
    return np.maximum(np.exp(theta) - PSEUDO_CPM, 0.0)
