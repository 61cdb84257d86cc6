from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import pdist

from synthome.analysis import cluster, heatmap, log_cpm, variable_genes, z_scores
from synthome.analysis.clustering import MAX_GENES, MAX_SAMPLES, cut
from tests.predictions import make_prediction


@pytest.mark.parametrize(
    ("metric", "method"),
    [*product(["correlation", "euclidean"], ["average", "complete", "single"]), ("euclidean", "ward")],
)
def test_clusters_are_those_of_scipy(metric, method):
    values = np.random.default_rng(2).normal(size=(30, 12))
    distance = pdist(values, metric)
    expected = optimal_leaf_ordering(linkage(distance, method), distance)
    result = cluster(values, metric, method)
    np.testing.assert_allclose(result.linkage, expected, atol=1e-9)
    assert result.order.tolist() == leaves_list(expected).tolist()


@settings(deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(0, 9), st.integers(0, 5)), elements=st.sampled_from([-1, 0, 0.5, 3])))
def test_any_values_give_each_leaf_once_and_finite_distances(values):
    result = cluster(values)
    assert sorted(result.order) == list(range(len(values)))
    assert (result.linkage is None) == (len(values) < 2)
    assert result.linkage is None or np.isfinite(result.linkage).all()


def test_a_constant_row_is_as_far_from_others_as_uncorrelated_ones_are():
    tree = cluster(np.array([[1.0, 2, 3], [2, 4, 6], [5, 5, 5]])).linkage
    assert tree[:, 2] == pytest.approx([0, 1])


def test_z_scores_have_mean_zero_and_deviation_one_and_constant_genes_are_zero():
    values = log_cpm(make_prediction([6, 6]).expression)
    values[:, 3] = np.float32(0.1)
    z = z_scores(values)
    assert not z[:, 3].any()
    varying = values.max(axis=0) > values.min(axis=0)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(z.std(axis=0, ddof=1)[varying], 1, atol=1e-4)
    assert np.isfinite(z).all()


def test_z_scores_of_one_sample_are_zero():
    assert not z_scores(np.ones((1, 4), np.float32)).any()


def test_heatmap_cells_are_the_z_scores_of_the_genes_and_samples_they_stand_for():
    log_expression = log_cpm(make_prediction([5, 6]).expression)
    columns = variable_genes(log_expression, 20)
    result = heatmap(log_expression, columns)
    assert set(result.genes) == set(columns)
    expected = z_scores(log_expression[:, result.genes])[result.samples].T
    np.testing.assert_allclose(result.levels, expected, atol=1e-6)


def test_trees_of_a_heatmap_number_their_leaves_in_display_order():
    result = heatmap(log_cpm(make_prediction([5, 6]).expression), np.arange(60))
    assert leaves_list(result.sample_tree).tolist() == list(range(11))
    assert leaves_list(result.gene_tree).tolist() == list(range(60))


def test_planted_groups_are_the_two_branches_of_the_sample_tree():
    prediction = make_prediction([7, 8])
    log_expression = log_cpm(prediction.expression)
    result = heatmap(log_expression, variable_genes(log_expression, 50))
    branches = fcluster(result.sample_tree, 2, "maxclust")
    groups = prediction.condition[result.samples]
    assert len(set(zip(branches, groups, strict=True))) == 2


@pytest.mark.parametrize("sizes", [[1], [2]])
def test_one_or_two_samples_make_a_heatmap(sizes):
    result = heatmap(log_cpm(make_prediction(sizes).expression), np.arange(10))
    assert result.levels.shape == (10, sizes[0])
    assert np.isfinite(result.levels).all()


def test_identical_samples_are_all_zero():
    prediction = make_prediction([4], dispersion=0)
    assert not heatmap(log_cpm(prediction.expression), np.arange(10)).levels.any()


def test_a_heatmap_without_genes_is_empty():
    assert heatmap(np.ones((3, 5), np.float32), np.empty(0, np.intp)).levels.shape == (0, 3)


def test_too_many_samples_are_thinned_evenly():
    log_expression = np.random.default_rng(0).normal(size=(MAX_SAMPLES * 2, 5)).astype(np.float32)
    result = heatmap(log_expression, np.arange(5))
    assert len(result.samples) == len(set(result.samples)) == MAX_SAMPLES
    assert result.n_available == MAX_SAMPLES * 2
    assert np.diff(np.sort(result.samples)).max() <= 3


def test_ward_with_correlation_is_refused():
    with pytest.raises(ValueError, match="Euclidean"):
        cluster(np.eye(4), "correlation", "ward")


def test_levels_are_shown_as_they_are_and_clustered_so():
    log_expression = log_cpm(make_prediction([5, 6]).expression)
    columns = np.arange(40)
    result = heatmap(log_expression, columns, values="log CPM", metric="euclidean", method="complete")
    np.testing.assert_array_equal(result.levels, log_expression[np.ix_(result.samples, result.genes)].T)
    distance = pdist(log_expression[:, columns].T.astype(float))
    expected = leaves_list(optimal_leaf_ordering(linkage(distance, "complete"), distance))
    assert result.genes.tolist() == expected.tolist()


def test_samples_by_condition_stand_in_its_order_and_have_no_tree():
    prediction = make_prediction([3, 4])
    shuffled = np.random.default_rng(0).permutation(7)
    log_expression, groups = log_cpm(prediction.expression)[shuffled], prediction.condition[shuffled]
    result = heatmap(log_expression, np.arange(20), groups=groups)
    assert result.sample_tree is None
    assert groups[result.samples].tolist() == [0] * 3 + [1] * 4
    for group in (0, 1):
        assert np.diff(result.samples[groups[result.samples] == group]).min() > 0


@pytest.mark.parametrize("k", [2, 3, 5, 12])
@pytest.mark.parametrize("method", ["average", "complete", "single"])
def test_a_cut_gives_the_clusters_of_scipy_numbered_from_top_to_bottom(k, method):
    result = heatmap(log_cpm(make_prediction([4, 4, 4]).expression), np.arange(80), method=method)
    clusters = cut(result.gene_tree, 80, k)
    expected = fcluster(result.gene_tree, k, "maxclust")
    assert len(set(zip(clusters, expected, strict=True))) == len(set(expected)) == k
    assert (np.diff(clusters) >= 0).all()
    assert set(clusters) == set(range(1, k + 1))


def test_a_cut_into_more_clusters_than_genes_gives_each_gene_its_own():
    result = heatmap(log_cpm(make_prediction([4, 4]).expression), np.arange(5))
    assert cut(result.gene_tree, 5, 12).tolist() == [1, 2, 3, 4, 5]


def test_one_gene_is_one_cluster():
    assert cut(None, 1, 4).tolist() == [1]


def test_more_genes_than_can_be_seen_are_left_out_and_cells_are_bounded():
    log_expression = np.random.default_rng(0).normal(size=(1500, MAX_GENES + 20)).astype(np.float32)
    result = heatmap(log_expression, np.arange(MAX_GENES + 20))
    assert sorted(result.genes) == list(range(MAX_GENES))
    assert result.levels.shape == (MAX_GENES, 400_000 // MAX_GENES)
    assert result.n_available == 1500
