import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, pearsonr, ttest_ind

from synthome.analysis import log_cpm
from synthome.analysis.agreement import changes_beside, levels_beside
from synthome.analysis.run_comparison import (
    SampleSet,
    beside,
    groups_by_name,
    likeness,
    match,
    share_of_counts,
    shared_genes,
)
from tests.predictions import make_prediction, marker_columns


def of(letter, prediction, values=None):
    values = log_cpm(prediction.expression) if values is None else values
    return SampleSet.of(letter, letter, values, prediction.conditions, prediction.condition_names)


@pytest.fixture(scope="module")
def first():
    return make_prediction([6, 5], n_genes=400, names=("Liver", "Brain"))


@pytest.fixture(scope="module")
def second():
    return make_prediction([4, 5], n_genes=400, seed=1, library_size=3_000_000, names=("liver", "Cortex"))


@pytest.fixture(scope="module")
def pair(first, second):
    return of("A", first), of("B", second)


# The same genes -----------------------------------------------------------------------------------------------------


def test_shared_genes_point_to_the_same_gene_in_both():
    one, two = pd.Index(list("abcde")), pd.Index(list("ecxa"))
    shared = shared_genes(one, two)
    assert list(shared.ids) == ["a", "c", "e"]
    assert list(one[shared.first]) == list(two[shared.second]) == list(shared.ids)
    assert (shared.only_first, shared.only_second) == (2, 1)


def test_without_a_shared_gene_there_is_none():
    assert len(shared_genes(pd.Index(["a"]), pd.Index(["b"]))) == 0


def test_genes_that_one_set_lacks_do_not_raise_its_others(first):
    """The same samples without half of their genes keep the levels of those that they have."""
    columns = np.arange(0, 400, 2)
    share = share_of_counts(first.expression, columns)
    assert 0 < share < 1
    cut = beside(first.expression.iloc[:, columns], np.arange(200), share)
    whole = log_cpm(first.expression)[:, columns]
    naive = log_cpm(first.expression.iloc[:, columns])
    assert np.abs(cut - whole).mean() < np.abs(naive - whole).mean() / 3


def test_depth_is_counted_over_the_genes_of_both():
    counts = pd.DataFrame([[10, 30, 960]])
    found = beside(counts, np.array([1, 0]), 0.5)
    np.testing.assert_allclose(2**found - 1, [[375_000, 125_000]], rtol=1e-5)


def test_with_all_genes_levels_are_log_cpm(first):
    np.testing.assert_array_equal(beside(first.expression, np.arange(400), 1.0), log_cpm(first.expression))


# Groups -------------------------------------------------------------------------------------------------------------


def test_samples_are_grouped_by_label_in_the_order_asked_for_and_those_without_stand_in_none():
    made = SampleSet.of("B", "x", np.zeros((5, 2), np.float32), ["b", "a", "", "b", "c"], ["a", "b", "z"])
    assert made.groups == ("a", "b", "c")
    assert made.group.tolist() == [1, 0, -1, 1, 2]
    assert made.sizes == (1, 2, 1)
    assert made.rows("b").tolist() == [0, 3]


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["liver_1", "liver_2", "lung_1"], ["liver", "liver", "lung_1"]),
        (["WT-rep1", "WT-rep2", "KO rep3", "KO.r4"], ["WT", "WT", "KO", "KO"]),
        (["KO1", "KO2", "WT1", "WT2"], ["KO", "KO", "WT", "WT"]),
        (["patient 7"], ["patient 7"]),
        (["1", "22"], ["1", "22"]),
        (["HepG2", "r2"], ["HepG2", "r2"]),
        (["_1", ""], ["_1", ""]),
    ],
)
def test_samples_whose_names_differ_by_a_number_are_a_group(names, groups):
    assert groups_by_name(names) == groups


# Likeness -----------------------------------------------------------------------------------------------------------


def test_likeness_is_the_correlation_of_mean_levels(first, second, pair):
    columns = np.arange(10, 300)
    found = likeness(*pair, columns)
    assert found.n_genes == 290
    for b, group_b in enumerate(("liver", "Cortex")):
        for a, group_a in enumerate(("Liver", "Brain")):
            mean_a = log_cpm(first.expression)[first.condition == a].astype(float).mean(axis=0)
            mean_b = log_cpm(second.expression)[second.condition == b].astype(float).mean(axis=0)
            r = pearsonr(mean_a[columns], mean_b[columns]).statistic
            assert found.correlation.loc[group_b, group_a] == pytest.approx(r)


def test_groups_with_the_same_markers_are_nearest_and_matched(pair):
    found = likeness(*pair, np.arange(400))
    nearest = found.nearest()
    assert nearest["nearest"].to_dict() == {"liver": "Liver", "Cortex": "Brain"}
    assert (nearest["correlation"] > nearest["next_correlation"]).all()
    assert match("Liver", pair[1], found) == "liver"
    assert match("Brain", pair[1], found) == "Cortex"


def test_levels_that_do_not_vary_are_like_none(first):
    flat = SampleSet.of("B", "flat", np.ones((2, 400), np.float32), ["x", "x"])
    found = likeness(of("A", first), flat, np.arange(400))
    assert found.correlation.isna().all(axis=None)
    assert found.nearest().loc["x", "nearest"] == ""
    assert match("Liver", flat, found) == "x"


# Differences --------------------------------------------------------------------------------------------------------


def test_fold_changes_and_their_agreement_are_those_of_scipy(first, second, pair):
    found = changes_beside(*pair, first.genes, ("Brain", "Liver"), ("Cortex", "liver"))
    for letter, prediction in (("a", first), ("b", second)):
        values = log_cpm(prediction.expression).astype(float)
        group, reference = (values[prediction.condition == index] for index in (1, 0))
        change = group.mean(axis=0) - reference.mean(axis=0)
        np.testing.assert_allclose(found.rows[f"change_{letter}"], change, atol=1e-6)
        adjusted = found.rows[f"adjusted_p_{letter}"].to_numpy()
        p_value = ttest_ind(group, reference, equal_var=False).pvalue[~np.isnan(adjusted)]
        np.testing.assert_allclose(adjusted[~np.isnan(adjusted)], false_discovery_control(p_value), rtol=1e-5)
    a, b = found.rows["change_a"].to_numpy(), found.rows["change_b"].to_numpy()
    varies = (a != 0) & (b != 0)
    assert found.correlation == pytest.approx(pearsonr(a[varies], b[varies]).statistic)
    in_a = (found.rows["adjusted_p_a"] <= 0.05) & (found.rows["change_a"].abs() >= 1)
    in_b = (found.rows["adjusted_p_b"] <= 0.05) & (found.rows["change_b"].abs() >= 1)
    assert found.number("both") == (in_a & in_b).sum()
    assert found.number("A") == (in_a & ~in_b).sum()
    assert found.number("B") == (in_b & ~in_a).sum()
    assert found.number("neither") == (~in_a & ~in_b).sum()
    either = in_a | in_b
    assert found.same_sign == pytest.approx((np.sign(a[either]) == np.sign(b[either])).mean())


def test_planted_markers_are_called_in_both_and_stand_first(first, pair):
    found = changes_beside(*pair, first.genes, ("Brain", "Liver"), ("Cortex", "liver"))
    planted = first.genes.index[marker_columns(0, 400).tolist() + marker_columns(1, 400).tolist()]
    both = found.rows.index[found.rows["called"] == "both"]
    assert len(both.intersection(planted)) > 40
    assert found.same_sign > 0.95
    assert found.correlation > 0.8
    assert found.sorted_rows.index[0] in both
    assert found.sorted_rows["called"].iloc[-1] == "neither"


def test_turned_round_the_changes_disagree(first, pair):
    found = changes_beside(*pair, first.genes, ("Brain", "Liver"), ("liver", "Cortex"))
    assert found.correlation < -0.8
    assert found.same_sign < 0.05


def test_with_one_sample_in_a_group_changes_have_no_p_value():
    made = make_prediction([1, 3], n_genes=100)
    found = changes_beside(of("A", made), of("B", made), made.genes, ("Group 1", "Group 2"), ("Group 1", "Group 2"))
    assert not found.tested
    assert found.number("neither") == 100
    assert found.correlation == pytest.approx(1)
    assert math.isnan(found.same_sign)


def test_levels_and_their_difference_are_means_by_hand(first, pair):
    found = levels_beside(*pair, first.genes, "Liver", "Cortex")
    mean_a, mean_b = pair[0].log_expression[:6].mean(axis=0), pair[1].log_expression[4:].mean(axis=0)
    np.testing.assert_allclose(found.rows["mean_a"], mean_a, atol=1e-5)
    np.testing.assert_allclose(found.rows["difference"], mean_b - mean_a, atol=1e-5)
    seen = (mean_a > 0) | (mean_b > 0)
    assert found.correlation == pytest.approx(pearsonr(mean_a[seen], mean_b[seen]).statistic, abs=1e-5)
    assert found.sorted_rows["difference"].abs().is_monotonic_decreasing


def test_a_set_beside_itself_does_not_differ(first):
    one = of("A", first)
    assert not levels_beside(one, one, first.genes, "Liver", "Liver").rows["difference"].any()
    assert changes_beside(one, one, first.genes, ("Liver", "Brain"), ("Liver", "Brain")).correlation == pytest.approx(1)
