"""Links to results: here they open them, elsewhere they offer to predict the same again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from streamlit.testing.v1 import AppTest

from synthome.query.design_links import design_to_link
from synthome.query.designs import Design, DesignCondition
from synthome.runs import Runner, model_for
from tests.pages.conftest import APP, WORKSPACE

OpenPage = Callable[..., AppTest]
LIVER = Design((DesignCondition({"tissue_ontology_id": "UBERON:0002107"}, 2, "Liver"),), seed=11, title="Two livers")


def by_link(**parameters: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["workspace"] = WORKSPACE
    app.run()
    for name, value in parameters.items():
        app.query_params[name] = value
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def test_a_link_from_elsewhere_offers_to_predict_the_same_again_and_does(runner: Runner) -> None:
    app = by_link(run="someone-elses", design=design_to_link(LIVER) or "")
    assert app.title[0].value == "Two livers"
    assert any("2 samples of 1 condition, Liver" in text.value.replace("\\", "") for text in app.markdown)
    app.button(key="predict_shared").click().run()
    assert not app.exception, app.exception
    runs = runner.runs(WORKSPACE)
    assert len(runs) == 1
    made = runner.prediction(WORKSPACE, runner.wait(WORKSPACE, runs[0].id, 60).id)
    expected = model_for("gem-1-bulk").predict(LIVER.to_query())
    np.testing.assert_array_equal(made.expression.to_numpy(), expected.expression.to_numpy())
    assert made.condition_names == ("Liver",)


def test_its_design_can_be_opened_instead(runner: Runner) -> None:
    app = by_link(run="someone-elses", design=design_to_link(LIVER) or "")
    app.button(key="open_shared").click().run()
    assert app.session_state["design"].title == "Two livers"
    assert not runner.runs(WORKSPACE)


def test_a_cut_link_says_so_and_the_page_goes_on(runner: Runner) -> None:
    app = by_link(run="someone-elses", design=(design_to_link(LIVER) or "")[:40])
    assert any("cut off" in error.value for error in app.error)
    assert app.title[0].value == "Results"


def test_where_the_result_is_at_hand_the_link_opens_it(runner: Runner) -> None:
    run = runner.submit(WORKSPACE, LIVER.to_query(), model_for("gem-1-bulk"), title="Here")
    runner.wait(WORKSPACE, run.id, 60)
    app = by_link(run=run.id, design=design_to_link(LIVER) or "")
    assert app.title[0].value == "Here"
