"""What a view of principal components chooses: the space, symbols, arrows, and the figures about the components."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import PCA, log_cpm, pca, pca_figure, theme_layout
from synthome.analysis.associations import associations, factors_of
from synthome.analysis.figures.biplot import arrow_genes
from synthome.analysis.figures.components import (
    association_figure,
    describe_loadings,
    describe_scree,
    loadings_figure,
    scree_figure,
    top_genes,
)
from synthome.analysis.figures.symbols import GIVEN_SYMBOLS, symbol_groups
from synthome.analysis.views import PCAView
from synthome.errors import SynthomeError
from synthome.prediction import Prediction
from tests.predictions import make_prediction

MADE = make_prediction([8, 8])


def components_of(prediction: Prediction, n_genes: int = 500) -> PCA:
    return pca(log_cpm(prediction.expression), prediction.genes.index, n_genes)


COMPONENTS = components_of(MADE)
NAMES = [dict(zip(MADE.genes.index, MADE.symbols(), strict=True))[gene] for gene in COMPONENTS.genes]


def samples(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "markers" and trace.customdata is not None]


def keys(figure: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """Colour and symbol of each entry of a legend of two keys, by key and group."""
    return {
        (trace.legendgroup, trace.name): (trace.marker.color, trace.marker.symbol)
        for trace in figure.data
        if trace.legendgroup
    }


def test_three_components_are_drawn_in_the_space_with_their_shares_on_the_axes() -> None:
    figure = pca_figure(COMPONENTS, MADE, PCAView(components=(1, 3, 4)))
    assert {trace.type for trace in figure.data} == {"scatter3d"}
    rows = np.concatenate([trace.customdata for trace in samples(figure)])
    assert sorted(rows) == list(range(16))
    np.testing.assert_allclose(
        np.concatenate([t.z for t in samples(figure)]), COMPONENTS.coordinates(4)[rows], rtol=1e-6
    )
    share = 100 * COMPONENTS.share(3)
    assert figure.layout.scene.yaxis.title.text == f"PC3 ({share:.1f} % of variance)"


def test_the_space_has_neither_ellipses_nor_arrows() -> None:
    figure = pca_figure(COMPONENTS, MADE, PCAView(components=(1, 2, 3), ellipses=True, arrows=10))
    assert {trace.mode for trace in figure.data} == {"markers"}


def test_colour_and_symbol_follow_two_keys_and_the_legend_explains_both() -> None:
    figure = pca_figure(COMPONENTS, MADE, PCAView(symbol_by="sex"))
    explained = keys(figure)
    assert list(explained) == [
        ("Condition", "Group 1"), ("Condition", "Group 2"),
        ("Sex", "female"), ("Sex", "male"), ("Sex", "not given"),
    ]  # fmt: skip
    for trace in samples(figure):
        for row, symbol in zip(trace.customdata, trace.marker.symbol, strict=True):
            sex = MADE.metadata["sex"][row]
            assert symbol == explained["Sex", sex or "not given"][1]
            assert trace.marker.color == explained["Condition", MADE.conditions[row]][0]


def test_symbols_also_tell_samples_apart_that_are_coloured_on_a_scale() -> None:
    figure = pca_figure(COMPONENTS, MADE, PCAView(colour_by="age_years", symbol_by="sex"))
    assert samples(figure)[0].marker.coloraxis == "coloraxis"
    assert figure.layout.coloraxis.colorbar.title.text.startswith("Age")
    assert ("Sex", "male") in keys(figure)
    assert ("Age", "not given") in keys(figure)


@pytest.mark.parametrize("components", [(1, 2), (1, 2, 3)])
@pytest.mark.parametrize("number", [1, 3, 9, 12, 40])
def test_any_key_fits_the_symbols_there_are(number: int, components: tuple[int, ...]) -> None:
    metadata = pd.DataFrame({"study": [f"S{i % number}" for i in range(40)], "age_years": [str(i) for i in range(40)]})
    prediction = make_prediction([40], metadata=metadata)
    for key in ("study", "age_years"):
        groups = symbol_groups(prediction, key, {})
        assert len(groups.names) <= len(GIVEN_SYMBOLS)
        assert set(groups.index) == set(range(len(groups.names)))
        pca_figure(components_of(prediction), prediction, PCAView(symbol_by=key, components=components))
    assert symbol_groups(prediction, "age_years", {}).names == ("0 to 9", "10 to 19", "20 to 29", "30 to 39")


def test_of_many_values_the_most_frequent_keep_a_symbol_of_their_own() -> None:
    study = ["rare 1", *["a"] * 5, *["b"] * 5, *["c"] * 5, *["d"] * 5, *["e"] * 5, *["f"] * 5, "rare 2", None]
    groups = symbol_groups(make_prediction([33], metadata=pd.DataFrame({"study": study})), "study", {})
    assert groups.names == ("a", "b", "c", "d", "e", "f", "2 others")
    assert groups.index[[0, 1, 31, 32]].tolist() == [6, 0, 6, -1]


def test_many_groups_are_drawn_in_the_space_too() -> None:
    prediction = make_prediction([1] * 23, n_genes=900)
    assert len(samples(pca_figure(components_of(prediction), prediction, PCAView(components=(1, 2, 3))))) == 23


def test_a_symbol_of_no_key_is_an_error() -> None:
    with pytest.raises(SynthomeError, match="race"):
        pca_figure(COMPONENTS, MADE, PCAView(symbol_by="race"))


def test_arrows_point_along_the_loadings_of_the_genes_named_and_stay_among_the_samples() -> None:
    figure = pca_figure(COMPONENTS, MADE, PCAView(arrows=10))
    arrows, names = figure.data[-2:]
    assert len(names.text) == 10
    chosen = arrow_genes(COMPONENTS, (1, 2), 10)
    assert list(names.text) == [NAMES[row] for row in chosen]
    tips = np.array([arrows.x[1::3], arrows.y[1::3]], dtype=float).T
    assert (np.sign(tips) == np.sign(COMPONENTS.loadings[chosen, :2])).all()
    assert (np.abs(tips) <= np.abs(COMPONENTS.scores[:, :2]).max(axis=0)).all()
    ratio = tips / COMPONENTS.loadings[chosen, :2]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[0], ratio.shape), rtol=1e-5)


def test_names_of_arrows_do_not_lie_on_each_other() -> None:
    names = pca_figure(COMPONENTS, MADE, PCAView(arrows=20)).data[-1]
    extent = np.abs(COMPONENTS.scores[:, :2]).max(axis=0)
    x, y = (np.asarray(names.x) / extent[0] * 363, np.asarray(names.y) / extent[1] * 181)  # in pixels of the plot
    for one in range(20):
        for other in range(one):
            assert abs(y[one] - y[other]) > 14 or abs(x[one] - x[other]) > 25


def test_the_biplot_has_no_arrow_where_there_is_no_gene() -> None:
    same = make_prediction([4], dispersion=0)
    assert len(pca_figure(components_of(same), same, PCAView(arrows=5)).data) == 1
    two = make_prediction([1, 1])
    assert np.isfinite(np.asarray(pca_figure(components_of(two), two, PCAView(arrows=5)).data[-1].y)).all()


@pytest.mark.parametrize("sizes", [[1], [1, 1], [3]])
@pytest.mark.parametrize("components", [(1, 2), (1, 2, 3)])
def test_few_samples_give_a_figure_without_nan(sizes: list[int], components: tuple[int, ...]) -> None:
    few = make_prediction(sizes)
    view = PCAView(components=components, arrows=5, symbol_by="sex", ellipses=True)
    assert "NaN" not in json.dumps(json.loads(pca_figure(components_of(few), few, view).to_json()))


@pytest.mark.parametrize(
    "view", [PCAView(components=(1, 2, 3), symbol_by="sex"), PCAView(arrows=5, colour_by="age_years", symbol_by="sex")]
)
def test_only_the_layout_depends_on_the_theme(view: PCAView) -> None:
    light, dark = (pca_figure(COMPONENTS, MADE, view, theme=theme) for theme in ("light", "dark"))
    assert json.loads(light.to_json())["data"] == json.loads(dark.to_json())["data"]
    light.update_layout(theme_layout("dark"), overwrite=True)
    assert light.to_json() == dark.to_json()


@pytest.mark.parametrize("components", [(1, 2), (1, 2, 3)])
def test_ten_thousand_cells_are_small_to_send(components: tuple[int, ...]) -> None:
    many = make_prediction([5000, 5000], n_genes=60)
    figure = pca_figure(components_of(many), many, PCAView(components=components, symbol_by="sex"))
    assert len(figure.to_json()) < 3_000_000


def test_the_scree_plot_shows_each_share_and_their_sum() -> None:
    bars, line = scree_figure(COMPONENTS).data
    np.testing.assert_allclose(bars.y, 100 * COMPONENTS.variance_explained, atol=1e-3)
    np.testing.assert_allclose(line.y, np.cumsum(bars.y), atol=2e-2)
    total = 100 * COMPONENTS.variance_explained.cumsum()
    assert describe_scree(COMPONENTS) == (
        f"PC1 explains {total[0]:.1f} % of the variance of the 500 genes used, "
        f"the first two explain {total[1]:.1f} %, all 10 shown {total[9]:.1f} %."
    )


def test_the_genes_of_a_component_are_those_with_the_largest_loadings_of_each_sign() -> None:
    rows = top_genes(COMPONENTS, 2)
    weights = COMPONENTS.loadings[:, 1]
    assert sorted(weights[rows], reverse=True) == list(weights[rows])
    assert set(rows[:10]) == set(np.argsort(-weights)[:10])
    assert set(rows[10:]) == set(np.argsort(weights)[:10])
    (bars,) = loadings_figure(COMPONENTS, NAMES, 2).data
    assert list(bars.customdata) == [COMPONENTS.genes[row] for row in rows]
    assert NAMES[rows[0]] in describe_loadings(COMPONENTS, NAMES, 2).split(";")[0]
    assert NAMES[rows[-1]] in describe_loadings(COMPONENTS, NAMES, 2).split(";")[1]


def test_a_component_of_one_sign_has_genes_of_that_sign_only() -> None:
    one_sign = PCA(np.ones((2, 1)), np.full((4, 1), 0.5), np.ones(1), pd.Index(list("abcd")))
    assert len(top_genes(one_sign, 1)) == 4
    assert describe_loadings(one_sign, list("abcd"), 1) == "Samples high on PC1 have more of a, b, c."


def test_associations_are_starred_where_they_are_more_than_chance() -> None:
    found = associations(COMPONENTS, factors_of(MADE))
    (cells,) = association_figure(found).data
    assert list(cells.y) == ["Tissue", "Sex", "Age", "Condition"]
    for key, row in zip(found.adjusted_p_value.index, cells.text, strict=True):
        assert [text.endswith("*") for text in row] == list(found.adjusted_p_value.loc[key] <= 0.05)
    assert cells.text[0][0].endswith(" % *")
