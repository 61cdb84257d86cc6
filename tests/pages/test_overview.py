"""The tab on which a result is seen first: words, two pictures, and the quality of its samples."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query import read_query
from synthome.runs import Run, Runner, model_for
from tests.pages.conftest import WORKSPACE

OpenPage = Callable[..., AppTest]

LIVER = {"tissue_ontology_id": "UBERON:0002107", "sex": "male"}
HEART = {"tissue_ontology_id": "UBERON:0000948", "sex": "female"}
B_CELL = {"cell_type_ontology_id": "CL:0000236"}


def result(
    runner: Runner, *conditions: dict[str, str], num_samples: int = 4, model: str = "gem-1-bulk", **options: object
) -> Run:
    """A finished run of those conditions."""
    body = {
        "sampling_strategy": "sample generation" if model == "gem-1-bulk" else "mean estimation",
        "seed": 3,
        "inputs": [{"metadata": metadata, "num_samples": num_samples} for metadata in conditions],
        **options,
    }
    names = tuple(f"Group {number}" for number in range(1, len(conditions) + 1))
    run = runner.submit(WORKSPACE, read_query(body), model_for(model), condition_names=names)
    return runner.wait(WORKSPACE, run.id, 60)


def opened(open_page: OpenPage, run: Run, **state: object) -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    for key, value in state.items():
        app.session_state[key] = value
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    """The page's text without the marks that keep Markdown from reading it otherwise."""
    return "\n".join(text.value.replace("\\", "") for text in [*app.markdown, *app.caption])


def test_the_page_begins_with_what_is_in_the_result_and_whether_anything_is_unusual(
    open_page: OpenPage, runner: Runner
) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    told = texts(app)
    assert "4 samples each of Group 1 and Group 2. Each has 10,000,000 counts, in " in told
    assert "Nothing is unusual: every sample is like the others of its condition." in told


def test_every_figure_of_quality_says_what_it_shows(open_page: OpenPage, runner: Runner) -> None:
    told = texts(opened(open_page, result(runner, LIVER, HEART)))
    assert "Genes detected: " in told
    assert "vary clearly more than counting alone would make them" in told
    assert "Samples of one condition correlate at 0.9" in told


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("mitochondrial share", "Mitochondrial share: "),
        ("share of the 50 most abundant genes", "Share of the 50 most abundant genes: "),
        ("correlation with its condition", "Correlation with its condition: 0.9"),
        ("library size", "Counts are made to sum to the number asked for"),
    ],
)
def test_another_measure_can_be_chosen(open_page: OpenPage, runner: Runner, measure: str, words: str) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert app.segmented_control(key="quality_measure").value == "genes detected"
    app.segmented_control(key="quality_measure").set_value(measure).run()
    assert not app.exception
    assert words in texts(app)
    assert "Genes detected: " not in texts(app)


def test_what_is_unusual_is_told_three_at_once_and_the_rest_is_folded(
    open_page: OpenPage, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [f"Group 1 0{number}: genes detected is low, 5 genes where 9 genes is usual." for number in range(1, 6)]
    monkeypatch.setattr("components.overview_panel.unusual_samples", lambda *_: told)
    app = opened(open_page, result(runner, LIVER, HEART))
    first = next(text.value.replace("\\", "") for text in app.markdown if "5 values" in text.value)
    assert [sentence in first for sentence in told] == [True] * 3 + [False] * 2
    folded = next(fold for fold in app.expander if fold.label == "2 more")
    assert told[4] in folded.markdown[0].value.replace("\\", "")
    assert "Nothing is unusual" not in texts(app)


def test_cells_come_with_a_word_about_their_depth(open_page: OpenPage, runner: Runner) -> None:
    told = texts(opened(open_page, result(runner, B_CELL, num_samples=6, model="gem-1-sc")))
    assert "6 samples of Group 1. Each has 10,000 counts" in told
    assert "often go uncounted" in told
    assert "without counting noise" in told


def test_identical_samples_are_called_that(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART, sampling_strategy="mean estimation", deterministic_latents=True)
    told = texts(opened(open_page, run))
    assert "Nothing is unusual: the samples of a condition are identical." in told
    assert "Samples of one condition are identical; of two conditions they correlate at" in told


def test_one_sample_is_shown_with_what_cannot_be_told_of_it(open_page: OpenPage, runner: Runner) -> None:
    told = texts(opened(open_page, result(runner, LIVER, num_samples=1)))
    assert "1 sample of Group 1. It has 10,000,000 counts" in told
    assert "A variance needs two samples or more." in told
    assert "One sample alone has none to compare it with." in told


def test_another_tab_computes_nothing_of_quality(
    open_page: OpenPage, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        message = "quality was computed"
        raise AssertionError(message)

    monkeypatch.setattr("components.overview_panel.quality_of", never)
    monkeypatch.setattr("components.quality_panel.quality_of", never)
    opened(open_page, result(runner, LIVER, HEART), tab="Data")
