"""How a learned signature agrees with what an experiment that it was not fitted on saw.

Direction is what such comparisons can tell (sizes differ by platform): of the genes that the signature moves most, the
share that moved the same way, up or down from the experiment's median gene.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.scorecard.bootstrap import mean_interval
from training.scorecard.scores import Score

__all__ = ["Direction", "direction", "direction_scores", "sign_agreement"]

Array = npt.NDArray[np.float64]
TOP = 200
LEAST_GENES = 20
"""Genes that signature and experiment must share for their agreement to be told."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Sign agreement of one term's own signature and of the mean signature of all others, and the own one's rank.

    ``rank`` is the share of the other experiments that agree less with the signature than its own does: 0.5 by chance.
    """

    own: float
    of_others: float
    rank: float


def sign_agreement(signature: Array, change: Array) -> float:
    """Share of the ``TOP`` most moved genes of ``signature`` that ``change`` moves the same way; NaN where too few.

    Both have one value a gene; genes with NaN in ``change`` or 0 in ``signature`` do not count.
    """
    known = np.isfinite(change) & (signature != 0)
    if known.sum() < LEAST_GENES:
        return float("nan")
    centred = change[known] - np.median(change[np.isfinite(change)])
    moved = signature[known]
    most = np.argsort(-np.abs(moved), kind="stable")[:TOP]
    return float((np.sign(moved[most]) == np.sign(centred[most])).mean())


def direction(signatures: Array, changes: Array) -> list[Direction]:
    """Compare columns of the same place (genes x terms each); terms with too few genes are left out."""
    out = []
    total = signatures.sum(axis=1)
    number = signatures.shape[1]
    for i in range(number):
        own = sign_agreement(signatures[:, i], changes[:, i])
        if np.isnan(own):
            continue
        others = (total - signatures[:, i]) / (number - 1)
        elsewhere = [sign_agreement(signatures[:, i], changes[:, j]) for j in range(number) if j != i]
        rank = float(np.mean([(own > x) + 0.5 * (own == x) for x in elsewhere]))
        out.append(Direction(own, sign_agreement(others, changes[:, i]), rank))
    return out


def direction_scores(of: str, found: list[Direction], what: str, where: str) -> list[Score]:
    """The two scores of one comparison."""
    own, rank = np.array([one.own for one in found]), np.array([one.rank for one in found])
    others = float(np.nanmean([one.of_others for one in found]))
    n = f"{len(found)} {what}"
    end = f", {of}" if of else ""
    return [
        Score(
            f"direction of the top {TOP} genes{end}",
            float(own.mean()),
            n,
            f"Share of the genes that the model moves most which moved the same way in {where} that it has not seen.",
            mean_interval(own),
            {"chance": 0.5, f"mean of other {what}": others},
            ("chance", f"mean of other {what}"),
        ),
        Score(
            f"own among all {what}{end}",
            float(rank.mean()),
            n,
            f"Share of the other {what} whose experiment agrees less with the signature than its own does; 0.5 means "
            "that nothing specific is known.",
            mean_interval(rank),
            {"chance": 0.5},
            ("chance",),
        ),
    ]
