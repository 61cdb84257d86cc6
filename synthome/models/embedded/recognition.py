"""What a real sample is: its counts under every learned tissue, cell type and cell line.

Each candidate predicts log counts; a sample lies around its own candidate's along the model's latents, with the offset
that every laboratory has gene by gene, and with counting noise. With x = ln(y + k) beside the candidate's expectation,

    x = W z + e,   z ~ N(0, 1),   e ~ t of scale D = lab^2 + counting,

the latents are found by weighted least squares (with as good a fit for all candidates, so that the same latents are
open to each), and what they leave is judged by Student's t, since a few genes of any laboratory or platform are far off
(Lange, Little and Taylor 1989). Laboratories do not differ gene by gene independently, so that likelihoods are far too
sure of themselves. Counting noise is independent: as far as the noise is a laboratory's, log likelihoods are divided by
a ``TEMPERATURE`` at which probabilities were right on real samples of studies that the model had not seen (after Guo et
al. 2017). ``python -m training.recognition`` finds it again.

Columns are conditional: ``tissue`` says which tissue if it is one, ``sample_type`` whether it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.posterior import LAB_VARIANCE, SIZE_SPREAD, TAILS, UNSEEN
from synthome.models.embedded.products import inner, outer
from synthome.models.embedded.scale import cpm_of, decoded
from synthome.models.embedded.weights import LearnedTerm, Weights

__all__ = ["KINDS", "SAMPLE_TYPE_OF", "Candidates", "Recogniser", "Recognition", "tempered"]

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
KINDS = ("tissue", "cell_type", "cell_line")
SAMPLE_TYPE_OF = MappingProxyType({"tissue": "primary tissue", "cell_type": "primary cells", "cell_line": "cell line"})
"""The contract's sample type for each kind of description."""
TEMPERATURE = MappingProxyType({"bulk": 240.0, "single_cell": 100.0})
"""What log likelihoods are divided by where all noise is the laboratory's: found on tumours and cultures, too."""
PRIOR_OF_KIND = MappingProxyType({"tissue": 0.6, "cell_type": 0.2, "cell_line": 0.2})
"""What bulk samples are before anything is seen of them: a guess; most public ones are pieces of tissue."""
GENES = 3_000
"""Genes looked at: those that differ most between candidates. 1,000 to 8,000 do equally well."""
LEAST_PEAK = 20.0
"""CPM that a gene must reach in some candidate."""
TELLING_OF_SEX = 0.7
"""Genes that sexes differ in by more (ln) say nothing of what a sample is."""
LEAST_PROBABILITY = 0.001
"""Values less probable are left out of an answer; the rest sums to 1."""


@dataclass(frozen=True)
class Candidates:
    """What a sample may be. ``cpm`` is candidates x genes looked at, whose places among all genes are ``genes``."""

    terms: tuple[LearnedTerm, ...]
    kinds: tuple[str, ...]
    genes: npt.NDArray[np.intp]
    cpm: Floats

    @classmethod
    def of(cls, weights: Weights) -> Candidates:
        """Learned terms; of single cells not the tissues, whose average cell nobody ever sees."""
        kinds = [k for k in KINDS if k in weights.learned and (weights.dispersion is not None or k != "tissue")]
        families = [weights.learned[kind] for kind in kinds]
        codes = np.concatenate([family.codes for family in families])
        theta = decoded(np.arange(256, dtype=np.uint8)).astype(np.float32)[codes]
        telling = np.abs(weights.sex_effect["male"] - weights.sex_effect["female"]) > TELLING_OF_SEX
        nuclear = (weights.genes["chromosome"] != "MT").to_numpy()
        usable = nuclear & ~telling & (theta.max(axis=0) > np.log(LEAST_PEAK))
        genes = np.sort(np.argsort(-theta.std(axis=0) * usable, kind="stable")[:GENES])
        return cls(
            tuple(term for family in families for term in family.terms),
            tuple(kind for kind, family in zip(kinds, families, strict=True) for _ in family.terms),
            genes,
            cpm_of(theta[:, genes].astype(np.float64)).astype(np.float32),
        )


@dataclass(frozen=True)
class Recognition:
    """How probable everything is that a sample may be.

    ``given_kind`` holds, for each kind of description, the probability of each term if it is of that kind;
    ``kinds`` how probable that is.
    """

    given_kind: Mapping[str, Mapping[str, float]]
    kinds: Mapping[str, float]

    @property
    def kind(self) -> str:
        """The most probable kind of description."""
        return max(self.kinds, key=self.kinds.__getitem__)

    @property
    def term(self) -> str:
        """Id of the most probable term of that kind."""
        return next(iter(self.given_kind[self.kind]))

    @property
    def confidence(self) -> float:
        """How probable that term is, given its kind."""
        return self.given_kind[self.kind][self.term]


class Recogniser:
    """Recognises samples by one model's weights; made once, and shared."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._temperature = TEMPERATURE[weights.name]

    @cached_property
    def candidates(self) -> Candidates:
        """What samples are compared with; made at the first question."""
        return Candidates.of(self._weights)

    @cached_property
    def _loadings(self) -> Array:
        loadings = np.concatenate([self._weights.biological, self._weights.technical])
        looked_at: Array = np.ascontiguousarray(loadings[:, self.candidates.genes])
        return looked_at

    @cached_property
    def log_prior(self) -> Array:
        """By kind, and within it by how many studies saw a term: what many atlases hold is common."""
        studies = np.array([len(term.studies) for term in self.candidates.terms], dtype=np.float64)
        kinds = np.array(self.candidates.kinds)
        prior = np.zeros(len(kinds))
        for kind in dict.fromkeys(self.candidates.kinds):
            of_kind = kinds == kind
            prior[of_kind] = PRIOR_OF_KIND[kind] * studies[of_kind] / studies[of_kind].sum()
        log_prior: Array = np.log(prior / prior.sum())
        return log_prior

    def recognise(self, counts: npt.ArrayLike) -> Recognition:
        """What a sample is; ``counts`` of all the model's genes, in its order."""
        scores, share = self.scores(counts)
        return self.recognition(tempered(scores, share, self._temperature) + self.log_prior)

    def recognition(self, log_posterior: Array) -> Recognition:
        """The probabilities of unnormalised logarithms, one a candidate."""
        weight = np.exp(log_posterior - log_posterior.max())
        kinds = np.array(self.candidates.kinds)
        names = list(dict.fromkeys(self.candidates.kinds))
        ids = np.array([term.id for term in self.candidates.terms])
        given_kind = {}
        for kind in names:
            own = log_posterior[kinds == kind]
            given_kind[kind] = _sorted_shares(ids[kinds == kind], np.exp(own - own.max()))
        shares = {kind: float(weight[kinds == kind].sum() / weight.sum()) for kind in names}
        return Recognition(given_kind, shares)

    def scores(self, counts: npt.ArrayLike) -> tuple[Array, float]:
        """Log likelihood of every candidate, up to what is common to all, and the laboratories' share of its noise."""
        looked_at = self.candidates
        y = np.asarray(counts, dtype=np.float64)
        total = y.sum()
        y = y[looked_at.genes]
        # A count at least, and half a CPM: below either, levels are not told apart.
        pseudo = max(1.0, 0.5 * total / 1e6)
        expected = looked_at.cpm * np.float32(total / 1e6)
        # Without the sample's own counts: of few, those that happened to come would weigh less than those that did not.
        level = expected.mean(axis=0, dtype=np.float64)
        slope = level / (level + pseudo)
        variance = LAB_VARIANCE * slope**2 + (level + UNSEEN) / (level + pseudo) ** 2
        residual = (np.log(y + pseudo) - np.log(expected + np.float32(pseudo))).astype(np.float32)
        loadings = np.concatenate([self._loadings, np.full((1, len(y)), SIZE_SPREAD)]) * slope
        weighted = loadings / variance
        precision = np.eye(len(loadings)) + inner(weighted, loadings.T)
        latents = np.linalg.solve(precision, inner(weighted, residual.T.astype(np.float64))).astype(np.float64)
        left = residual - outer(latents.T, loadings).astype(np.float32)
        scaled = left**2 / variance.astype(np.float32)
        tails = (TAILS + 1.0) / 2.0 * np.log1p(scaled / np.float32(TAILS)).sum(axis=1, dtype=np.float64)
        telling = (np.log(expected + np.float32(pseudo)).var(axis=0) / variance).astype(np.float64)
        share = float(telling @ (LAB_VARIANCE * slope**2 / variance) / telling.sum())
        scores: Array = -tails - 0.5 * (latents**2).sum(axis=0)
        return scores, share


def tempered(scores: Array, share: npt.ArrayLike, temperature: float) -> Array:
    """Log likelihoods (of candidates, or samples x candidates) as they may be believed.

    Laboratories make up ``share`` of each sample's noise, counting the rest.
    """
    believed: Array = scores / (1.0 + (temperature - 1.0) * np.asarray(share, dtype=np.float64)[..., None])
    return believed


def _sorted_shares(ids: npt.NDArray[np.str_], weight: Array) -> dict[str, float]:
    """Probabilities, largest first, without the tail of improbable ones."""
    share = weight / weight.sum()
    kept = share >= LEAST_PROBABILITY
    order = np.argsort(-share, kind="stable")
    order = order[kept[order]]
    total = share[order].sum()
    return {str(ids[i]): float(share[i] / total) for i in order}
