import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from synthome.analysis import library_sizes, log_cpm
from tests.predictions import make_prediction

counts = arrays(np.int32, st.tuples(st.integers(1, 6), st.integers(1, 8)), elements=st.integers(0, 2_000_000))


@given(counts)
def test_log_cpm_is_log2_of_counts_per_million_plus_one(values):
    result = log_cpm(pd.DataFrame(values))
    totals = values.sum(axis=1, dtype=np.int64, keepdims=True)
    expected = np.log2(1e6 * values / np.maximum(totals, 1) + 1)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_doubling_the_depth_of_a_sample_changes_nothing():
    expression = make_prediction([3]).expression
    np.testing.assert_allclose(log_cpm(expression * 2), log_cpm(expression), rtol=1e-6)


def test_a_sample_without_counts_is_zero_and_not_missing():
    assert log_cpm(pd.DataFrame([[0, 0], [1, 0]]))[0].tolist() == [0, 0]


def test_library_sizes_do_not_overflow_32_bits():
    assert library_sizes(pd.DataFrame(np.full((1, 3), 2_000_000_000, np.int32))).tolist() == [6_000_000_000]


def test_log_cpm_leaves_the_counts_as_they_were():
    expression = pd.DataFrame(np.ones((2, 3), np.float32))
    log_cpm(expression)
    assert (expression == 1).all().all()
