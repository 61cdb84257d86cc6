"""The tab on which a run stands beside another one, or beside somebody's own counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from synthome.query import read_query
from synthome.runs import Run, Runner, model_for
from synthome.runs.sample_drafts import SampleDrafts
from tests.pages.conftest import WORKSPACE

OpenPage = Callable[..., AppTest]

LIVER = {"tissue_ontology_id": "UBERON:0002107", "sex": "male"}
HEART = {"tissue_ontology_id": "UBERON:0000948", "sex": "female"}


@pytest.fixture(autouse=True)
def kept_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SampleDrafts:
    """The samples that workspaces brought, in a folder of the test."""
    drafts = SampleDrafts(tmp_path / "own_samples")
    monkeypatch.setattr("components.own_sample_draft.default_sample_drafts", lambda: drafts)
    return drafts


def result(
    runner: Runner, conditions: dict[str, dict[str, str]], title: str, *, num_samples: int = 3, seed: int = 3
) -> Run:
    """A finished run of those conditions by name."""
    body = {
        "sampling_strategy": "sample generation",
        "seed": seed,
        "inputs": [{"metadata": metadata, "num_samples": num_samples} for metadata in conditions.values()],
    }
    run = runner.submit(
        WORKSPACE, read_query(body), model_for("gem-1-bulk"), condition_names=tuple(conditions), title=title
    )
    return runner.wait(WORKSPACE, run.id, 60)


def opened(open_page: OpenPage, run: Run) -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    app.session_state["tab"] = "Compare"
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest, *kinds: str) -> str:
    """The page's text without the marks that keep Markdown from reading it otherwise."""
    return "\n".join(str(found.value) for kind in kinds for found in getattr(app, kind)).replace("\\", "")


@cache
def own_counts(n_genes: int = 20_002) -> bytes:
    """A table of two hearts and a liver of other people, over the first genes."""
    body = {
        "sampling_strategy": "sample generation",
        "seed": 11,
        "total_count": 4_000_000,
        "inputs": [{"metadata": HEART, "num_samples": 2}, {"metadata": LIVER, "num_samples": 1}],
    }
    made = model_for("gem-1-bulk").predict(read_query(body))
    table = made.expression.iloc[:, :n_genes].T
    table.columns = ["biopsy_1", "biopsy_2", "explant"]
    return table.to_csv(index_label="gene").encode()


def two_runs(runner: Runner) -> tuple[Run, Run]:
    other = result(runner, {"Liver": LIVER, "Heart": HEART}, "Second", seed=5)
    return result(runner, {"Liver": LIVER, "Heart": HEART}, "First"), other


def gene_table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[1].value.set_index("symbol")


# Two runs -----------------------------------------------------------------------------------------------------------


def test_two_runs_of_the_same_conditions_agree_in_space_and_in_fold_changes(
    open_page: OpenPage, runner: Runner
) -> None:
    first, other = two_runs(runner)
    app = opened(open_page, first)
    assert app.selectbox(key="compare_with").value == other.id
    facts = app.table[0].value
    assert "Second" in facts["B"].tolist()
    assert facts["A, this run"].tolist()[4] == "3"
    assert facts["B"].tolist()[4] == "5"
    assert "20,002 genes (by Ensembl id) are in both; none is left out" in texts(app, "caption")
    nearest = app.dataframe[0].value.set_index("group")
    assert nearest["nearest"].to_dict() == {"Liver": "Liver", "Heart": "Heart"}
    assert (nearest["correlation"] > 0.9).all()
    assert "B: Liver lies nearest to Liver of A" in texts(app, "caption")
    assert app.selectbox(key="compare_group_a").value == app.selectbox(key="compare_group_b").value == "Heart"
    genes = gene_table(app)
    assert genes.loc["MYH6", "change_a"] > 5
    assert genes.loc["MYH6", "change_b"] > 5
    assert genes.loc["ALB", "called"] == "both"
    assert "change in the same direction" in texts(app, "caption")
    assert "mixed into every difference" in texts(app, "caption")


def test_groups_of_b_follow_those_of_a_until_somebody_says_otherwise(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, two_runs(runner)[0])
    app.selectbox(key="compare_group_a").set_value("Liver").run()
    assert app.selectbox(key="compare_group_b").value == "Liver"
    assert any("cannot be compared with itself" in info.value for info in app.info)
    app.selectbox(key="compare_reference_a").set_value("Heart").run()
    assert app.selectbox(key="compare_reference_b").value == "Heart"
    assert gene_table(app).loc["ALB", "change_b"] > 5
    app.selectbox(key="compare_group_b").set_value("Heart").run()
    app.selectbox(key="compare_reference_b").set_value("Liver").run()
    assert not app.exception
    assert app.selectbox(key="compare_group_a").value == "Liver"
    assert gene_table(app).loc["ALB", "change_b"] < -5


def test_both_may_make_the_axes_and_components_can_be_chosen(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, two_runs(runner)[0])
    app.radio(key="compare_axes").set_value("both")
    app.selectbox(key="compare_x").set_value(3).run()
    assert not app.exception
    assert app.selectbox(key="compare_x").value == 3


def test_another_component_computes_nothing_again(
    open_page: OpenPage, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(open_page, two_runs(runner)[0])
    for heavy in ("project", "pca", "likeness", "changes_beside", "log_cpm", "shared_genes"):
        monkeypatch.delattr(f"components.compared.{heavy}")
    app.selectbox(key="compare_x").set_value(2).run()
    assert not app.exception
    assert app.dataframe


def test_groups_may_be_made_by_a_key_of_both(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, two_runs(runner)[0])
    app.selectbox(key="compare_by").set_value("sex").run()
    assert not app.exception
    assert set(app.dataframe[0].value["group"]) == {"male", "female"}
    assert gene_table(app).loc["XIST", "change_a"] > 3


def test_beside_a_run_of_one_condition_levels_are_compared(open_page: OpenPage, runner: Runner) -> None:
    result(runner, {"Heart alone": HEART}, "One")
    app = opened(open_page, result(runner, {"Liver": LIVER, "Heart": HEART}, "First"))
    assert "B has one group only" in texts(app, "caption")
    assert app.selectbox(key="compare_level_a").value == "Heart"
    assert "Heart alone of B correlates with Heart of A with r = 0.9" in texts(app, "caption")
    app.selectbox(key="compare_level_a").set_value("Liver").run()
    assert gene_table(app).loc["MYH6", "difference"] > 5


def test_levels_can_be_chosen_where_changes_could_be_compared(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, two_runs(runner)[0])
    app.segmented_control(key="compare_what").set_value("Levels").run()
    assert not app.exception
    assert "mean_a" in gene_table(app).columns


def test_runs_of_one_title_can_be_told_apart(open_page: OpenPage, runner: Runner) -> None:
    others = [result(runner, {"Liver": LIVER}, "Same", num_samples=2, seed=seed) for seed in (1, 2)]
    app = opened(open_page, result(runner, {"Liver": LIVER, "Heart": HEART}, "First"))
    options = app.selectbox(key="compare_with").options
    assert len(set(options)) == len(options) == 3
    app.selectbox(key="compare_with").set_value(others[0].id).run()
    assert app.table[0].value["B"].tolist()[4] == "1"


def test_a_run_is_never_beside_itself_and_the_choice_survives_another_run_being_opened(
    open_page: OpenPage, runner: Runner
) -> None:
    first, other = two_runs(runner)
    app = opened(open_page, first)
    app.query_params["run"] = other.id
    app.run()
    assert not app.exception
    assert app.selectbox(key="compare_with").value == first.id


def test_few_samples_of_one_condition_are_compared_without_a_fault(open_page: OpenPage, runner: Runner) -> None:
    result(runner, {"Liver": LIVER}, "One sample", num_samples=1)
    app = opened(open_page, result(runner, {"Heart": HEART}, "Another", num_samples=1))
    assert "only one sample" in texts(app, "caption")
    assert gene_table(app).loc["ALB", "difference"] > 5


# One's own counts ---------------------------------------------------------------------------------------------------


def test_where_there_is_no_other_run_own_counts_are_asked_for_and_laid_beside_it(
    open_page: OpenPage, runner: Runner
) -> None:
    app = opened(open_page, result(runner, {"Liver": LIVER, "Heart": HEART}, "First"))
    assert app.selectbox(key="compare_with").value == "own"
    app.file_uploader[0].set_value(("mine.csv", own_counts(), "text/csv")).run()
    assert not app.exception, app.exception
    assert "mine.csv" in texts(app, "markdown")
    nearest = app.dataframe[0].value.set_index("group")
    assert nearest["nearest"].to_dict() == {"biopsy": "Heart", "explant": "Liver"}
    assert nearest["samples"].to_dict() == {"biopsy": 2, "explant": 1}
    assert "mine\\.csv" in app.table[0].value["B"].tolist()
    app.selectbox(key="compare_own_by").set_value("each").run()
    assert app.dataframe[0].value["group"].tolist() == ["biopsy_1", "biopsy_2", "explant"]
    app.selectbox(key="compare_own_by").set_value("together").run()
    assert not app.exception
    assert app.dataframe[0].value["group"].tolist() == ["All samples"]


def test_genes_that_own_counts_lack_are_counted_and_told(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, {"Liver": LIVER, "Heart": HEART}, "First"))
    app.file_uploader[0].set_value(("part.csv", own_counts(12_000), "text/csv")).run()
    assert not app.exception, app.exception
    told = texts(app, "caption")
    assert "12,000 genes (by Ensembl id) are in both; 8,002 of A alone are left out" in told
    assert "genes that make the axes are missing in B: they are taken at A's mean and add nothing" in told
    assert "the depth of B counted over the genes of both" in told
    assert "left out of the comparison" in texts(app, "markdown")
    nearest = app.dataframe[0].value.set_index("group")
    assert nearest["nearest"].to_dict() == {"biopsy": "Heart", "explant": "Liver"}


def test_samples_brought_on_their_own_page_stand_ready_here_and_the_other_way_round(
    open_page: OpenPage, runner: Runner
) -> None:
    run = result(runner, {"Liver": LIVER, "Heart": HEART}, "First")
    app = open_page("pages/own_sample.py")
    app.file_uploader[0].set_value(("mine.csv", own_counts(), "text/csv")).run()
    again = opened(open_page, run)
    assert "mine.csv" in texts(again, "markdown")
    assert again.dataframe[0].value["group"].tolist() == ["biopsy", "explant"]


def test_a_file_that_is_no_table_is_told_and_another_can_be_brought(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, {"Liver": LIVER}, "First"))
    app.file_uploader[0].set_value(("notes.txt", b"Bring milk.", "text/plain")).run()
    assert not app.exception
    assert app.error
    assert not app.dataframe
    assert app.file_uploader


# From the Runs page -------------------------------------------------------------------------------------------------


def test_the_runs_page_leads_to_the_comparison(open_page: OpenPage, runner: Runner) -> None:
    first, _ = two_runs(runner)
    app = open_page("pages/runs.py")
    app.button(key=f"compare:{first.id}").click().run()
    app.switch_page("pages/results.py").run()  # AppTest stays on the page that a script left by itself
    assert not app.exception
    assert app.session_state["tab"] == "Compare"
    assert app.selectbox(key="compare_with")


def test_runs_that_tell_what_samples_are_are_left_out(open_page: OpenPage, runner: Runner) -> None:
    first = result(runner, {"Liver": LIVER}, "First", num_samples=2)
    app = open_page("pages/own_sample.py")
    app.button(key="own_example").click().run()
    app.button(key="own_tell").click().run()
    told = next(run for run in runner.runs(WORKSPACE) if run.id != first.id)
    runner.wait(WORKSPACE, told.id, 60)
    app.switch_page("pages/runs.py").run()
    keys = [button.key for button in app.button]
    assert f"compare:{first.id}" in keys
    assert f"compare:{told.id}" not in keys
    assert opened(open_page, first).selectbox(key="compare_with").value == "own"
    assert any("tells what real samples are" in info.value for info in opened(open_page, told).info)
