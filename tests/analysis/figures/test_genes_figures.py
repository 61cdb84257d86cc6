"""Figures of gene levels: every sample is a point, boxes are of all samples, dots tell share and mean."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.figures.gene_words import describe_genes
from synthome.analysis.figures.genes import MAX_DRAWN, MAX_POINTS, genes_figure
from synthome.analysis.gene_levels import GeneLevels, gene_levels
from synthome.analysis.views import GenesView, Kind
from synthome.prediction import Prediction
from tests.predictions import make_prediction

MADE = make_prediction([6, 5], names=["Liver", "Heart"])
KINDS: tuple[Kind, ...] = ("box", "violin", "points", "dot plot")


def levels_of(prediction: Prediction, columns: Sequence[int], by: str = "condition") -> GeneLevels:
    genes = [str(prediction.genes.index[column]) for column in columns]
    return gene_levels(prediction, log_cpm(prediction.expression), genes, by)


def view(levels: GeneLevels, **options: Any) -> GenesView:
    return GenesView(levels.genes, **options)


def samples(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.customdata is not None]


@pytest.mark.parametrize("kind", KINDS[:3])
def test_every_sample_is_a_point_of_every_gene_at_its_level(kind: Kind) -> None:
    levels = levels_of(MADE, [3, 35])
    drawn = samples(genes_figure(levels, view(levels, kind=kind)))
    for column, axis in ((0, "x"), (1, "x2")):
        of_gene = [trace for trace in drawn if trace.xaxis == axis]
        rows = np.concatenate([trace.customdata for trace in of_gene])
        assert sorted(rows) == list(range(11))
        level = np.concatenate([trace.y for trace in of_gene])
        np.testing.assert_allclose(level, levels.log_cpm[rows, column], rtol=1e-6)
        assert "<b>Liver 01</b>" in of_gene[0].hovertext[0]


def test_each_gene_is_named_above_its_plot_and_each_group_once_in_the_legend() -> None:
    levels = levels_of(MADE, [3, 35, 7])
    figure = genes_figure(levels, view(levels))
    assert [note.text for note in figure.layout.annotations] == ["<b>G3</b>", "<b>G35</b>", "<b>G7</b>"]
    assert [trace.name for trace in figure.data if trace.showlegend] == ["Liver", "Heart"]
    assert figure.layout.yaxis.title.text == "log2(CPM + 1)"


def test_a_box_spans_the_quartiles_of_all_samples_and_whiskers_end_at_samples() -> None:
    levels = levels_of(MADE, [3])
    box = next(trace for trace in genes_figure(levels, view(levels)).data if trace.type == "box")
    values = levels.log_cpm[:6, 0].astype(float)
    low, middle, high = np.percentile(values, [25, 50, 75])
    np.testing.assert_allclose([box.q1[0], box.median[0], box.q3[0]], [low, middle, high], rtol=1e-6)
    inside = values[(values >= low - 1.5 * (high - low)) & (values <= high + 1.5 * (high - low))]
    np.testing.assert_allclose([box.lowerfence[0], box.upperfence[0]], [inside.min(), inside.max()], rtol=1e-6)


def test_counts_are_drawn_as_they_are() -> None:
    levels = levels_of(MADE, [3])
    figure = genes_figure(levels, view(levels, scale="counts", kind="points"))
    drawn = np.concatenate([trace.y for trace in samples(figure)])
    assert drawn.tolist() == MADE.expression.iloc[:, 3].tolist()
    assert figure.layout.yaxis.title.text == "counts"


def test_many_samples_are_thinned_as_points_but_the_highest_and_lowest_of_each_group_stay() -> None:
    many = make_prediction([500, 700], n_genes=60)
    levels = levels_of(many, [3])
    figure = genes_figure(levels, view(levels, kind="violin"))
    points = samples(figure)
    assert sum(len(trace.y) for trace in points) <= MAX_POINTS + 2
    for trace, rows in zip(points, (slice(0, 500), slice(500, 1200)), strict=True):
        values = levels.log_cpm[rows]
        np.testing.assert_allclose([min(trace.y), max(trace.y)], [values.min(), values.max()], rtol=1e-6)
    violins = [trace for trace in figure.data if trace.type == "violin"]
    assert sum(len(trace.y) for trace in violins) == 1200


def test_no_more_than_twelve_genes_stand_beside_each_other() -> None:
    levels = levels_of(MADE, range(20))
    assert len(genes_figure(levels, view(levels)).layout.annotations) == MAX_DRAWN


def test_a_dot_tells_share_by_its_area_and_mean_by_its_colour() -> None:
    shallow = make_prediction([40, 40], library_size=2_000)
    levels = levels_of(shallow, [3, 35, 700])
    figure = genes_figure(levels, view(levels, kind="dot plot"))
    dots = figure.data[0]
    assert list(zip(dots.customdata, dots.y.tolist(), strict=True)) == [
        (gene, group) for group in (0, 1) for gene in levels.genes
    ]
    np.testing.assert_allclose(dots.marker.color, levels.means().ravel(), rtol=1e-6)
    shares = levels.shares.ravel()
    seen = shares > 0.02
    assert (~seen | (shares < 1)).any()
    np.testing.assert_allclose(dots.marker.size[seen], 20 * np.sqrt(shares[seen]), rtol=1e-5)
    assert (np.asarray(dots.marker.size)[shares == 0] == 0).all()
    assert figure.layout.yaxis.ticktext == ("Group 1", "Group 2")


def test_names_with_markup_are_shown_as_they_are() -> None:
    odd = make_prediction([3, 3], names=["<b>A</b>", "B & C"])
    odd.genes.iloc[3, 0] = "<i>X</i>"
    levels = levels_of(odd, [3, 4])
    for kind in KINDS:
        text = json.dumps(genes_figure(levels, view(levels, kind=kind)).to_plotly_json(), default=str)
        assert "<i>X" not in text
        assert "<b>A</b>" not in text.replace("<b>&lt;", "")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [[1], [2], [1, 1], [3, 3]])
def test_few_or_identical_samples_and_genes_without_counts_are_drawn(kind: Kind, sizes: list[int]) -> None:
    same = make_prediction(sizes, dispersion=0)
    same.expression.iloc[:, 5] = 0
    levels = levels_of(same, [3, 5])
    assert genes_figure(levels, view(levels, kind=kind), theme="dark").data
    assert describe_genes(levels, view(levels, kind=kind))
    alone = levels.only(levels.genes[1])
    assert describe_genes(alone, view(alone, kind=kind)) == "G5 has no count in any sample."
    nothing = levels_of(same, [])
    assert describe_genes(nothing, view(nothing)) == "No gene is chosen."
    genes_figure(nothing, view(nothing, kind=kind))


def test_more_groups_than_a_legend_lists_are_told_by_hovering() -> None:
    many = make_prediction([2] * 30, names=[f"Tissue {number}" for number in range(30)])
    levels = levels_of(many, [3])
    figure = genes_figure(levels, view(levels))
    assert not any(trace.showlegend for trace in figure.data)
    (points,) = samples(figure)
    assert len(points.y) == 60
    assert len(set(points.marker.color)) > 7
    assert "Tissue 29" in points.hovertext[-1]


def test_many_genes_in_many_groups_are_few_traces_and_the_legend_still_lists_every_group() -> None:
    many = make_prediction([4] * 20, names=[f"Tissue {number}" for number in range(20)])
    levels = levels_of(many, range(12))
    figure = genes_figure(levels, view(levels))
    assert len(figure.data) < 60
    assert [trace.name for trace in figure.data if trace.showlegend] == list(levels.groups)
    (first, *_) = samples(figure)
    legend = {trace.name: trace.marker.color for trace in figure.data if trace.showlegend}
    assert first.marker.color[0] == legend["Tissue 0"]
    assert first.marker.color[-1] == legend["Tissue 19"]


def test_groups_by_a_key_leave_samples_without_a_value_grey() -> None:
    metadata = pd.DataFrame({"group": ["Left", "Right", None, "Left"]})
    levels = levels_of(make_prediction([4], metadata=metadata), [3], "group")
    drawn = samples(genes_figure(levels, view(levels, by="group")))
    assert [trace.name for trace in drawn] == ["Left", "Right", "not given"]
    assert drawn[-1].marker.color == "#9A9DA5"
    assert "<br>Left" in drawn[0].hovertext[0]


def test_of_one_gene_the_sentence_tells_where_it_is_highest_and_lowest_and_how_high() -> None:
    levels = levels_of(MADE, [35])
    high, low = np.median(levels.log_cpm[6:]), np.median(levels.log_cpm[:6])
    assert describe_genes(levels, view(levels)) == (
        f"G35 is highest in Heart (median {high:.1f} log2 CPM), lowest in Liver ({low:.1f})."
    )
    counts = np.median(levels.counts[6:])
    assert f"(median {counts:,.0f} counts)" in describe_genes(levels, view(levels, scale="counts"))


def test_of_several_genes_the_sentence_tells_where_each_is_highest() -> None:
    same = make_prediction([3, 3], dispersion=0)
    levels = levels_of(same, [3, 35, 36])
    assert describe_genes(levels, view(levels)) == "Highest by median in Group 2: G35, G36; in Group 1: G3."


def test_a_gene_that_is_alike_everywhere_is_told_as_that() -> None:
    same = make_prediction([3, 3], dispersion=0, markers=False)
    levels = levels_of(same, [3])
    level = float(levels.log_cpm[0, 0])
    assert describe_genes(levels, view(levels)) == f"G3 is about as high in every group (median {level:.1f} log2 CPM)."


def test_where_medians_say_nothing_the_mean_is_told() -> None:
    metadata = pd.DataFrame({"sex": ["female"] * 5 + ["male"] * 5})
    sparse = make_prediction([10], metadata=metadata)
    sparse.expression.iloc[:, 3] = 0
    sparse.expression.iloc[0, 3] = 50
    levels = levels_of(sparse, [3], "sex")
    assert describe_genes(levels, view(levels, by="sex")).startswith("G3 is highest in female (mean ")


def test_a_thousand_samples_of_twelve_genes_make_a_small_figure() -> None:
    many = make_prediction([250] * 4, n_genes=100)
    levels = levels_of(many, range(12))
    for kind in KINDS:
        assert len(genes_figure(levels, view(levels, kind=kind)).to_json()) < 1_000_000
