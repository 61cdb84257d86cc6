"""What to beware of in a comparison of synthetic samples, a sentence each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthome.analysis.differential.comparison import Comparison
from synthome.analysis.figures.words import is_given, key_label
from synthome.analysis.views import CONDITION
from synthome.prediction import GROUP, Prediction
from synthome.wording import joined

__all__ = ["cautions"]

_MADE_OF_CONDITIONS = frozenset({CONDITION, GROUP})
"""What groups may be made by that is no factor itself: whatever sets them apart is what is asked about."""
_FEW = 3
_GENERAL = (
    "Replicates here are draws of a model. A p-value says how clearly the model separates the groups, not what nature "
    "does: more samples make any difference significant."
)
_NOISELESS = (
    "These samples are mean estimates, without counting noise: p-values are far smaller than any experiment would give."
)


def cautions(prediction: Prediction, comparison: Comparison, by: str, *, noiseless: bool) -> list[str]:
    """Sentences that hold for every comparison of synthetic samples, then those that hold for this one.

    Parameters
    ----------
    by : "condition" or a metadata key
        What the groups were made by.
    noiseless : bool
        Whether the samples are mean estimates.
    """
    found = [_GENERAL]
    if noiseless:
        found.append(_NOISELESS)
    smallest = min(len(comparison.group), len(comparison.reference))
    if smallest < _FEW:
        found.append("With two samples in a group, how much a gene varies is hardly known; ask for three or more.")
    apart = _apart(prediction, comparison, by)
    if by in _MADE_OF_CONDITIONS and len(apart) > 1:
        found.append(f"The groups differ in {joined(apart)} at once; a gene may follow any of these.")
    elif by not in _MADE_OF_CONDITIONS and apart:
        found.append(f"The groups differ in {joined(apart)} too, not in {_word(by)} alone; a gene may follow either.")
    return found


def _apart(prediction: Prediction, comparison: Comparison, by: str) -> list[str]:
    """The factors of which the two groups share no value. A perturbation's agent, dose and time are one factor."""
    factors = []
    for key in prediction.metadata.columns:
        if _word(str(key)) == _word(by) or key in _MADE_OF_CONDITIONS:
            continue
        column = prediction.metadata[key].to_numpy(dtype=object)
        if not _values(column, comparison.group) & _values(column, comparison.reference):
            factors.append(_word(str(key)))
    return list(dict.fromkeys(factors))


def _values(column: npt.NDArray[np.object_], rows: npt.NDArray[np.intp]) -> set[str]:
    return {str(value) if is_given(value) else "" for value in column[rows]}


def _word(key: str) -> str:
    return "perturbation" if key.startswith("perturbation_") else key_label(key).lower()
