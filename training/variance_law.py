"""How much each gene varies between samples of one kind: one law for all tissues, learned across studies.

The variance of log expression that counting does not explain falls with expression, and what is left of it is mostly
the gene's own: genes that differ much between tissues vary most within one, too, because pieces of tissue hold
neighbours in different amounts, though not in the tissue where they are at home; and a gene that varies much in one
study does so in the next. So

    ln variance = set + ln(1 + rise / (CPM + 3)) + curve(specificity) + at_peak x nearness + factor

where nearness is to the gene's peak among tissues, at_peak falls with the square of specificity, and the factor is what
all sets, tumours and lines among them, share once the rest is taken out (one factor with a loading and a noise a set,
the noise holding what is the tissue's own). The studies decide how much each is believed.

It is a best guess, so made genes differ less in how much they vary than real ones do in one tissue: what is a gene's
own in one tissue alone cannot be known from others. Spreading the guesses until they look as rough would make genes
that are known to vary, vary too much (the error of a left-out study's log variances is then 0.84, otherwise 0.79).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from synthome.models.embedded.noise import VarianceTrend, nearness, variance_rise
from synthome.models.embedded.scale import PSEUDO_CPM
from training.studies import Residuals

__all__ = ["DONORS", "VarianceLaw", "fit_variance_law"]

Array = npt.NDArray[np.float64]
DONORS = ("tissue", "normal")
"""Materials that differ as donors do."""
LEAST_LEVEL = 2.0
"""Mean CPM from which a gene's variance can be told from counting."""
LEAST_VARIANCE = 0.004
"""Added before logarithms: differences below it (six per cent) are nothing."""
MOST_SPECIFIC = 2.0
"""Standard deviation over tissues (ln) from which genes vary no more within them."""
RISES = np.geomspace(1.0, 64.0, 25)
FULL_SET = 20
"""A set of so many degrees of freedom weighs as much as any larger one."""
SET_SPREAD = 5.0
"""Degrees of freedom at which a set's own level of variance is half certain as a sample of all tissues."""


@dataclass(frozen=True, slots=True)
class VarianceLaw:
    """How variances rise at low expression, and each gene's own.

    ``gene`` is the variance of each gene (ln units squared) where it is well expressed, but not at its peak; elsewhere
    it is ``trend`` times that.
    """

    trend: VarianceTrend
    gene: Array


def fit_variance_law(sets: Sequence[Residuals], tissues: Array) -> VarianceLaw:
    """The law from all sets.

    Parameters
    ----------
    sets
        Residuals of every kind of sample.
    tissues : genes x terms
        Log expression of the learned tissues.
    """
    observed = np.array([_log_variance(s) for s in sets])
    known = np.isfinite(observed)
    specificity, peak = np.minimum(tissues.std(axis=1), MOST_SPECIFIC), tissues.max(axis=1)
    curve = np.column_stack([specificity, specificity**2])
    not_tumours = [i for i, s in enumerate(sets) if s.material != "tumour"]
    rise, slopes, at_home = _level_and_specificity(sets, observed, known, curve, peak, not_tumours)
    trend = VarianceTrend(rise, peak, at_home * curve[:, 1])
    level = np.array([np.log(trend(s.level)) for s in sets])
    left = np.where(known, observed - level - curve @ slopes, np.nan)
    centres = np.array([np.nanmean(row) for row in left])
    primary = [i for i, s in enumerate(sets) if s.material in DONORS]
    weights = np.array([sets[i].degrees / (sets[i].degrees + SET_SPREAD) for i in primary])
    centre = float(weights @ centres[primary] / weights.sum())
    factor = _shared_factor(left - centres[:, None], primary)
    return VarianceLaw(trend, np.exp(centre + curve @ slopes + factor))


def _log_variance(s: Residuals) -> Array:
    """Ln of each gene's variance of ln CPM beyond counting, NaN where it cannot be told.

    Residuals are of ln(CPM + c): divided by the square of its slope, m / (m + c). The expectation of the log of a
    variance from d degrees of freedom is taken out.
    """
    told = s.measured & (s.level > LEAST_LEVEL)
    slope = s.level / (s.level + PSEUDO_CPM)
    half = s.degrees / 2
    variance = s.extra / np.where(told, slope, 1.0) ** 2
    out: Array = np.where(told, np.log(variance + LEAST_VARIANCE) - (digamma(half) - np.log(half)), np.nan)
    return out


def _level_and_specificity(
    sets: Sequence[Residuals],
    observed: Array,
    known: npt.NDArray[np.bool_],
    curve: Array,
    peak: Array,
    used: list[int],
) -> tuple[float, Array, float]:
    """The rise, the slopes of the curve and that of specificity near the peak that leave least within sets."""
    terms = curve.shape[1] + 1
    designs = {i: np.column_stack([curve, curve[:, 1] * nearness(sets[i].level, peak)])[known[i]] for i in used}
    designs = {i: x - x.mean(axis=0) for i, x in designs.items()}
    best = (np.inf, 0.0, np.zeros(terms))
    for rise in RISES:
        squares, products, total = np.zeros((terms, terms)), np.zeros(terms), 0.0
        for i, x in designs.items():
            y = observed[i, known[i]] - np.log(variance_rise(sets[i].level[known[i]], float(rise)))
            y = y - y.mean()
            weight = min(sets[i].degrees, FULL_SET) / len(y)
            squares += weight * np.einsum("gi,gj->ij", x, x)
            products += weight * np.einsum("gi,g->i", x, y)
            total += weight * float((y**2).sum())
        slopes = np.linalg.pinv(squares) @ products
        best = min(best, (total - float(products @ slopes), float(rise), slopes), key=lambda found: found[0])
    return best[1], best[2][:-1], min(float(best[2][-1]), 0.0)


def _shared_factor(left: Array, tissues: list[int]) -> Array:
    """What sets share, as expected in a new tissue: one-factor model, its scores by regression (Thomson)."""
    known = np.isfinite(left)
    zero = np.where(known, left, 0.0)
    pairs = known.astype(np.float64) @ known.T.astype(np.float64)
    covariance = np.einsum("ig,jg->ij", zero, zero) / np.maximum(pairs, 1.0)
    shared = covariance - np.diag(np.diag(covariance))
    loading = np.sqrt(np.maximum(shared.mean(axis=1), 1e-3))
    for _ in range(500):
        loading = np.maximum(shared @ loading / np.maximum((loading**2).sum() - loading**2, 1e-6), 1e-3)
    noise = np.maximum(np.diag(covariance) - loading**2, 0.05)
    precision = (loading**2 / noise) @ known
    score = (loading / noise) @ zero / (1.0 + precision)
    expected: Array = float(np.mean(loading[tissues])) * score
    return expected
