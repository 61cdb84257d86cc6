"""Calibration: whether real samples fall where the model says they should, gene by gene.

Levels are centred on the mean of each set, so that what is judged is spread. It was learned without the study.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.noise_statistics import poisson_only
from training.scorecard.asking import log2_cpm
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.sample_sets import SampleSet, at_one_size, sample_sets
from training.scorecard.scores import Score

__all__ = ["calibration_error", "measure"]

Array = npt.NDArray[np.float64]
MADE = 80
LEAST_CPM = 5.0
LEVELS = np.linspace(0.05, 0.95, 19)


def measure(evidence: Evidence) -> list[Score]:
    """Expected calibration error, and agreement of gene-wise standard deviations."""
    rows = [_of(one) for one in sample_sets(evidence)]
    table = np.array([values for _, values in rows])
    n = f"{len(rows)} kinds: {', '.join(label for label, _ in rows)}"
    error, of_poisson, of_halves, r, r_of_poisson, r_of_halves, ratio = table.T
    return [
        Score(
            "calibration error",
            float(error.mean()),
            n,
            "Mean gap between how often real values lie below a predicted quantile and how often they should; 0 is "
            "perfect, 0.25 useless.",
            mean_interval(error),
            {"Poisson only": float(of_poisson.mean())},
            ("Poisson only",),
            ("half of the real samples as prediction", float(of_halves.mean())),
            higher_is_better=False,
        ),
        Score(
            "gene-wise spread, r of log SD",
            float(r.mean()),
            n,
            "The model knows which genes vary much from person to person and which little.",
            mean_interval(r),
            {"Poisson only": float(r_of_poisson.mean())},
            ("Poisson only",),
            ("real halves", float(r_of_halves.mean())),
        ),
        Score(
            "spread made beside real",
            float(ratio.mean()),
            n,
            "Median over genes of the ratio of standard deviations (log2 CPM): above 1 made samples differ too much.",
            mean_interval(ratio),
        ),
    ]


def _of(one: SampleSet) -> tuple[str, list[float]]:
    """Label; calibration error of made samples, Poisson counts and a real half; r of log SD of the same; SD ratio."""
    generator = np.random.default_rng(7)
    made, real = at_one_size(one.made(MADE, seed=21), one.real, seed=21)
    poisson = poisson_only(one.expected, int(real[:, 0].sum()), MADE, generator)
    expressed = (real.mean(axis=1) / real[:, 0].sum() * 1e6) > LEAST_CPM
    made_log, real_log, poisson_log = (_centred(x[expressed]) for x in (made, real, poisson))
    half = real_log.shape[1] // 2
    first, second = (_centred_logs(real_log[:, part]) for part in (slice(half), slice(half, 2 * half)))
    errors = [calibration_error(x, real_log) for x in (made_log, poisson_log)] + [calibration_error(first, second)]
    deviations = [np.log(x.std(axis=1, ddof=1) + 0.01) for x in (made_log, poisson_log, real_log, first, second)]
    own, of_poisson, of_real, of_first, of_second = deviations
    agreement = [
        float(np.corrcoef(a, b)[0, 1]) for a, b in ((own, of_real), (of_poisson, of_real), (of_first, of_second))
    ]
    ratio = float(np.median(made_log.std(axis=1, ddof=1) / real_log.std(axis=1, ddof=1)))
    return one.label, [*errors, *agreement, ratio]


def calibration_error(predicted: Array, observed: Array) -> float:
    """Mean over levels q of |share of observed values below the predicted q quantile - q| (genes x samples both).

    Shares are over all genes and samples; this is the expected calibration error of the probability integral transform.
    """
    quantiles = np.quantile(predicted, LEVELS, axis=1)
    below = np.array([(observed <= q[:, None]).mean() for q in quantiles])
    return float(np.abs(below - LEVELS).mean())


def _centred(counts: npt.NDArray[np.int64]) -> Array:
    return _centred_logs(log2_cpm(counts, 0.5))


def _centred_logs(logs: Array) -> Array:
    out: Array = logs - logs.mean(axis=1, keepdims=True)
    return out
