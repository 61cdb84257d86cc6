"""Counts that sum exactly to the library size: drawn with measurement error, or the rounded expectation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.scale import log_expression

__all__ = ["VarianceTrend", "exact_poisson", "gamma_poisson", "nearness", "rounded", "variance_rise"]

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]
LEVEL_OFFSET = 3.0
"""CPM added to the level: below it the variance of log expression hardly rises any more."""
FADE = 1.0
"""How far below its peak (ln; about a third of it) a gene is nothing special any more."""


def variance_rise(cpm: Array, rise: float) -> Array:
    """Variance of log expression beyond counting, beside that of a well expressed gene: 1 + rise / (CPM + 3).

    The trend of Love, Huber and Anders (2014), bounded where next to nothing is expressed.

    >>> variance_rise(np.array([0.0, 1e9]), 6.0).round(3).tolist()
    [3.0, 1.0]
    """
    factor: Array = 1.0 + rise / (cpm + LEVEL_OFFSET)
    return factor


@dataclass(frozen=True, slots=True)
class VarianceTrend:
    """How a gene's variance of log expression beyond counting depends on its expression, beside the gene's own.

    It rises at low expression (``rise``: see :func:`variance_rise`). And a gene that few tissues express varies where
    its cells are neighbours that come and go, not in the tissue that they make up: near the gene's highest expression
    among tissues (``peak``, genes, ln(CPM + c)) its variance is exp(``at_peak``) times as large, an effect that fades
    until there is none ``FADE`` below the peak.
    """

    rise: float
    peak: Array
    at_peak: Array

    def __call__(self, cpm: Array) -> Array:
        """Factor on the variance of each gene expressed at ``cpm``."""
        factor: Array = variance_rise(cpm, self.rise) * np.exp(self.at_peak * nearness(cpm, self.peak))
        return factor


def nearness(cpm: Array, peak: Array) -> Array:
    """1 where a gene is expressed as highly as at its ``peak`` (ln(CPM + c)), 0 from ``FADE`` below it."""
    near: Array = np.clip(1.0 - (peak - log_expression(cpm)) / FADE, 0.0, 1.0)
    return near


def gamma_poisson(cpm: Array, dispersion: Array, total_count: int, generator: np.random.Generator) -> Counts:
    """One sample: y ~ Multinomial(total, g / sum g), g ~ Gamma(1 / phi, phi lambda).

    The gamma carries what samples differ by beyond counting, the multinomial is counting at a fixed library size. With
    many genes each y is gamma-Poisson (negative binomial) but for the bound on their sum.

    Parameters
    ----------
    cpm : genes
        Expected expression lambda; only its proportions count.
    dispersion : genes
        phi; zero for genes without.
    """
    shape = 1.0 / np.maximum(dispersion, 1e-9)
    intensity = cpm * (generator.standard_gamma(shape) / shape)
    return exact_poisson(intensity, total_count, generator)


def exact_poisson(intensity: Array, total_count: int, generator: np.random.Generator) -> Counts:
    """One draw of Multinomial(total_count, intensity / sum), in the time of independent Poisson draws.

    Independent Poisson counts, given their sum, are multinomial. Where their sum falls short of the target, single
    multinomial draws are added; where it overshoots, counts are taken away at random. Both leave the distribution as
    it is.
    """
    expected = intensity * (total_count / intensity.sum())
    counts = generator.poisson(expected)
    missing = total_count - int(counts.sum())
    if missing > 0:
        edges = np.cumsum(expected)
        drawn = np.searchsorted(edges, generator.random(missing) * edges[-1], side="right")
        # Rounding may put a draw past the last gene that is expressed.
        drawn = np.minimum(drawn, int(np.flatnonzero(expected)[-1]))
        counts += np.bincount(drawn, minlength=len(counts))
    elif missing < 0:
        edges = np.cumsum(counts)
        taken = np.searchsorted(edges, _distinct(-missing, int(edges[-1]), generator), side="right")
        counts -= np.bincount(taken, minlength=len(counts))
    out: Counts = counts.astype(np.int32)
    return out


def _distinct(number: int, below: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """``number`` different whole numbers below ``below``, any set as likely as any other."""
    if 2 * number > below:
        return generator.permutation(below)[:number]
    chosen = np.unique(generator.integers(0, below, number))
    while len(chosen) < number:
        chosen = np.union1d(chosen, generator.integers(0, below, number - len(chosen)))
    return chosen


def rounded(cpm: Array, total_count: int) -> Counts:
    """Expected counts at the library size as whole numbers of exactly that sum (method of the largest remainder).

    Every expectation is rounded down, and the counts still missing go one each to the genes with the largest fractions.
    Plain rounding would lose an eighth of a library of 10,000, whose genes mostly expect less than half a count.

    >>> rounded(np.array([1.0, 1.0, 1.0]), 10).tolist()
    [4, 3, 3]
    """
    expected = cpm * (total_count / cpm.sum())
    counts = np.floor(expected)
    missing = total_count - int(counts.sum())
    fraction = expected - counts
    if missing > 0:
        counts[_largest(fraction, missing)] += 1
    elif missing < 0:
        # Floating point can make the expectations sum to a count too many.
        counts[_largest(np.where(counts > 0, -fraction, -np.inf), -missing)] -= 1
    out: Counts = counts.astype(np.int32)
    return out


def _largest(values: Array, number: int) -> npt.NDArray[np.intp]:
    """Places of the ``number`` largest values; of equal ones the first."""
    least = np.partition(values, len(values) - number)[len(values) - number]
    above = np.flatnonzero(values > least)
    equal = np.flatnonzero(values == least)
    return np.concatenate([above, equal[: number - len(above)]])
