"""A real browser for whoever needs one, and the running app for the journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.servers import ScriptedServer, scripted_server
from tests.walking import chromium_path, launch, running_app, wait_until_healthy


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[ScriptedServer]:
    """What the app asks in the stead of EBI's OLS4."""
    with scripted_server() as server:
        yield server


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory, elsewhere: ScriptedServer) -> Iterator[str]:
    """Where the app answers; its data lie in a folder of the tests. A traceback in its log fails the tests."""
    folder = tmp_path_factory.mktemp("app")
    log = folder / "log.txt"
    with running_app(folder / "data", log, ols_url=elsewhere.url) as url:
        wait_until_healthy(url)
        yield url
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        pytest.skip("Chromium is not installed; on Debian: sudo apt install chromium")
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of it. An error in the page's scripts fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors, errors
