"""The page of one's own samples, driven without a browser: bringing, asking what they are, perturbing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pytest
from scipy import sparse
from streamlit.testing.v1 import AppTest

from components.own_sample_treatment import Treatment
from synthome.query import BULK, SINGLE_CELL, read_query
from synthome.query.designs import Design, DesignCondition
from synthome.runs import Run, Runner, RunState, genes_of, model_for
from synthome.runs.sample_drafts import SampleDrafts
from tests.models_for_tests import SmallModel
from tests.pages.conftest import WORKSPACE
from tests.pages.settling import settled

OpenPage = Callable[..., AppTest]
PAGE = "pages/own_sample.py"
DEXAMETHASONE = {
    "perturbation_type": "compound",
    "perturbation_ontology_id": "CHEBI:41879",
    "perturbation_dose": "1 um",
}
TREATED = Treatment(Design((DesignCondition(DEXAMETHASONE, 3, uid="own"),)))


@pytest.fixture(autouse=True)
def kept_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SampleDrafts:
    """The samples that workspaces brought, in a folder of the test."""
    drafts = SampleDrafts(tmp_path / "own_samples")
    monkeypatch.setattr("components.own_sample_draft.default_sample_drafts", lambda: drafts)
    return drafts


def texts(app: AppTest, *kinds: str) -> str:
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


@cache
def counts(*tissues: str, model_id: str = BULK) -> dict[str, list[int]]:
    """Counts that the embedded model makes, by the name of the sample."""
    key = "tissue_ontology_id" if model_id == BULK else "cell_type_ontology_id"
    body = {
        "sampling_strategy": "mean estimation",
        "inputs": [{"metadata": {key: tissue, "sex": "female"}, "num_samples": 1} for tissue in tissues],
        "seed": 3,
    }
    made = model_for(model_id).predict(read_query(body))
    return {f"sample {i + 1}": row for i, row in enumerate(made.expression.to_numpy().tolist())}


def table(columns: dict[str, list[int]] | dict[str, list[float]], separator: str = ",") -> bytes:
    """A table of genes by samples, with the names of a few genes that nobody knows."""
    names = list(columns)
    lines = [["gene", *names]]
    lines += [[gene, *map(str, row)] for gene, *row in zip(genes_of(BULK).index, *columns.values(), strict=True)]
    lines += [[f"not-a-gene-{i}", *["3"] * len(names)] for i in range(4)]
    return "\n".join(separator.join(line) for line in lines).encode()


LIVER, LUNG = "UBERON:0002107", "UBERON:0002048"


def upload(app: AppTest, content: bytes, name: str = "counts.csv") -> AppTest:
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    assert not app.exception, app.exception
    return app


def example(app: AppTest) -> AppTest:
    app.button(key="own_example").click().run()
    assert not app.exception, app.exception
    return app


def named(widgets: Any, label: str) -> Any:
    """The widget of that label."""
    return next(widget for widget in widgets if widget.label == label)


def primary(app: AppTest) -> list[str]:
    return [button.key for button in app.button if button.proto.type == "primary"]


def result_of(app: AppTest, runner: Runner, button: str) -> Run:
    """Press the button and wait for the result's page."""
    app.button(key=button).click().run()
    settled(app)
    run = runner.runs(WORKSPACE)[0]
    assert run.state is RunState.DONE, run.error
    assert app.title[0].value.replace("\\", "") == run.title
    app.switch_page("pages/results.py").run()  # AppTest stays on the page that a script left by itself
    return run


def redesign(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Redesign").click().run()
    assert not app.exception, app.exception
    assert app.title[0].value == "Start from your own sample"
    app.switch_page(PAGE).run()


# Bringing -----------------------------------------------------------------------------------------------------------


def test_an_example_is_one_click_away_and_both_questions_then_stand_there(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    assert primary(app) == []
    example(app)
    headings = [heading.value for heading in app.subheader]
    assert headings == ["What is this sample?", "Perturb it"]
    assert primary(app) == ["own_tell"]


def test_an_uploaded_table_is_told_in_a_sentence_with_what_was_left_out_folded(open_page: OpenPage) -> None:
    app = upload(open_page(PAGE), table(counts(LIVER, LUNG)))
    assert "counts.csv" in texts(app, "markdown")
    assert "20,002" in texts(app, "markdown")
    assert "4 genes not known to the model, and left out: not-a-gene-0" in texts(app, "markdown")
    assert "Names that the model does not know (CSV)" in [button.label for button in app.get("download_button")]
    assert app.multiselect[0].value == ["sample 1", "sample 2"]


def test_samples_that_are_not_chosen_are_not_asked_about(open_page: OpenPage, runner: Runner) -> None:
    app = upload(open_page(PAGE), table(counts(LIVER, LUNG)))
    app.multiselect[0].set_value(["sample 2"]).run()
    run = result_of(app, runner, "own_tell")
    assert run.condition_names == ("sample 2",)
    assert run.query.inputs[0].counts == tuple(counts(LIVER, LUNG)["sample 2"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("counts.csv", b""),
        ("counts.csv", b"hello"),
        ("counts.csv", b"gene,a\nTSPAN6,-4\nTNMD,3\n"),
        ("counts.csv", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("cells.h5ad", b"no such file"),
        ("counts.zip", b"PK\x03\x04 broken"),
    ],
)
def test_a_wrong_file_is_told_and_another_can_be_brought(open_page: OpenPage, name: str, content: bytes) -> None:
    app = upload(open_page(PAGE), content, name)
    told = [error for error in app.error if error.proto.title]
    assert len(told) == 1
    assert len(told[0].value) > 20
    example(app)
    assert not app.error
    assert primary(app) == ["own_tell"]


def test_tpm_are_used_only_once_somebody_says_so(open_page: OpenPage, runner: Runner) -> None:
    total = 1e6 / sum(counts(LIVER)["sample 1"])
    tpm = {"sample 1": [round(count * total, 3) for count in counts(LIVER)["sample 1"]]}
    app = upload(open_page(PAGE), table(tpm), "tpm.csv")
    assert "These are TPM, not counts" in texts(app, "markdown")
    assert primary(app) == []
    app.button(key="own_scale").click().run()
    run = result_of(app, runner, "own_tell")
    assert sum(run.query.inputs[0].counts) == pytest.approx(10_000_000, rel=0.01)


def test_cells_are_used_one_by_one_or_added_up_by_a_column(open_page: OpenPage, runner: Runner, tmp_path: Path) -> None:
    cell = np.array(counts("CL:0000084", model_id=SINGLE_CELL)["sample 1"], dtype=np.float32)
    cells = anndata.AnnData(sparse.csr_matrix(np.stack([cell] * 4)), {"donor": ["d1", "d1", "d1", "d2"]})
    cells.obs_names, cells.var_names = ["c1", "c2", "c3", "c4"], list(genes_of(BULK).index)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    app = upload(open_page(PAGE), (tmp_path / "cells.h5ad").read_bytes(), "cells.h5ad")
    assert app.multiselect[0].value == ["c1", "c2", "c3", "c4"]
    named(app.selectbox, "Cells").select("donor").run()
    assert app.multiselect[0].value == ["d1", "d2"]
    run = result_of(app, runner, "own_tell")
    assert run.condition_names == ("d1", "d2")
    assert sum(run.query.inputs[0].counts) == 3 * int(cell.sum())


def test_few_counts_are_taken_for_a_cell_and_that_can_be_changed(open_page: OpenPage) -> None:
    app = upload(open_page(PAGE), table(counts("CL:0000084", model_id=SINGLE_CELL)))
    control = named(app.segmented_control, "Bulk or single-cell")
    assert control.value == SINGLE_CELL
    assert named(app.selectbox, "Sampling").options == ["Mean estimation"]
    control.set_value(BULK).run()
    assert named(app.segmented_control, "Bulk or single-cell").value == BULK
    assert named(app.selectbox, "Sampling").options == ["Sample generation", "Mean estimation"]


# Asking what they are -----------------------------------------------------------------------------------------------


def test_a_liver_is_told_to_be_a_liver_on_a_card_and_becomes_a_condition(open_page: OpenPage, runner: Runner) -> None:
    app = example(open_page(PAGE))
    run = result_of(app, runner, "own_tell")
    assert run.title == "What is Example liver?"
    assert "liver" in [heading.value for heading in app.subheader]
    assert "almost certainly" in texts(app, "markdown")
    assert "Not told by this model: disease, age" in texts(app, "caption")
    app.button(key="use_told:0").click().run()
    assert app.title[0].value == "Design an experiment"
    condition = app.session_state["design"].conditions[0]
    assert condition.values["tissue_ontology_id"] == LIVER
    assert condition.values["sex"] == "female"


def test_what_was_told_is_added_to_a_design_that_is_begun(open_page: OpenPage, runner: Runner) -> None:
    app = example(open_page(PAGE, Design((DesignCondition({"sex": "male"}, 2, "mine", uid="mine"),))))
    result_of(app, runner, "own_tell")
    app.button(key="use_told:0").click().run()
    assert [condition.name for condition in app.session_state["design"].conditions] == ["mine", "Like Example liver"]


def test_the_data_of_a_told_sample_are_its_probabilities_and_a_query_one_can_read(
    open_page: OpenPage, runner: Runner
) -> None:
    app = example(open_page(PAGE))
    result_of(app, runner, "own_tell")
    app.session_state["tab"] = "Data"
    app.session_state["made_by"] = True
    app.run()
    assert not app.exception
    labels = [button.label for button in app.get("download_button")]
    assert "Probabilities (CSV)" in labels
    assert "Query (JSON)" in labels
    assert "20,002 counts" in app.code[0].value
    assert len(app.code[0].value) < 1_000


@pytest.mark.parametrize("tab", ["PCA", "Heatmap"])
def test_figures_of_one_told_sample_say_why_there_is_nothing_to_see(
    open_page: OpenPage, runner: Runner, tab: str
) -> None:
    app = example(open_page(PAGE))
    result_of(app, runner, "own_tell")
    app.session_state["tab"] = tab
    app.run()
    assert not app.exception


# Perturbing ---------------------------------------------------------------------------------------------------------


def test_a_perturbed_sample_is_made_beside_the_untreated_one(open_page: OpenPage, runner: Runner) -> None:
    app = example(open_page(PAGE))
    app.session_state["own_treatment"] = TREATED
    app.run()
    assert primary(app) == ["own_predict"]
    assert app.button(key="own_predict").label == "Predict 6 samples"
    run = result_of(app, runner, "own_predict")
    assert run.condition_names == ("Example liver, untreated", "Example liver, dexamethasone 1 um")
    assert "2 conditions" in texts(app, "caption")
    assert len(app.get("plotly_chart")) == 5
    untreated, treated = (item.metadata.given() for item in run.query.inputs)
    assert untreated == {}
    assert treated == DEXAMETHASONE


def test_a_slip_stands_in_its_field_and_nothing_is_asked(open_page: OpenPage, runner: Runner) -> None:
    app = example(open_page(PAGE))
    app.session_state["own_treatment"] = TREATED.changed(lambda c: c.with_value("perturbation_time", "1 parsec"))
    app.run()
    assert "Time: '1 parsec' is not allowed; a number, a space and a unit" in texts(app, "markdown")
    app.button(key="own_predict").click().run()
    assert runner.runs(WORKSPACE) == []
    assert app.text_input(key="perturbation_time:own").value == "1 parsec"


def test_a_field_changes_the_perturbation_and_not_the_design(open_page: OpenPage) -> None:
    design = Design((DesignCondition({"sex": "male"}, uid="mine"),))
    app = example(open_page(PAGE, design))
    uid = app.session_state["own_treatment"].condition.uid
    app.text_input(key=f"perturbation_dose:{uid}").set_value("10µM").run()
    assert app.session_state["own_treatment"].condition.values == {"perturbation_dose": "10 um"}
    assert app.session_state["design"] == design


def test_what_is_rarely_needed_is_asked_for(open_page: OpenPage, runner: Runner) -> None:
    app = example(open_page(PAGE))
    app.session_state["own_treatment"] = TREATED
    app.run()
    named(app.toggle, "Make the untreated sample too").set_value(False).run()
    named(app.toggle, "Mean latents").set_value(True).run()
    named(app.toggle, "Fixed library size").set_value(True).run()
    named(app.number_input, "Library size").set_value(50_000).run()
    named(app.number_input, "Seed").set_value(9).run()
    run = result_of(app, runner, "own_predict")
    asked = run.query.to_contract()
    assert len(asked["inputs"]) == 1
    assert asked["deterministic_latents"]
    assert asked["fixed_total_count"]
    assert asked["total_count"] == 50_000
    assert asked["seed"] == 9
    assert set(run.prediction.expression.sum(axis=1)) == {50_000}


def test_without_a_perturbation_more_samples_like_it_are_made(open_page: OpenPage, runner: Runner) -> None:
    app = example(open_page(PAGE))
    assert "Nothing is set yet" in texts(app, "caption")
    run = result_of(app, runner, "own_predict")
    assert run.title == "More like Example liver"
    assert run.condition_names == ("Example liver, untreated",)


# Nothing is lost ----------------------------------------------------------------------------------------------------


def test_sample_and_perturbation_survive_another_page_and_a_reload(open_page: OpenPage) -> None:
    app = upload(open_page(PAGE), table(counts(LIVER, LUNG)))
    app.multiselect[0].set_value(["sample 2"]).run()
    named(app.number_input, "Samples of each").set_value(7).run()
    app.switch_page("pages/learn.py").run()
    app.switch_page(PAGE).run()
    assert app.multiselect[0].value == ["sample 2"]
    again = open_page(PAGE)  # a new session of the same workspace
    assert "counts.csv" in texts(again, "markdown")
    assert again.multiselect[0].value == ["sample 2"]
    assert named(again.number_input, "Samples of each").value == 7
    assert "4 genes not known to the model" in texts(again, "markdown")


def test_a_failed_run_is_told_and_loses_nothing(
    open_page: OpenPage, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = SmallModel(f"{BULK}_reference-conditioning", failure=RuntimeError("broken"))
    monkeypatch.setattr("components.predicting.chosen_model", lambda _: failing)
    app = example(open_page(PAGE))
    app.session_state["own_treatment"] = TREATED
    app.run()
    app.button(key="own_predict").click().run()
    settled(app)
    assert app.title[0].value == "Start from your own sample"
    assert "No prediction was made" in [error.proto.title for error in app.error]
    assert app.button(key="own_predict").label == "Predict 6 samples"


def test_redesign_brings_back_samples_names_and_perturbation(open_page: OpenPage, runner: Runner) -> None:
    app = upload(open_page(PAGE), table(counts(LIVER, LUNG)))
    app.session_state["own_treatment"] = TREATED
    app.run()
    run = result_of(app, runner, "own_predict")
    assert len(run.condition_names) == 4
    elsewhere = open_page("pages/results.py")
    redesign(elsewhere)
    assert elsewhere.title[0].value == "Start from your own sample"
    assert elsewhere.multiselect[0].value == ["sample 1", "sample 2"]
    assert elsewhere.session_state["own_treatment"].condition.values == DEXAMETHASONE
    again = result_of(elsewhere, runner, "own_predict")
    assert again.id != run.id
    assert again.condition_names == run.condition_names
    assert again.query.inputs == run.query.inputs


def test_redesign_of_a_told_sample_leaves_the_design_alone(open_page: OpenPage, runner: Runner) -> None:
    design = Design((DesignCondition({"sex": "male"}, uid="mine"),))
    app = example(open_page(PAGE, design))
    result_of(app, runner, "own_tell")
    redesign(app)
    assert [heading.value for heading in app.subheader] == ["What is this sample?", "Perturb it"]
    assert app.session_state["design"] == design


def test_another_answerer_is_told_to_play_no_part_here(open_page: OpenPage, runner: Runner) -> None:
    app = open_page()
    app.session_state["answerer"] = "hosted"
    app.switch_page(PAGE).run()
    example(app)
    assert "Answered by the embedded model here, not by the hosted service" in texts(app, "markdown")
    assert result_of(app, runner, "own_tell").answerer == "embedded"
