"""The ellipse that would hold 95 % of a group of samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import f

__all__ = ["MIN_SAMPLES", "data_ellipse"]

MIN_SAMPLES = 4
"""Fewest samples from which an ellipse is drawn."""

Array = npt.NDArray[np.float64]


def data_ellipse(x: Array, y: Array, level: float = 0.95, points: int = 60) -> tuple[Array, Array] | None:
    """Outline of the region that holds ``level`` of a bivariate normal with the sample's mean and covariance.

    Its radius is ``sqrt(2 F)`` in units of Mahalanobis distance, F being the ``level`` quantile of the F distribution
    with 2 and n - 1 degrees of freedom (Fox and Weisberg, ``car::dataEllipse``).

    Returns
    -------
    x, y : float arrays, ``points`` long, the last point being the first; or None
        ``None`` for fewer than four samples, or where they lie on a line.
    """
    n = len(x)
    if n < MIN_SAMPLES:
        return None
    variances, axes = np.linalg.eigh(np.cov(x, y))
    if variances[0] <= variances[1] * 1e-9:
        return None
    angle = np.linspace(0, 2 * np.pi, points)
    radius = np.sqrt(2 * f.ppf(level, 2, n - 1))
    outline = axes @ (np.sqrt(variances)[:, None] * radius * np.vstack([np.cos(angle), np.sin(angle)]))
    return outline[0] + x.mean(), outline[1] + y.mean()
