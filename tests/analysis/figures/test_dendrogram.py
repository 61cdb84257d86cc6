import numpy as np
from scipy.cluster.hierarchy import dendrogram, leaves_list, linkage

from synthome.analysis.figures.dendrogram import dendrogram_lines, dendrogram_path


def test_brackets_are_those_of_scipy():
    tree = linkage(np.random.default_rng(1).normal(size=(12, 3)), "average")
    place = np.arange(23.0)
    place[leaves_list(tree)] = np.arange(12)
    ordered = tree.copy()
    ordered[:, :2] = place[tree[:, :2].astype(int)]
    drawn = dendrogram(tree, no_plot=True)
    expected = {
        _corners((np.array(x) - 5) / 10, np.array(y) / tree[:, 2].max())
        for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    }
    along, height = (values.reshape(-1, 5)[:, :4] for values in dendrogram_lines(ordered))
    assert {_corners(x, y) for x, y in zip(along, height, strict=True)} == expected


def _corners(x, y):
    return frozenset((round(float(a), 4), round(float(b), 4)) for a, b in zip(x, y, strict=True))


def test_a_chain_of_three_thousand_leaves_is_drawn():
    n = 3000
    tree = np.column_stack([np.r_[0, n : 2 * n - 2], np.arange(1, n), np.arange(1.0, n), np.arange(2, n + 1)])
    along, height = dendrogram_lines(tree)
    assert len(along) == 5 * (n - 1)
    assert np.nanmax(height) == 1


def test_identical_leaves_are_a_flat_tree():
    _, height = dendrogram_lines(linkage(np.zeros((4, 2)), "average"))
    assert np.nanmax(height) == 0


def test_the_path_goes_through_the_corners_of_the_brackets():
    tree = np.array([[0, 1, 1.0, 2], [2, 3, 4.0, 3]])
    assert dendrogram_path(tree) == "M0,0L0,0.25L1,0.25L1,0M2,0L2,1L0.5,1L0.5,0.25"
    assert dendrogram_path(tree, sideways=True) == "M0,0L0.25,0L0.25,1L0,1M0,2L1,2L1,0.5L0.25,0.5"
