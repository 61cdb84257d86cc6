"""The quick look at differential expression, beside SciPy; and what can be compared at all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from synthome.analysis import log_cpm
from synthome.analysis.differential import choose, comparison_between, welch
from synthome.analysis.differential.comparison import ComparisonError
from tests.predictions import make_prediction, marker_columns

GROUPS = make_prediction([6, 9, 1], names=["Liver", "Heart", "Skin"])
LOG = log_cpm(GROUPS.expression)


def test_statistics_and_p_values_are_scipys() -> None:
    comparison = comparison_between(GROUPS.conditions, "Heart", "Liver")
    table = welch(LOG, GROUPS.genes, comparison).rows
    expected = stats.ttest_ind(LOG[6:15].astype(float), LOG[:6].astype(float), equal_var=False)
    tested = table["p_value"].notna().to_numpy()
    np.testing.assert_allclose(table["p_value"][tested], expected.pvalue[tested], rtol=1e-9)
    np.testing.assert_allclose(table["statistic"][tested], expected.statistic[tested], rtol=1e-9)
    np.testing.assert_allclose(
        table["adjusted_p_value"][tested], stats.false_discovery_control(expected.pvalue[tested]), rtol=1e-9
    )
    np.testing.assert_allclose(table["statistic"] * table["standard_error"], table["log2_fold_change"], atol=1e-9)


def test_markers_of_both_groups_are_found_and_hardly_anything_else() -> None:
    chosen = choose(welch(LOG, GROUPS.genes, comparison_between(GROUPS.conditions, "Heart", "Liver")))
    n_genes = len(GROUPS.genes)
    markers = set(GROUPS.genes.index[[*marker_columns(0, n_genes), *marker_columns(1, n_genes)]])
    assert len(markers & set(chosen.index)) >= 0.9 * len(markers)
    assert len(set(chosen.index) - markers) <= 3
    higher_in_heart = LOG[6:15].mean(axis=0) > LOG[:6].mean(axis=0)
    places = GROUPS.genes.index.get_indexer(chosen.index)
    assert ((chosen["log2_fold_change"] > 0).to_numpy() == higher_in_heart[places]).all()
    assert chosen["p_value"].is_monotonic_increasing


def test_genes_that_do_not_vary_within_groups_have_no_p_value() -> None:
    same = make_prediction([3, 3], dispersion=0)
    table = welch(log_cpm(same.expression), same.genes, comparison_between(same.conditions, "Group 1", "Group 2"))
    assert table.rows["p_value"].isna().all()
    assert table.rows["adjusted_p_value"].isna().all()
    assert choose(table).empty


def test_names_replace_labels_in_the_sentence() -> None:
    comparison = comparison_between(["f", "m", "f", "m"], "f", "m", {"f": "Female", "m": "Male"})
    assert comparison.sentence == "Female (2 samples) against Male (2 samples)"


def test_a_group_may_be_compared_with_all_other_samples_those_without_a_label_among_them() -> None:
    comparison = comparison_between(["a", "b", "", "a", "c"], "a", None)
    assert comparison.group.tolist() == [0, 3]
    assert comparison.reference.tolist() == [1, 2, 4]
    assert comparison.sentence == "a (2 samples) against all others (3 samples)"


def test_a_table_keeps_its_numbers_under_other_names() -> None:
    comparison = comparison_between(GROUPS.conditions, "Heart", "Liver")
    renamed = comparison_between(GROUPS.conditions, "Heart", "Liver", {"Heart": "Myocardium", "Liver": "Liver"})
    table = welch(LOG, GROUPS.genes, comparison)
    assert renamed.identity == comparison.identity
    assert table.named_as(renamed).comparison.group_name == "Myocardium"
    assert table.named_as(renamed).rows is table.rows
    assert comparison_between(GROUPS.conditions, "Heart", None).identity != comparison.identity


@pytest.mark.parametrize(
    ("group", "reference", "words"),
    [("Liver", "Liver", "cannot be compared with itself"), ("Skin", "Liver", "Skin has 1 sample")],
)
def test_groups_that_cannot_be_compared_say_why(group: str, reference: str, words: str) -> None:
    with pytest.raises(ComparisonError, match=words):
        comparison_between(GROUPS.conditions, group, reference)
