import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from synthome.analysis import describe_heatmap, describe_pca, heatmap, log_cpm, pca, variable_genes
from synthome.analysis.description import adjusted_rand_index, separation, variance_between
from synthome.analysis.views import HeatmapView
from tests.predictions import make_prediction


def described(prediction):
    log_expression = log_cpm(prediction.expression)
    columns = variable_genes(log_expression, 50)
    view = HeatmapView(tuple(prediction.genes.index[columns]), f"the {len(columns)} most variable genes")
    return (
        describe_pca(pca(log_expression, prediction.genes.index), prediction),
        describe_heatmap(heatmap(log_expression, columns), prediction, view),
    )


def test_planted_groups_are_said_to_separate_and_to_cluster():
    plot, clusters = described(make_prediction([10, 10]))
    assert plot.startswith("The conditions separate along PC1 (")
    assert clusters == "z-scores of the 50 most variable genes in 20 samples. The samples cluster by condition."


@pytest.mark.parametrize("seed", range(5))
def test_groups_that_do_not_differ_are_not_said_to_separate_or_cluster(seed):
    plot, clusters = described(make_prediction([10, 10], markers=False, seed=seed))
    assert "do not separate" in plot
    assert "do not cluster" in clusters


def test_one_group_apart_from_two_alike_is_named_alone():
    prediction = make_prediction([8, 8, 8], markers=False, seed=4)
    prediction.expression.iloc[16:, :40] *= 30
    plot, _ = described(prediction)
    assert plot.startswith("Group 3 stands apart; the others overlap")


def test_three_groups_apart_are_said_to_separate_all():
    plot, _ = described(make_prediction([8, 8, 8]))
    assert plot.startswith("All 3 conditions separate along PC1 (")


@pytest.mark.parametrize(
    ("sizes", "words"),
    [([6], "of one condition"), ([1, 1, 1], "one sample"), ([1], "only one sample"), ([1, 1], "only two samples")],
)
def test_what_cannot_be_judged_is_said_so(sizes, words):
    plot, clusters = described(make_prediction(sizes))
    assert words in plot
    assert "cluster by condition" not in clusters


def test_identical_samples_of_two_conditions_separate_on_one_axis():
    plot, _ = described(make_prediction([5, 5], dispersion=0))
    assert plot.startswith("The conditions separate along PC1 (100 % of variance).")
    assert "one axis" in plot


def test_rand_index_is_scikit_learns():
    rng = np.random.default_rng(5)
    for _ in range(20):
        first, second = rng.integers(0, 4, 30), rng.integers(0, 3, 30)
        assert adjusted_rand_index(first, second) == pytest.approx(adjusted_rand_score(first, second))


def test_variance_between_groups_is_eta_squared_of_an_anova():
    from scipy.stats import f_oneway

    rng = np.random.default_rng(6)
    labels = np.repeat([0, 1, 2], 7)
    values = rng.normal(size=21) + labels
    share, p = variance_between(values, labels)
    assert p == pytest.approx(f_oneway(*(values[labels == k] for k in range(3))).pvalue)
    means = np.array([values[labels == k].mean() for k in range(3)])[labels]
    assert share == pytest.approx(means.var() / values.var())


def test_separation_is_one_for_points_that_coincide_and_negative_for_misplaced_ones():
    labels = np.array([0, 0, 1, 1])
    assert separation(np.array([[0.0, 0], [0, 0], [1, 0], [1, 0]]), labels) == {0: 1.0, 1: 1.0}
    assert separation(np.array([[0.0, 0], [1, 0], [0, 0], [1, 0]]), labels)[0] < 0


def test_the_sentence_names_values_genes_order_and_the_clusters_cut():
    prediction = make_prediction([4, 4])
    log_expression = log_cpm(prediction.expression)
    columns = np.arange(60)
    view = HeatmapView(
        tuple(prediction.genes.index[columns]),
        "60 genes of a list",
        values="log CPM",
        samples="by condition",
        clusters=2,
    )
    cells = heatmap(log_expression, columns, values="log CPM", groups=prediction.condition)
    assert describe_heatmap(cells, prediction, view) == (
        "log2(CPM + 1) of 60 genes of a list in 8 samples. The samples stand by condition; the genes are clustered. "
        "The genes are cut into 2 clusters of 31 and 29, from top to bottom."
    )


def test_samples_that_are_alike_in_the_genes_shown_are_said_to_be():
    prediction = make_prediction([4], dispersion=0)
    view = HeatmapView(tuple(prediction.genes.index[:5]), "5 genes of a list")
    sentence = describe_heatmap(heatmap(log_cpm(prediction.expression), np.arange(5)), prediction, view)
    assert sentence == "z-scores of 5 genes of a list in 4 samples. The samples do not differ in them."
