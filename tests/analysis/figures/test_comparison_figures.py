import numpy as np
import pytest

from synthome.analysis import log_cpm, pca
from synthome.analysis.agreement import changes_beside, levels_beside
from synthome.analysis.figures.agreement import changes_figure, describe_changes, describe_levels, levels_figure
from synthome.analysis.figures.comparison import MAX_LEGEND, comparison_figure, describe_plane
from synthome.analysis.figures.words import sample_hover
from synthome.analysis.projection import project
from synthome.analysis.run_comparison import SampleSet, likeness
from tests.predictions import make_prediction


def of(letter, prediction):
    return SampleSet.of(
        letter, letter, log_cpm(prediction.expression), prediction.conditions, prediction.condition_names
    )


def plane(first, second, *, lacking=0, **options):
    """The figure of ``second`` in the space of ``first``, without its first genes, and its sentence."""
    mine, yours = log_cpm(first.expression), log_cpm(second.expression)[:, lacking:]
    space = pca(mine, first.genes.index, 100)
    found = project(space, mine, first.genes.index, yours, second.genes.index[lacking:])
    a, b = of("A", first), of("B", second)
    hover = sample_hover(first, {}), sample_hover(second, {})
    sentence = describe_plane(found, likeness(a, b, np.arange(lacking, len(first.genes))))
    return comparison_figure(found, a, b, hover, **options), sentence


@pytest.fixture(scope="module")
def first():
    return make_prediction([5, 4], n_genes=300, names=("Liver", "Brain <b>"))


@pytest.fixture(scope="module")
def second():
    return make_prediction([3, 2], n_genes=300, names=("liver", "Other"))


def test_symbols_tell_the_sets_and_colours_tell_groups_of_one_name_alike(first, second):
    figure, _ = plane(first, second)
    by_name = {trace.name: trace.marker for trace in figure.data}
    assert list(by_name) == ["A: Liver", "A: Brain &lt;b&gt;", "B: liver", "B: Other"]
    assert [marker.symbol for marker in by_name.values()] == ["circle", "circle", "diamond-open", "diamond-open"]
    assert by_name["A: Liver"].color == by_name["B: liver"].color
    assert len({marker.color for marker in by_name.values()}) == 3
    assert [len(trace.x) for trace in figure.data] == [5, 4, 3, 2]
    assert figure.data[0].x.dtype == np.float32
    assert "of A)" in figure.layout.xaxis.title.text


def test_the_sentence_says_what_lies_nearest_and_what_is_missing(first, second):
    _, sentence = plane(first, second, lacking=30)
    assert "B: liver lies nearest to Liver of A (correlation 0." in sentence
    assert "Other to Brain <b> of A" in sentence
    assert "of the 100 genes that make the axes are missing in B" in sentence
    _, whole = plane(first, second)
    assert "missing" not in whole


def test_past_what_a_legend_holds_it_tells_the_two_sets(first):
    many = make_prediction([1] * (MAX_LEGEND + 3), n_genes=300)
    figure, sentence = plane(first, many)
    assert [trace.name for trace in figure.data if trace.showlegend] == ["A: A", "B: B"]
    assert "more in the table" in sentence


@pytest.mark.parametrize("sizes", [[1], [1, 1], [4]])
def test_few_or_identical_samples_are_told_in_words(sizes, second):
    few = make_prediction(sizes, n_genes=300, dispersion=0)
    figure, sentence = plane(few, second)
    assert len(figure.data) == len(sizes) + 2
    assert sentence.rstrip().endswith(".")
    if len(sizes) == 1:
        assert figure.layout.annotations[0].text
        assert "PC1 (0.0 %" in figure.layout.xaxis.title.text


def test_a_theme_changes_the_layout_alone(first, second):
    light, dark = (plane(first, second, theme=theme)[0] for theme in ("light", "dark"))
    assert light.data == dark.data
    assert light.layout.template != dark.layout.template


# Genes --------------------------------------------------------------------------------------------------------------


def changes(first, second, pair_b=("Other", "liver")):
    return changes_beside(of("A", first), of("B", second), first.genes, ("Brain <b>", "Liver"), pair_b)


def test_fold_changes_are_coloured_by_where_they_are_called(first, second):
    found = changes(first, second)
    figure = changes_figure(found)
    points = {trace.name.split(" (")[0]: trace for trace in figure.data if trace.mode == "markers"}
    assert len(points["in both"].x) == found.number("both")
    assert "&lt;b&gt; over Liver" in figure.layout.xaxis.title.text
    assert figure.layout.annotations
    gene = points["in both"].customdata[0]
    assert points["in both"].x[0] == pytest.approx(found.rows.loc[gene, "change_a"], abs=1e-4)
    assert points["in both"].y[0] == pytest.approx(found.rows.loc[gene, "change_b"], abs=1e-4)
    sentence = describe_changes(found)
    assert f"r = {found.correlation:.2f}" in sentence
    assert f"{found.number('both')} genes are called in both" in sentence


def test_changes_without_a_p_value_are_still_drawn_and_say_so(first):
    single = make_prediction([1, 1], n_genes=300, names=("liver", "Other"))
    found = changes(first, single)
    assert len(changes_figure(found).data)
    assert "no gene can be called" in describe_changes(found)


def test_levels_are_coloured_where_they_differ_twofold(first, second):
    found = levels_beside(of("A", first), of("B", second), first.genes, "Liver", "Other")
    figure = levels_figure(found)
    points = {trace.name.split(" (")[0]: trace for trace in figure.data if trace.mode == "markers"}
    assert len(points["higher in B"].x) == (found.rows["difference"] >= 1).sum()
    assert "at least twofold higher in B" in describe_levels(found)


def test_what_is_the_same_in_both_has_nothing_to_colour(first):
    one = of("A", first)
    found = levels_beside(one, one, first.genes, "Liver", "Liver")
    figure = levels_figure(found)
    assert [trace.name for trace in figure.data if trace.mode == "markers"] == ["within twofold (300)"]
    assert not figure.layout.annotations
    assert "r = 1.00. 0 genes" in describe_levels(found)


def test_of_many_genes_those_that_cannot_be_seen_are_left_out_and_named_ones_are_not():
    wide = make_prediction([3, 3], n_genes=9000)
    one = of("A", wide)
    found = changes_beside(one, one, wide.genes, ("Group 1", "Group 2"), ("Group 1", "Group 2"))
    figure = changes_figure(found)
    assert max(len(trace.x) for trace in figure.data) <= 3012
    drawn = {float(x) for trace in figure.data if trace.mode == "markers" for x in trace.x}
    assert {np.float32(note.x) for note in figure.layout.annotations} <= drawn
