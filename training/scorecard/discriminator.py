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
from training.scorecard.asking import log2_cpm
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.sample_sets import SampleSet, at_one_size, sample_sets
from training.scorecard.scores import Score

__all__ = ["measure"]

Array = npt.NDArray[np.float64]
GENES = 1_000


def measure(evidence: Evidence) -> list[Score]:
    """AUROC of a cross-validated logistic regression, with levels as they are and with each set's means taken out."""
    sets = list(sample_sets(evidence))
    own, poisson, centred, poisson_centred = np.array([_of(one) for one in sets]).T
    n = f"{len(sets)} kinds: {', '.join(one.label for one in sets)}"
    return [
        Score(
            "levels as they are",
            float(own.mean()),
            n,
            "1 means that a computer always tells a made sample from a real one, 0.5 that it cannot. Each laboratory "
            "has its own offset a gene, so real samples of two laboratories are told apart too.",
            mean_interval(own),
            {"Poisson only": float(poisson.mean())},
            higher_is_better=False,
        ),
        Score(
            "levels centred gene by gene",
            float(centred.mean()),
            n,
            "The same when only the way in which samples differ from each other is looked at.",
            mean_interval(centred),
            {"Poisson only": float(poisson_centred.mean())},
            higher_is_better=False,
        ),
    ]


def _of(one: SampleSet) -> list[float]:
    """AUROC of made samples and of Poisson counts beside real ones, with levels as they are, then centred."""
    n = one.real.shape[1]
    real, made = at_one_size(one.real, one.made(n, seed=31), seed=31)
    poisson = poisson_only(one.expected, int(real[:, 0].sum()), n, np.random.default_rng(31))
    most = np.sort(np.argsort(-real.mean(axis=1), kind="stable")[:GENES])
    real_log, made_log, poisson_log = (log2_cpm(x)[most].T for x in (real, made, poisson))
    levels = [_separation(real_log, other) for other in (made_log, poisson_log)]
    spread = [_separation(_deviations(real_log), _deviations(other)) for other in (made_log, poisson_log)]
    return [*levels, *spread]


def _deviations(log_cpm: Array) -> Array:
    """Deviations from each gene's mean, and their squares, which let the classifier see spread (samples x genes in)."""
    centred = log_cpm - log_cpm.mean(axis=0)
    return np.hstack([centred, centred**2])


def _separation(real: Array, other: Array) -> float:
    is_real = np.repeat([True, False], [len(real), len(other)])
    values = np.concatenate([real, other])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    folds = StratifiedKFold(4, shuffle=True, random_state=1)
    score = cross_val_predict(model, values, is_real, cv=folds, method="decision_function")
    return auroc(score, is_real)
