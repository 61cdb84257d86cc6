"""Every page, driven without a browser: what stands on it, and what becomes of what is entered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query.designs import Design, DesignCondition
from synthome.query.examples import EXAMPLES
from synthome.runs import Runner, RunState
from tests.pages.settling import settled

OpenPage = Callable[..., AppTest]

PAGES = sorted(path.name for path in (Path(__file__).resolve().parents[2] / "pages").glob("*.py"))
LIVER = DesignCondition({"tissue_ontology_id": "UBERON:0002107"}, 3, uid="liver")
BRAIN = DesignCondition({"tissue_ontology_id": "UBERON:0000955"}, 3, uid="brain")


def texts(app: AppTest, *kinds: str) -> str:
    """What the elements of those kinds say, without the escapes of Markdown."""
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_somebody_new(open_page: OpenPage, page: str) -> None:
    app = open_page(f"pages/{page}")
    assert app.title


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_more_than_one_primary_button(open_page: OpenPage, page: str) -> None:
    app = open_page(f"pages/{page}", Design((LIVER,)))
    assert sum(button.proto.type == "primary" for button in app.button) <= 1


def test_an_example_runs_with_one_click_and_opens_its_result(open_page: OpenPage, runner: Runner) -> None:
    app = open_page()
    app.button(key=f"example:{EXAMPLES[0].slug}").click().run()
    settled(app)
    assert app.title[0].value == "Liver and brain"
    assert "20 samples" in texts(app, "caption")
    assert len(app.get("plotly_chart")) == 5
    assert len(app.get("download_button")) == 12


def test_predict_answers_the_design_and_the_design_survives_it(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((LIVER, BRAIN), seed=1))
    app.button(key="predict").click().run()
    settled(app)
    assert app.title[0].value == "Liver and Brain"
    app.switch_page("pages/design.py").run()
    assert app.session_state["design"].conditions == (LIVER, BRAIN)


def test_a_slip_stands_in_its_field_with_a_message_and_a_way_out(open_page: OpenPage) -> None:
    slip = LIVER.with_value("age_years", "sixty").with_value("perturbation_dose", "1 parsec")
    app = open_page("pages/design.py", Design((slip, BRAIN)))
    assert app.text_input(key="age_years:liver").value == "sixty"
    assert app.text_input(key="perturbation_dose:liver").value == "1 parsec"
    assert "Age: 'sixty' is not allowed; a number of years from 0 to 120" in texts(app, "markdown")
    assert "2 entries to correct" in [warning.proto.title for warning in app.warning]
    app.button(key="predict").click().run()
    assert not app.exception
    assert app.title[0].value == "Design an experiment"
    assert app.text_input(key="age_years:liver").value == "sixty"
    assert app.session_state["design"].conditions[1] == BRAIN


def test_a_usual_spelling_of_a_dose_becomes_the_contract_s_as_it_is_entered(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((LIVER.with_value("perturbation_type", "compound"),)))
    app.text_input(key="perturbation_dose:liver").set_value("10µM").run()
    assert app.text_input(key="perturbation_dose:liver").value == "10 um"
    assert app.session_state["design"].conditions[0].values["perturbation_dose"] == "10 um"


@pytest.mark.parametrize("text", ["🧬🧬", "x" * 10_000, "liver\tfemale\t10\nbrain\tmale\t5", "'; DROP TABLE terms; --"])
def test_hostile_text_is_kept_and_told_not_swallowed(open_page: OpenPage, text: str) -> None:
    app = open_page("pages/design.py", Design((LIVER.with_value("age_years", text),)))
    assert app.session_state["design"].conditions[0].values["age_years"] == text
    assert "Age:" in texts(app, "markdown")
    assert not app.exception


@pytest.mark.parametrize("number", [0, -5, 10**9])
def test_an_impossible_number_of_samples_is_told_at_its_field(open_page: OpenPage, number: int) -> None:
    app = open_page("pages/design.py", Design((LIVER,)))
    app.number_input(key="samples:liver").set_value(number).run()
    assert app.number_input(key="samples:liver").value == number
    assert f"Samples: '{number:,}' is not allowed; a whole number from 1 to 10,000" in texts(app, "markdown")
    app.button(key="predict").click().run()
    assert app.title[0].value == "Design an experiment"


def test_conditions_are_added_duplicated_renamed_and_removed(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((LIVER,)))
    app.text_input(key="name:liver").set_value("My liver").run()
    app.button(key="duplicate:liver").click().run()
    app.button(key="add_condition").click().run()
    assert [c.name for c in app.session_state["design"].conditions] == ["My liver", "My liver copy", ""]
    app.button(key="remove:liver").click().run()
    assert [c.name for c in app.session_state["design"].conditions] == ["My liver copy", ""]


def test_single_cell_offers_mean_estimation_alone(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((LIVER,)))
    assert len(app.radio(key="strategy").options) == 2
    app.segmented_control(key="model_id").set_value("gem-1-sc").run()
    assert app.radio(key="strategy").options == ["Mean estimation"]
    assert app.session_state["design"].sampling_strategy == "mean estimation"


def test_a_pasted_query_becomes_the_design_and_a_broken_one_changes_nothing(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((LIVER,)))
    app.text_area(key="import_text").set_value("{").run()
    app.button(key="import").click().run()
    assert app.session_state["design"].conditions == (LIVER,)
    assert "not JSON" in texts(app, "error")
    body = '{"sampling_strategy": "mean estimation", "inputs": [{"metadata": {"sex": "male"}, "num_samples": 4}]}'
    app.text_area(key="import_text").set_value(body).run()
    app.button(key="import").click().run()
    assert dict(app.session_state["design"].conditions[0].values) == {"sex": "male"}


def test_a_reloaded_browser_finds_its_design_again(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((LIVER,)))
    app.text_input(key="name:liver").set_value("Kept").run()
    again = open_page("pages/design.py")
    assert [c.name for c in again.session_state["design"].conditions] == ["Kept"]


def test_a_run_can_be_cancelled_and_leaves_the_design_as_it_was(open_page: OpenPage, runner: Runner) -> None:
    many = Design((DesignCondition(LIVER.values, 5_000, uid="liver"),))
    app = open_page("pages/design.py", many)
    app.button(key="predict").click().run()
    app.button(key="cancel_run").click().run()
    settled(app)
    run = runner.runs(app.session_state["workspace"])[0]
    assert run.state is RunState.CANCELLED
    assert app.title[0].value == "Design an experiment"
    assert app.session_state["design"] == many


def test_runs_are_listed_renamed_and_deleted(open_page: OpenPage, runner: Runner) -> None:
    app = open_page()
    app.button(key=f"example:{EXAMPLES[0].slug}").click().run()
    settled(app)
    run = runner.runs(app.session_state["workspace"])[0]
    app.switch_page("pages/runs.py").run()
    assert "Liver and brain" in texts(app, "markdown")
    app.text_input(key=f"title:{run.id}").set_value("Mine").run()
    app.button(key=f"rename:{run.id}").click().run()
    assert "Mine" in texts(app, "markdown")
    app.button(key=f"delete:{run.id}").click().run()
    assert runner.runs(app.session_state["workspace"]) == []


def test_an_api_key_stays_in_the_session_and_out_of_the_page(open_page: OpenPage, tmp_path: Path) -> None:
    app = open_page("pages/settings.py")
    app.radio(key="answerer_choice").set_value("hosted").run()
    app.text_input(key="api_key_field").set_value("not-a-real-one").run()
    assert app.session_state["api_key"] == "not-a-real-one"
    assert "not-a-real-one" not in str(app.main)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"not-a-real-one" in path.read_bytes()]
    app.button(key="forget_key").click().run()
    assert "api_key" not in app.session_state
