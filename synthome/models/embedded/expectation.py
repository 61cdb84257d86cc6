"""What is expected of a context's samples, and how far they lie from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.context import Context
from synthome.models.embedded.latents import Latents
from synthome.models.embedded.perturbations import Perturbation
from synthome.models.embedded.scale import cpm_of, log_expression
from synthome.models.embedded.signatures import Effects
from synthome.models.embedded.weights import Weights

__all__ = ["Expectation", "Expected", "coordinates"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expected:
    """One condition ready to be sampled.

    ``cpm`` is what is expected, by sex, under ``None`` the mean of those that a sample may have; ``untreated`` the same
    without the perturbation. ``spread`` and ``phi`` say how far samples lie from it. ``response`` is what the
    perturbation changes (ln CPM), ``perturbation`` its coordinates among the latents.
    """

    context: Context
    cpm: dict[str | None, Array]
    untreated: dict[str | None, Array]
    spread: Array
    phi: Array
    response: Array | None
    perturbation: Array


class Expectation:
    """Finds what is expected of contexts, from one model's weights."""

    def __init__(self, weights: Weights, effects: Effects) -> None:
        self.weights = weights
        self._effects = effects
        self.loadings = np.concatenate([weights.biological, weights.technical])
        """Latents x genes: a sample's log expression moves by the sum of its deviations along all latents."""
        self._biological_variance = (weights.biological**2).sum(axis=0)
        self._technical_variance = (weights.technical**2).sum(axis=0)

    def of(self, context: Context) -> Expected:
        """What is expected of the samples of ``context``."""
        untreated = self._by_sex(context, 0.0)
        treated, response = untreated, None
        perturbation = context.perturbation
        if perturbation is not None:
            treated = self._by_sex(context, perturbation.change)
            if perturbation.target is not None:
                treated = {sex: perturbation.target.apply(cpm) for sex, cpm in treated.items()}
            response = log_expression(treated[None]) - log_expression(untreated[None])
        mean = treated[None]
        spread, phi = np.ones(len(mean)), np.zeros(len(mean))
        dispersion = self.weights.dispersion
        if dispersion is not None:
            # How much donors differ is theirs, treated or not; counting noise goes with what is there.
            spread = dispersion.spread(untreated[None]) * context.material
            phi = dispersion.phi(mean) * context.material**2
        return Expected(context, treated, untreated, spread, phi, response, self.along_responses(perturbation))

    def along_responses(self, perturbation: Perturbation | None) -> Array:
        """Where a perturbation lies among the leading directions of all responses, and its strength; else zeros."""
        if perturbation is None:
            return np.zeros(len(self._effects.perturbation) + 1)
        return np.append(self._effects.perturbation @ perturbation.change, perturbation.strength)

    def centring(self, expected: Expected, drawn: Sequence[str] = ("biological", "technical")) -> Array:
        """What is added to deviations along drawn latents (ln) so that the mean of many samples is what is expected.

        Half their variance below zero, since the exponential of a Normal is that much above it on average. ``drawn``
        names the latents that are.
        """
        variance = np.zeros(len(expected.spread))
        if "biological" in drawn:
            variance += expected.context.scale**2 * self._biological_variance
        if "technical" in drawn:
            variance += self._technical_variance
        centring: Array = -0.5 * expected.spread**2 * variance
        return centring

    def along_latents(self, deviations: Array) -> Array:
        """What deviations along all latents add to log expression, where spread is 1.

        ``einsum`` and not a matrix product: a product's rounding depends on the size of the batch and on the library
        behind it, and the counts must not.
        """
        moved: Array = np.einsum("k,kg->g", deviations, self.loadings, optimize=False)
        return moved

    def _by_sex(self, context: Context, change: Array | float) -> dict[str | None, Array]:
        """Expected CPM for each sex that a sample may have, and under ``None`` their mean."""
        by_sex: dict[str | None, Array] = {}
        for sex in context.sexes:
            effect = self.weights.sex_effect[sex] if context.sex_applies else 0.0
            by_sex[sex] = cpm_of(context.theta + effect + change)
        mean: Array = np.mean([by_sex[sex] for sex in context.sexes], axis=0)
        return by_sex | {None: mean}


def coordinates(expected: Expected, latents: Latents) -> tuple[list[float], list[float], list[float]]:
    """Biological, technical and perturbation latents as the contract returns them.

    Biological ones are the condition's mean and the deviation from it, with sex last.
    """
    biological = [*(expected.context.latent_centre + latents.biological).tolist(), _sex_coordinate(latents.sex)]
    return biological, latents.technical.tolist(), (expected.perturbation * latents.response).tolist()


def _sex_coordinate(sex: str | None) -> float:
    """The last biological latent: 1 female, -1 male, 0 the mean of both or unknown."""
    return {"female": 1.0, "male": -1.0, None: 0.0}[sex]
