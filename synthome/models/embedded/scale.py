"""The scale on which expression is modelled: theta = ln(CPM + c), with c = 0.5.

Zero expression has a finite value, one count in two million, so that effects can be added to it.
"""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["DEVIATION_STEP", "LEAST_THETA", "PSEUDO_CPM", "cpm_of", "decoded", "encoded", "log_expression"]

PSEUDO_CPM = 0.5
"""Counts per million added before the logarithm."""
LEAST_THETA = float(np.log(PSEUDO_CPM))
"""Log expression of a gene that is not expressed."""
CODE_STEP = 0.0695
"""One unit of a stored profile, in ln(CPM + ``CODE_PSEUDO_CPM``); 255 of them reach half a million CPM."""
CODE_PSEUDO_CPM = 0.01
"""CPM at which stored profiles pass from equal steps to equal ratios. A deep library sees a gene of a hundredth CPM in
every tenth sample, so it must not be rounded away."""
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


def encoded(theta: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Log expression as bytes; 0 is exactly no expression.

    An error of at most 3.5 per cent of CPM + ``CODE_PSEUDO_CPM``, an eighth of the differences between donors.
    """
    steps = np.rint(np.log1p(cpm_of(theta) / CODE_PSEUDO_CPM) / CODE_STEP)
    return np.clip(steps, 0, 255).astype(np.uint8)


def decoded(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Log expression of stored bytes.

    >>> bool(np.allclose(cpm_of(decoded(encoded(log_expression(np.array([0.0, 0.02, 300.0]))))), [0, 0.02, 300], 0.04))
    True
    """
    theta: npt.NDArray[np.float64] = _THETA_OF_CODE[codes]
    return theta


_THETA_OF_CODE = log_expression(CODE_PSEUDO_CPM * np.expm1(CODE_STEP * np.arange(256)))
