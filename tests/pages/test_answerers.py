"""Another answerer than the embedded model, on the pages: what it needs, what it says, and the way on when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query.designs import Design, DesignCondition
from synthome.runs import Runner, RunState
from tests.pages.conftest import WORKSPACE
from tests.pages.hosted_service import PREDICT, STATUS, answer_well, hosted_service, set_settings
from tests.pages.settling import settled
from tests.servers import Reply, ScriptedServer

OpenPage = Callable[..., AppTest]

KEY = "not-a-real-key-51f0c2"
LIVER = DesignCondition({"tissue_ontology_id": "UBERON:0002107"}, 3, "My liver", uid="liver")
BRAIN = DesignCondition({"tissue_ontology_id": "UBERON:0000955", "sex": "male"}, 3, uid="brain")
DESIGN = Design((LIVER, BRAIN), seed=1, total_count=50_000)


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    with hosted_service() as server:
        answer_well(server, 6)
        yield server


def open_design(
    open_page: OpenPage, key: str | None = KEY, design: Design = DESIGN, answerer: str = "hosted"
) -> AppTest:
    """The Design page of somebody who chose another answerer."""
    app = open_page("pages/settings.py", design)
    app.session_state["answerer"] = answerer
    if key is not None:
        app.session_state["api_key"] = key
    app.switch_page("pages/design.py").run()
    return app


def predict(app: AppTest) -> AppTest:
    app.button(key="predict").click().run()
    return settled(app)


def told(app: AppTest, *kinds: str) -> str:
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


def links(app: AppTest) -> str:
    return "\n".join(link.proto.label for link in app.page_link)


def has_button(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


# Without a key ------------------------------------------------------------------------------------------------------


def test_without_a_key_nothing_is_asked_and_the_key_is_asked_for_right_there(
    open_page: OpenPage, runner: Runner, service: ScriptedServer
) -> None:
    app = open_design(open_page, key=None)
    assert "an API key is needed; Predict asks for it" in told(app, "markdown")
    predict(app)
    assert app.info[0].proto.title == "An API key is needed"
    assert runner.runs(WORKSPACE) == []
    assert service.asked == []

    app.text_input(key="api_key_inline").set_value(f'  "Bearer {KEY}"\n').run()
    settled(app)
    assert app.title[0].value == "My liver and Brain, male"
    assert service.keys()[PREDICT[1]] == f"Bearer {KEY}"
    assert runner.runs(WORKSPACE)[0].answerer == "hosted"
    assert app.session_state["design"] == DESIGN


def test_without_a_key_the_embedded_model_can_answer_at_once(open_page: OpenPage, runner: Runner) -> None:
    app = predict(open_design(open_page, key=None))
    app.button(key="answer_embedded").click().run()
    settled(app)
    assert app.title[0].value == "My liver and Brain, male"
    assert [run.answerer for run in runner.runs(WORKSPACE)] == ["embedded"]
    assert app.session_state["answerer"] == "hosted"


def test_an_example_on_home_asks_for_the_key_as_well(open_page: OpenPage, runner: Runner) -> None:
    app = open_page()
    app.session_state["answerer"] = "hosted"
    app.run()
    app.button(
        key="example:liver-brain" if has_button(app, "example:liver-brain") else _first_example(app)
    ).click().run()
    assert app.info[0].proto.title == "An API key is needed"
    assert app.text_input(key="api_key_inline")
    assert runner.runs(WORKSPACE) == []


def _first_example(app: AppTest) -> str:
    return next(button.key for button in app.button if button.key and button.key.startswith("example:"))


# Failures -----------------------------------------------------------------------------------------------------------


def test_a_failure_loses_nothing_and_one_click_asks_the_embedded_model_instead(
    open_page: OpenPage, runner: Runner, service: ScriptedServer
) -> None:
    service.on(*PREDICT, Reply(500, {"error": "out of order"}))
    app = predict(open_design(open_page))
    assert app.error[0].proto.title == "No prediction was made"
    assert "out of order" in told(app, "error")
    assert app.session_state["design"] == DESIGN
    assert app.number_input(key="total_count").value == 50_000

    assert "the hosted service stays chosen" in told(app, "caption")
    app.button(key="answer_embedded").click().run()
    settled(app)
    assert app.title[0].value == "My liver and Brain, male"
    latest = runner.runs(WORKSPACE)[0]
    assert (latest.answerer, latest.state, latest.query) == ("embedded", RunState.DONE, DESIGN.to_query())
    app.switch_page("pages/design.py").run()
    assert "Answered by: hosted service" in links(app)


def test_try_again_asks_the_same_service_the_same(open_page: OpenPage, runner: Runner, service: ScriptedServer) -> None:
    service.on(*PREDICT, Reply(500, {"error": "out of order"}))
    app = predict(open_design(open_page))
    answer_well(service, 6)
    app.button(key="try_again").click().run()
    settled(app)
    assert app.title[0].value == "My liver and Brain, male"
    assert [run.answerer for run in runner.runs(WORKSPACE)] == ["hosted", "hosted"]


def test_a_failed_run_s_page_has_the_same_ways_on(open_page: OpenPage, runner: Runner, service: ScriptedServer) -> None:
    service.on(*PREDICT, Reply(500, {"error": "out of order"}))
    app = predict(open_design(open_page))
    app.session_state["shown_run"] = runner.runs(WORKSPACE)[0].id
    app.switch_page("pages/results.py").run()
    assert app.error[0].proto.title == "This run has no result"
    assert has_button(app, "try_again")
    app.button(key="answer_embedded").click().run()
    settled(app)
    assert app.title[0].value == "My liver and Brain, male"
    assert len(app.get("download_button")) >= 3
    assert runner.runs(WORKSPACE)[0].answerer == "embedded"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_asked_for_again_in_place_and_in_settings(
    open_page: OpenPage, runner: Runner, service: ScriptedServer, status: int
) -> None:
    service.on(*PREDICT, Reply(status, {"error": "no"}))
    app = predict(open_design(open_page))
    assert "The API key was refused" in told(app, "error")
    assert "Give a key in Settings" in links(app)
    assert not has_button(app, "try_again"), "the same key again helps nothing"
    answer_well(service, 6)
    app.text_input(key="api_key_inline").set_value("another-key").run()
    settled(app)
    assert app.title[0].value == "My liver and Brain, male"
    assert service.keys()[PREDICT[1]] == "Bearer another-key"
    assert runner.runs(WORKSPACE)[0].state is RunState.DONE


def test_once_the_design_has_changed_the_old_failure_offers_no_old_question(
    open_page: OpenPage, service: ScriptedServer
) -> None:
    service.on(*PREDICT, Reply(500, {"error": "out of order"}))
    app = predict(open_design(open_page))
    app.number_input(key="seed").set_value(2).run()
    assert not has_button(app, "try_again")
    assert "The design has changed since" in told(app, "caption")


def test_a_reload_after_a_failure_finds_the_design_and_the_answerer_again(
    open_page: OpenPage, service: ScriptedServer
) -> None:
    service.on(*PREDICT, Reply(500, {"error": "out of order"}))
    app = open_page("pages/settings.py")
    app.radio(key="answerer_choice").set_value("hosted").run()
    app.text_input(key="api_key_field").set_value(KEY).run()
    app.switch_page("pages/design.py").run()
    uid = app.session_state["design"].conditions[0].uid
    app.text_input(key=f"name:{uid}").set_value("Kept").run()
    app.number_input(key=f"samples:{uid}").set_value(7).run()
    predict(app)
    again = open_page("pages/design.py")
    assert [(c.name, c.num_samples) for c in again.session_state["design"].conditions] == [("Kept", 7)]
    assert "Answered by: hosted service" in links(again)
    assert "api_key" not in again.session_state, "a key is never kept"


FAULTS = [
    ("inputs[1].num_samples", "too many for your plan", "too many for your plan"),
    ("inputs.0.metadata.tissue_ontology_id", "tissue_ontology_id: not in the vocabulary", "not in the vocabulary"),
    ("total_count", "total_count: too deep", "too deep"),
    ("seed", "an odd seed", "an odd seed"),
    ("body.sampling_strategy", "not on your plan", "not on your plan"),
]


@pytest.mark.parametrize(("path", "message", "shown"), FAULTS, ids=[path for path, *_ in FAULTS])
def test_what_was_refused_stands_beside_its_field(
    open_page: OpenPage, service: ScriptedServer, path: str, message: str, shown: str
) -> None:
    service.on(*PREDICT, Reply(422, {"error": "no", "errors": [{"path": path, "message": message}]}))
    app = predict(open_design(open_page))
    assert f"Refused when it was asked: {shown}" in _beside(app)
    assert not has_button(app, "try_again"), "the same values again help nothing"
    assert has_button(app, "answer_embedded")


def _beside(app: AppTest) -> str:
    """What is told beneath fields; a term picker tells its own."""
    pickers = "\n".join(str(picker.proto) for picker in app.get("bidi_component"))
    return f"{told(app, 'caption', 'markdown')}\n{pickers}"


def test_a_refusal_is_marked_in_every_condition_with_the_value_until_the_value_changes(
    open_page: OpenPage, service: ScriptedServer
) -> None:
    faults = [{"path": "inputs[0].num_samples", "message": "three is too few"}, {"path": "seed", "message": "not one"}]
    service.on(*PREDICT, Reply(422, {"error": "no", "errors": faults}))
    app = predict(open_design(open_page))
    assert told(app, "markdown").count("Refused when it was asked: three is too few") == 2
    app.number_input(key="samples:brain").set_value(4).run()
    assert told(app, "markdown").count("Refused when it was asked: three is too few") == 1
    app.number_input(key="seed").set_value(5).run()
    assert "not one" not in told(app, "markdown")
    assert app.session_state["design"].conditions[1] == replace(BRAIN, num_samples=4)


# While it runs ------------------------------------------------------------------------------------------------------


def test_while_a_service_works_progress_tells_what_is_waited_for_and_how_long_and_cancel_works(
    open_page: OpenPage, runner: Runner, service: ScriptedServer
) -> None:
    service.on(*STATUS, Reply(body={"status": "running"}))
    app = open_design(open_page)
    app.button(key="predict").click().run()
    time.sleep(1.1)
    app.run()
    words = app.get("progress")[0].proto.text.replace("\\", "")
    assert words.startswith("0 of 6 samples, waiting for the hosted service, for ")
    assert words.endswith(" s so far")
    app.button(key="cancel_run").click().run()
    settled(app)
    assert runner.runs(WORKSPACE)[0].state is RunState.CANCELLED
    assert app.session_state["design"] == DESIGN


# Who answers --------------------------------------------------------------------------------------------------------


def test_a_container_for_bulk_alone_says_so_before_single_cell_is_asked(open_page: OpenPage, runner: Runner) -> None:
    with set_settings(self_hosted_url_bulk="http://127.0.0.1:9"):
        app = open_design(open_page, key=None, answerer="self-hosted")
        assert "Answered by: self-hosted container" in links(app)
        assert "no container answers" not in told(app, "markdown")
        app.segmented_control(key="model_id").set_value("gem-1-sc").run()
        assert "no container answers single-cell: there is one for bulk" in told(app, "markdown")
        predict(app)
        assert "container for gem-1-sc is not set" in told(app, "error")
        assert runner.runs(WORKSPACE) == []
        app.button(key="answer_embedded").click().run()
        settled(app)
        assert runner.runs(WORKSPACE)[0].answerer == "embedded"


def test_an_answerer_that_is_no_longer_offered_gives_way_to_the_embedded_model(open_page: OpenPage) -> None:
    app = open_design(open_page, answerer="self-hosted")
    assert "Answered by: embedded model" in links(app)


@pytest.mark.parametrize("page", ["design", "results", "home", "learn", "settings"])
def test_no_page_of_a_failure_has_more_than_one_primary_button(
    open_page: OpenPage, runner: Runner, service: ScriptedServer, page: str
) -> None:
    service.on(*PREDICT, Reply(401, {"error": "no"}))
    app = predict(open_design(open_page))
    app.session_state["shown_run"] = runner.runs(WORKSPACE)[0].id
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert sum(button.proto.type == "primary" for button in app.button) <= 1
