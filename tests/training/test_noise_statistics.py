from __future__ import annotations

import numpy as np
import pytest

from training.noise_statistics import (
    correlation_agreement,
    distances,
    normal_log_cpm,
    null_false_positives,
    poisson_only,
    statistics_of,
    thinned,
    well_expressed_and_variable,
)

GENES, SAMPLES, TOTAL = 3_000, 20, 2_000_000


def samples(seed: int, phi: float, loading: float = 0.0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    mean = np.exp(np.random.default_rng(1).normal(4, 1.5, GENES))
    mean *= TOTAL / mean.sum()
    direction = np.random.default_rng(2).normal(0, loading, GENES)
    moved = mean[:, None] * np.exp(np.outer(direction, generator.standard_normal(SAMPLES)))
    return generator.poisson(moved * generator.gamma(1 / phi, phi, (GENES, SAMPLES)))


def test_dispersion_is_found_whatever_the_depth():
    for counts in (samples(1, 0.16), thinned(samples(1, 0.16), 400_000, np.random.default_rng(3))):
        found = statistics_of(counts)
        well = found.level > 5
        assert np.exp(np.median(found.log_bcv[well])) == pytest.approx(0.4, rel=0.1)


def test_alike_sets_are_near_and_poisson_and_other_dispersions_are_far():
    real = statistics_of(samples(1, 0.1))
    alike, other = (distances(statistics_of(samples(2, phi)), real) for phi in (0.1, 0.3))
    cpm = samples(1, 0.1).mean(axis=1)
    poisson = distances(statistics_of(poisson_only(cpm, TOTAL, SAMPLES, np.random.default_rng(4))), real)
    for name in ("mean-variance", "dispersion"):
        assert alike[name] < 0.12
        assert other[name] > 0.5
        assert poisson[name] > 0.8
    assert alike["zeros per gene"] < 0.05


def test_thinned_libraries_have_the_asked_size_and_never_more_counts():
    counts = samples(1, 0.1)
    thin = thinned(counts, 500_000, np.random.default_rng(5))
    assert (thin.sum(axis=0) == 500_000).all()
    assert (thin <= counts).all()


def test_a_library_is_not_thinned_to_more_than_it_holds():
    with pytest.raises(ValueError, match="cannot be cut down"):
        thinned(np.ones((10, 2), dtype=np.int64), 11, np.random.default_rng(6))


def test_correlations_agree_where_the_same_genes_move_together_and_not_where_they_are_independent():
    real, made, independent = samples(1, 0.05, 0.4), samples(2, 0.05, 0.4), samples(3, 0.15)
    rows = well_expressed_and_variable(real, 400)
    assert correlation_agreement(real, made, rows) > 0.7
    assert abs(correlation_agreement(real, independent, rows)) < 0.1


def test_samples_of_one_kind_give_the_nominal_share_of_false_positives():
    counts = np.hstack([samples(1, 0.1), samples(2, 0.1)])
    assert null_false_positives(counts, np.random.default_rng(7)) == pytest.approx(0.05, abs=0.015)


def test_genes_that_never_vary_are_no_false_positives():
    counts = np.repeat(samples(1, 0.1)[:, :1], 12, axis=1)
    assert null_false_positives(counts, np.random.default_rng(8), splits=3) == 0.0


def test_normals_in_log_cpm_keep_the_library_to_rounding_and_the_deviation():
    cpm = np.full(1_000, 1_000.0)
    counts = normal_log_cpm(cpm, np.full(1_000, 0.3), 10_000_000, 50, np.random.default_rng(9))
    assert np.abs(counts.sum(axis=0) - 10_000_000).max() < 1_000
    assert np.log(counts).std(axis=1).mean() == pytest.approx(0.3, rel=0.05)
