"""Settings: keys and where they come from, addresses and who may enter them, lists of valid values."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query.designs import Design, DesignCondition
from tests.pages.conftest import WORKSPACE
from tests.pages.hosted_service import MODELS, hosted_service, set_settings
from tests.servers import Reply, scripted_server

OpenPage = Callable[..., AppTest]

KEY = "not-a-real-key-51f0c2"
LIVER = DesignCondition({"tissue_ontology_id": "UBERON:0002107"}, 3, uid="liver")
SHEET = "sample\ttissue\tsex\nA1\tliver\tF\nA2\tbrain\tM"


def told(app: AppTest, *kinds: str) -> str:
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


def open_settings(open_page: OpenPage, answerer: str = "hosted", design: Design | None = None) -> AppTest:
    app = open_page("pages/settings.py", design)
    app.radio(key="answerer_choice").set_value(answerer).run()
    assert not app.exception
    return app


def widgets(app: AppTest) -> set[str]:
    return {widget.key for kind in ("button", "text_input", "radio") for widget in getattr(app, kind) if widget.key}


# Keys ---------------------------------------------------------------------------------------------------------------


def test_a_key_is_tidied_kept_for_the_session_and_its_field_is_emptied(open_page: OpenPage) -> None:
    app = open_settings(open_page)
    app.text_input(key="api_key_field").set_value(f' "Bearer {KEY}"\n').run()
    assert app.session_state["api_key"] == KEY
    assert "A key given in this session is in use" in told(app, "markdown")
    assert KEY not in str(app.main)
    app.button(key="forget_key").click().run()
    assert "api_key" not in app.session_state
    assert app.text_input(key="api_key_field").value == ""


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(body={"models": [{"model_id": "gem-1-bulk"}]}), "success", "The key is valid"),
        (Reply(401, {"error": f"no {KEY}"}), "error", "The API key was refused"),
        (Reply(500, {"error": f"Bearer {KEY}"}), "warning", "A failure (500)"),
    ],
    ids=["valid", "refused", "unreachable"],
)
def test_checking_the_key_says_what_the_service_makes_of_it(
    open_page: OpenPage, reply: Reply, kind: str, words: str
) -> None:
    with hosted_service() as service:
        service.on(*MODELS, reply)
        app = open_settings(open_page)
        app.text_input(key="api_key_field").set_value(KEY).run()
        app.button(key="check_key").click().run()
        assert words in told(app, kind)
        assert KEY not in str(app.main)
        assert service.keys() == {MODELS[1]: f"Bearer {KEY}"}
        app.button(key="forget_key").click().run()
        assert words not in told(app, kind), "a verdict goes with its key"


def test_a_shared_installation_takes_no_key_from_its_environment_or_secrets(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHESIZE_API_KEY", KEY)
    with set_settings(single_user=0):
        app = open_settings(open_page)
        app.secrets["SYNTHESIZE_API_KEY"] = KEY
        app.run()
        assert "check_key" not in widgets(app)
        assert KEY not in str(app.main)


def test_a_single_user_s_key_comes_from_her_environment_and_the_page_says_so(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHESIZE_API_KEY", KEY)
    with hosted_service(single_user=1) as service:
        service.on(*MODELS, Reply(body={"models": []}))
        app = open_settings(open_page)
        assert "environment variable SYNTHESIZE_API_KEY is in use" in told(app, "markdown")
        assert "forget_key" not in widgets(app)
        app.button(key="check_key").click().run()
        assert service.keys() == {MODELS[1]: f"Bearer {KEY}"}
        app.text_input(key="api_key_field").set_value("mine").run()
        assert "A key given in this session is in use" in told(app, "markdown")
        assert KEY not in str(app.main)
        assert KEY not in str(app.session_state)
        assert os.environ["SYNTHESIZE_API_KEY"] == KEY, "what is given in a session changes no environment"


def test_a_single_user_s_key_comes_from_her_secrets_too(open_page: OpenPage) -> None:
    with set_settings(single_user=1):
        app = open_settings(open_page)
        app.secrets["SYNTHESIZE_API_KEY"] = KEY
        app.run()
        assert "Streamlit's secrets is in use" in told(app, "markdown")
        assert KEY not in str(app.main)


# Addresses ----------------------------------------------------------------------------------------------------------


def test_a_shared_installation_offers_no_address_and_ignores_a_forged_one(open_page: OpenPage) -> None:
    with scripted_server() as target, set_settings(single_user=0):
        app = open_page("pages/settings.py", Design((LIVER,)))
        app.session_state["container_addresses"] = {"gem-1-bulk": target.url}
        app.session_state["answerer"] = "self-hosted"
        app.run()
        assert app.radio(key="answerer_choice").options == ["Embedded model", "Hosted service"]
        assert "SYNTHOME_SELF_HOSTED_URL names one" in told(app, "caption")
        assert not [key for key in widgets(app) if key.startswith("address:")]
        app.switch_page("pages/design.py").run()
        app.button(key="predict").click().run()
        assert target.asked == []


def test_a_shared_installation_tries_its_own_container_alone(open_page: OpenPage) -> None:
    with scripted_server() as ours, scripted_server() as target, set_settings(self_hosted_url=ours.url, single_user=0):
        ours.on(*MODELS, Reply(body={"models": [{"model_id": "gem-1-bulk"}]}))
        app = open_page("pages/settings.py")
        app.session_state["container_addresses"] = {"gem-1-bulk": target.url}
        app.session_state["api_key"] = KEY
        app.radio(key="answerer_choice").set_value("self-hosted").run()
        app.button(key="check_connection").click().run()
        assert "The container answers and has gem-1-bulk" in told(app, "success")
        assert target.asked == []
        assert ours.keys() == {MODELS[1]: None}, "the hosted service's key is not for a container"


def test_a_single_user_enters_an_address_which_is_tried_kept_and_asked(open_page: OpenPage) -> None:
    with scripted_server() as container, set_settings(single_user=1):
        container.on(*MODELS, Reply(body={"models": [{"model_id": "gem-1-bulk"}]}))
        app = open_settings(open_page, "self-hosted", Design((LIVER,)))
        app.text_input(key="address:gem-1-bulk").set_value(f" {container.url}/ ").run()
        assert app.text_input(key="address:gem-1-bulk").value == container.url
        app.button(key="check_connection").click().run()
        assert "The container answers and has gem-1-bulk" in told(app, "success")

        again = open_page("pages/settings.py")
        assert again.radio(key="answerer_choice").value == "self-hosted"
        assert again.text_input(key="address:gem-1-bulk").value == container.url
        again.switch_page("pages/design.py").run()
        again.button(key="predict").click().run()
        assert "/api/models/gem-1-bulk/predict" in container.paths("POST")


@pytest.mark.parametrize("text", ["box:8000", "file:///etc/passwd", "http://me:secret@box", "http://box/?q=1"])
def test_a_slip_in_an_address_stays_in_its_field_with_what_is_wrong(open_page: OpenPage, text: str) -> None:
    with set_settings(single_user=1):
        app = open_settings(open_page, "self-hosted")
        app.text_input(key="address:gem-1-bulk").set_value(text).run()
        assert app.text_input(key="address:gem-1-bulk").value == text
        assert "Write it such as http://localhost:8000" in told(app, "markdown")
        assert not app.session_state["container_addresses"]
        app.text_input(key="address:gem-1-bulk").set_value("").run()
        assert "Write it such as" not in told(app, "markdown")


# Lists of valid values ----------------------------------------------------------------------------------------------


def upload(app: AppTest, *files: tuple[str, object]) -> AppTest:
    contents = [
        (name, body if isinstance(body, bytes) else json.dumps(body).encode(), "application/json")
        for name, body in files
    ]
    place = app.session_state["vocabulary_round"]
    app.file_uploader(key=f"vocabulary_upload:{place}").set_value(contents).run()
    assert not app.exception
    return app


def test_files_are_told_as_understood_and_what_is_not_is_told_too(open_page: OpenPage) -> None:
    app = open_settings(open_page)
    upload(
        app,
        ("tissue.json", ["UBERON:0000955", "UBERON:0000945"]),
        ("gem-1-sc.json", {"sex": ["male", "female"], "elephants": [1]}),
        ("broken.json", b"{"),
    )
    lines = told(app, "markdown")
    assert "**Tissue** · Bulk · 2 values: brain (UBERON:0000955), stomach (UBERON:0000945)" in lines
    assert "**Sex** · Single-cell · 2 values: male, female" in lines
    assert "'elephants' is no metadata field." in lines
    assert "'broken.json' is no JSON" in told(app, "error")
    assert app.session_state["vocabulary_round"] == 1


def test_loaded_values_mark_the_form_until_they_are_removed(open_page: OpenPage) -> None:
    design = Design((LIVER, DesignCondition({"tissue_ontology_id": "UBERON:0000955"}, 3, uid="brain")))
    app = open_settings(open_page, design=design)
    app.switch_page("pages/design.py").run()
    assert told(app, "markdown").count("not checked yet") == 2
    app.switch_page("pages/settings.py").run()
    upload(app, ("tissue.json", ["UBERON:0000955", "UBERON:0000945"]))

    app.switch_page("pages/design.py").run()
    assert "In the hosted model's list of 2 values for tissue" in told(app, "markdown")
    assert "Not in the hosted model's list of 2 values for tissue" in told(app, "markdown")
    assert "One entry to correct" in [warning.proto.title for warning in app.warning]
    suggestion = next(
        button for button in app.button if (button.key or "").startswith("suggest:tissue_ontology_id:liver")
    )
    suggestion.click().run()
    assert app.session_state["design"].conditions[0].values["tissue_ontology_id"] in (
        "UBERON:0000955",
        "UBERON:0000945",
    )
    assert not app.warning

    app.switch_page("pages/settings.py").run()
    next(button for button in app.button if (button.key or "").startswith("remove_vocabulary:")).click().run()
    app.switch_page("pages/design.py").run()
    assert told(app, "markdown").count("not checked yet") == 2


def test_loaded_values_say_nothing_of_other_answerers(open_page: OpenPage) -> None:
    app = open_settings(open_page, design=Design((LIVER,)))
    upload(app, ("tissue.json", ["UBERON:0000955"]))
    app.radio(key="answerer_choice").set_value("embedded").run()
    app.switch_page("pages/design.py").run()
    assert "hosted model's list" not in told(app, "markdown")


def test_the_sample_sheet_says_which_of_its_values_would_be_refused(open_page: OpenPage) -> None:
    app = open_settings(open_page)
    upload(app, ("tissue.json", ["UBERON:0000955"]))
    app.switch_page("pages/sample_sheet.py").run()
    app.text_area(key="sheet_text").set_value(SHEET).run()
    assert "Tissue liver: Not in the hosted model's list of 1 values for tissue" in told(app, "markdown")
    assert "Tissue brain" not in told(app, "markdown")


def test_the_picker_marks_by_the_lists_and_claims_nothing_without_them(open_page: OpenPage) -> None:
    app = open_settings(open_page, design=Design((LIVER,)))
    app.switch_page("pages/design.py").run()
    assert '"model": ""' in pickers(app)
    app.switch_page("pages/settings.py").run()
    upload(app, ("tissue.json", ["UBERON:0000955"]))
    app.switch_page("pages/design.py").run()
    assert '"model": "gem-1-bulk"' in pickers(app)
    assert '"lists": ""' not in pickers(app)


def pickers(app: AppTest) -> str:
    """What the pickers are handed."""
    return "\n".join(json.dumps(json.loads(picker.proto.json)) for picker in app.get("bidi_component"))


def test_lists_are_kept_for_their_workspace_alone(open_page: OpenPage, tmp_path: Path) -> None:
    upload(open_settings(open_page), ("tissue.json", ["UBERON:0000955"]))
    assert [path.name for path in (tmp_path / "vocabularies").iterdir()] == [WORKSPACE]
    app = open_page("pages/settings.py")
    assert "tissue.json" in told(app, "markdown")
    app.session_state["workspace"] = "v" * 32
    app.run()
    assert "tissue.json" not in told(app, "markdown")
