import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import heatmap, heatmap_figure, log_cpm, pca, pca_figure, theme_layout, variable_genes
from synthome.analysis.views import HeatmapView
from synthome.errors import SynthomeError
from tests.predictions import make_prediction


def draw_pca(prediction, **options):
    return pca_figure(pca(log_cpm(prediction.expression), prediction.genes.index), prediction, **options)


def heatmap_view(prediction, columns, **choices):
    return HeatmapView(tuple(prediction.genes.index[columns]), "chosen genes", **choices)


def draw_heatmap(prediction, n_genes=30, *, theme="light", **choices):
    log_expression = log_cpm(prediction.expression)
    columns = variable_genes(log_expression, n_genes)
    view = heatmap_view(prediction, columns, **choices)
    return heatmap_figure(heatmap(log_expression, columns, values=view.values), prediction, view, theme=theme)


def points(figure):
    return [trace for trace in figure.data if trace.mode == "markers"]


def test_axes_tell_the_variance_explained():
    prediction = make_prediction([6, 6])
    result = pca(log_cpm(prediction.expression), prediction.genes.index)
    figure = pca_figure(result, prediction, components=(3, 2))
    assert figure.layout.xaxis.title.text == f"PC3 ({100 * result.variance_explained[2]:.1f} % of variance)"
    assert figure.layout.yaxis.title.text.startswith("PC2 (")


def test_every_sample_is_one_point_at_its_scores():
    prediction = make_prediction([4, 5])
    result = pca(log_cpm(prediction.expression), prediction.genes.index)
    drawn = points(pca_figure(result, prediction))
    rows = np.concatenate([trace.customdata for trace in drawn])
    assert sorted(rows) == list(range(9))
    np.testing.assert_allclose(np.concatenate([t.x for t in drawn]), result.scores[rows, 0], rtol=1e-6)
    assert [trace.name for trace in drawn] == ["Group 1", "Group 2"]


def test_hovering_tells_sample_condition_and_metadata_with_labels():
    text = points(draw_pca(make_prediction([3, 3]), labels={"UBERON:0002107": "liver"}))[0].hovertext[0]
    assert text.split("<br>")[:3] == ["<b>Group 1 01</b>", "Condition: Group 1", "Tissue: liver (UBERON:0002107)"]


def test_samples_without_a_value_are_grey_and_last():
    drawn = points(draw_pca(make_prediction([6]), colour_by="sex"))
    assert [(trace.name, len(trace.x)) for trace in drawn] == [("female", 2), ("male", 2), ("not given", 2)]
    assert drawn[-1].marker.color == "#9A9DA5"


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, ""])
def test_age_is_a_scale_and_missing_ages_are_not_on_it(missing):
    metadata = pd.DataFrame({"age_years": pd.Series(["30", missing, "61.5", "4"], dtype=object)})
    scale, grey = points(draw_pca(make_prediction([4], metadata=metadata), colour_by="age_years"))
    assert np.asarray(scale.marker.color).tolist() == [30, 61.5, 4]
    assert grey.customdata.tolist() == [1]


def test_doses_stand_in_order_of_size():
    metadata = pd.DataFrame({"perturbation_dose": ["1 mm", "5 nm", "10 um", "10 um"]})
    drawn = points(draw_pca(make_prediction([4], metadata=metadata), colour_by="perturbation_dose"))
    assert [trace.name for trace in drawn] == ["5 nm", "10 um", "1 mm"]


def test_a_taxonomy_number_is_a_group_and_no_scale():
    metadata = pd.DataFrame({"perturbation_ontology_id": ["9606", "10090"]})
    drawn = points(draw_pca(make_prediction([2], metadata=metadata), colour_by="perturbation_ontology_id"))
    assert [trace.name for trace in drawn] == ["9606", "10090"]


def test_a_key_that_no_condition_gives_is_an_error_that_names_the_others():
    with pytest.raises(SynthomeError, match=r"'race'.*condition, tissue_ontology_id, sex, age_years"):
        draw_pca(make_prediction([3]), colour_by="race")


def test_ellipses_are_drawn_for_groups_of_four_or_more():
    lines = [trace for trace in draw_pca(make_prediction([3, 4, 9]), ellipses=True).data if trace.mode == "lines"]
    assert len(lines) == 2
    assert all(line.x[0] == pytest.approx(line.x[-1]) for line in lines)


def test_three_hundred_conditions_are_one_trace_without_a_legend():
    prediction = make_prediction([1] * 300, n_genes=400)
    figure = draw_pca(prediction)
    assert len(figure.data) == 1
    assert not figure.data[0].showlegend
    assert not any(trace.showlegend for trace in draw_heatmap(prediction).data)


def test_groups_past_the_palette_differ_in_symbol():
    drawn = points(draw_pca(make_prediction([1] * 20, n_genes=900)))
    assert len({(trace.marker.color, trace.marker.symbol) for trace in drawn}) == 20
    assert drawn[0].marker.symbol != drawn[7].marker.symbol


def test_names_are_shown_as_written_and_never_as_markup():
    prediction = make_prediction([3, 3], names=["<b>böse</b> 肝臓", "<a href='x'>"])
    assert points(draw_pca(prediction))[0].name == "&lt;b&gt;böse&lt;/b&gt; 肝臓"
    assert "<a" not in draw_heatmap(prediction).to_json().replace("\\u003c", "<")


@pytest.mark.parametrize("draw", [draw_pca, draw_heatmap])
@pytest.mark.parametrize("sizes", [[1], [2], [1, 1]])
def test_one_and_two_samples_give_a_figure_without_nan(draw, sizes):
    figure = draw(make_prediction(sizes))
    assert "NaN" not in json.dumps(json.loads(figure.to_json()))


@pytest.mark.parametrize("draw", [draw_pca, draw_heatmap])
def test_identical_samples_give_a_figure_that_says_why_it_is_empty(draw):
    figure = draw(make_prediction([4], dispersion=0))
    assert "identical" in figure.layout.annotations[0].text or "No gene varies" in figure.layout.annotations[0].text


def test_heatmap_names_genes_by_symbol_and_by_id_where_there_is_none():
    prediction = make_prediction([5, 5])
    log_expression = log_cpm(prediction.expression)
    columns = np.array([49, 50, 51])
    result = heatmap(log_expression, columns)
    named = heatmap_figure(result, prediction, heatmap_view(prediction, columns)).layout.yaxis.categoryarray
    assert sorted(named) == ["ENSG00000000050", "G49", "G51"]
    assert named[0] == prediction.symbols()[result.genes[0]]


def test_heatmap_colours_are_symmetrical_about_zero():
    axis = draw_heatmap(make_prediction([5, 5])).layout.coloraxis
    assert axis.cmin == -axis.cmax
    assert axis.colorbar.title.text == "z-score"


def test_the_strip_gives_each_column_its_condition():
    prediction = make_prediction([5, 5])
    figure = draw_heatmap(prediction)
    names = figure.layout.xaxis.categoryarray
    assert [name.rsplit(" ", 1)[0] for name in names] == list(figure.data[1].text[0])


def test_dendrograms_can_be_left_out_and_give_their_room_to_the_cells():
    with_trees, without = (draw_heatmap(make_prediction([5, 5]), dendrograms=shown) for shown in (True, False))
    assert [(shape.xref, shape.yref) for shape in with_trees.layout.shapes] == [("x", "y3"), ("x2", "y")]
    assert not without.layout.shapes
    assert without.layout.xaxis.domain[0] == 0
    assert without.layout.height < with_trees.layout.height


def test_rows_of_two_hundred_genes_have_room_for_all_names_and_of_more_for_some():
    prediction = make_prediction([40], n_genes=900)
    all_named, some = (draw_heatmap(prediction, n_genes=n).layout for n in (200, 500))
    for layout, n in ((all_named, 200), (some, 500)):
        rows = (layout.yaxis.domain[1] - layout.yaxis.domain[0]) * (layout.height - layout.margin.t - layout.margin.b)
        assert len(layout.yaxis.categoryarray) == n
        assert rows / layout.yaxis.nticks >= layout.yaxis.tickfont.size
    assert all_named.yaxis.nticks == 200
    assert some.yaxis.nticks < 500


def test_trees_and_strips_share_the_axes_of_the_cells_so_that_they_zoom_together():
    figure = draw_heatmap(make_prediction([5, 5]), tracks=("condition", "sex"), clusters=3)
    cells, strips = figure.data[:2]
    assert (cells.xaxis, strips.xaxis) == (None, None)
    assert figure.layout.yaxis2.fixedrange
    on_samples = [shape for shape in figure.layout.shapes if shape.xref == "x"]
    on_genes = [shape for shape in figure.layout.shapes if shape.yref == "y"]
    assert len(on_samples) == 1
    assert len(on_genes) == 1 + 3 + 2


def test_genes_of_one_symbol_are_told_apart():
    prediction = make_prediction([3, 3])
    prediction.genes["symbol"] = "SAME"
    named = draw_heatmap(prediction, 3).layout.yaxis.categoryarray
    assert list(named) == ["SAME", "SAME (2)", "SAME (3)"]


def test_levels_have_their_own_scale_with_its_unit():
    axis = draw_heatmap(make_prediction([5, 5]), values="log CPM").layout.coloraxis
    assert 0 <= axis.cmin < axis.cmax
    assert axis.colorbar.title.text == "log2(CPM + 1)"


def test_each_key_has_a_strip_with_its_name_and_a_legend_in_the_colours_of_the_pca():
    prediction = make_prediction([5, 5])
    figure = draw_heatmap(prediction, tracks=("condition", "sex", "age_years"))
    assert list(figure.layout.yaxis2.categoryarray) == ["Condition", "Sex", "Age (years)"]
    legend = {(t.legendgrouptitle.text, t.name): t.marker.color for t in figure.data if t.showlegend}
    assert [key for key in legend if key[0] == "Sex"] == [("Sex", "female"), ("Sex", "male"), ("Sex", "not given")]
    coloured = {t.name: t.marker.color for t in points(draw_pca(prediction, colour_by="sex"))}
    assert {name: colour for (title, name), colour in legend.items() if title == "Sex"} == coloured
    ages = [name for title, name in legend if title == "Age (years)"]
    assert ages == ["20", "32", "44", "not given"]


def test_a_strip_has_the_colour_and_the_word_of_each_sample():
    prediction = make_prediction([5, 5])
    figure = draw_heatmap(prediction, tracks=("condition", "sex"))
    strips = figure.data[1]
    legend = {t.name: t.marker.color for t in figure.data if t.showlegend and t.legendgrouptitle.text == "Sex"}
    steps = [colour for _, colour in strips.colorscale[::2]]
    colours = [steps[index] for index in strips.z[1]]
    order = {name: row for row, name in enumerate(prediction.sample_names)}
    for name, word, colour in zip(figure.layout.xaxis.categoryarray, strips.text[1], colours, strict=True):
        assert word == (prediction.metadata["sex"].iloc[order[name]] or "not given")
        assert colour == legend[word]


def test_a_key_of_many_values_has_no_legend_but_says_how_many():
    metadata = pd.DataFrame({"genotype": [f"line {i}" for i in range(40)]})
    figure = draw_heatmap(make_prediction([20, 20], metadata=metadata), tracks=("condition", "genotype"))
    named = [t.name for t in figure.data if t.showlegend]
    assert named == ["Group 1", "Group 2", "40 values; hover over the strip"]


def test_no_strip_leaves_its_room_to_the_rest():
    without, one = (draw_heatmap(make_prediction([5, 5]), tracks=tracks) for tracks in ((), ("condition",)))
    assert len(without.data) == 1
    assert without.layout.height < one.layout.height


def test_an_unknown_strip_is_an_error_that_names_the_others():
    with pytest.raises(SynthomeError, match="'race'"):
        draw_heatmap(make_prediction([3]), tracks=("race",))


def test_clusters_are_numbered_blocks_with_lines_between_them():
    layout = draw_heatmap(make_prediction([5, 5, 5]), 45, clusters=3).layout
    assert [note.text for note in layout.annotations] == ["1", "2", "3"]
    blocks = [shape for shape in layout.shapes if shape.type == "rect"]
    assert [(blocks[0].y0, blocks[-1].y1)] == [(-0.5, 44.5)]
    assert all(above.y1 == below.y0 for above, below in pairwise(blocks))
    assert {note.y for note in layout.annotations} == {(block.y0 + block.y1) / 2 for block in blocks}


def test_a_heatmap_grows_with_its_genes():
    prediction = make_prediction([5])
    assert draw_heatmap(prediction, 100).layout.height > draw_heatmap(prediction, 30).layout.height + 500


@pytest.mark.parametrize("draw", [draw_pca, draw_heatmap])
def test_only_the_layout_depends_on_the_theme(draw):
    prediction = make_prediction([5, 5])
    light, dark = (draw(prediction, theme=theme) for theme in ("light", "dark"))
    assert json.loads(light.to_json())["data"] == json.loads(dark.to_json())["data"]
    light.update_layout(theme_layout("dark"), overwrite=True)
    assert light.to_json() == dark.to_json()


def test_figures_of_a_thousand_samples_are_small_to_send():
    prediction = make_prediction([500, 500], n_genes=2500)
    size = len(draw_pca(prediction).to_json()) + len(draw_heatmap(prediction, 200).to_json())
    assert size < 3_000_000
