"""A link to a view of a result, opened in the same browser and in another one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def shared_link(page: Page) -> str:
    page.get_by_role("button", name="Share").click()
    code = page.get_by_test_id("stPopoverBody").locator("code")
    expect(code).to_contain_text("design=")
    link = code.inner_text()
    page.keyboard.press("Escape")
    return link


def first_scores(page: Page) -> list[float]:
    """The first coordinates of all samples in the PCA plot."""
    return page.evaluate(
        """() => document.querySelector(".st-key-pca .js-plotly-plot")._fullData
            .filter(trace => trace.mode === "markers").flatMap(trace => Array.from(trace.x))"""
    )


def ellipses(page: Page) -> int:
    return page.evaluate(
        """() => document.querySelector(".st-key-pca .js-plotly-plot").data
            .filter(trace => trace.fill === "toself").length"""
    )


def test_a_link_restores_the_view_here_and_predicts_the_same_elsewhere(
    app_url: str, page: Page, browser: Browser
) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Run “Liver and brain”").click()
    page.locator(".st-key-pca_overview .point").first.wait_for(timeout=60_000)
    page.get_by_role("tab", name="PCA").click()
    page.locator(".st-key-pca .point").first.wait_for()
    page.get_by_text("95 % ellipses").click()
    expect(page).to_have_url(re.compile("pca_ellipses=true"))
    link = shared_link(page)

    again = page.context.new_page()
    again.goto(link)
    again.locator(".st-key-pca .point").first.wait_for()
    assert ellipses(again) == 2
    assert first_scores(again) == first_scores(page)
    expect(again).not_to_have_url(re.compile("design="))

    elsewhere = browser.new_context(viewport={"width": 390, "height": 844})
    try:
        other = elsewhere.new_page()
        other.goto(link)
        other.get_by_role("button", name="Predict it here").click(timeout=60_000)
        other.locator(".st-key-pca .point").first.wait_for(timeout=60_000)
        assert ellipses(other) == 2
        assert first_scores(other) == first_scores(page)
    finally:
        elsewhere.close()
