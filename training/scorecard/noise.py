"""Noise of bulk samples: spread, zeros, correlation between genes, and false positives.

Real halves of a set are compared with each other, and made samples, Poisson counts and Normals in log CPM with one of
the halves; always as many samples at one library size. Spread was learned without the study that judges it, also that
of the Normals (one variance a gene). The mean profile is that of all samples of the set for all three, so that noise
alone is judged. (The mean of the other half is itself a draw: a model that is the truth would then be twice as far
from it in the zeros as the other half is; with the mean of all it is as far.) What the learned profile adds is stated
for the zeros.

Halves are of the same donors' study. How far another real study of the same kind is from it is stated beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from training.noise_statistics import (
    correlation_agreement,
    distances,
    normal_log_cpm,
    null_false_positives,
    poisson_only,
    statistics_of,
    well_expressed_and_variable,
)
from training.scorecard.asking import generated
from training.scorecard.bootstrap import interval, mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.sample_sets import SampleSet, at_one_size, pooled_deviation, real_counts, sample_sets
from training.scorecard.scores import Score

__all__ = ["measure"]

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
SPLITS = 4
NULL_TISSUES = 12
NULL_SAMPLES = 30
REAL_NULL = "islets: islets"
MOST = 1.5
TWO_STUDIES = ("lcl_pickrell: lcl_pickrell", "lcl_cheung: lcl_cheung")
"""Groups of one kind of cell from two laboratories."""
MEANINGS = {
    "mean-variance": "Genes expressed alike vary from sample to sample as much as in real data.",
    "dispersion": "The part of that variation which is not counting is as large as in real data.",
    "zeros per gene": "Genes are missed as often as in real samples of the same depth.",
    "zeros per sample": "Samples miss as many genes as real ones of the same depth.",
}


def measure(evidence: Evidence) -> list[Score]:
    """Distances as multiples of real against real, correlation between genes, and null comparisons."""
    sets = list(sample_sets(evidence))
    found = [_distances_of(one, pooled_deviation(evidence, one)) for one in sets]
    scores = [_ratio(name, meaning, found, sets) for name, meaning in MEANINGS.items()]
    return [
        *scores,
        _with_learned_profile(found, sets),
        *_two_studies(evidence),
        _coexpression(sets),
        _null(evidence, sets),
    ]


def _halves(real: Counts, split: int) -> tuple[Counts, Counts]:
    order = np.random.default_rng(100 + split).permutation(real.shape[1])
    half = real.shape[1] // 2
    return real[:, order[:half]], real[:, order[half : 2 * half]]


def _distances_of(one: SampleSet, deviation: Array) -> Mapping[str, Array]:
    """For each statistic the mean distance from a real half over splits.

    In this order: the other half, made, Poisson, Normal, and made with the learned profile.
    """
    rows: dict[str, list[list[float]]] = {name: [] for name in MEANINGS}
    mean = (one.real / one.real.sum(axis=0) * 1e6).mean(axis=1)
    for split in range(SPLITS):
        a, b = _halves(one.real, split)
        n = a.shape[1]
        tables = (a, b, one.made(n, seed=split, mean=mean), one.made(n, seed=split))
        a, b, made, learned = at_one_size(*tables, seed=split)
        generator = np.random.default_rng(200 + split)
        total = int(a[:, 0].sum())
        poisson = poisson_only(mean, total, n, generator)
        normal = normal_log_cpm(mean, deviation, total, n, generator)
        target = statistics_of(a)
        against = [distances(statistics_of(x), target) for x in (b, made, poisson, normal, learned)]
        for name in MEANINGS:
            rows[name].append([d[name] for d in against])
    return {name: np.mean(values, axis=0) for name, values in rows.items()}


def _ratio(name: str, meaning: str, found: Sequence[Mapping[str, Array]], sets: Sequence[SampleSet]) -> Score:
    table = np.array([of[name] for of in found])

    def over_real(rows: Array, column: int) -> float:
        return float(rows[:, column].mean() / rows[:, 0].mean())

    return Score(
        f"{name}, distance beside real against real",
        over_real(table, 1),
        f"{len(sets)} kinds: {', '.join(one.label for one in sets)}",
        f"{meaning} Kolmogorov-Smirnov distance from real samples ({table[:, 1].mean():.3f}) as a multiple of the "
        f"distance between two real halves ({table[:, 0].mean():.3f}).",
        interval(table, lambda rows: over_real(rows, 1)),
        {"Poisson": over_real(table, 2), "Normal in log CPM": over_real(table, 3)},
        ("Poisson", "Normal in log CPM"),
        ("real halves", 1.0),
        at_most=MOST,
        higher_is_better=False,
    )


def _with_learned_profile(found: Sequence[Mapping[str, Array]], sets: Sequence[SampleSet]) -> Score:
    table = np.array([of["zeros per gene"] for of in found])
    return Score(
        "zeros per gene with the learned profile, distance beside real against real",
        float(table[:, 4].mean() / table[:, 0].mean()),
        f"{len(sets)} kinds: {', '.join(one.label for one in sets)}",
        "The same as anyone gets it from the model. What it is above the line for zeros per gene is due to the "
        "profile: genes that this study never sees, for its gene models or its kits, and others do.",
        interval(table, lambda rows: float(rows[:, 4].mean() / rows[:, 0].mean())),
        higher_is_better=False,
    )


def _two_studies(evidence: Evidence) -> list[Score]:
    """How far two real studies of one kind are apart, beside the halves of one of them, each study in turn."""
    counts = real_counts(evidence, TWO_STUDIES)
    found: dict[str, list[list[float]]] = {name: [] for name in MEANINGS}
    for one, other in (counts, counts[::-1]):
        for split in range(SPLITS):
            (a, b), (elsewhere, _) = _halves(one, split), _halves(other, split)
            n = min(a.shape[1], elsewhere.shape[1])
            a, b, elsewhere = at_one_size(a[:, :n], b[:, :n], elsewhere[:, :n], seed=split)
            target = statistics_of(a)
            halves, studies = (distances(statistics_of(x), target) for x in (b, elsewhere))
            for name in MEANINGS:
                found[name].append([halves[name], studies[name]])
    return [
        Score(
            f"{name}, a second real study beside real against real",
            float(np.sum(found[name], axis=0)[1] / np.sum(found[name], axis=0)[0]),
            "2 studies of lymphoblastoid lines",
            "What another laboratory's real samples of the same kind would score: studies differ in how much samples "
            "vary, and in which genes they see.",
            higher_is_better=False,
        )
        for name in ("mean-variance", "dispersion", "zeros per gene")
    ]


def _coexpression(sets: Sequence[SampleSet]) -> Score:
    rows = []
    for one in sets:
        for split in range(SPLITS):
            a, b = _halves(one.real, split)
            genes = well_expressed_and_variable(a)
            made = one.made(a.shape[1], seed=50 + split)
            shuffled = np.random.default_rng(split).permuted(made, axis=1)
            elsewhere = [_agreement_elsewhere(one, a, genes, other) for other in sets if other is not one]
            rows.append([*(correlation_agreement(x, a, genes) for x in (made, shuffled, b)), float(np.mean(elsewhere))])
    table = np.array(rows).reshape(len(sets), SPLITS, 4).mean(axis=1)
    own, independent, halves, elsewhere_mean = table.mean(axis=0)
    return Score(
        "correlation between genes, agreement with real",
        float(own),
        f"{len(sets)} kinds: {', '.join(one.label for one in sets)}",
        "Genes that rise and fall together over real samples of one kind do so over made ones: correlation of all "
        "gene-gene correlations, for the 1,500 most variable genes.",
        mean_interval(table[:, 0]),
        {"independent genes": float(independent), "real samples of another kind": float(elsewhere_mean)},
        ("independent genes", "real samples of another kind"),
        ("real halves", float(halves)),
    )


def _agreement_elsewhere(one: SampleSet, half: Counts, genes: npt.NDArray[np.intp], other: SampleSet) -> float:
    """How far real samples of another kind agree with ``half`` in which genes go together."""
    of_model = np.flatnonzero(one.rows)[genes]
    place = np.cumsum(other.rows) - 1
    shared = other.rows[of_model]
    real = other.real[place[of_model[shared]]]
    rows = np.arange(int(shared.sum()))
    return correlation_agreement(real, half[genes[shared]], rows)


def _null(evidence: Evidence, sets: Sequence[SampleSet]) -> Score:
    model = evidence.bulk
    terms = sorted(model.vocabulary().learned("tissue_ontology_id"))
    terms = terms[:: max(len(terms) // NULL_TISSUES, 1)][:NULL_TISSUES]
    shares = []
    for i, term in enumerate(terms):
        made = generated(model, [{"tissue_ontology_id": term, "sex": "female"}], NULL_SAMPLES, seed=300 + i)
        counts = made.expression.to_numpy().T.astype(np.int64)
        shares.append(null_false_positives(counts, np.random.default_rng(i), splits=20))
    real = next(one.real for one in sets if one.group == REAL_NULL)
    return Score(
        "null comparison, false positives at 5 %",
        float(np.mean(shares)),
        f"{len(terms)} tissues",
        "Five made samples against five of the same kind: the share of genes that a Welch t test calls at p < 0.05 "
        "although nothing differs.",
        mean_interval(shares),
        {},
        (),
        ("islets, 5 against 5", null_false_positives(real, np.random.default_rng(0), splits=40)),
        at_least=0.03,
        at_most=0.07,
    )
