import numpy as np
import pytest

from synthome.analysis import library_sizes, log_cpm, variable_genes
from synthome.analysis.variable_genes import counting_variance, gene_variances
from tests.predictions import make_prediction, marker_columns


def test_planted_markers_are_the_most_variable_genes():
    prediction = make_prediction([10, 10])
    planted = {*marker_columns(0, 1500).tolist(), *marker_columns(1, 1500).tolist()}
    assert len(planted & set(variable_genes(log_cpm(prediction.expression), 60).tolist())) >= 50


def test_setting_counting_noise_aside_finds_more_of_the_markers_in_shallow_libraries():
    planted = {*marker_columns(0, 4000).tolist(), *marker_columns(1, 4000).tolist()}
    found = {None: 0, 20_000: 0}
    for seed in range(4):
        prediction = make_prediction([10, 10], n_genes=4000, library_size=20_000, seed=seed)
        for library_size in found:
            chosen = variable_genes(log_cpm(prediction.expression), 60, library_size)
            found[library_size] += len(planted & set(chosen.tolist()))
    assert found[20_000] > 1.15 * found[None]


def test_the_most_variable_gene_comes_first_and_ties_keep_column_order():
    log_expression = np.array([[0, 0, 1, 5], [2, 9, 3, 5], [4, 0, 5, 5]], np.float32)
    assert variable_genes(log_expression, 4).tolist() == [1, 0, 2]


def test_a_constant_gene_is_never_chosen():
    log_expression = np.full((7, 4), np.float32(0.1))
    log_expression[3, 2] = 1
    assert variable_genes(log_expression, 4, 1e6).tolist() == [2]


@pytest.mark.parametrize("samples", [0, 1])
def test_fewer_than_two_samples_have_no_variable_gene(samples):
    assert not len(variable_genes(np.ones((samples, 3), np.float32), 3))


def test_gene_variances_are_numpys():
    log_expression = log_cpm(make_prediction([150]).expression)
    mean, variance = gene_variances(log_expression)
    np.testing.assert_allclose(mean, log_expression.mean(axis=0, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(variance, log_expression.var(axis=0, ddof=1, dtype=float), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("rate", [0.05, 0.5, 5, 25, 40, 200])
@pytest.mark.parametrize("library_size", [10_000, 10_000_000])
def test_counting_variance_is_that_of_poisson_counts(rate, library_size):
    counts = np.random.default_rng(3).poisson(rate, 400_000)
    level = np.log2(1e6 * counts / library_size + 1)
    expected = counting_variance(np.array([level.mean()]), library_size)[0]
    assert expected == pytest.approx(level.var(), rel=0.06)


def test_library_sizes_of_a_prediction_are_its_depth():
    assert library_sizes(make_prediction([2]).expression) == pytest.approx(10_000_000, rel=0.2)
