"""Which component follows which key, beside SciPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from synthome.analysis import log_cpm, pca
from synthome.analysis.associations import associations
from tests.predictions import make_prediction

MADE = make_prediction([12, 12])
COMPONENTS = pca(log_cpm(MADE.expression), MADE.genes.index, 500)
GROUP = pd.Series(MADE.conditions)
NOISE = np.random.default_rng(3)
FACTORS = pd.DataFrame(
    {
        "condition": GROUP,
        "coin": NOISE.permutation(["a", "b"] * 12),
        "age": COMPONENTS.scores[:, 1] * 2 + NOISE.normal(0, 0.01, 24),
        "same": "x",
        "own": [f"s{i}" for i in range(24)],
    }
)
FOUND = associations(COMPONENTS, FACTORS)


def test_the_first_component_follows_the_condition_and_the_second_a_number_made_of_it() -> None:
    assert FOUND.strongest(1) == "condition"
    assert FOUND.strongest(2) == "age"
    assert FOUND.explained.loc["age", "PC2"] > 0.99
    assert FOUND.explained.loc["coin", "PC1"] < 0.5


def test_what_has_one_value_or_one_a_sample_is_left_out() -> None:
    assert list(FOUND.explained.index) == ["condition", "coin", "age"]


def test_shares_and_p_values_are_scipys() -> None:
    first = COMPONENTS.scores[:, 0]
    p_values = []
    for key in ("condition", "coin", "age"):
        for place in range(FOUND.explained.shape[1]):
            scores = COMPONENTS.scores[:, place]
            if key == "age":
                p_values.append(stats.pearsonr(scores, FACTORS[key]).pvalue)
            else:
                p_values.append(stats.f_oneway(*(scores[FACTORS[key] == v] for v in FACTORS[key].unique())).pvalue)
    expected = stats.false_discovery_control(p_values).reshape(FOUND.adjusted_p_value.shape)
    np.testing.assert_allclose(FOUND.adjusted_p_value.to_numpy(), expected, rtol=1e-6, atol=1e-300)
    assert FOUND.explained.loc["age", "PC1"] == pytest.approx(stats.pearsonr(first, FACTORS["age"]).statistic ** 2)


def test_missing_values_are_left_out() -> None:
    factors = FACTORS[["condition"]].copy()
    factors.loc[:5, "condition"] = None
    assert associations(COMPONENTS, factors).strongest(1) == "condition"


def test_without_components_or_keys_nothing_follows_anything() -> None:
    alone = make_prediction([1])
    none = pca(log_cpm(alone.expression), alone.genes.index)
    assert associations(none, pd.DataFrame({"sex": ["male"]})).strongest(1) is None
    assert associations(COMPONENTS, FACTORS[["same"]]).strongest(1) is None
