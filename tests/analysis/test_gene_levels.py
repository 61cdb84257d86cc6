"""Levels of genes by group, beside pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.differential import comparison_between
from synthome.analysis.gene_levels import compared_levels, gene_levels
from tests.predictions import make_prediction

MADE = make_prediction([5, 4, 3], names=["Liver", "Heart", "Skin"])
LOG = log_cpm(MADE.expression)
GENES = [str(MADE.genes.index[column]) for column in (3, 35, 0)]


def test_means_medians_and_shares_are_those_of_pandas() -> None:
    levels = gene_levels(MADE, LOG, GENES)
    frame = pd.DataFrame(LOG[:, [3, 35, 0]].astype(float)).groupby(list(MADE.conditions), sort=False)
    np.testing.assert_allclose(levels.means(), frame.mean().to_numpy())
    np.testing.assert_allclose(levels.medians(), frame.median().to_numpy())
    counts = MADE.expression[GENES]
    shares = (counts > 0).groupby(list(MADE.conditions), sort=False).mean()
    np.testing.assert_allclose(levels.shares, shares.to_numpy())
    np.testing.assert_allclose(levels.medians("counts"), counts.groupby(list(MADE.conditions), sort=False).median())
    assert levels.groups == ("Liver", "Heart", "Skin")
    assert levels.sizes.tolist() == [5, 4, 3]


def test_a_gene_without_a_symbol_goes_by_its_id_and_unknown_ones_are_left_out() -> None:
    levels = gene_levels(MADE, LOG, [*GENES, "ENSG99999999999"])
    assert levels.symbols == ("G3", "G35", GENES[2])
    assert levels.only(GENES[1]).symbols == ("G35",)
    np.testing.assert_array_equal(levels.only(GENES[1]).log_cpm[:, 0], LOG[:, 35])


def test_samples_without_a_value_are_a_last_group_with_no_colour_of_its_own() -> None:
    levels = gene_levels(MADE, LOG, GENES, "sex")
    assert levels.groups == ("female", "male", "not given")
    assert levels.places == (0, 1, -1)
    assert levels.sizes.tolist() == [4, 4, 4]


def test_ages_stand_in_their_order() -> None:
    metadata = pd.DataFrame({"age_years": ["61.5", "7", None, "30", "7"]})
    levels = gene_levels(made := make_prediction([5], metadata=metadata), log_cpm(made.expression), GENES, "age_years")
    assert levels.groups == ("7", "30", "61.5", "not given")
    assert levels.index.tolist() == [2, 0, 3, 1, 0]


@pytest.mark.parametrize("reference", ["Liver", None])
def test_a_comparison_takes_its_own_samples_alone(reference: str | None) -> None:
    comparison = comparison_between(MADE.conditions, "Heart", reference)
    levels = compared_levels(MADE, LOG, GENES, comparison)
    assert levels.groups == (reference or "all others", "Heart")
    assert levels.sizes.tolist() == [5 if reference else 8, 4]
    np.testing.assert_allclose(levels.means()[1], LOG[5:9][:, [3, 35, 0]].mean(axis=0), rtol=1e-6)
