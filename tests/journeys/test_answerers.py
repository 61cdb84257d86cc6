"""Asking a hosted service from a real browser: the key stays out of sight, failures lose nothing, lists mark terms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from tests.journeys.test_main_job import begin_with_liver, card
from tests.pages.hosted_service import MODELS, PREDICT, STATUS, answer_well
from tests.secret_places import found_in, holding_files
from tests.servers import Reply, ScriptedServer, scripted_server
from tests.walking import running_app, wait_until_healthy

pytestmark = pytest.mark.browser

KEY = "zq+not/a-real=one.51f0c2d7%7E&9"


@pytest.fixture(scope="module")
def service() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hosted")


@pytest.fixture(scope="module")
def hosted_app(service: ScriptedServer, folder: Path) -> Iterator[str]:
    """The app as a shared installation, as talkative as it can be, with the service where it is hosted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_LOGGER_LEVEL", "debug")
        log = folder / "log.txt"
        with running_app(folder / "data", log, hosted_url=service.url, single_user=0, live_lookup=0) as url:
            wait_until_healthy(url)
            yield url
        assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def received(page: Page) -> list[str | bytes]:
    """Every message that the page gets from the server."""
    frames: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: frames.append(frame))

    page.on("websocket", listen)
    return frames


def choose_hosted(page: Page, url: str) -> None:
    page.goto(f"{url}/settings")
    page.get_by_text("Hosted service", exact=True).click(timeout=60_000)
    expect(page.get_by_label("API key", exact=True)).to_be_visible()


def ask_with_key(page: Page, url: str) -> None:
    """A liver, the hosted service, Predict, and the key where it is asked for."""
    choose_hosted(page, url)
    begin_with_liver(url, page)
    expect(page.get_by_role("link", name="Answered by: hosted service")).to_be_visible()
    expect(page.get_by_text("decided by the service when it is asked: tissue liver")).to_be_visible()
    page.get_by_role("button", name="Predict").click()
    field = page.get_by_label("API key of the hosted service", exact=True)
    field.fill(KEY)
    field.press("Enter")


def browser_memory(page: Page, context: BrowserContext) -> str:
    """All that the browser keeps and shows: storages, cookies, history, the page and what its fields hold."""
    kept = page.evaluate(
        """async () => JSON.stringify({
            local: {...localStorage}, session: {...sessionStorage}, url: location.href, state: history.state,
            databases: (await indexedDB.databases()).map(database => database.name), title: document.title,
            caches: window.caches ? await caches.keys() : [],
            fields: [...document.querySelectorAll("input, textarea")].map(field => field.value),
        })"""
    )
    return f"{kept}\n{json.dumps(context.cookies())}\n{page.content()}"


def test_the_browser_sends_the_key_once_and_neither_gets_it_back_nor_keeps_it(
    hosted_app: str,
    service: ScriptedServer,
    page: Page,
    context: BrowserContext,
    received: list[str | bytes],
    folder: Path,
) -> None:
    service.on(*PREDICT, Reply(500, {"error": f"Authorization: Bearer {KEY}"}))
    service.on(*MODELS, Reply(body={"models": [{"model_id": "gem-1-bulk"}]}))
    ask_with_key(page, hosted_app)
    expect(page.get_by_text("No prediction was made")).to_be_visible()
    assert service.keys()[PREDICT[1]] == f"Bearer {KEY}"
    assert not found_in(KEY, browser_memory(page, context))

    page.get_by_role("link", name="Settings", exact=True).first.click()
    page.get_by_role("button", name="Check the key").click()
    expect(page.get_by_text("The key is valid")).to_be_visible()
    assert not found_in(KEY, browser_memory(page, context))
    page.get_by_role("button", name="Forget the key").click()
    expect(page.get_by_label("API key", exact=True)).to_have_value("")

    assert received
    assert not any(found_in(KEY, frame) for frame in received)
    assert not found_in(KEY, browser_memory(page, context))
    assert holding_files(KEY, folder) == []


def test_a_failure_loses_nothing_and_one_click_gets_the_answer_here(
    hosted_app: str, service: ScriptedServer, page: Page
) -> None:
    service.on(*PREDICT, Reply(503, {"error": "down for maintenance"}))
    ask_with_key(page, hosted_app)
    expect(page.get_by_text("down for maintenance")).to_be_visible()
    page.reload()
    expect(card(page, 0).get_by_text("UBERON:0002107", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("link", name="Answered by: hosted service")).to_be_visible()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Answer with the embedded model").click()
    expect(page.get_by_role("heading", name="Liver", exact=True)).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_while_the_service_works_one_sees_what_is_waited_for_and_can_stop_it(
    hosted_app: str, service: ScriptedServer, page: Page
) -> None:
    answer_well(service, 5)
    service.on(*STATUS, Reply(body={"status": "running"}))
    ask_with_key(page, hosted_app)
    expect(
        page.get_by_text(re.compile(r"0 of 5 samples, waiting for the hosted service, for [2-9] s so far"))
    ).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    expect(card(page, 0).get_by_text("UBERON:0002107", exact=True)).to_be_visible()


def test_loaded_lists_mark_terms_in_the_picker_while_one_types(
    hosted_app: str, service: ScriptedServer, page: Page
) -> None:
    choose_hosted(page, hosted_app)
    content = json.dumps(["UBERON:0002107", "UBERON:0000955"]).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "tissue.json", "mimeType": "application/json", "buffer": content}
    )
    expect(page.get_by_text("Tissue · Bulk · 2 values: liver (UBERON:0002107)")).to_be_visible()
    page.goto(f"{hosted_app}/design")
    tissue = card(page, 0).get_by_role("combobox", name="Tissue")
    tissue.wait_for(timeout=60_000)
    tissue.press_sequentially("liver", delay=40)
    expect(page.get_by_role("option", name=re.compile(r"^liver\b.*known"))).to_be_visible()
    expect(page.get_by_role("option", name=re.compile("refused")).first).to_be_visible()
    page.get_by_role("option", name=re.compile(r"^liver\b.*UBERON:0002107")).click()
    expect(card(page, 0).get_by_text("In the hosted model's list of 2 values for tissue.")).to_be_visible()
