"""How samples of one kind differ: a low-rank part that genes share (the latents) and a gene-wise rest (the dispersion).

How much each gene varies is one law over all sets (``variance_law``). Which genes vary together comes from two sources,
both on the scale of that law. One is residuals of log expression within a kind (tissue and sex) in every sample-level
set. The other is how cell types differ from each other: pieces of one tissue hold cells in different amounts, so genes
of one kind of cell rise and fall together. The leading directions of both are the biological latents. Together they
carry the share of a gene's variance that few directions carry in real sets; the directions of one tissue are never
those of all, but every tissue has some. The technical latents are the directions in which two laboratories differ on
the same tissues, made orthogonal to the biological ones and scaled to what samples of one study do along them. The
dispersion is what the latents leave of the law's variance, so that no variance is put in twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from synthome.models.embedded.noise import VarianceTrend
from training.studies import Residuals
from training.variance_law import DONORS, fit_variance_law

__all__ = ["Variability", "fit_variability"]

Array = npt.NDArray[np.float64]
BIOLOGICAL = 24
TECHNICAL = 8
EXPRESSED = 5.0
"""Mean CPM from which a gene counts where sets are brought to one scale."""
FULL_SET = 40
"""A set of so many degrees of freedom weighs as much as any larger one."""
COMPOSITION = 0.3
"""Weight of cell types beside all sample-level sets together: chosen by how well gene-gene correlations of left-out
studies are met (0.26 on average over seven; 0.23 with 0, 0.24 with 0.5)."""
LEAST_CONTRAST = 0.3
"""Standard deviation over cell types (ln) below which a gene's differences between them are not enlarged."""
LEAST_DEGREES = 7
"""Degrees of freedom from which a set tells how far samples move along a direction."""
FEW = 5
LARGE_SET = 30
"""Degrees of freedom from which the share of ``FEW`` directions can be told."""
MOST_SHARED = 0.8
"""Largest share of a gene's variance that the latents may carry: samples of one kind never move as one."""
REPLICATE_BCV = 0.15
"""Prior: biological coefficient of variation of well expressed genes between cultures of one line. No set here has such
replicates. Genetically identical material in one experiment lies near 0.1 (the edgeR guide's figure); cultures of other
days, which differ in passage and density, add to it."""


@dataclass(frozen=True, slots=True)
class Variability:
    """How samples vary around their profile.

    ``biological`` and ``technical`` are loadings (genes x latents), ln units a standard deviation of a latent, and
    ``dispersion`` the gamma-Poisson phi of each gene, all for a gene that is well expressed: at a mean of m CPM every
    variance is ``trend(m)`` times as large.
    """

    biological: Array
    technical: Array
    dispersion: Array
    trend: VarianceTrend
    scale_by_material: dict[str, float]
    """Standard deviations beside those of donors' tissue, of the latents and of the gene-wise rest alike."""


def fit_variability(
    sets: Sequence[Residuals],
    between: Array,
    varying: npt.NDArray[np.bool_],
    tissues: Array,
    cell_types: Array,
    without: Collection[str] = (),
) -> Variability:
    """Pool the sets.

    Parameters
    ----------
    sets
        Residuals of every kind of sample.
    between : genes x tissues
        Differences between two laboratories on the same tissues, gene-wise mean removed.
    varying : genes
        Genes that may load; those of the sex chromosomes that tell sex may not.
    tissues, cell_types : genes x terms
        Log expression of the learned tissues and cell types.
    without
        Names of studies to leave out, as ``Study.name``; a study's groups are named ``study: group``.

    Raises
    ------
    ValueError
        Where a study to be left out is not among the sets, or no donors' tissue is left to learn from.
    """
    sets = _kept(sets, without)
    law = fit_variance_law(sets, tissues)
    deviation = np.sqrt(law.gene) * varying
    relative = [_on_the_laws_scale(s, deviation, law.trend) for s in sets]
    shared, directions = _shared_directions(sets, relative, _contrasts(cell_types) * varying[:, None])

    between = np.divide(between, deviation[:, None], out=np.zeros_like(between), where=varying[:, None])
    apart = _leading(between - directions @ (directions.T @ between), TECHNICAL)
    reference = [i for i, s in enumerate(sets) if s.material in DONORS and s.degrees >= LEAST_DEGREES]
    along = [((apart.T @ relative[i]) ** 2).sum(axis=1) / sets[i].degrees for i in reference]
    technical = apart * np.sqrt(np.mean(along, axis=0))

    shares = (shared**2).sum(axis=1) + (technical**2).sum(axis=1)
    shares_kept = _capped(shares, _share_of_few(sets, relative), varying) * varying
    keep = np.sqrt(np.divide(shares_kept, shares, out=np.zeros_like(shares), where=shares > 0)) * deviation
    rest = law.gene * (1.0 - shares_kept)
    return Variability(
        _oriented(shared * keep[:, None]),
        _oriented(technical * keep[:, None]),
        # A gamma of dispersion phi has a log variance of about phi + phi^2 / 2.
        np.sqrt(1.0 + 2.0 * rest) - 1.0,
        law.trend,
        {"tissue": 1.0, "line": REPLICATE_BCV / float(np.sqrt(np.median(law.gene)))},
    )


def _kept(sets: Sequence[Residuals], without: Collection[str]) -> list[Residuals]:
    studies = {s.name.split(":")[0] for s in sets}
    if unknown := sorted(set(without) - studies):
        message = f"No study {', '.join(unknown)} to leave out: there are {', '.join(sorted(studies))}"
        raise ValueError(message)
    kept = [s for s in sets if s.name.split(":")[0] not in without]
    if not any(s.material in DONORS and s.degrees >= LEAST_DEGREES for s in kept):
        message = f"No donors' set of {LEAST_DEGREES} degrees of freedom is left to learn from"
        raise ValueError(message)
    return kept


def _on_the_laws_scale(s: Residuals, deviation: Array, trend: VarianceTrend) -> Array:
    """Residuals without counting noise in units of the law's standard deviation, their mean square 1 in every set.

    Sets differ in how far samples move altogether (tumours most); they are asked only which genes move together.
    """
    total = (s.values**2).sum(axis=1) / s.degrees
    keep = np.sqrt(np.divide(s.extra, total, out=np.zeros_like(total), where=total > 0))
    scale = np.divide(keep * s.measured, deviation, out=np.zeros_like(total), where=deviation > 0)
    values = s.values * (scale / np.sqrt(trend(s.level)))[:, None]
    expressed = s.measured & (s.level > EXPRESSED)
    size = np.sqrt((values**2).sum() / s.degrees / max(expressed.sum(), 1))
    out: Array = values / max(size, 1e-12)
    return out


def _contrasts(cell_types: Array) -> Array:
    """How cell types differ, genes x types, each gene's mean square 1 at most."""
    contrast = cell_types - cell_types.mean(axis=1, keepdims=True)
    out: Array = contrast / np.maximum(contrast.std(axis=1, keepdims=True), LEAST_CONTRAST)
    return out


def _shared_directions(sets: Sequence[Residuals], relative: list[Array], contrasts: Array) -> tuple[Array, Array]:
    """Relative loadings (genes x latents) and their directions (orthonormal) of the pooled covariance."""
    weights = np.array([min(s.degrees, FULL_SET) for s in sets], dtype=np.float64)
    weights *= (1.0 - COMPOSITION / (1.0 + COMPOSITION)) / weights.sum()
    parts = [values * np.sqrt(w / s.degrees) for values, w, s in zip(relative, weights, sets, strict=True)]
    cells = contrasts * np.sqrt(COMPOSITION / (1.0 + COMPOSITION) / contrasts.shape[1])
    pooled = np.hstack([*parts, cells])
    directions = _leading(pooled, BIOLOGICAL)
    return directions * np.linalg.norm(directions.T @ pooled, axis=1), directions


def _share_of_few(sets: Sequence[Residuals], relative: list[Array]) -> float:
    """Share of genes' variance that ``FEW`` directions found in every second gene carry in the others.

    The degrees of freedom that the directions use up are allowed for, as in an adjusted R squared. 0.6 in islets.
    """
    shares = []
    for s, values in zip(sets, relative, strict=True):
        if s.degrees < LARGE_SET or s.material == "tumour":
            continue
        unit = values[s.measured & (s.level > EXPRESSED) & (values != 0).any(axis=1)]
        unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
        _, samples = linalg.eigh(unit[::2].T @ unit[::2])
        explained = ((unit[1::2] @ samples[:, -FEW:]) ** 2).sum(axis=1).mean()
        shares.append(1.0 - (1.0 - explained) * s.degrees / (s.degrees - FEW))
    return float(np.mean(shares)) if shares else 0.5


def _capped(shares: Array, mean: float, varying: npt.NDArray[np.bool_]) -> Array:
    """``shares`` times a common factor, none above ``MOST_SHARED``: genes that vary have ``mean`` on average."""
    low, high = 0.0, 1e3
    for _ in range(60):
        factor = 0.5 * (low + high)
        reached = np.minimum(shares[varying] * factor, MOST_SHARED).mean()
        low, high = (factor, high) if reached < mean else (low, factor)
    capped: Array = np.minimum(shares * high, MOST_SHARED)
    return capped


def _leading(matrix: Array, number: int) -> Array:
    """The leading left singular vectors (genes x number), from the small Gram matrix."""
    values, vectors = linalg.eigh(matrix.T @ matrix)
    order = np.argsort(-values)[:number]
    left = matrix @ vectors[:, order]
    out: Array = left / np.linalg.norm(left, axis=0)
    return out


def _oriented(loadings: Array) -> Array:
    """Sorted by variance, the largest loading of each direction positive."""
    loadings = loadings[:, np.argsort(-(loadings**2).sum(axis=0), kind="stable")]
    largest = np.abs(loadings).argmax(axis=0)
    out: Array = loadings * np.sign(loadings[largest, np.arange(loadings.shape[1])])
    return out
