"""The tab on which two groups of samples are compared."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

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


def captions(app: AppTest) -> list[str]:
    """The page's captions, likewise."""
    return [caption.value.replace("\\", "") for caption in app.caption]


def called(app: AppTest) -> int:
    """How many genes are called, as the list's title says."""
    (title,) = (box.label for box in app.expander if box.label.endswith("as lists to copy"))
    return int(title.split()[0].replace(",", ""))


def figure(app: AppTest, name: str) -> dict[str, Any]:
    """The Plotly figure of that key, as the browser gets it."""
    (chart,) = (chart for chart in app.get("plotly_chart") if chart.proto.id.endswith(f"-{name}"))
    found: dict[str, Any] = json.loads(chart.proto.spec)
    return found


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
    assert any("draws of a model" in caption for caption in captions(app))
    higher, lower, every = (code.value.split("\n") for code in app.code)
    assert "MYH6" in higher
    assert "ALB" in lower
    assert set(every) == set(higher) | set(lower) or len(every) == 500


def test_groups_may_be_made_by_any_key(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART, {**LIVER, "sex": "female"}))
    app.selectbox(key="de_by").set_value("sex").run()
    assert not app.exception
    assert "female (6 samples) against male (3 samples)" in texts(app)
    changes = app.dataframe[0].value.set_index("symbol")["log2_fold_change"]
    assert changes["XIST"] > 3


def test_stricter_thresholds_call_fewer_genes(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    before = called(app)
    app.select_slider(key="de_fold").set_value(8.0)
    app.select_slider(key="de_p").set_value(0.001).run()
    assert 0 < called(app) < before


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
    end = time.monotonic() + 300
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


def test_a_named_group_of_samples_is_compared_with_all_others(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART)
    groups = runner.sample_groups(WORKSPACE, run.id).named([0, 1], "Left of PC1")
    runner.set_sample_groups(WORKSPACE, run.id, groups)
    app = opened(open_page, run)
    app.selectbox(key="de_by").set_value("group").run()
    assert not app.exception
    assert "Left of PC1 (2 samples) against all others (4 samples)" in texts(app)
    assert any("two samples in a group" in caption for caption in captions(app))
    runner.set_sample_groups(WORKSPACE, run.id, groups.named([3, 4], "Right of PC1"))
    app.run()
    app.selectbox(key="de_group_group").set_value("Right of PC1").run()
    app.selectbox(key="de_reference_group").set_value("Left of PC1").run()
    assert "Right of PC1 (2 samples) against Left of PC1 (2 samples)" in texts(app)


def test_a_condition_is_compared_with_all_others(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART, {**LIVER, "sex": "female"}))
    app.selectbox(key="de_reference_condition").set_value("").run()
    assert app.selectbox(key="de_reference_condition").options[-1] == "All other samples"
    assert "Group 2 (3 samples) against all others (6 samples)" in texts(app)


def test_what_else_sets_the_groups_apart_is_said(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert any("differ in sex and tissue at once" in caption or "tissue and sex at once" in caption
               for caption in captions(app))  # fmt: skip


def test_the_link_opens_the_same_comparison(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART, {**LIVER, "sex": "female"})
    app = open_page()
    app.session_state["shown_run"] = run.id
    for key, value in {
        "tab": "Differential expression",
        "de_by": "Sex",
        "de_group_sex": "male",
        "de_reference_sex": "All other samples",
        "de_plot": "MA",
        "de_fold": "4.0",
        "de_find": "XIST qqqqqq",
    }.items():
        app.query_params[key] = value
    app.switch_page("pages/results.py").run()
    assert not app.exception
    assert "male (3 samples) against all others (6 samples)" in texts(app)
    assert any("at least 4-fold" in caption for caption in captions(app))
    assert any("Not among the genes of this result: qqqqqq" in caption for caption in captions(app))
    chart = figure(app, "differential")
    assert "log2 fold change" in chart["layout"]["yaxis"]["title"]["text"]
    assert "<b>XIST</b>" in [note["text"] for note in chart["layout"]["annotations"]]


def test_values_that_another_run_does_not_have_fall_back(open_page: OpenPage, runner: Runner) -> None:
    three = result(runner, LIVER, HEART, {**LIVER, "sex": "female"})
    app = opened(open_page, three)
    app.selectbox(key="de_group_condition").set_value("Group 3").run()
    app.selectbox(key="de_by").set_value("sex").run()
    app.session_state["shown_run"] = result(runner, LIVER, {"tissue_ontology_id": "UBERON:0000948", "sex": "male"}).id
    app.query_params.pop("run", None)
    app.run()
    assert not app.exception
    assert "Group 2 (3 samples) against Group 1 (3 samples)" in texts(app)


def test_the_gene_that_was_clicked_is_shown_in_both_groups_until_it_is_closed(
    open_page: OpenPage, runner: Runner
) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert any("Click a point" in caption for caption in captions(app))
    app.session_state["de_gene"] = "ENSG00000163631"
    app.run()
    assert any(caption.startswith("ALB is highest in Group 1") for caption in captions(app))
    assert figure(app, "differential_gene")["layout"]["annotations"][0]["text"] == "<b>ALB</b>"
    assert "Protein-coding gene, chromosome 4:73,397,114-73,421,482, plus strand (GRCh38)" in texts(app)
    assert "https://www.proteinatlas.org/ENSG00000163631" in texts(app)
    app.button(key="de_close").click().run()
    assert not app.exception
    assert any("Click a point" in caption for caption in captions(app))
