"""How alike samples are, by numpy's own correlation."""

from __future__ import annotations

import numpy as np

from synthome.analysis import log_cpm
from synthome.analysis.likeness import IDENTICAL, correlations, likeness
from tests.predictions import make_prediction

MADE = make_prediction([6, 5, 1])
LOG = log_cpm(MADE.expression)


def test_a_sample_is_compared_with_the_mean_of_the_others_of_its_condition() -> None:
    found = likeness(LOG, MADE.condition)
    counted = LOG[:, LOG.max(axis=0) > 0].astype(float)
    for row in range(11):
        others = [other for other in range(11) if MADE.condition[other] == MADE.condition[row] and other != row]
        assert np.isclose(found[row], np.corrcoef(counted[row], counted[others].mean(axis=0))[0, 1], atol=1e-9)


def test_the_only_sample_of_a_condition_is_compared_with_none() -> None:
    assert np.isnan(likeness(LOG, MADE.condition)[11])


def test_samples_without_noise_are_identical() -> None:
    made = make_prediction([3, 3], dispersion=0)
    assert likeness(log_cpm(made.expression), made.condition).min() >= IDENTICAL
    assert likeness(LOG, MADE.condition)[:11].max() < IDENTICAL


def test_a_sample_without_counts_correlates_with_none() -> None:
    values = LOG.copy()
    values[2] = 0
    assert likeness(values, MADE.condition)[2] == 0


def test_correlations_are_numpys_over_the_genes_that_are_counted_condition_after_condition() -> None:
    condition = np.array([1, 0] * 6)
    values = LOG.copy()
    values[:, :100] = 0
    found = correlations(values, condition)
    assert found.n_genes == int((values.max(axis=0) > 0).sum()) <= 1400
    assert list(condition[found.samples]) == [0] * 6 + [1] * 6
    expected = np.corrcoef(values[found.samples][:, values.max(axis=0) > 0])
    np.testing.assert_allclose(found.r, expected, atol=1e-9)


def test_many_samples_are_thinned_evenly_and_a_rare_condition_is_kept() -> None:
    condition = np.array([0] * 300 + [1] + [2] * 300)
    found = correlations(np.random.default_rng(1).random((601, 20), dtype=np.float32), condition, 40)
    assert len(found.samples) <= 40
    assert found.n_available == 601
    shown = condition[found.samples]
    assert (shown == 1).sum() == 1
    assert abs((shown == 0).sum() - (shown == 2).sum()) <= 1
