"""Which component follows which key, beside SciPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from synthome.analysis import log_cpm, pca
from synthome.analysis.associations import associations, describe_associations, factors_of
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


def test_of_condition_and_the_key_that_makes_it_the_key_is_named() -> None:
    found = associations(COMPONENTS, factors_of(MADE))
    assert describe_associations(found).startswith("PC1 follows tissue (100 % of its variance)")


def test_the_condition_is_named_where_no_key_explains_as_much() -> None:
    alike = make_prediction([12, 12], metadata=pd.DataFrame({"sex": ["male", "female"] * 12}))
    found = associations(pca(log_cpm(alike.expression), alike.genes.index), factors_of(alike))
    assert describe_associations(found, 1) == "PC1 follows condition (100 % of its variance)."


def test_a_named_group_is_followed_against_the_samples_in_none() -> None:
    metadata = pd.DataFrame({"group": ["Mine"] * 12 + [None] * 12})
    mine = make_prediction([24], metadata=metadata, markers=False)
    mine.expression.iloc[:12, :40] *= 30
    found = associations(pca(log_cpm(mine.expression), mine.genes.index), factors_of(mine))
    assert describe_associations(found, 1).startswith("PC1 follows the named groups (")


def test_it_is_said_where_nothing_can_be_or_is_followed() -> None:
    alone = make_prediction([1])
    none = pca(log_cpm(alone.expression), alone.genes.index)
    assert "no component" in describe_associations(associations(none, factors_of(alone)))
    assert "nothing to follow" in describe_associations(associations(COMPONENTS, FACTORS[["same", "own"]]))
    coin = associations(COMPONENTS, FACTORS[["coin"]])
    assert describe_associations(coin) == "None of the first 3 components follows a key more than chance would."
