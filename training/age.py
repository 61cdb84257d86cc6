"""What a decade of age changes, from sample-level sets of donors whose ages are known.

In every large group of donors of one tissue log expression is regressed on age, with sex and the leading directions of
the group's samples beside it (Leek and Storey 2007): composition and handling move thousands of genes together, and by
chance such a direction runs with age. The slopes of all groups are averaged by their precision and shrunk
(``adaptive_shrinkage``). How much of that is real is asked twice: by shuffling the ages of donors, and by whether
groups agree that had no part in the choice of genes. Today one group is large enough, the islets of 77 donors; small
groups cannot spare the directions, and without those nothing stands out from shuffled ages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, stats

from synthome.models.embedded.scale import PSEUDO_CPM
from synthome.models.embedded.signatures import SignatureTerm
from training.adaptive_shrinkage import Contrast, moderated_error, shrink
from training.signatures import Signature
from training.studies import Study, slope_and_error
from training.variance_law import DONORS

__all__ = ["AgeSlopes", "age_slopes", "fit_age", "pooled", "shuffled_ages", "sign_agreement"]

Array = npt.NDArray[np.float64]
DECADE = 10.0
SOURCES = {"islets": "GSE50244"}
"""Names under which people find a set of samples."""
LEAST_SAMPLES = 30
"""Samples of a group that is learned from."""
LEAST_SAMPLES_TO_CHECK = 8
"""Samples of a group that is asked whether it agrees."""
LEAST_RANGE = 20.0
"""Years between the youngest and the oldest donor of a group that says something about age."""
LEAST_LEVEL = 1.0
"""Mean CPM from which a gene's slope is believed."""
DIRECTIONS = 5
"""Directions taken out of a group that is learned from."""
FALSE_DISCOVERY_RATE = 0.1
SHUFFLES = 10


@dataclass(frozen=True, slots=True)
class AgeSlopes:
    """Slopes of one group of donors: ``slope`` and ``error`` in ln units a decade, NaN where not told."""

    group: str
    slope: Array
    error: Array
    samples: int


def age_slopes(studies: Sequence[Study], least_samples: int = LEAST_SAMPLES) -> list[AgeSlopes]:
    """Slopes of every group of ``least_samples`` donors or more whose ages are known and varied enough."""
    out = []
    for study in studies:
        for index, name in enumerate(study.group_names):
            if study.material_of(name) not in DONORS:
                continue
            chosen = (study.group == index) & np.isfinite(study.age)
            if chosen.sum() >= least_samples and np.ptp(study.age[chosen]) >= LEAST_RANGE:
                out.append(_slopes(study, name, chosen))
    return out


def _slopes(study: Study, name: str, chosen: npt.NDArray[np.bool_]) -> AgeSlopes:
    y = np.nan_to_num(study.log_cpm[:, chosen])
    told = study.measured & (np.exp(y.mean(axis=1)) - PSEUDO_CPM > LEAST_LEVEL)
    age = study.age[chosen] / DECADE
    female = np.nan_to_num(study.female[chosen], nan=0.5)
    known = np.column_stack([np.ones(len(age)), age - age.mean(), female - female.mean()])
    if np.ptp(female) == 0:
        known = known[:, :2]
    design = np.column_stack([known, _directions(y[told], np.delete(known, 1, axis=1))])
    slope, error, degrees = slope_and_error(y, design)
    slope, error = np.where(told, slope, np.nan), np.where(told, error, np.nan)
    return AgeSlopes(name, slope, moderated_error(slope, error, degrees), len(age))


def _directions(y: Array, known: Array) -> Array:
    """Leading directions (samples x directions) of what sex leaves, genes weighing alike; none in groups to check with.

    Age is left in: directions at right angles to it would make the error smaller and the slope no truer.
    """
    if len(known) < LEAST_SAMPLES:
        return np.zeros((len(known), 0))
    left = y - y @ np.linalg.pinv(known).T @ known.T
    left = left / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
    _, vectors = linalg.eigh(left.T @ left)
    directions: Array = vectors[:, -DIRECTIONS:]
    return directions


def pooled(slopes: Sequence[AgeSlopes]) -> Contrast:
    """Average of groups, each weighing by its precision; the error is widened where they disagree (I squared)."""
    slope = np.array([s.slope for s in slopes])
    weight = np.nan_to_num(np.array([1.0 / s.error**2 for s in slopes]))
    known = weight.sum(axis=0) > 0
    total = np.where(known, weight.sum(axis=0), 1.0)
    mean = (weight * np.nan_to_num(slope)).sum(axis=0) / total
    others = np.maximum((weight > 0).sum(axis=0) - 1, 1)
    scatter = (weight * (np.nan_to_num(slope) - mean) ** 2).sum(axis=0) / others
    error = np.sqrt(np.maximum(scatter, 1.0) / total)
    names = tuple(s.group for s in slopes)
    return Contrast(np.where(known, mean, np.nan), np.where(known, error, np.nan), 1, names)


def fit_age(studies: Sequence[Study], excluded: npt.NDArray[np.bool_]) -> Signature:
    """What a decade adds to log expression.

    Parameters
    ----------
    studies
        All sample-level studies; those without ages or of cultured cells play no part.
    excluded : genes
        Genes that age may not move: those that tell sex.

    Returns
    -------
    Signature
        ``decade``; zero for genes that no group measures or that shuffled ages move as much.
    """
    contrast = pooled(age_slopes(studies))
    values, reliability = shrink(contrast)
    values[~_discovered(contrast) | excluded] = 0.0
    term = SignatureTerm(
        "decade",
        "a decade of age",
        tuple(sorted({SOURCES.get(group.split(":")[0], group) for group in contrast.studies})),
        reliability,
        int(contrast.measured.sum()),
        note="Mostly from pancreatic islets: few genes, and how far they hold in other tissues is hardly known.",
    )
    return Signature(term, values)


def _discovered(contrast: Contrast) -> npt.NDArray[np.bool_]:
    """Genes that change at ``FALSE_DISCOVERY_RATE`` (Benjamini and Hochberg 1995)."""
    found = np.zeros(len(contrast.effect), dtype=bool)
    known = contrast.measured
    p = 2.0 * stats.norm.sf(np.abs(contrast.effect[known] / contrast.error[known]))
    found[known] = stats.false_discovery_control(p) <= FALSE_DISCOVERY_RATE
    return found


def shuffled_ages(studies: Sequence[Study], generator: np.random.Generator) -> tuple[int, list[int]]:
    """Number of genes discovered with the ages as they are, and with the ages of donors shuffled within groups."""
    real = int(_discovered(pooled(age_slopes(studies))).sum())
    by_chance = []
    for _ in range(SHUFFLES):
        moved = [replace(study, age=_shuffled(study, generator)) for study in studies]
        by_chance.append(int(_discovered(pooled(age_slopes(moved))).sum()))
    return real, by_chance


def _shuffled(study: Study, generator: np.random.Generator) -> Array:
    age = study.age.copy()
    for index in range(len(study.group_names)):
        rows = np.flatnonzero((study.group == index) & np.isfinite(age))
        age[rows] = generator.permutation(age[rows])
    return age


def sign_agreement(studies: Sequence[Study], top: int = 200) -> dict[str, tuple[float, int]]:
    """How often each group agrees in sign with the ``top`` genes of all other large groups, and over how many genes.

    Half is what chance gives. Groups too small to be learned from are asked too.
    """
    large = age_slopes(studies)
    out = {}
    for asked in age_slopes(studies, LEAST_SAMPLES_TO_CHECK):
        others = [s for s in large if s.group != asked.group]
        if not others:
            continue
        rest = pooled(others)
        z = np.where(rest.measured & np.isfinite(asked.slope), np.abs(rest.effect / rest.error), 0.0)
        genes = np.argsort(-z, kind="stable")[:top]
        agree = np.sign(rest.effect[genes]) == np.sign(asked.slope[genes])
        out[asked.group] = float(agree.mean()), len(genes)
    return out
