"""A result in a sentence, and what is said where nothing in it is unusual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synthome.analysis.overview import describe_result, nothing_unusual
from synthome.analysis.quality import quality
from tests.predictions import make_prediction


@pytest.mark.parametrize(
    ("sizes", "names", "told"),
    [
        ([1], ["Liver"], "1 sample of Liver. It has "),
        ([5, 5], ["Liver", "Brain"], "5 samples each of Liver and Brain. Each has "),
        ([5, 2, 1], ["Liver", "Brain", "Heart"], "5 samples of Liver, 2 of Brain and 1 of Heart. Each has "),
        ([2, 3, 3, 3, 3], list("ABCDE"), "14 samples of 5 conditions, 2 to 3 of each. Each has "),
    ],
)
def test_a_result_is_told_by_its_conditions(sizes: list[int], names: list[str], told: str) -> None:
    made = make_prediction(sizes, names=names)
    assert describe_result(quality(made), made).startswith(told)


def test_counts_and_genes_are_told_with_their_range() -> None:
    made = make_prediction([2])
    found = replace(quality(made), library_size=np.array([10_000, 10_000]), detected=np.array([900, 1100]))
    assert describe_result(found, made).endswith("Each has 10,000 counts, in 900 to 1,100 of 1,500 genes.")


@pytest.mark.parametrize(
    ("sizes", "dispersion", "told"),
    [
        ([5, 5], 0.05, "Nothing is unusual: every sample is like the others of its condition."),
        ([5, 2], 0.05, "Conditions of fewer than 4 samples are not judged."),
        ([3, 3], 0.05, "Whether a sample is unusual cannot be told: no condition has 4 samples."),
        ([3, 3], 0, "Nothing is unusual: the samples of a condition are identical."),
    ],
)
def test_that_nothing_is_unusual_is_said_only_where_it_can_be_told(
    sizes: list[int], dispersion: float, told: str
) -> None:
    made = make_prediction(sizes, dispersion=dispersion)
    assert nothing_unusual(quality(made), made).endswith(told)
