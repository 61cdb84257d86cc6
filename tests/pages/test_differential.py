"""The tab on which two groups of samples are compared."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query import read_query
from synthome.runs import Run, Runner, model_for
from tests.pages.conftest import WORKSPACE

OpenPage = Callable[..., AppTest]


def result(runner: Runner, *conditions: dict[str, str], num_samples: int = 3) -> Run:
    """A finished run of those conditions."""
    body = {
        "sampling_strategy": "sample generation",
        "seed": 3,
        "inputs": [{"metadata": metadata, "num_samples": num_samples} for metadata in conditions],
    }
    names = tuple(f"Group {number}" for number in range(1, len(conditions) + 1))
    run = runner.submit(WORKSPACE, read_query(body), model_for("gem-1-bulk"), condition_names=names)
    return runner.wait(WORKSPACE, run.id, 60)


def opened(open_page: OpenPage, run: Run) -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    app.session_state["tab"] = "Differential expression"
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    """The page's text without the marks that keep Markdown from reading it otherwise."""
    return "\n".join(text.value.replace("\\", "") for text in app.markdown)


LIVER = {"tissue_ontology_id": "UBERON:0002107", "sex": "male"}
HEART = {"tissue_ontology_id": "UBERON:0000948", "sex": "female"}


def test_two_conditions_are_compared_at_once_with_the_genes_that_tell_them_apart(
    open_page: OpenPage, runner: Runner
) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert "Group 2 (3 samples) against Group 1 (3 samples)" in texts(app)
    table = app.dataframe[0].value
    changes = table.set_index("symbol")["log2_fold_change"]
    assert changes["ALB"] < -5
    assert changes["MYH6"] > 5
    assert table["p_value"].dropna().is_monotonic_increasing
    assert any("draws of a model" in caption.value for caption in app.caption)
    assert "MYH6" in app.code[0].value.split("\n")


def test_groups_may_be_made_by_any_key(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART, {**LIVER, "sex": "female"}))
    app.selectbox(key="de_by").set_value("sex").run()
    assert not app.exception
    assert "female (6 samples) against male (3 samples)" in texts(app)
    changes = app.dataframe[0].value.set_index("symbol")["log2_fold_change"]
    assert changes["XIST"] > 3


def test_stricter_thresholds_call_fewer_genes(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    before = len(app.code[0].value.split("\n"))
    app.select_slider(key="de_fold").set_value(8.0)
    app.select_slider(key="de_p").set_value(0.001).run()
    assert 0 < len(app.code[0].value.split("\n")) < before


@pytest.mark.parametrize(
    ("conditions", "num_samples", "words"),
    [((LIVER,), 3, "one group only"), ((LIVER, HEART), 1, "has 1 sample")],
)
def test_what_cannot_be_compared_says_why(
    open_page: OpenPage, runner: Runner, conditions: tuple[dict[str, str], ...], num_samples: int, words: str
) -> None:
    app = opened(open_page, result(runner, *conditions, num_samples=num_samples))
    assert any(words in info.value for info in app.info)
    assert not app.dataframe


def test_deseq2_is_fitted_in_the_background_and_its_table_then_stands_there(
    open_page: OpenPage, runner: Runner
) -> None:
    app = opened(open_page, result(runner, LIVER, HEART, num_samples=2))
    app.radio(key="de_method").set_value("deseq2").run()
    assert not app.dataframe
    assert app.button(key="deseq_stop")
    end = time.monotonic() + 120
    while not app.dataframe and time.monotonic() < end:
        time.sleep(0.5)
        app.run()
    assert not app.exception
    changes = app.dataframe[0].value.set_index("symbol")["log2_fold_change"]
    assert changes["ALB"] < -5
    assert changes["MYH6"] > 5


def test_a_fit_can_be_stopped_and_begun_again(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, HEART, LIVER, num_samples=2))
    app.radio(key="de_method").set_value("deseq2").run()
    app.button(key="deseq_stop").click().run()
    end = time.monotonic() + 60
    while not app.info and time.monotonic() < end:
        time.sleep(0.2)
        app.run()
    assert any("was stopped" in info.value for info in app.info)
    app.button(key="deseq_again").click().run()
    assert not app.exception
    assert app.button(key="deseq_stop")
    app.button(key="deseq_stop").click().run()
