from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.models.embedded.noise import exact_poisson, gamma_poisson, rounded, variance_rise

EXPECTED = np.array([0.0, 0.2, 1.0, 5.0, 50.0, 943.8])


def test_exact_draws_have_the_mean_and_covariance_of_a_multinomial():
    generator = np.random.default_rng(1)
    draws = np.array([exact_poisson(EXPECTED, 1000, generator) for _ in range(20_000)])
    share = EXPECTED / EXPECTED.sum()
    covariance = 1000 * (np.diag(share) - np.outer(share, share))
    assert (draws.sum(axis=1) == 1000).all()
    assert (draws[:, 0] == 0).all()
    np.testing.assert_allclose(draws.mean(axis=0), 1000 * share, atol=0.25)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=2.0)


def test_counts_are_overdispersed_as_asked():
    generator = np.random.default_rng(2)
    cpm = np.full(2_000, 500.0)
    dispersion = np.where(np.arange(2_000) < 1_000, 0.05, 0.4)
    draws = np.array([gamma_poisson(cpm, dispersion, 1_000_000, generator) for _ in range(400)], dtype=float)
    excess = (draws.var(axis=0) - draws.mean(axis=0)) / draws.mean(axis=0) ** 2
    assert excess[:1_000].mean() == pytest.approx(0.05, rel=0.1)
    assert excess[1_000:].mean() == pytest.approx(0.4, rel=0.1)


def test_a_gene_without_expression_is_never_counted():
    generator = np.random.default_rng(3)
    cpm = np.array([0.0, 10.0, 0.0, 1.0, 0.0])
    for _ in range(50):
        counts = gamma_poisson(cpm, np.array([0.0, 0.3, 0.0, 0.3, 0.0]), 1_000, generator)
        assert counts[[0, 2, 4]].tolist() == [0, 0, 0]


@given(
    st.lists(st.floats(0, 1e5), min_size=1, max_size=60).filter(lambda values: sum(values) > 1e-3),
    st.integers(1_000, 10**9),
)
def test_rounding_moves_no_count_by_more_than_one_and_keeps_the_sum(values, total):
    cpm = np.array(values)
    counts = rounded(cpm, total)
    assert counts.sum(dtype=np.int64) == total
    assert (counts[cpm == 0] == 0).all()
    assert np.abs(counts - cpm * (total / cpm.sum())).max() < 1 + 1e-6


@given(st.integers(0, 2**32), st.integers(1, 5_000))
def test_exact_draws_keep_the_sum_for_any_library(seed, total):
    assert exact_poisson(EXPECTED, total, np.random.default_rng(seed)).sum() == total


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 64))
def test_variance_beyond_counting_never_rises_with_expression_and_is_bounded_below(one, other, rise):
    low, high = variance_rise(np.array(sorted([one, other])), rise)
    assert 1 <= high <= low <= 1 + rise / 3
