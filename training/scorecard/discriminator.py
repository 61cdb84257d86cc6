"""How well a classifier tells real samples from made ones of the same kind. No floor: it is stated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training.noise_statistics import poisson_only
from training.scorecard.agreement import auroc
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.sample_sets import SampleSet, sample_sets
from training.scorecard.scores import Score

__all__ = ["measure"]

Array = npt.NDArray[np.float64]
GENES = 1_000


def measure(evidence: Evidence) -> list[Score]:
    """AUROC of a cross-validated logistic regression, with levels as they are and with each set's means taken out."""
    sets = list(sample_sets(evidence))
    table = np.array([_of(one) for one in sets])
    n = f"{len(sets)} kinds: {', '.join(one.label for one in sets)}"
    return [
        Score(
            "levels as they are",
            float(table[:, 0].mean()),
            n,
            "1 means that a computer always tells a made sample from a real one, 0.5 that it cannot. Each laboratory "
            "has its own offset a gene, so real samples of two laboratories are told apart too.",
            mean_interval(table[:, 0]),
            {"Poisson only": float(table[:, 1].mean())},
            higher_is_better=False,
        ),
        Score(
            "levels centred gene by gene",
            float(table[:, 2].mean()),
            n,
            "The same when only the way in which samples differ from each other is looked at.",
            mean_interval(table[:, 2]),
            {"Poisson only": float(table[:, 3].mean())},
            higher_is_better=False,
        ),
    ]


def _of(one: SampleSet) -> list[float]:
    n = one.real.shape[1]
    real, made = one.at_one_size(one.real, one.made(n, seed=31), seed=31)
    poisson = poisson_only(one.expected, int(real[:, 0].sum()), n, np.random.default_rng(31))
    most = np.sort(np.argsort(-real.mean(axis=1), kind="stable")[:GENES])
    real_log, made_log, poisson_log = (_log(x)[most].T for x in (real, made, poisson))
    out = []
    for centre in (False, True):
        for other in (made_log, poisson_log):
            a, b = ((x - x.mean(axis=0)) if centre else x for x in (real_log, other))
            # Squares let the classifier see spread, not only level.
            values = np.concatenate([a, b]) if not centre else np.concatenate([np.hstack([x, x**2]) for x in (a, b)])
            out.append(_separation(values, n))
    return out


def _log(counts: npt.NDArray[np.int64]) -> Array:
    out: Array = np.log2(counts / counts.sum(axis=0) * 1e6 + 1)
    return out


def _separation(values: Array, n: int) -> float:
    is_real = np.repeat([True, False], n)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    folds = StratifiedKFold(4, shuffle=True, random_state=1)
    score = cross_val_predict(model, values, is_real, cv=folds, method="decision_function")
    return auroc(score, is_real)
