"""How samples of one kind differ: a low-rank part that genes share (the latents) and a gene-wise rest (the dispersion).

From the sample-level sets, residuals of log expression within a kind (tissue and sex) are taken, what counting alone
explains is removed, and the sets' covariances are pooled, normal tissue weighing most. The leading directions are the
biological latents: a standard normal step along each moves a sample as donors move. What the directions leave, less
counting, is the dispersion, so that no variance is put in twice. The technical latents are the directions in which two
laboratories differ on the same tissues, made orthogonal to the biological ones and scaled to what samples of one study
do along them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from training.studies import Residuals

__all__ = ["Dispersion", "LevelLaw", "Variability", "fit_variability"]

Array = npt.NDArray[np.float64]
BIOLOGICAL = 24
RIDGE = 3.0
"""Samples' worth of belief that a gene does not load."""
TECHNICAL = 8
SET_WEIGHT = {"tissue": 1.0, "normal": 1.0, "line": 0.5, "tumour": 0.25}
"""Weight of a set's covariance by what was sequenced: tumours differ by more than donors do."""
NORMAL_WEIGHT = {"tissue": 1.0, "normal": 1.0, "line": 0.5}
"""Weight of a set in how far genes move: tumours tell directions, not distances."""
MOST_LOG_DISPERSION = np.log(4.0)
EXPRESSED = 5.0
"""Mean CPM from which a gene's dispersion is measured rather than taken from the trend."""


@dataclass(frozen=True, slots=True)
class Dispersion:
    """phi of gene g at mean m (CPM): (floor + rise / m) exp(scatter_g); the trend is Love, Huber and Anders' (2014)."""

    floor: float
    rise: float
    scatter: Array


@dataclass(frozen=True, slots=True)
class LevelLaw:
    """How a gene's variance falls where it is expressed more than where variance was measured.

    A gene that leaks into a tissue (albumin into pancreas) varies more there than at its home. Variance is multiplied
    by exp(-exponent x (ln(m + 1) - ``level``)), m being the mean CPM in question.
    """

    exponent: float
    level: Array


@dataclass(frozen=True, slots=True)
class Variability:
    """Loadings (genes x latents, ln units a standard deviation), and what they leave."""

    biological: Array
    technical: Array
    dispersion: Dispersion
    level_law: LevelLaw
    scale_by_material: dict[str, float]
    """Standard deviation of the biological latents, by what was sequenced; 1 for tissue."""


def fit_variability(sets: list[Residuals], between: Array, varying: npt.NDArray[np.bool_]) -> Variability:
    """Pool the sets.

    Parameters
    ----------
    sets
        Residuals of every kind of sample.
    between : genes x tissues
        Differences between two laboratories on the same tissues, gene-wise mean removed.
    varying : genes
        Genes that may load; those of the sex chromosomes that tell sex may not.
    """
    clean = [_without_counting(s) * varying[:, None] for s in sets]
    weights = [np.sqrt(SET_WEIGHT[s.material] / s.degrees) * np.sqrt(min(s.degrees, 20) / 20) for s in sets]
    stacked = np.hstack([values * weight for values, weight in zip(clean, weights, strict=True)])
    directions = _leading(stacked, BIOLOGICAL)
    reference = [i for i, s in enumerate(sets) if s.material in ("tissue", "normal") and s.degrees >= 7]
    spread = np.sqrt(np.mean([_variance_along(directions, clean[i], sets[i].degrees) for i in reference], axis=0))
    scores = [(directions.T @ values) / spread[:, None] for values in clean]
    biological = _oriented(_loadings(sets, clean, scores) * varying[:, None])

    between = between * varying[:, None]
    between = between - directions @ (directions.T @ between)
    technical_directions = _leading(between, TECHNICAL)
    technical_spread = np.sqrt(
        np.mean([_variance_along(technical_directions, clean[i], sets[i].degrees) for i in reference], axis=0)
    )
    technical = _oriented(technical_directions * technical_spread)

    both = np.column_stack([directions, technical_directions])
    scale = {}
    for material, kinds in (("tissue", ("tissue", "normal")), ("line", ("line",)), ("tumour", ("tumour",))):
        same = [i for i, s in enumerate(sets) if s.material in kinds and s.degrees >= 7]
        if same:
            along = np.mean([_variance_along(directions, clean[i], sets[i].degrees).sum() for i in same])
            scale[material] = float(np.sqrt(along / (biological**2).sum()))
    dispersion = _dispersion(sets, clean, both)
    along = (biological**2).sum(axis=1) + (technical**2).sum(axis=1)
    relative = {material: spread_of / scale["tissue"] for material, spread_of in scale.items()}
    return Variability(biological, technical, dispersion, _level_law(sets, dispersion, along, varying), relative)


def _set_weights(sets: list[Residuals]) -> Array:
    """What each set (rows) tells of each gene (columns).

    Normal samples only, twenty counting as many as any number; the more the higher the gene is expressed beside the set
    that has most of it: how albumin varies is for the liver to say, not for an organ that it leaks into.
    """
    level = np.array([np.where(s.measured, s.level, 0.0) for s in sets])
    home = np.sqrt(level / np.maximum(level.max(axis=0), 1e-9))
    of_set = np.array([NORMAL_WEIGHT.get(s.material, 0.0) * min(s.degrees, 20) for s in sets])
    weights: Array = of_set[:, None] * home * (level > EXPRESSED / 2)
    return weights


def _loadings(sets: list[Residuals], clean: list[Array], scores: list[Array]) -> Array:
    """Regression of each gene on the samples' scores, each set weighing by what it tells of the gene."""
    number = scores[0].shape[0]
    normal: Array = np.tile(RIDGE * np.eye(number), (len(clean[0]), 1, 1))
    right: Array = np.zeros((len(clean[0]), number))
    for s, values, score, weight in zip(sets, clean, scores, _set_weights(sets), strict=True):
        normal += weight[:, None, None] * (score @ score.T) / s.degrees
        right += np.asarray(weight[:, None] * (values @ score.T) / s.degrees, dtype=np.float64)
    loadings: Array = np.asarray(np.linalg.solve(normal, right[:, :, None])[:, :, 0], dtype=np.float64)
    return loadings


def _without_counting(s: Residuals) -> Array:
    """Residuals scaled, gene by gene, to the variance that counting does not explain."""
    total = (s.values**2).sum(axis=1) / s.degrees
    keep = np.sqrt(np.divide(s.extra, total, out=np.zeros_like(total), where=total > 0))
    out: Array = s.values * (keep * s.measured)[:, None]
    return out


def _leading(matrix: Array, number: int) -> Array:
    """The leading left singular vectors (genes x number), from the small Gram matrix."""
    values, vectors = linalg.eigh(matrix.T @ matrix)
    order = np.argsort(-values)[:number]
    left = matrix @ vectors[:, order]
    out: Array = left / np.linalg.norm(left, axis=0)
    return out


def _variance_along(directions: Array, values: Array, degrees: int) -> Array:
    along: Array = ((directions.T @ values) ** 2).sum(axis=1) / degrees
    return along


def _oriented(loadings: Array) -> Array:
    """Sorted by variance, the largest loading of each direction positive."""
    loadings = loadings[:, np.argsort(-(loadings**2).sum(axis=0), kind="stable")]
    largest = np.abs(loadings).argmax(axis=0)
    out: Array = loadings * np.sign(loadings[largest, np.arange(loadings.shape[1])])
    return out


def _dispersion(sets: list[Residuals], clean: list[Array], directions: Array) -> Dispersion:
    """Trend and gene-wise scatter of what the latents leave, over normal sets of ten samples or so and more."""
    basis, _ = np.linalg.qr(directions)
    levels, phis, weights = [], [], []
    for s, values, weight_of_set in zip(sets, clean, _set_weights(sets), strict=True):
        if s.material not in NORMAL_WEIGHT or s.degrees < 7:
            continue
        left = values - basis @ (basis.T @ values)
        # The directions were fitted to these samples too; what they take by chance is given back.
        used = SET_WEIGHT[s.material] * min(basis.shape[1] / max(len(sets), 1), s.degrees / 2) / s.degrees
        variance = (left**2).sum(axis=1) / s.degrees / (1 - min(used, 0.5))
        phi = np.sqrt(1 + 2 * variance) - 1
        usable = s.measured & (s.level > EXPRESSED)
        levels.append(np.where(usable, s.level, np.nan))
        phis.append(np.where(usable, np.maximum(phi, 1e-3), np.nan))
        weights.append(weight_of_set)
    level, phi = np.array(levels), np.array(phis)
    weight = np.array(weights) * np.isfinite(phi)
    floor, rise = _trend(level[np.isfinite(phi)], phi[np.isfinite(phi)])
    above = np.log(np.nan_to_num(phi, nan=1.0)) - np.log(floor + rise / np.nan_to_num(level, nan=1.0))
    total = weight.sum(axis=0)
    mean = (weight * above).sum(axis=0) / np.maximum(total, 1e-9)
    # A log variance estimated from d degrees of freedom errs by 2 / d; its prior is the spread over genes.
    error = 2.0 / np.maximum(total, 1e-9)
    prior = max(float(np.var(mean[total > 20]) - np.mean(error[total > 20])), 0.05)
    scatter = np.where(total > 0, mean * prior / (prior + error), 0.0)
    return Dispersion(floor, rise, np.clip(scatter, -MOST_LOG_DISPERSION, MOST_LOG_DISPERSION))


def _level_law(sets: list[Residuals], dispersion: Dispersion, along: Array, varying: npt.NDArray[np.bool_]) -> LevelLaw:
    """Slope, within sets, of ln(real variance / modelled variance) on the level beside the gene's mean level."""
    used = [i for i, s in enumerate(sets) if s.material in NORMAL_WEIGHT and s.degrees >= 7]
    weights = _set_weights(sets)[used]
    used_sets = [sets[i] for i in used]
    levels = np.array([np.log(s.level + 1.0) for s in used_sets])
    told = np.array([s.measured & (s.level > EXPRESSED) & varying for s in used_sets])
    mean_level = (levels * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-9)
    products, squares = 0.0, 0.0
    for s, level, known in zip(used_sets, levels, told & (told.sum(axis=0) > 1), strict=True):
        phi = (dispersion.floor + dispersion.rise / np.maximum(s.level, 1e-3)) * np.exp(dispersion.scatter)
        ratio = np.log((s.extra + 0.005) / (along + phi + phi**2 / 2 + 0.005))[known]
        distance = (level - mean_level)[known]
        distance = distance - distance.mean()
        products += s.degrees * float((distance * (ratio - ratio.mean())).sum())
        squares += s.degrees * float((distance**2).sum())
    anywhere = np.mean(levels, axis=0)
    return LevelLaw(max(-products / squares, 0.0), np.where(weights.sum(axis=0) > 0, mean_level, anywhere))


def _trend(level: Array, phi: Array) -> tuple[float, float]:
    """Floor and rise through the medians of twenty bins of level."""
    order = np.argsort(level)
    bins = np.array_split(order, 20)
    x = np.array([1 / np.median(level[b]) for b in bins])
    y = np.array([np.median(phi[b]) for b in bins])
    design = np.column_stack([np.ones_like(x), x]) / y[:, None]
    floor, rise = np.linalg.lstsq(design, np.ones_like(y), rcond=None)[0]
    return float(max(floor, 1e-3)), float(max(rise, 0.0))
