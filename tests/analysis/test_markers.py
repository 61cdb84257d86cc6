import time

import numpy as np
import pytest
from scipy.stats import ttest_ind

from synthome.analysis import log_cpm
from synthome.analysis.markers import markers
from tests.predictions import make_prediction, marker_columns

THREE = make_prediction([6, 4, 7])
LOG_EXPRESSION = log_cpm(THREE.expression)


def test_p_values_and_fold_changes_are_those_of_scipy():
    found = markers(LOG_EXPRESSION, THREE.condition, 20)
    for column, group, change, p in zip(found.columns, found.group, found.log2_fold_change, found.p_value, strict=True):
        inside, outside = (
            LOG_EXPRESSION[mask, column].astype(float) for mask in (THREE.condition == group, THREE.condition != group)
        )
        assert p == pytest.approx(ttest_ind(inside, outside, equal_var=False).pvalue, rel=1e-5)
        assert change == pytest.approx(inside.mean() - outside.mean(), rel=1e-6)


def test_the_markers_are_those_that_a_search_over_all_genes_and_groups_finds():
    expected = []
    means = np.array([LOG_EXPRESSION[THREE.condition == g].mean(axis=0, dtype=float) for g in range(3)])
    for group in range(3):
        inside, outside = LOG_EXPRESSION[THREE.condition == group], LOG_EXPRESSION[THREE.condition != group]
        p = ttest_ind(inside.astype(float), outside.astype(float), equal_var=False).pvalue
        change = inside.mean(axis=0, dtype=float) - outside.mean(axis=0, dtype=float)
        able = np.flatnonzero((means.argmax(axis=0) == group) & (change >= 1) & ~np.isnan(p))
        expected += able[np.argsort(p[able], kind="stable")][:15].tolist()
    assert markers(LOG_EXPRESSION, THREE.condition, 15).columns.tolist() == expected


def test_planted_markers_are_found_and_none_marks_two_groups():
    found = markers(LOG_EXPRESSION, THREE.condition, 15)
    assert len(set(found.columns)) == len(found.columns) == 45
    for group in range(3):
        planted = set(marker_columns(group, 1500))
        own = [column for column, g in zip(found.columns, found.group, strict=True) if g == group]
        assert len(planted & set(own)) >= 13
    assert (found.log2_fold_change >= 1).all()


def test_samples_that_are_left_out_change_nothing():
    group = np.where(THREE.condition == 2, -1, THREE.condition)
    kept = group >= 0
    all_rows, some = markers(LOG_EXPRESSION, group, 10), markers(LOG_EXPRESSION[kept], group[kept], 10)
    assert all_rows.columns.tolist() == some.columns.tolist()
    assert set(all_rows.group) == {0, 1}


def test_single_samples_are_ranked_by_fold_change_without_a_p_value():
    values = np.array([[9, 1, 5, 2], [1, 8, 5, 6], [1, 1, 5, 2]], np.float32)
    found = markers(values, np.array([0, 1, 2]), 5)
    assert found.columns.tolist() == [0, 1, 3]
    assert found.group.tolist() == [0, 1, 1]
    assert np.isnan(found.p_value).all()


def test_identical_samples_of_a_group_are_ranked_by_fold_change():
    values = np.array([[9, 4, 0], [9, 4, 0], [1, 1, 0], [1, 1, 0]], np.float32)
    found = markers(values, np.array([0, 0, 1, 1]), 5)
    assert found.columns.tolist() == [0, 1]
    assert np.isnan(found.p_value).all()


@pytest.mark.parametrize("group", [np.zeros(17, int), np.full(17, -1)])
def test_fewer_than_two_groups_have_no_markers(group):
    assert not len(markers(LOG_EXPRESSION, group, 5).columns)


def test_a_thousand_samples_in_ten_groups_take_less_than_two_seconds():
    values = np.random.default_rng(0).normal(5, 1, (1000, 20_000)).astype(np.float32)
    start = time.perf_counter()
    markers(values, np.arange(1000) % 10, 20, least_log2_fold_change=0)
    assert time.perf_counter() - start < 2
