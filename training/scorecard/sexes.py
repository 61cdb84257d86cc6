"""Sex, called from made samples by the rule that is used on real ones: XIST against five genes of Y."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.genes import GeneTable
from training.scorecard.asking import generated, symbol_ids
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.sources import CountSet

__all__ = ["called", "measure"]

Y_GENES = ("RPS4Y1", "DDX3Y", "EIF1AY", "KDM5D", "UTY")
SAMPLES = 6
REAL_SETS = ("islets", "lcl_pickrell", "gtex_skin", "gtex_bladder")
"""Sets of untreated donors that measured XIST (Cheung's lymphoblastoid lines did not)."""
PRESENT = 0.25
"""XIST, or the five genes of Y together, count as present from this part of the level of the sex that has them."""


def measure(evidence: Evidence) -> list[Score]:
    """Every learned tissue that both sexes have, asked as female, as male and without a sex."""
    model = evidence.bulk
    vocabulary = model.vocabulary()
    family = vocabulary.family("tissue_ontology_id")
    terms = sorted(t for t in vocabulary.learned("tissue_ontology_id") if family and not family.term(t).sex)
    conditions = [{"tissue_ontology_id": term, "sex": sex} for term in terms for sex in ("female", "male")]
    ids = symbol_ids(model.genes)
    made = generated(model, conditions, SAMPLES, seed=5)
    levels = _levels(made.expression, ids)
    right = (called(*levels) == made.metadata["sex"].to_numpy()).reshape(len(terms), -1).mean(axis=1)

    unsexed = generated(model, [{"tissue_ontology_id": term} for term in terms], SAMPLES, seed=6)
    xist, y = (level.reshape(len(terms), SAMPLES) for level in _levels(unsexed.expression, ids))
    womens_xist, mens_y = (level.reshape(len(terms), 2, SAMPLES)[:, i] for i, level in enumerate(levels))
    has_xist = xist > PRESENT * np.median(womens_xist, axis=1, keepdims=True)
    has_y = y > PRESENT * np.median(mens_y, axis=1, keepdims=True)
    clear = (has_xist != has_y).mean(axis=1)
    female = (called(xist, y) == "female").mean(axis=1)
    return [
        Score(
            "sex called right",
            float(right.mean()),
            f"{len(terms)} tissues, {len(made.expression)} samples",
            "Samples made as female or male are recognised as such by the genes that a laboratory would look at.",
            mean_interval(right),
            {"chance": 0.5},
            ("chance",),
            ("same rule, real samples", _real(evidence)),
            at_least=0.99,
        ),
        Score(
            "either XIST or Y, where no sex is given",
            float(clear.mean()),
            f"{len(terms)} tissues, {len(unsexed.expression)} samples",
            "Without a sex each sample is a woman's or a man's, not something between that does not exist.",
            mean_interval(clear),
            at_least=0.99,
        ),
        Score(
            "share of women, where no sex is given",
            float(female.mean()),
            f"{len(terms)} tissues, {len(unsexed.expression)} samples",
            "Both sexes are drawn equally often.",
            mean_interval(female),
            at_least=0.4,
            at_most=0.6,
        ),
    ]


def called(xist: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.str_]:
    """``female`` where XIST exceeds the five genes of Y together, else ``male``."""
    return np.where(xist > y, "female", "male")


def _levels(counts: pd.DataFrame, ids: dict[str, str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """CPM of XIST and of the five genes of Y, one value a sample (rows of ``counts``)."""
    cpm = 1e6 / counts.sum(axis=1).to_numpy()
    return counts[ids["XIST"]].to_numpy() * cpm, counts[[ids[s] for s in Y_GENES]].sum(axis=1).to_numpy() * cpm


def _real(evidence: Evidence) -> float:
    """Share of real donors whose recorded sex the same rule gives."""
    right = [_right_in(evidence.genes, evidence.count_sets[name]) for name in REAL_SETS]
    return float(np.concatenate(right).mean())


def _right_in(genes: GeneTable, source: CountSet) -> npt.NDArray[np.bool_]:
    known = source.sex.isin(["female", "male"]).to_numpy()
    counts = genes.ensembl_rows(source.counts.loc[:, known]).fillna(0.0).T
    return np.asarray(called(*_levels(counts, genes.by_symbol)) == source.sex[known].to_numpy())
