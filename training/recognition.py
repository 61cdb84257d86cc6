"""``python -m training.recognition``: at which temperature probabilities of what a sample is are right.

Samples of studies that the weights were fitted without are told what they are at a grid of temperatures. The one in use
(``recognition.TEMPERATURE``) is that with the least mean negative log probability of the right terms, every group of
samples weighing the same, tumours and cultures among them: real samples are not all of healthy tissue.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from synthome.models.embedded.recognition import TEMPERATURE, Candidates, Recogniser, tempered
from training.scorecard.evidence import Evidence
from training.unseen_samples import Labelled, bulk_samples, cells

__all__ = ["MOST", "Told", "best_temperature", "log_loss", "tell"]

Array = npt.NDArray[np.float64]
GRID = (1.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 160.0, 200.0, 240.0, 280.0, 320.0, 480.0)
MOST = 40
"""Samples of a group that are looked at."""
LEAST = 1e-3
"""Probability below which being wrong costs no more: samples that no temperature tells right decide nothing."""


@dataclass(frozen=True)
class Told:
    """The log likelihoods of a group's samples (samples x candidates), the laboratories' share of each sample's noise,
    and what they should say."""

    labelled: Labelled
    candidates: Candidates
    scores: Array
    share: Array
    log_prior: Array

    def posterior(self, temperature: float) -> Array:
        """Probabilities given the right kind: samples x candidates of that kind."""
        log = self._log(temperature)[:, self.of_kind]
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        share: Array = weight / weight.sum(axis=1, keepdims=True)
        return share

    @property
    def of_kind(self) -> npt.NDArray[np.bool_]:
        """Candidates of the right kind."""
        return np.array([kind == self.labelled.kind for kind in self.candidates.kinds])

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Which of the candidates of the right kind tell these samples right."""
        ids = [t.id for t, own in zip(self.candidates.terms, self.of_kind, strict=True) if own]
        return np.array([term in self.labelled.right for term in ids])

    def _log(self, temperature: float) -> Array:
        return tempered(self.scores, self.share, temperature) + self.log_prior

    def kinds(self, temperature: float) -> list[str]:
        """The most probable kind of description of each sample."""
        log = self._log(temperature)
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        names = list(dict.fromkeys(self.candidates.kinds))
        own = np.array(self.candidates.kinds)
        shares = np.stack([weight[:, own == name].sum(axis=1) for name in names])
        return [names[i] for i in shares.argmax(axis=0)]


def tell(labelled: Labelled) -> Told:
    """Compare a group's samples with all candidates of the weights that have not seen it."""
    recogniser = Recogniser(labelled.weights)
    found = [recogniser.scores(counts) for counts in labelled.counts[:MOST]]
    scores, share = np.stack([scores for scores, _ in found]), np.array([share for _, share in found])
    return Told(labelled, recogniser.candidates, scores, share, recogniser.log_prior)


def log_loss(told: Sequence[Told], temperature: float) -> float:
    """Mean negative log probability of the right terms, groups weighing the same; averages of tissues are one group."""
    groups: dict[str, list[float]] = {}
    for one in told:
        share = one.posterior(temperature)[:, one.right].sum(axis=1)
        material = one.labelled.material
        name = material if material == "average" else f"{material} {one.labelled.group}"
        groups.setdefault(name, []).extend((-np.log(np.maximum(share, LEAST))).tolist())
    return float(np.mean([np.mean(losses) for losses in groups.values()]))


def best_temperature(told: Sequence[Told]) -> float:
    """The temperature of the grid with the least :func:`log_loss`."""
    return min(GRID, key=lambda temperature: log_loss(told, temperature))


def main() -> None:
    """The curve of both models, and the constants in use."""
    evidence = Evidence()
    with threadpool_limits(limits=1):
        for model, samples in (("bulk", bulk_samples(evidence)), ("single_cell", cells(evidence))):
            told = [tell(labelled) for labelled in samples]
            curve = "  ".join(f"{t:g}: {log_loss(told, t):.3f}" for t in GRID)
            sys.stdout.write(f"{model}: {len(told)} groups\n  log loss by temperature  {curve}\n")
            sys.stdout.write(f"  best {best_temperature(told):g}, in use {TEMPERATURE[model]:g}\n")


if __name__ == "__main__":
    main()
