"""What a result is taken away as: the menu of the header, the Data tab, and the code under figures."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query import read_query
from synthome.runs import Run, Runner, model_for
from tests.pages.conftest import WORKSPACE

OpenPage = Callable[..., AppTest]
LIVER, HEART = {"tissue_ontology_id": "UBERON:0002107"}, {"tissue_ontology_id": "UBERON:0000948"}


def result(runner: Runner, *conditions: dict[str, str], num_samples: int = 3) -> Run:
    """A finished run of those conditions, with a seed that the model drew."""
    body = {
        "sampling_strategy": "sample generation",
        "inputs": [{"metadata": metadata, "num_samples": num_samples} for metadata in conditions],
    }
    names = ("Liver", "Heart")[: len(conditions)]
    run = runner.submit(WORKSPACE, read_query(body), model_for("gem-1-bulk"), condition_names=names)
    return runner.wait(WORKSPACE, run.id, 60)


def opened(open_page: OpenPage, run: Run, tab: str, **state: object) -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    app.session_state["tab"] = tab
    for key, value in state.items():
        app.session_state[key] = value
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


def test_every_format_is_offered_once_in_the_data_tab(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), "Data")
    offered = labels(app)
    for label in (
        *("Everything (ZIP)", "Report (HTML)", "Expression (CSV)", "Metadata (CSV)", "Quality (CSV)"),
        *("Expression (TSV)", "AnnData (h5ad)", "Log CPM (GCT)", "Expression (Parquet)", "All with latents (pickle)"),
        *("Query (JSON)", "Python", "R"),
    ):
        in_menu = label in ("Everything (ZIP)", "Report (HTML)", "Expression (CSV)", "Metadata (CSV)", "AnnData (h5ad)")
        assert offered.count(label) == 1 + in_menu, label


def test_no_button_draws_the_page_anew(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), "Data", methods=True)
    buttons = app.get("download_button")
    assert len(buttons) > 15
    assert all(button.proto.ignore_rerun for button in buttons)


def test_the_menu_leads_to_the_data_tab(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER), "Overview")
    assert "Query (JSON)" not in labels(app)
    app.button(key="more_downloads").click().run()
    assert not app.exception
    assert "Query (JSON)" in labels(app)


def test_the_methods_text_is_written_when_it_is_opened_and_tells_what_was_used(
    open_page: OpenPage, runner: Runner
) -> None:
    run = result(runner, LIVER, HEART)
    assert not opened(open_page, run, "Data").code
    app = opened(open_page, run, "Data", methods=True)
    text = app.code[0].value
    assert "liver [UBERON:0002107]" in text
    assert "2,000 most variable genes" in text
    assert "Welch" not in text
    app.get("button_group")[0].set_value(["PCA", "DESeq2"]).run()
    text = app.code[0].value
    assert "PyDESeq2" in text
    assert "heatmap" not in text


def test_the_query_carries_the_seed_that_was_drawn(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER)
    app = opened(open_page, run, "Data", made_by=True)
    assert f'"seed": {run.prediction.provenance.seed}' in app.code[0].value


@pytest.mark.parametrize(
    ("tab", "name", "reads"),
    [
        ("PCA", "pca", "liver-and-heart_pca-loadings.csv"),
        ("Heatmap", "heatmap", "liver-and-heart_expression.csv"),
        ("Differential expression", "differential", "liver-and-heart_heart-vs-liver.csv"),
    ],
)
def test_the_code_of_a_figure_is_written_when_it_is_opened(
    open_page: OpenPage, runner: Runner, tab: str, name: str, reads: str
) -> None:
    run = result(runner, LIVER, HEART)
    closed = opened(open_page, run, tab)
    assert not [code for code in closed.code if "import pandas" in code.value]
    app = opened(open_page, run, tab, **{f"{name}_code": True})
    script = next(code.value for code in app.code if "import pandas" in code.value)
    ast.parse(script)
    assert f"'{reads}'" in script
    assert "Script" in labels(app)
