"""Quality in pictures: every sample a point, the line of counting, the matrix of correlations; and what they say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.figures.mean_variance import describe_mean_variance, mean_variance_figure
from synthome.analysis.figures.quality import describe_measure, quality_figure
from synthome.analysis.figures.sample_correlation import correlation_figure, describe_correlations
from synthome.analysis.likeness import correlations
from synthome.analysis.mean_variance import mean_variance
from synthome.analysis.quality import MEASURES, Measure, quality
from synthome.prediction import Prediction
from tests.predictions import make_prediction

MADE = make_prediction([8, 6, 3], names=["Liver", "Brain <b>", "Heart"])
FOUND = quality(MADE)
DETECTED, MITOCHONDRIAL, TOP, LIKENESS, LIBRARY_SIZE = MEASURES
LOG = log_cpm(MADE.expression)
TREND = mean_variance(LOG, 10_000_000)


def points(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.type in ("scatter", "scattergl") and trace.mode == "markers"]


def legend(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data if trace.name]


def size(figure: go.Figure) -> int:
    return len(json.dumps(figure.to_plotly_json(), default=lambda array: array.tolist()))


@pytest.mark.parametrize("measure", [DETECTED, TOP, LIKENESS, LIBRARY_SIZE])
def test_every_sample_is_a_point_in_the_row_of_its_condition(measure: Measure) -> None:
    figure = quality_figure(FOUND, MADE, measure)
    drawn = {
        int(row): (float(x), float(y))
        for trace in points(figure)
        for row, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    assert set(drawn) == set(range(17))
    values = measure.shown(FOUND)
    for row, (x, y) in drawn.items():
        assert np.isclose(x, values[row], rtol=1e-6)
        assert round(y) == MADE.condition[row]


def test_only_conditions_of_five_samples_have_a_box() -> None:
    assert [trace.y0 for trace in quality_figure(FOUND, MADE).data if trace.type == "box"] == [0, 1]


def test_names_are_not_read_as_markup() -> None:
    assert "Brain &lt;b&gt;" in quality_figure(FOUND, MADE).layout.yaxis.ticktext
    assert "Brain &lt;b&gt;" in legend(correlation_figure(correlations(LOG, MADE.condition), MADE))


def test_the_sentence_tells_the_range_and_which_condition_has_most() -> None:
    found = replace(FOUND, detected=np.array([900] * 8 + [1000] * 6 + [700, 800, 850]))
    assert describe_measure(found, MADE, DETECTED) == (
        "Genes detected: 700 to 1,000 genes, median 900 genes. "
        "Highest in Brain <b> (median 1,000 genes), lowest in Heart (800 genes)."
    )


def test_library_sizes_that_are_all_equal_are_said_to_tell_nothing() -> None:
    equal = replace(FOUND, library_size=np.full(17, 10_000))
    told = describe_measure(equal, MADE, LIBRARY_SIZE)
    assert told.startswith("Library size: 10,000 counts in every sample.")
    assert "tells nothing of a sample's quality" in told
    low, high = quality_figure(equal, MADE, LIBRARY_SIZE).layout.xaxis.range
    assert low < 10_000 < high


def test_shallow_samples_come_with_a_word_about_genes_that_go_uncounted() -> None:
    shallow = make_prediction([4, 4], library_size=10_000)
    assert "often go uncounted" in describe_measure(quality(shallow), shallow, DETECTED)
    assert "uncounted" not in describe_measure(FOUND, MADE, DETECTED)


def test_a_share_of_genes_that_are_not_known_is_not_known() -> None:
    assert np.isnan(FOUND.mitochondrial).all()
    assert describe_measure(FOUND, MADE, MITOCHONDRIAL).startswith("The mitochondrial share is not known")
    figure = quality_figure(FOUND, MADE, MITOCHONDRIAL)
    assert not figure.data
    assert figure.layout.annotations[0].text == "Not known"


def test_many_conditions_keep_the_figure_readable() -> None:
    many = make_prediction([1] * 200)
    figure = quality_figure(quality(many), many)
    assert figure.layout.height < 2_000
    assert len(points(figure)) == 200
    assert not figure.layout.yaxis.showticklabels


def test_the_line_is_the_variance_of_counting() -> None:
    *_, line = mean_variance_figure(TREND, MADE.genes).data
    np.testing.assert_allclose(
        np.asarray(line.y) ** 2, TREND.counting(np.asarray(line.x, dtype=float)), rtol=1e-3, atol=1e-6
    )


def test_the_genes_that_vary_most_are_named() -> None:
    figure = mean_variance_figure(TREND, MADE.genes)
    most = MADE.symbols()[int(np.argmax(TREND.excess))]
    assert figure.layout.annotations[0].text == most
    assert f"most of all {most}, " in describe_mean_variance(TREND, MADE.genes)


def test_genes_are_thinned_but_counted_in_full() -> None:
    many = make_prediction([3, 3], n_genes=20_000, library_size=2_000_000)
    trend = mean_variance(log_cpm(many.expression), 2_000_000)
    figure = mean_variance_figure(trend, many.genes)
    assert sum(len(trace.x) for trace in points(figure)) <= 3_100
    told = [int(trace.name.split("(")[1].rstrip(")").replace(",", "")) for trace in points(figure)]
    assert sum(told) == trend.counted.sum()
    assert size(figure) < 600_000


def test_estimated_means_come_with_a_word_about_the_line() -> None:
    assert "without counting noise" in describe_mean_variance(TREND, MADE.genes, counting_noise=False)
    assert "without counting noise" not in describe_mean_variance(TREND, MADE.genes)


def test_correlations_within_and_between_conditions_are_told() -> None:
    r = np.array([[1, 0.9, 0.5, 0.6], [0.9, 1, 0.5, 0.6], [0.5, 0.5, 1, 0.8], [0.6, 0.6, 0.8, 1]])
    two = make_prediction([2, 2])
    found = replace(correlations(log_cpm(two.expression), two.condition), r=r)
    told = describe_correlations(found, two)
    assert told == "Samples of one condition correlate at 0.85 (median), of two conditions at 0.55."


def test_of_three_conditions_the_most_and_least_alike_are_named() -> None:
    found = correlations(LOG, MADE.condition)
    r = np.full((17, 17), 0.5)
    r[:8, 8:14] = r[8:14, :8] = 0.9
    r[8:14, 14:] = r[14:, 8:14] = 0.2
    told = describe_correlations(replace(found, r=r), MADE)
    assert told.endswith("Most alike are Liver and Brain <b> (0.90), least alike Brain <b> and Heart (0.20).")


def test_of_many_samples_two_hundred_are_drawn_and_that_is_said() -> None:
    many = make_prediction([250, 250], n_genes=60)
    found = correlations(log_cpm(many.expression), many.condition)
    figure = correlation_figure(found, many)
    assert 190 <= len(figure.data[0].z) <= 200
    assert figure.layout.yaxis.showticklabels is False
    assert "of 500 samples, taken evenly" in describe_correlations(found, many)


def test_few_samples_are_named_beside_their_rows() -> None:
    figure = correlation_figure(correlations(LOG, MADE.condition), MADE)
    assert figure.layout.yaxis.ticktext[0] == "Liver 01"
    assert figure.layout.yaxis.showticklabels


def none_of(prediction: Prediction, genes: int) -> Prediction:
    return replace(prediction, expression=prediction.expression.iloc[:, :genes], genes=prediction.genes.iloc[:genes])


@pytest.mark.parametrize(
    ("prediction", "variance", "alike"),
    [
        (make_prediction([1]), "A variance needs two samples or more.", "One sample alone"),
        (make_prediction([1, 1]), "vary clearly more", "Each condition has one sample; two of them correlate"),
        (make_prediction([4], dispersion=0), "No gene varies: the samples are identical.", "are identical."),
        (make_prediction([3, 3], dispersion=0), "vary clearly more", "are identical; of two conditions they correlate"),
        (none_of(MADE, 0), "No gene is counted", "No gene is counted"),
        (replace(MADE, expression=0 * MADE.expression), "No gene is counted", "No gene is counted"),
    ],
    ids=["one sample", "one of each", "identical", "identical of two", "no gene", "no count"],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_cannot_be_seen_is_said(prediction: Prediction, variance: str, alike: str, theme: str) -> None:
    log_expression = log_cpm(prediction.expression)
    trend = mean_variance(log_expression, float(prediction.expression.sum(axis=1).median()))
    found = correlations(log_expression, prediction.condition)
    assert variance in describe_mean_variance(trend, prediction.genes)
    assert alike in describe_correlations(found, prediction)
    assert mean_variance_figure(trend, prediction.genes, theme=theme).to_json()  # type: ignore[arg-type]
    assert correlation_figure(found, prediction, theme=theme).to_json()  # type: ignore[arg-type]
    values = quality(prediction)
    for measure in MEASURES:
        assert describe_measure(values, prediction, measure)
        assert quality_figure(values, prediction, measure, theme=theme).to_json()  # type: ignore[arg-type]


def test_a_gene_without_a_symbol_is_called_by_its_id() -> None:
    nameless = pd.DataFrame({"symbol": ""}, index=MADE.genes.index)
    assert "most of all ENSG" in describe_mean_variance(TREND, nameless)
