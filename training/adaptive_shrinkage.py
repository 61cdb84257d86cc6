"""From a noisy log fold change and its error to what an independent study would be expected to see.

The true changes of a contrast are taken to be a mixture of normal distributions around zero, from none at all to very
large; its weights are found by maximum likelihood (adaptive shrinkage, Stephens 2017, Biostatistics 18:275). A gene's
value is the mean of its posterior: near zero where nothing stands out, nearly the measured change where the evidence
is overwhelming. Errors that rest on few studies are moderated first (Smyth 2004, Stat Appl Genet Mol Biol 3:3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["INTERQUARTILE_OF_NORMAL", "Contrast", "ScaleMixture", "moderated_error", "posterior_means", "shrink"]

Array = npt.NDArray[np.float64]
STEP = 2.0
"""Ratio of one standard deviation of the mixture to the next."""
NULL_PRIOR = 10.0
"""Genes' worth of belief that nothing changes (Stephens 2017), so that noise alone gives a signature of zeros."""
ITERATIONS = 100
INTERQUARTILE_OF_NORMAL = 1.349
"""Width of the middle half of a standard normal variable."""
LARGEST_Z = 5.0
"""Values in units of their error count as no larger, lest few genes decide on the reliability."""
LEAST_EXCESS = 0.01
"""Spread of log variances over genes below which all genes share one variance."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Measured changes of one comparison.

    ``effect`` (ln units) and ``error`` (its standard error) have one value a gene of the models, NaN where it was not
    measured; ``series`` is the number of independent data sets behind them, ``studies`` their names.
    """

    effect: Array
    error: Array
    series: int
    studies: tuple[str, ...]

    @property
    def measured(self) -> npt.NDArray[np.bool_]:
        """Genes with an effect and an error."""
        return np.isfinite(self.effect) & np.isfinite(self.error) & (self.error > 0)


@dataclass(frozen=True, slots=True)
class ScaleMixture:
    """Distribution of true changes: ``weights`` of normals with standard deviations ``scales``, the first one zero."""

    scales: Array
    weights: Array

    @classmethod
    def fit(cls, effect: Array, error: Array) -> ScaleMixture:
        """Maximum likelihood by EM over a fixed grid of scales."""
        low = float(np.quantile(error, 0.05)) / 4.0
        high = 2.0 * np.sqrt(max(float(np.max(effect**2 - error**2)), (2.0 * low) ** 2))
        scales = np.concatenate([[0.0], low * STEP ** np.arange(np.ceil(np.log(high / low) / np.log(STEP)) + 1)])
        likelihood = cls._likelihood(effect, error, scales)
        prior = np.zeros(len(scales))
        prior[0] = NULL_PRIOR
        weights = np.full(len(scales), 1.0 / len(scales))
        for _ in range(ITERATIONS):
            joint = likelihood * weights
            weights = (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0) + prior
            weights /= weights.sum()
        return cls(scales, weights)

    @staticmethod
    def _likelihood(effect: Array, error: Array, scales: Array) -> Array:
        """Genes x components, each row up to a constant factor."""
        variance = error[:, None] ** 2 + scales**2
        log = -0.5 * (np.log(variance) + effect[:, None] ** 2 / variance)
        likelihood: Array = np.exp(log - log.max(axis=1, keepdims=True))
        return likelihood

    def posterior_mean(self, effect: Array, error: Array) -> Array:
        """Expected true change of each gene."""
        joint = self._likelihood(effect, error, self.scales) * self.weights
        share = joint / joint.sum(axis=1, keepdims=True)
        kept = self.scales**2 / (self.scales**2 + error[:, None] ** 2)
        mean: Array = (share * kept).sum(axis=1) * effect
        return mean


def posterior_means(contrast: Contrast) -> Array:
    """What each gene is expected to have changed by, given its effect and error; zero where not measured."""
    values = np.zeros(len(contrast.effect))
    known = contrast.measured
    effect, error = contrast.effect[known], contrast.error[known]
    values[known] = ScaleMixture.fit(effect, error).posterior_mean(effect, error)
    return values


def shrink(contrast: Contrast) -> tuple[Array, float]:
    """Posterior means (zero where not measured), and the correlation expected with one independent experiment.

    The experiment is taken to be like one of the ``series`` that were averaged, so that its error variance is that many
    times larger. In units of the error, r = sqrt(S / (B + series)): S the mean square of the posterior means, B that of
    the true changes (z^2 - 1).
    """
    values = posterior_means(contrast)
    known = contrast.measured
    effect, error = contrast.effect[known], contrast.error[known]
    kept = float(np.mean(np.clip(values[known] / error, -LARGEST_Z, LARGEST_Z) ** 2))
    true = max(float(np.mean(np.clip(effect / error, -LARGEST_Z, LARGEST_Z) ** 2)) - 1.0, kept)
    return values, float(np.sqrt(kept / (true + contrast.series)))


def moderated_error(effect: Array, error: Array, degrees: int) -> Array:
    """Errors averaged with the typical one, so that a gene whose few studies agree by luck does not stand out.

    The square of ``error`` rests on ``degrees`` degrees of freedom; the typical one weighs as many as the spread of the
    errors over genes tells (Smyth 2004). Shapes: genes; NaN where not measured.
    """
    known = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    log_variance = 2.0 * np.log(error[known])
    low, middle, high = np.quantile(log_variance, [0.25, 0.5, 0.75])
    half = degrees / 2.0
    excess = ((high - low) / INTERQUARTILE_OF_NORMAL) ** 2 - float(special.polygamma(1, half))
    prior = 2.0 * _inverse_trigamma(max(excess, LEAST_EXCESS))
    centre = middle - special.digamma(half) + np.log(half)
    typical = np.exp(centre + special.digamma(prior / 2.0) - np.log(prior / 2.0))
    moderated = np.full(len(effect), np.nan)
    moderated[known] = np.sqrt((prior * typical + degrees * error[known] ** 2) / (prior + degrees))
    return moderated


def _inverse_trigamma(value: float) -> float:
    """x with trigamma(x) = ``value``, by Newton's method (Smyth 2004, appendix)."""
    x = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(special.polygamma(1, x))
        x += trigamma * (1.0 - trigamma / value) / float(special.polygamma(2, x))
    return x
