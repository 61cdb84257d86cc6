"""A result in a sentence, and whether anything in it is unusual."""

from __future__ import annotations

import numpy as np

from synthome.analysis.likeness import IDENTICAL
from synthome.analysis.quality import FEWEST_JUDGED, Quality
from synthome.prediction import Prediction
from synthome.wording import counted, joined

__all__ = ["describe_result", "nothing_unusual"]

_MOST_NAMED = 4


def describe_result(found: Quality, prediction: Prediction) -> str:
    """Samples of each condition, their counts and the genes detected."""
    told = f"{_samples(prediction)}."
    if not len(found.detected):
        return told
    counts = _range(int(found.library_size.min()), int(found.library_size.max()))
    genes = _range(int(found.detected.min()), int(found.detected.max()))
    subject = "Each has" if len(found.detected) > 1 else "It has"
    return f"{told} {subject} {counts} counts, in {genes} of {len(prediction.genes):,} genes."


def nothing_unusual(found: Quality, prediction: Prediction) -> str:
    """What to say where :func:`~synthome.analysis.quality.unusual_samples` finds none: that, or that it cannot tell."""
    _, sizes = np.unique(prediction.condition, return_counts=True)
    likeness = found.likeness[~np.isnan(found.likeness)]
    if len(likeness) and likeness.min() >= IDENTICAL:
        return "Nothing is unusual: the samples of a condition are identical."
    if sizes.max(initial=0) < FEWEST_JUDGED:
        return f"Whether a sample is unusual cannot be told: no condition has {FEWEST_JUDGED} samples."
    told = "Nothing is unusual: every sample is like the others of its condition."
    if sizes.min() < FEWEST_JUDGED:
        told += f" Conditions of fewer than {FEWEST_JUDGED} samples are not judged."
    return told


def _samples(prediction: Prediction) -> str:
    present, sizes = np.unique(prediction.condition, return_counts=True)
    names = [prediction.condition_names[index] for index in present]
    total = counted(int(sizes.sum()), "sample")
    if len(names) > _MOST_NAMED:
        each = _range(int(sizes.min()), int(sizes.max()))
        return f"{total} of {len(names):,} conditions, {each} of each"
    if len(names) > 1 and sizes.min() == sizes.max():
        return f"{counted(int(sizes[0]), 'sample')} each of {joined(names)}"
    of_each = [
        f"{counted(int(size), 'sample') if place == 0 else f'{size:,}'} of {name}"
        for place, (name, size) in enumerate(zip(names, sizes, strict=True))
    ]
    return joined(of_each) if of_each else "No sample"


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
