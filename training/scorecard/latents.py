"""Latents: samples of like conditions lie together in them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.scorecard.asking import generated
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score

__all__ = ["measure", "neighbour_purity"]

Array = npt.NDArray[np.float64]
SAMPLES = 6
NEIGHBOURS = 5


def measure(evidence: Evidence) -> list[Score]:
    """Purity of nearest neighbours among the biological latents, tissues in bulk and cell types in single cells."""
    out = []
    for model, key, of in (
        (evidence.bulk, "tissue_ontology_id", "tissues"),
        (evidence.cells, "cell_type_ontology_id", "cell types"),
    ):
        terms = sorted(model.vocabulary().learned(key))
        made = generated(model, [{key: term} for term in terms], SAMPLES, seed=9, total_count=10_000)
        purity = neighbour_purity(np.array(made.latents["biological"].tolist()), made.condition)
        chance = (SAMPLES - 1) / (len(terms) * SAMPLES - 1)
        out.append(
            Score(
                f"like beside like, {of}",
                float(purity.mean()),
                f"{len(terms)} {of}, {len(made.condition)} samples",
                f"Share of the {NEIGHBOURS} nearest samples, by their biological latents, that are of the same kind. "
                "Latents hold how donors differ along few directions, not all that tells kinds apart.",
                mean_interval(purity),
                {"chance": chance},
                ("chance",),
            )
        )
    return out


def neighbour_purity(points: Array, kind: npt.NDArray[np.intp], neighbours: int = NEIGHBOURS) -> Array:
    """For each kind, the mean share of its points' nearest neighbours that are of it; points are samples x latents."""
    scaled = points / np.where(points.std(axis=0) > 0, points.std(axis=0), 1.0)
    squares = (scaled**2).sum(axis=1)
    distance = squares[:, None] + squares[None, :] - 2 * scaled @ scaled.T
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :neighbours]
    same = (kind[nearest] == kind[:, None]).mean(axis=1)
    return np.array([same[kind == k].mean() for k in np.unique(kind)])
