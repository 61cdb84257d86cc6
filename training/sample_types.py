"""Sample types: what cells in culture as a line have lost and gained beside the tissue that they are from.

Learned from the lines of known origin: a line's profile less its tissue's, averaged within a tissue and then over
tissues, each gene shrunk by how much the tissues agree on it (empirical Bayes), and all of it by what the lines of a
tissue that was left out confirm. Primary cultures give no signature: those at hand (fibroblasts, myoblasts, stellate
cells, adipocytes) are all of connective tissue, so that what they share is their kind of cell, not being cultured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.signatures import SignatureTerm
from training.signatures import Signature
from training.tissues import Profiles

__all__ = ["CELL_LINE", "Validation", "fit_sample_types", "line_changes", "validate"]

Array = npt.NDArray[np.float64]
CELL_LINE = "cell line"
NOTE = (
    "The mean over lines of many tissues: no line in particular, and the tissue's own markers fade less than in lines."
)


@dataclass(frozen=True, slots=True)
class Validation:
    """How well lines of a tissue are predicted from lines of the others.

    ``error`` and ``error_of_tissue`` are RMSE in ln units with and without the signature, one value a tissue; ``slope``
    is the share of the signature that left-out lines confirm, ``r`` the mean correlation with them.
    """

    tissues: tuple[str, ...]
    error: Array
    error_of_tissue: Array
    slope: float
    r: float


def line_changes(
    lines: Profiles, tissues: Profiles, origins: Mapping[str, tuple[str, str]], left_open: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Mean of line less tissue for each learned tissue of origin, genes x tissues; zero for genes ``left_open``."""
    by_tissue: dict[str, list[pd.Series]] = {}
    for line in lines.theta.columns:
        tissue = origins.get(line, ("", ""))[0]
        if tissue in tissues.theta.columns:
            by_tissue.setdefault(tissue, []).append(lines.theta[line] - tissues.theta[tissue])
    changes = pd.DataFrame({tissue: pd.concat(by_tissue[tissue], axis=1).mean(axis=1) for tissue in sorted(by_tissue)})
    changes[left_open] = 0.0
    return changes


def validate(changes: pd.DataFrame) -> Validation:
    """Leave each tissue of origin out, and predict its lines from the others'."""
    table = changes.to_numpy()
    errors, slopes, correlations = [], [], []
    for column in range(table.shape[1]):
        signature = _common(np.delete(table, column, axis=1))
        truth = table[:, column]
        found = signature.any()
        slopes.append((signature @ truth) / (signature @ signature) if found else 0.0)
        correlations.append(np.corrcoef(signature, truth)[0, 1] if found else 0.0)
        errors.append((np.sqrt(((truth - signature) ** 2).mean()), np.sqrt((truth**2).mean())))
    error = np.array(errors)
    slope = float(np.clip(np.mean(slopes), 0.0, 1.0))
    return Validation(tuple(changes.columns), error[:, 0], error[:, 1], slope, float(np.mean(correlations)))


def _common(table: Array) -> Array:
    """Mean over tissues, gene by gene, times the part of it that is not chance between tissues."""
    mean = table.mean(axis=1)
    chance = table.var(axis=1, ddof=1) / table.shape[1]
    spread = max(float((mean**2 - chance).mean()), 0.0)
    common: Array = mean * spread / (spread + chance + 1e-12)
    return common


def fit_sample_types(
    lines: Profiles, tissues: Profiles, origins: Mapping[str, tuple[str, str]], left_open: npt.NDArray[np.bool_]
) -> list[Signature]:
    """The signature ``cell line``; none where it does not predict lines of left-out tissues better than their tissue.

    ``left_open`` marks genes that only one sex expresses: a line's donor decides on them.
    """
    changes = line_changes(lines, tissues, origins, left_open)
    found = validate(changes)
    if found.error.mean() >= found.error_of_tissue.mean():
        return []
    studies = tuple(sorted({study for line in lines.studies.values() for study in line}))
    term = SignatureTerm(CELL_LINE, "cell line", studies, found.r, int((~left_open).sum()), note=NOTE)
    return [Signature(term, found.slope * _common(changes.to_numpy()))]
