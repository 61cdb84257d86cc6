"""Where a real sample lies around its context: its latents, and what is left gene by gene.

The law is that of made samples. A gene's rate is what is expected, times what the latents do to it, times a gamma
variable of dispersion phi (donors, and beside the model's data another laboratory); counts are Poisson. With
x = ln(y + k) - ln(mu + k) and the slope s = mu / (mu + k), near the expectation

    x = s (size + spread W z) + e,  z ~ N(0, scale^2),  var e = s^2 phi + m / (m + k)^2,

so that z given x is Normal (weighted least squares with a prior; Lindley and Smith 1972). Genes that are far off, such
as those that a platform does not measure, are weighted down as Student's t does (Lange, Little and Taylor 1989). Where
counts are few the variance of counting is large beside the slope, and the prior decides.

Given the latents, a gene's rate is gamma again, with mean mu (1 / phi + y) / (1 / phi + mu): the sample itself where
counts are many, the expectation where there are none (the conjugate posterior of the gamma-Poisson).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from synthome.models.embedded.products import inner

__all__ = [
    "LAB_VARIANCE",
    "NOWHERE",
    "SIZE_SPREAD",
    "TAILS",
    "UNEXPECTED_CPM",
    "UNSEEN",
    "Position",
    "Rates",
    "position",
    "rates",
]

Array = npt.NDArray[np.float64]
LAB_VARIANCE = 0.4
"""Variance (ln) of a gene between laboratories that study the same tissue, and so between one and the model."""
SIZE_SPREAD = 1.0
"""Standard deviation (ln) of how much of a library the genes that are expected, or looked at, make up."""
UNEXPECTED_CPM, UNEXPECTED_PHI = 0.5, 100.0
"""Level, and gamma-Poisson phi, of what a gene may be expressed at beyond what is expected of it: the level below which
profiles are not known (``scale.PSEUDO_CPM``), and a prior so wide that a few counts decide."""
TAILS = 10.0
"""Degrees of freedom of Student's t: the usual choice where outliers are to count little."""
ROUNDS = 4
"""Times that the weights of genes are found anew; more change latents by less than a hundredth."""
UNSEEN = 0.02
"""Added to expected counts where counting variance is taken: no gene is certain to be unseen."""
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Position:
    """A sample's posterior: latents ``mean`` and a factor of their covariance (``root`` x standard normals)."""

    mean: Array
    root: Array

    def draw(self, generator: np.random.Generator) -> Array:
        """Latents drawn from the posterior."""
        drawn: Array = self.mean + np.einsum("kl,l->k", self.root, generator.standard_normal(len(self.mean)))
        return drawn


NOWHERE = Position(np.zeros(0), np.zeros((0, 0)))
"""Of a sample that was not placed yet."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A sample's genes given its latents: ``residual`` is the ln factor of each gene's rate on what the latents say,
    ``dispersion`` the gamma-Poisson phi of what is still uncertain of it."""

    residual: Array
    dispersion: Array


def position(counts: Array, cpm: Array, loadings: Array, phi: Array, scale: Array) -> Position:
    """The posterior of a sample's latents.

    Parameters
    ----------
    counts : genes
        The sample.
    cpm : genes
        What is expected at the mean of the latents, counts per million.
    loadings : latents x genes
        What a unit of each latent adds to log expression here.
    phi : genes
        Dispersion around that, of donors and laboratories.
    scale : latents
        Prior standard deviation of each.
    """
    total = counts.sum()
    pseudo = max(1.0, 0.5 * total / 1e6)
    expected = cpm * (total / cpm.sum())
    slope = expected / (expected + pseudo)
    variance = slope**2 * phi + (expected + UNSEEN) / (expected + pseudo) ** 2
    residual = np.log((counts + pseudo) / (expected + pseudo))
    design = np.concatenate([loadings, np.ones((1, len(counts)))]) * slope
    stacked = np.column_stack([design.T, residual])
    prior = np.diag(1.0 / np.append(scale, SIZE_SPREAD) ** 2)
    weight, solution, factor = 1.0 / variance, np.zeros(len(design)), prior
    for _ in range(ROUNDS):
        weighted = design * weight
        # The residual stands beside the design, so that one pass over the genes gives both sides of the equations.
        products = inner(weighted, stacked)
        factor = linalg.cholesky(prior + products[:, :-1], lower=True)
        solution = linalg.cho_solve((factor, True), products[:, -1])
        left = residual - np.einsum("k,kg->g", solution, design)
        weight = (TAILS + 1.0) / (TAILS + left**2 / variance) / variance
    root = linalg.solve_triangular(factor, np.eye(len(factor)), lower=True, trans="T")
    # Rounded, so that counts do not depend on the last digits of products, which differ between machines.
    return Position(np.round(solution[:-1], DIGITS), np.round(root[:-1, :-1], DIGITS))


def rates(counts: Array, cpm: Array, phi: Array) -> Rates:
    """What a sample says of each gene beyond an expectation of ``cpm``, of which ``phi`` (genes) is the dispersion.

    A gene that is not expected may be silent or be expressed at any level: ``UNEXPECTED_CPM``, of a large dispersion,
    are added to every gene's expectation. ``residual`` is beside that sum.
    """
    total = cpm + UNEXPECTED_CPM
    expected = total * (counts.sum() / total.sum())
    loose = (phi * cpm**2 + UNEXPECTED_PHI * UNEXPECTED_CPM**2) / total**2
    shape = 1.0 / loose
    residual = np.log((shape + counts) / (shape + expected))
    return Rates(residual, np.minimum(1.0 / (shape + counts), phi))
