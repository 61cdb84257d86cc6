"""Mean and variance of genes against those of counts that are drawn from a Poisson law and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.mean_variance import MeanVariance, mean_variance

LIBRARY = 1_000_000
RATES = np.geomspace(0.05, 20_000, 1200)


def poisson(n: int, extra: float = 0.0) -> MeanVariance:
    """``n`` samples of these rates a gene; the last genes fill the library up to its size, as gamma noise is added."""
    rng = np.random.default_rng(4)
    rates = RATES * LIBRARY / RATES.sum()
    expected = rng.gamma(1 / extra, extra * rates, size=(n, len(rates))) if extra else np.tile(rates, (n, 1))
    counts = pd.DataFrame(rng.poisson(expected))
    return mean_variance(log_cpm(counts), float(np.median(counts.sum(axis=1))))


def test_mean_and_variance_are_numpys() -> None:
    values = np.random.default_rng(2).random((7, 50), dtype=np.float32)
    trend = mean_variance(values, LIBRARY)
    np.testing.assert_allclose(trend.mean, values.mean(axis=0, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(trend.variance, values.var(axis=0, dtype=float, ddof=1), rtol=1e-5)


def test_genes_that_only_counting_makes_vary_lie_on_the_line() -> None:
    trend = poisson(2_000)
    seen = trend.mean > 0.1
    np.testing.assert_allclose(trend.variance[seen], trend.counting(trend.mean)[seen], rtol=0.2)


@pytest.mark.parametrize("n", [2, 5, 20])
def test_few_of_them_are_said_to_vary_more(n: int) -> None:
    trend = poisson(n)
    assert trend.clearly_above[trend.counted].mean() < 0.03


def test_genes_that_vary_by_more_than_counting_are_said_to_where_their_counts_are_high() -> None:
    trend = poisson(20, extra=0.2)
    assert trend.clearly_above[trend.mean > 6].mean() > 0.95


def test_a_gene_that_is_the_same_in_all_samples_has_no_variance() -> None:
    values = np.full((9, 3), np.log2(1 + 1 / 3), dtype=np.float32)
    assert not mean_variance(values, LIBRARY).variance.any()
    assert not mean_variance(values[:1], LIBRARY).clearly_above.any()
