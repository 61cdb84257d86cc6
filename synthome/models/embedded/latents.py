"""Latent coordinates of samples, and the streams of random numbers they are drawn from.

A sample's biological latents are the standard scores along the directions in which donors differ, around the mean of
its condition, and a last coordinate for sex: 1 female, -1 male, 0 the mean of both. Technical latents lie around zero.
The perturbation latents are the coordinates of what the perturbation changes along the leading directions of all
learned responses, and last how strong the response is; all zeros for unperturbed samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Latents", "draw", "mean", "stream"]

Array = npt.NDArray[np.float64]
RESPONSE_SPREAD = 0.15
"""Standard deviation (ln) of how strongly samples respond to one perturbation: a prior, no source has replicates."""
_LATENT_STREAM = 0
_NOISE_STREAM = 1
_WORD = 2**32


@dataclass(frozen=True, slots=True)
class Latents:
    """``biological`` and ``technical`` are deviations from the condition's mean, in standard deviations of a donor.

    ``sex`` is ``male``, ``female``, or ``None`` for the mean of both or where sex plays no part. ``response`` is how
    strongly the sample responds to its perturbation, 1 being usual.
    """

    biological: Array
    technical: Array
    sex: str | None
    response: float


def stream(seed: int, condition: int, sample: int, *, noise: bool) -> np.random.Generator:
    """The random numbers of one sample: they depend on these four values alone.

    So the answer is the same however the work is cut up, more samples leave the first ones as they were, and the
    latents are the same whatever is counted afterwards.
    """
    words = [seed % _WORD, seed // _WORD, condition, sample]
    key = (_NOISE_STREAM if noise else _LATENT_STREAM,)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words, spawn_key=key)))


def draw(
    generator: np.random.Generator, biological: int, technical: int, scale: float, sexes: tuple[str, ...]
) -> Latents:
    """One sample's latents. ``scale`` widens the biological ones; of several ``sexes`` one is drawn."""
    deviations = generator.standard_normal(biological) * scale
    technical_deviations = generator.standard_normal(technical)
    coin = generator.random()
    sex = sexes[int(coin * len(sexes))] if sexes else None
    response = float(np.exp(RESPONSE_SPREAD * generator.standard_normal()))
    return Latents(deviations, technical_deviations, sex, response)


def mean(biological: int, technical: int, sexes: tuple[str, ...]) -> Latents:
    """The mean of the latents: no deviation, and both sexes unless there is only one."""
    return Latents(np.zeros(biological), np.zeros(technical), sexes[0] if len(sexes) == 1 else None, 1.0)
