"""No key leaks: whatever the service does with it, it is found nowhere but in the session that gave it."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from streamlit.testing.v1 import AppTest

from components.answerer_key import KeyInUse
from synthome.export import about_text, expression_csv, metadata_csv, results_pickle
from synthome.query.designs import Design, DesignCondition
from synthome.runs import Runner, RunState, model_for
from synthome.settings import settings
from tests.pages.conftest import WORKSPACE, open_page, runner  # noqa: F401 - fixtures
from tests.pages.hosted_service import (
    DOWNLOAD,
    MODELS,
    PREDICT,
    STATUS,
    answer_well,
    hosted_service,
    set_settings,
)
from tests.pages.settling import settled
from tests.secret_places import environment_text, found_in, holding_files, page_text, session_places
from tests.servers import Reply, ScriptedServer, scripted_server

OpenPage = Callable[..., AppTest]

ROOT = Path(__file__).resolve().parents[1]
KEY = "zq+not/a-real=one.51f0c2d7%7E&9"
BEARER = f"Bearer {KEY}"
TRACEBACK = f'boom\nTraceback (most recent call last):\n  File "x.py"\n    headers={{"Authorization": "{BEARER}"}}\n'
DESIGN = Design((DesignCondition({"tissue_ontology_id": "UBERON:0002107"}, 3, "Mine", uid="liver"),), seed=1)


def _reply(place: tuple[str, str], *replies: Reply) -> Callable[[ScriptedServer], None]:
    return lambda service: service.on(*place, *replies)


def _faults(**fault: str) -> Reply:
    entry = {"path": "inputs[0].metadata.sex", "message": "no", **fault}
    return Reply(422, {"error": f"refused for {KEY}", "errors": [entry]})


FAILURES: dict[str, Callable[[ScriptedServer], None]] = {
    "401 echoing the key": _reply(PREDICT, Reply(401, {"error": f"invalid key {KEY}"})),
    "403 echoing the header": _reply(PREDICT, Reply(403, {"message": f"Authorization: {BEARER}"})),
    "404 echoing the key": _reply(PREDICT, Reply(404, {"detail": f"no model for {KEY}"})),
    "422 with the key in a message": _reply(PREDICT, _faults(message=f"sex: not for {BEARER}")),
    "422 with the key in a path": _reply(PREDICT, _faults(path=f"inputs[0].metadata.{KEY}")),
    "422 with the key as text": _reply(PREDICT, Reply(422, f"refused: {BEARER}".encode())),
    "429 echoing the key": _reply(PREDICT, Reply(429, {"error": KEY}, headers={"Retry-After": "3", "X-Key": KEY})),
    "500 echoing the header": _reply(PREDICT, Reply(500, {"error": f"Authorization: {BEARER}"})),
    "500 with a page": _reply(PREDICT, Reply(500, f"<html><body>{BEARER}</body></html>".encode())),
    "503 on the status": _reply(STATUS, Reply(503, {"error": KEY})),
    "an id that is the key": _reply(PREDICT, Reply(body={"modelQueryId": KEY})),
    "garbage": _reply(PREDICT, Reply(body=f"\x00\xff{KEY}".encode("latin-1"))),
    "a download cut off": _reply(DOWNLOAD, Reply(body=f'{{"outputs": ["{KEY}"'.encode(), declared=9_999)),
    "a download that is an error": _reply(DOWNLOAD, Reply(body={"error": f"expired for {BEARER}"})),
    "a download with a gene called so": _reply(
        DOWNLOAD, Reply(body={"gene_order": ["G"], "outputs": [{"counts": {KEY: 1}}] * 3})
    ),
    "a failed status with a traceback": _reply(STATUS, Reply(body={"status": "failed", "message": TRACEBACK})),
    "a failed status with faults": _reply(
        STATUS, Reply(body={"status": "failed", "errors": [{"path": KEY, "message": BEARER}]})
    ),
    "a download at a forbidden address": _reply(
        STATUS, Reply(body={"status": "ready", "downloadUrl": f"file:///{KEY}"})
    ),
    "a time-out": _reply(PREDICT, Reply(body={"modelQueryId": "q-1"}, delay=1.2)),
}


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs, at the most talkative."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "streamlit", "synthome"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    with hosted_service() as server:
        answer_well(server, 3)
        yield server


def predict_with_key(open_page: OpenPage) -> AppTest:  # noqa: F811
    """Choose the hosted service, press Predict, give the key where it is asked for, and wait."""
    app = open_page("pages/settings.py", DESIGN)
    app.radio(key="answerer_choice").set_value("hosted").run()
    app.switch_page("pages/design.py").run()
    app.button(key="predict").click().run()
    app.text_input(key="api_key_inline").set_value(f'  "{BEARER}"\n').run()
    assert app.session_state["api_key"] == KEY
    return settled(app)


def assert_secret(
    app: AppTest,
    open_page: OpenPage,  # noqa: F811
    data: Path,
    logs: pytest.LogCaptureFixture,
    capture: pytest.CaptureFixture[str],
) -> None:
    """The key is nowhere but under its name in the session that gave it."""
    assert session_places(KEY, app) == {"api_key"}
    for page in ("design", "results", "runs", "home", "settings"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert not found_in(KEY, page_text(app)), page
        assert session_places(KEY, app) == {"api_key"}, page
    assert holding_files(KEY, data) == []
    assert not found_in(KEY, logs.text)
    assert not [record for record in logs.records if found_in(KEY, f"{record.__dict__!r}")]
    written = capture.readouterr()
    assert not found_in(KEY, written.out + written.err)
    assert not found_in(KEY, environment_text())
    other = open_page("pages/settings.py")
    assert session_places(KEY, other) == set()
    assert not found_in(KEY, page_text(other))


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_tells_what_went_wrong_and_never_the_key(
    open_page: OpenPage,  # noqa: F811
    runner: Runner,  # noqa: F811
    service: ScriptedServer,
    tmp_path: Path,
    logs: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    failure: Callable[[ScriptedServer], None],
) -> None:
    failure(service)
    app = predict_with_key(open_page)
    assert service.keys()[PREDICT[1]] == BEARER, "the service itself gets the key"
    run = runner.runs(WORKSPACE)[0]
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.message
    assert not found_in(KEY, repr(run))
    assert service.keys().get(DOWNLOAD[1]) is None, "a signed link needs no key"
    app.session_state["shown_run"] = run.id
    assert_secret(app, open_page, tmp_path, logs, capfd)


@pytest.mark.parametrize("kind", ["nothing listens", "another certificate", "no TLS at all"])
def test_a_connection_that_does_not_come_about_tells_no_key(
    open_page: OpenPage,  # noqa: F811
    runner: Runner,  # noqa: F811
    tmp_path: Path,
    logs: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    with hosted_service() as service, ExitStack() as stack:
        port = service.url.rpartition(":")[2]
        address = f"https://127.0.0.1:{port}"
        if kind == "nothing listens":
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        elif kind == "another certificate":
            certificate = tmp_path / "elsewhere"
            certificate.mkdir()
            _speak_tls(service, certificate)
        stack.enter_context(set_settings(hosted_url=address))
        app = predict_with_key(open_page)
        run = runner.runs(WORKSPACE)[0]
        assert run.state is RunState.FAILED
        assert service.asked == []
        app.session_state["shown_run"] = run.id
        assert_secret(app, open_page, tmp_path, logs, capfd)


def _speak_tls(service: ScriptedServer, folder: Path) -> None:
    """Let the service show a certificate that nobody has signed."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=elsewhere -keyout tls.pem -out tls.crt"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.pem")
    server = service._server
    server.socket = context.wrap_socket(server.socket, server_side=True)


@pytest.mark.parametrize("place", [PREDICT, STATUS, DOWNLOAD, MODELS], ids=["predict", "status", "download", "check"])
def test_a_redirect_to_another_host_does_not_take_the_key_along(
    open_page: OpenPage,  # noqa: F811
    service: ScriptedServer,
    tmp_path: Path,
    logs: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    place: tuple[str, str],
) -> None:
    with scripted_server() as thief:
        elsewhere = thief.url.replace("127.0.0.1", "localhost") + "/taken"
        for method in ("GET", "POST"):
            thief.on(method, "/taken", Reply(401, {"error": "give me more"}))
        service.on(*place, Reply(307, headers={"Location": elsewhere}))
        app = predict_with_key(open_page)
        app.switch_page("pages/settings.py").run()
        app.button(key="check_key").click().run()
        assert not found_in(KEY, repr(thief.asked))
        assert_secret(app, open_page, tmp_path, logs, capfd)


def test_success_leaves_the_key_out_of_everything_that_is_kept_and_taken_away(
    open_page: OpenPage,  # noqa: F811
    runner: Runner,  # noqa: F811
    service: ScriptedServer,
    tmp_path: Path,
    logs: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = predict_with_key(open_page)
    run = runner.runs(WORKSPACE)[0]
    assert run.state is RunState.DONE
    assert len(app.get("download_button")) >= 3
    prediction = run.prediction
    for make in (metadata_csv, expression_csv, results_pickle):
        assert not found_in(KEY, make(prediction))
    assert not found_in(KEY, about_text(prediction))
    assert not found_in(KEY, repr(prediction.provenance))
    app.session_state["query_json"] = True
    app.switch_page("pages/design.py").run()
    assert not found_in(KEY, json.dumps(app.session_state["design"].to_json()))
    assert_secret(app, open_page, tmp_path, logs, capfd)


def test_a_service_that_echoes_the_key_in_its_answer_does_not_get_it_kept(
    open_page: OpenPage,  # noqa: F811
    runner: Runner,  # noqa: F811
    service: ScriptedServer,
    tmp_path: Path,
    logs: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    outputs = [{"counts": [1, 2], "metadata": {"sex": "male", "note": BEARER}, "latents": {}}] * 3
    body = {"gene_order": ["ENSG00000163631", "ENSG00000141510"], "outputs": outputs, "model_version": f"gem {KEY}"}
    service.on(*DOWNLOAD, Reply(body=body))
    app = predict_with_key(open_page)
    app.session_state["shown_run"] = runner.runs(WORKSPACE)[0].id
    assert_secret(app, open_page, tmp_path, logs, capfd)


@pytest.mark.parametrize("source", ["environment", "secrets"])
def test_a_single_user_s_own_key_is_told_no_more_than_a_given_one(
    open_page: OpenPage,  # noqa: F811
    service: ScriptedServer,
    tmp_path: Path,
    logs: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    service.on(*PREDICT, Reply(500, {"error": f"Authorization: {BEARER}"}))
    with set_settings(single_user=1):
        app = open_page("pages/settings.py", DESIGN)
        if source == "environment":
            monkeypatch.setenv("SYNTHESIZE_API_KEY", KEY)
        else:
            app.secrets["SYNTHESIZE_API_KEY"] = KEY
        app.radio(key="answerer_choice").set_value("hosted").run()
        app.button(key="check_key").click().run()
        app.switch_page("pages/design.py").run()
        app.button(key="predict").click().run()
        settled(app)
        assert service.keys()[PREDICT[1]] == BEARER
        for page in ("design", "results", "settings"):
            app.switch_page(f"pages/{page}.py").run()
            assert not found_in(KEY, page_text(app))
        assert session_places(KEY, app) == set()
        assert holding_files(KEY, tmp_path) == []
        assert not found_in(KEY, logs.text)


def test_the_search_finds_a_key_where_there_is_one(
    open_page: OpenPage,  # noqa: F811
    tmp_path: Path,
) -> None:
    for text in (KEY, KEY[:16], quote(KEY), json.dumps({"a": BEARER}), base64.b64encode(BEARER.encode()).decode()):
        assert found_in(KEY, f"before {text} after")
    app = open_page("pages/design.py", DESIGN)
    assert not found_in(KEY, page_text(app))
    app.text_input(key="name:liver").set_value(KEY).run()
    assert found_in(KEY, page_text(app))
    assert session_places(KEY, app) >= {"design"}
    assert [path.name for path in holding_files(KEY, tmp_path)] == [f"{WORKSPACE}.json"]


def test_what_holds_a_key_does_not_show_it() -> None:
    for holder in (KeyInUse("session", KEY), model_for("gem-1-bulk", "hosted", KEY), settings()):
        assert not found_in(KEY, repr(holder))
        assert not found_in(KEY, str(holder))


@pytest.mark.parametrize(
    ("address", "single"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.7", False)],
)
def test_make_app_has_a_single_user_only_where_nobody_else_can_reach_it(
    monkeypatch: pytest.MonkeyPatch, address: str, single: bool
) -> None:
    monkeypatch.delenv("SYNTHOME_SINGLE_USER", raising=False)
    command = ["make", "--print-data-base", "--question", "app", f"ADDRESS={address}"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert ("app: SYNTHOME_SINGLE_USER = 1" in told) is single


def test_streamlit_shows_no_details_of_an_exception() -> None:
    config = ROOT / ".streamlit" / "config.toml"
    assert 'showErrorDetails = "none"' in config.read_text(encoding="utf-8")
    assert ".streamlit/secrets.toml" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
