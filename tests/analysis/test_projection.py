import numpy as np
import pandas as pd
import pytest
from sklearn import decomposition

from synthome.analysis import log_cpm, pca
from synthome.analysis.projection import project, split
from tests.predictions import make_prediction


@pytest.fixture(scope="module")
def run():
    return make_prediction([8, 7], n_genes=600)


@pytest.fixture(scope="module")
def other():
    return make_prediction([5, 1], n_genes=600, seed=2, library_size=2_000_000)


def projected(run, other, genes=None):
    """``other`` in the space of ``run``, over ``genes`` of it alone."""
    ids = run.genes.index if genes is None else genes
    mine, yours = log_cpm(run.expression), log_cpm(other.expression)
    columns = other.genes.index.get_indexer(ids)
    space = pca(mine, run.genes.index, 200, n_components=4)
    return space, project(space, mine, run.genes.index, yours[:, columns], ids)


def test_a_run_lies_in_its_own_space_where_it_lay_before(run):
    space, found = projected(run, run)
    np.testing.assert_allclose(found.scores, space.scores, atol=1e-4)
    assert found.n_missing == 0


def test_others_are_transformed_as_scikit_learn_transforms_them(run, other):
    space, found = projected(run, other)
    columns = run.genes.index.get_indexer(space.genes)
    peer = decomposition.PCA(4, svd_solver="full").fit(log_cpm(run.expression)[:, columns].astype(float))
    scores = peer.transform(log_cpm(other.expression)[:, columns].astype(float))
    same = np.sign((peer.components_.T * space.loadings).sum(axis=0))
    np.testing.assert_allclose(found.scores, scores * same, atol=1e-4)


def test_genes_may_stand_in_another_order(run, other):
    _, found = projected(run, other)
    _, shuffled = projected(run, other, run.genes.index[::-1])
    np.testing.assert_allclose(shuffled.scores, found.scores, atol=1e-9)


def test_a_missing_gene_is_taken_at_the_run_s_mean_and_counted(run, other):
    space, found = projected(run, other)
    lacking = space.genes[[0, 3, 10]]
    _, without = projected(run, other, run.genes.index.drop(lacking))
    assert without.n_missing == 3
    place = run.genes.index.get_indexer(lacking)
    means = log_cpm(run.expression)[:, place].mean(axis=0)
    added = (log_cpm(other.expression)[:, place] - means) @ space.loadings[[0, 3, 10]]
    np.testing.assert_allclose(without.scores + added, found.scores, atol=1e-4)


def test_samples_without_any_gene_of_the_space_lie_at_its_centre(run, other):
    mine = log_cpm(run.expression)
    space = pca(mine, run.genes.index, 50)
    found = project(space, mine, run.genes.index, np.ones((3, 2), np.float32), pd.Index(["x", "y"]))
    assert found.n_missing == 50
    assert not found.scores.any()
    assert found.coordinates(99).tolist() == [0, 0, 0]


def test_a_space_made_by_both_is_that_of_all_samples(run, other):
    stacked = np.vstack([log_cpm(run.expression), log_cpm(other.expression)])
    space = pca(stacked, run.genes.index, 200)
    found = split(space, len(run.expression))
    assert found.together
    np.testing.assert_array_equal(np.vstack([found.space.scores, found.scores]), space.scores)


def test_where_no_gene_varies_there_is_no_axis_to_lie_on(other):
    same = make_prediction([3], n_genes=600, dispersion=0)
    _, found = projected(same, other)
    assert found.scores.shape == (6, 0)
    assert found.coordinates(1).tolist() == [0] * 6
