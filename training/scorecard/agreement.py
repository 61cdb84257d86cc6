"""How predicted profiles agree with those of another atlas, condition by condition.

Profiles are genes x conditions on a log2 scale, both tables with the same rows and columns. Another atlas measures each
gene with its own constant offset (library preparation, gene models), so deviations are taken from each table's own
mean, and errors after an offset a gene that is learned from the *other* conditions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = ["Agreement", "agreement", "auroc"]

Array = npt.NDArray[np.float64]
MARKERS = 100


@dataclass(frozen=True, slots=True)
class Agreement:
    """One value a condition.

    ``r``: correlation over genes of deviations from the mean condition (centring with or without the condition itself
    gives the same r). ``error``: root mean squared error in log2 with the offset from the other conditions.
    ``found``: whether the real profile is most like its own prediction. ``marker_auroc``: how well predicted deviations
    rank the hundred genes that stand out most in the real profile. ``slope``: of real on predicted deviations.
    """

    r: Array
    error: Array
    found: Array
    marker_auroc: Array
    slope: Array


def agreement(predicted: Array, real: Array, answered_by: npt.NDArray[np.intp] | None = None) -> Agreement:
    """Compare the tables.

    ``answered_by`` gives for each condition the column of ``predicted`` that answers for it: its own, unless another
    answer (its nearest relative's) is judged.
    """
    conditions = real.shape[1]
    answer = np.arange(conditions) if answered_by is None else answered_by
    a = predicted - predicted.mean(axis=1, keepdims=True)
    b = real - real.mean(axis=1, keepdims=True)
    similarity = _correlations(b, a)
    gap_total = (real - predicted).sum(axis=1)
    error, aurocs, slopes = [], [], []
    for i in range(conditions):
        offset = (gap_total - (real[:, i] - predicted[:, i])) / (conditions - 1)
        error.append(float(np.sqrt(np.mean((real[:, i] - predicted[:, answer[i]] - offset) ** 2))))
        markers = np.zeros(len(real), dtype=bool)
        markers[np.argsort(-b[:, i], kind="stable")[:MARKERS]] = True
        aurocs.append(auroc(a[:, answer[i]], markers))
        slopes.append(float(a[:, answer[i]] @ b[:, i] / (a[:, answer[i]] @ a[:, answer[i]])))
    rows = np.arange(conditions)
    found = similarity[rows, answer] >= similarity.max(axis=1)
    own = found & (answer == rows)
    return Agreement(similarity[rows, answer], np.array(error), own.astype(float), np.array(aurocs), np.array(slopes))


def auroc(score: Array, positive: npt.NDArray[np.bool_]) -> float:
    """Probability that a positive's score exceeds a negative's, ties counting half (Mann and Whitney's U)."""
    ranks = stats.rankdata(score)
    n = int(positive.sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))


def _correlations(a: Array, b: Array) -> Array:
    """Pearson r of every column of ``a`` with every column of ``b``."""
    x, y = a - a.mean(axis=0), b - b.mean(axis=0)
    out: Array = (x / np.linalg.norm(x, axis=0)).T @ (y / np.linalg.norm(y, axis=0))
    return out
