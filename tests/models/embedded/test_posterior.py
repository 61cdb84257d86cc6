"""The posterior of a sample: what counts say, and what the prior says where they are silent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.models.embedded.posterior import position, rates
from synthome.models.embedded.products import inner, outer
from synthome.models.embedded.sex_calling import SexCaller
from synthome.models.embedded.weights import load_weights

GENES = 4_000
GENERATOR = np.random.default_rng(6)
CPM = np.exp(GENERATOR.normal(3, 1.5, GENES))
CPM = CPM / CPM.sum() * 1e6
LOADINGS = GENERATOR.normal(0, 0.2, (5, GENES))
PHI = np.full(GENES, 0.1)
TRUE = np.array([2.0, -1.0, 0.5, 0.0, 1.5])


def sampled(total, truth=TRUE):
    rate = CPM * np.exp(truth @ LOADINGS) * GENERATOR.gamma(10, 0.1, GENES)
    return GENERATOR.poisson(rate / rate.sum() * total).astype(float)


def found(counts, cpm=CPM):
    return position(counts, cpm, LOADINGS, PHI, np.ones(5))


def test_latents_of_a_deep_sample_are_found_within_their_uncertainty():
    deep = found(sampled(10_000_000))
    error = np.sqrt(np.diag(deep.root @ deep.root.T))
    assert np.abs(deep.mean - TRUE).max() < 5 * error.max() + 0.05
    draws = np.array([deep.draw(np.random.default_rng(seed)) for seed in range(400)])
    assert draws.mean(axis=0) == pytest.approx(deep.mean, abs=0.02)
    assert draws.std(axis=0) == pytest.approx(error, rel=0.2)


def test_few_counts_leave_latents_at_the_prior_and_many_do_not():
    few, many = found(sampled(20)), found(sampled(1_000_000))
    assert np.abs(few.mean).max() < 0.5
    assert np.diag(few.root @ few.root.T).min() > 0.7
    assert np.diag(many.root @ many.root.T).max() < 0.05


def test_unmeasured_genes_do_not_decide_where_a_sample_lies():
    counts = sampled(10_000_000)
    holed = np.where(np.arange(GENES) % 10 == 0, 0.0, counts)
    assert np.abs(found(holed).mean - found(counts).mean).max() < 0.3


def test_a_genes_rate_is_the_samples_own_where_counts_are_many_and_the_expected_one_where_none_are():
    cpm = np.array([100.0, 100.0, 0.0, 0.0, 999_800.0])
    counts = np.array([2_000.0, 0.0, 500.0, 0.0, 9_997_500.0])
    result = rates(counts, cpm, np.full(5, 0.3))
    rate = (cpm + 0.5) * np.exp(result.residual)
    assert rate[0] == pytest.approx(200, rel=0.02)
    assert rate[1] < 1.0
    assert rate[2] == pytest.approx(50, rel=0.02), "a gene that is not expected and was seen is kept"
    assert rate[3] < 0.05
    shallow = rates(np.array([0.0, 0.0, 0.0, 0.0, 20.0]), cpm, np.full(5, 0.3))
    assert (cpm + 0.5)[0] * np.exp(shallow.residual[0]) == pytest.approx(100, rel=0.05)
    assert (result.dispersion <= 0.3).all()


@given(st.integers(1, 6), st.integers(1, 40_000), st.integers(1, 6))
def test_products_in_blocks_are_products(m, k, n):
    generator = np.random.default_rng(m + k + n)
    a, b = generator.normal(size=(m, k)), generator.normal(size=(k, n))
    np.testing.assert_allclose(inner(a, b), a @ b, atol=1e-9)
    np.testing.assert_allclose(outer(b.T[:, :1], a[:1]), b.T[:, :1] @ a[:1], atol=1e-9)


@pytest.mark.parametrize("name", ["bulk", "single_cell"])
def test_sexes_are_equally_probable_without_counts_of_telling_genes(name):
    weights = load_weights(name)
    caller = SexCaller(weights)
    telling = (weights.genes["chromosome"] == "Y") | weights.genes["symbol"].isin(["XIST", "TSIX"])
    few = np.where(telling.to_numpy(), 0, 1) * (np.arange(len(telling)) < 100)
    assert caller.probabilities(few, "cell_type")["female"] == pytest.approx(0.5, abs=0.1)


def test_reads_of_x_counted_as_y_do_not_make_a_woman_a_man():
    weights = load_weights("bulk")
    caller = SexCaller(weights)
    genes = weights.genes
    counts = np.full(len(genes), 500)
    counts[(genes["chromosome"] == "Y").to_numpy()] = 150
    counts[(genes["symbol"] == "XIST").to_numpy()] = 5_000
    assert caller.probabilities(counts, "cell_line")["female"] > 0.9
    counts[genes["symbol"].isin(["XIST", "TSIX"]).to_numpy()] = 0
    assert caller.probabilities(counts, "cell_line")["male"] > 0.5
