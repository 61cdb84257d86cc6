import numpy as np
import pytest
from sklearn import decomposition
from sklearn.preprocessing import StandardScaler

from synthome.analysis import log_cpm, pca, variable_genes
from tests.predictions import make_prediction


def analyse(prediction, **options):
    return pca(log_cpm(prediction.expression), prediction.genes.index, **options)


@pytest.mark.parametrize(
    ("sizes", "n_genes"), [([10, 10], 500), ([40, 50, 60], 100), ([2, 1], 500), ([300, 300], 1200)]
)
def test_components_are_those_of_scikit_learn(sizes, n_genes):
    prediction = make_prediction(sizes)
    log_expression = log_cpm(prediction.expression)
    result = pca(log_expression, prediction.genes.index, n_genes=n_genes, n_components=5)
    k = result.n_components
    columns = variable_genes(log_expression, n_genes)
    peer = decomposition.PCA(k, svd_solver="full").fit(log_expression[:, columns].astype(float))
    scores = peer.transform(log_expression[:, columns].astype(float))
    same = np.sign((peer.components_.T * result.loadings).sum(axis=0))
    np.testing.assert_allclose(result.scores, scores * same, atol=1e-6)
    np.testing.assert_allclose(result.loadings, peer.components_.T * same, atol=1e-6)
    np.testing.assert_allclose(result.variance_explained, peer.explained_variance_ratio_, atol=1e-6)


@pytest.mark.parametrize(
    ("sizes", "n_genes"), [([10, 10], 500), ([40, 50, 60], 100), ([2, 1], 500), ([300, 300], 1200), ([700, 500], 600)]
)
def test_components_of_scaled_genes_are_those_of_scikit_learn(sizes, n_genes):
    prediction = make_prediction(sizes)
    log_expression = log_cpm(prediction.expression)
    result = pca(log_expression, prediction.genes.index, n_genes=n_genes, n_components=5, scaled=True)
    values = StandardScaler().fit_transform(log_expression[:, variable_genes(log_expression, n_genes)].astype(float))
    peer = decomposition.PCA(result.n_components, svd_solver="full").fit(values)
    same = np.sign((peer.components_.T * result.loadings).sum(axis=0))
    np.testing.assert_allclose(result.scores, peer.transform(values) * same, atol=1e-6)
    np.testing.assert_allclose(result.loadings, peer.components_.T * same, atol=1e-6)
    np.testing.assert_allclose(result.variance_explained, peer.explained_variance_ratio_, atol=1e-9)
    assert result.scaled


def test_scaling_leaves_the_genes_used_and_gives_each_the_same_weight():
    prediction = make_prediction([10, 10])
    plain, scaled = (analyse(prediction, n_genes=300, n_components=19, scaled=chosen) for chosen in (False, True))
    assert list(scaled.genes) == list(plain.genes)
    lengths = scaled.loadings**2 @ (scaled.variance_explained * 300)
    np.testing.assert_allclose(lengths, 1, atol=1e-9)


@pytest.mark.parametrize("scaled", [False, True])
def test_many_samples_that_are_copies_of_three_have_two_components(scaled):
    prediction = make_prediction([300, 300, 300], dispersion=0)
    result = analyse(prediction, n_genes=1000, scaled=scaled)
    assert result.n_components == 2
    assert result.variance_explained.sum() == pytest.approx(1)
    assert len(np.unique(result.scores.round(6), axis=0)) == 3


@pytest.mark.parametrize("n_genes", [400, 5000])
def test_components_of_many_samples_that_do_not_differ_are_those_of_scikit_learn(n_genes):
    prediction = make_prediction([800], n_genes=1500)
    log_expression = log_cpm(prediction.expression)
    result = pca(log_expression, prediction.genes.index, n_genes)
    values = log_expression[:, variable_genes(log_expression, n_genes)].astype(float)
    peer = decomposition.PCA(10, svd_solver="full").fit(values)
    np.testing.assert_allclose(result.variance_explained, peer.explained_variance_ratio_, rtol=1e-9)
    np.testing.assert_allclose(np.abs((peer.components_.T * result.loadings).sum(axis=0)), 1, atol=1e-9)


def test_the_largest_loading_of_each_component_is_positive():
    result = analyse(make_prediction([6, 6]))
    largest = np.abs(result.loadings).argmax(axis=0)
    assert (result.loadings[largest, range(result.n_components)] > 0).all()


def test_the_order_of_samples_changes_no_coordinate():
    prediction = make_prediction([8, 9])
    log_expression = log_cpm(prediction.expression)
    order = np.random.default_rng(0).permutation(17)
    first = pca(log_expression, prediction.genes.index, n_genes=300, n_components=3)
    second = pca(log_expression[order], prediction.genes.index, n_genes=300, n_components=3)
    np.testing.assert_allclose(second.scores, first.scores[order], atol=1e-4)


def test_genes_used_are_named_by_their_ensembl_ids():
    prediction = make_prediction([5, 5])
    result = analyse(prediction, n_genes=40)
    assert result.loadings.shape == (40, result.n_components)
    assert result.genes.tolist() == list(prediction.genes.index[variable_genes(log_cpm(prediction.expression), 40)])


def test_planted_groups_separate_along_the_first_component():
    result = analyse(make_prediction([10, 10]))
    first = result.coordinates(1)
    assert max(first[:10].max(), first[10:].max()) * min(first[:10].min(), first[10:].min()) < 0
    assert len(set(np.sign(first[:10]))) == len(set(np.sign(first[10:]))) == 1


def test_one_sample_is_told_in_words():
    result = analyse(make_prediction([1]))
    assert result.scores.shape == (1, 0)
    assert "only one sample" in result.degenerate
    assert result.coordinates(2).tolist() == [0]


def test_two_samples_have_one_component_with_all_variance():
    result = analyse(make_prediction([1, 1]))
    assert result.variance_explained == pytest.approx([1])
    assert result.scores.sum() == pytest.approx(0)
    assert "only two samples" in result.degenerate


def test_identical_samples_have_no_component_and_no_nan():
    result = analyse(make_prediction([5], dispersion=0))
    assert result.n_components == 0
    assert "identical" in result.degenerate
    assert result.share(1) == 0


def test_two_conditions_of_identical_samples_lie_on_one_axis():
    result = analyse(make_prediction([5, 5], dispersion=0))
    assert result.variance_explained == pytest.approx([1])
    assert np.isfinite(result.scores).all()
    assert "one axis" in result.degenerate


def test_more_genes_or_components_than_there_are_give_what_there_is():
    result = analyse(make_prediction([3, 3], n_genes=90), n_genes=5000, n_components=50)
    assert result.n_components == 5
    assert result.variance_explained.sum() == pytest.approx(1)
    assert result.degenerate == ""
