"""Whether a real sample is a woman's or a man's, by the genes that only one sex expresses.

Counts are gamma-Poisson around what the model expects of either sex in the average tissue, loosely, since tissues
differ in these genes too. A platform or an old man's blood may lack all of Y, a platform or a tumour all of XIST: each
sex is a mixture of samples that have its genes and of a few that do not.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.scale import cpm_of
from synthome.models.embedded.weights import Weights

__all__ = ["SexCaller"]

Array = npt.NDArray[np.float64]
TELLING = 2.0
"""Least difference (ln) between the sexes of the genes that are looked at."""
LEAST_CPM = 2.0
"""Least CPM of such a gene in the sex that expresses it."""
DISPERSION = 1.0
"""Gamma-Poisson phi of these genes between tissues and laboratories."""
BACKGROUND = 0.05
"""CPM that a gene shows in the other sex: reads of related genes on other chromosomes."""
CROSS_MAPPED, CROSS_SHARE = 0.02, 0.4
"""How often a pipeline counts reads of X as those of related genes on Y, and how much of a man's level women then show:
as in one of the two sets of lymphoblastoid lines."""
UNMEASURED = 0.05
"""How often a single gene is missing from a platform."""
LOST = {"cell_line": 0.3}
"""How often all telling genes of a sex are missing, in cell lines, many of which have lost Y or the inactive X."""
LOST_OTHERWISE = 0.01


class SexCaller:
    """Calls sexes by one model's weights."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def probabilities(self, counts: npt.ArrayLike, kind: str) -> dict[str, float]:
        """How probable it is that a sample is a ``female`` or a ``male`` donor's; ``kind`` is what it is taken for."""
        y = np.asarray(counts, dtype=np.float64)
        expected = self._expected * (y.sum() / 1e6)
        y = y[self._genes]
        lost = LOST.get(kind, LOST_OTHERWISE)
        women, crossed, men, none = (_likelihood(y, level).sum() for level in expected)
        women = np.logaddexp(np.log1p(-CROSS_MAPPED) + women, np.log(CROSS_MAPPED) + crossed)
        female, male = (np.logaddexp(np.log1p(-lost) + own, np.log(lost) + none) for own in (women, men))
        share = float(1.0 / (1.0 + np.exp(np.clip(male - female, -50.0, 50.0))))
        return {"female": share, "male": 1.0 - share}

    @cached_property
    def _levels(self) -> tuple[Array, Array]:
        centre, effect = self._weights.centre, self._weights.sex_effect
        return cpm_of(centre + effect["female"]), cpm_of(centre + effect["male"])

    @cached_property
    def _genes(self) -> npt.NDArray[np.intp]:
        female, male = self._levels
        effect = self._weights.sex_effect
        apart = np.abs(effect["female"] - effect["male"]) > TELLING
        return np.flatnonzero(apart & (np.maximum(female, male) > LEAST_CPM))

    @cached_property
    def _expected(self) -> Array:
        """CPM of the telling genes in women, in women whose reads of X count as Y, in men, and where all are lost."""
        female, male = (level[self._genes] for level in self._levels)
        crossed = np.maximum(female, CROSS_SHARE * male)
        return np.stack([female, crossed, male, np.zeros(len(self._genes))]) + BACKGROUND


def _likelihood(y: Array, mean: Array) -> Array:
    """Log probability of each count, up to what does not depend on the mean; a zero may also be no measurement."""
    shape = 1.0 / DISPERSION
    log = y * np.log(mean / (mean + shape)) + shape * np.log(shape / (mean + shape))
    return np.where(y > 0, np.log1p(-UNMEASURED) + log, np.log(UNMEASURED + (1.0 - UNMEASURED) * np.exp(log)))
