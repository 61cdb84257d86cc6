"""A sample sheet in a real browser: paste, review, change one candidate, use it as the design."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SHEET = (
    "sample\torgan\tdiagnosis\tsex\treplicates\n"
    "A1\tliver\thealthy\tF\t3\nA2\tliver\tHCC\tM\t3\nA3\tqqq zzz\tasthma\tF\t2"
)


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=field).click()
    if page.get_by_role("option").count() == 0:
        page.keyboard.press("ArrowDown")
    page.get_by_role("option", name=option).click()


def test_a_pasted_sheet_is_reviewed_and_becomes_the_design(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/design")
    page.get_by_role("button", name="Import").click(timeout=60_000)
    page.get_by_role("link", name="Paste a sample sheet").click()
    expect(page.get_by_role("heading", name="A sample sheet becomes a design")).to_be_visible()
    page.get_by_label("Rows copied from a spreadsheet").fill(SHEET)
    page.get_by_role("button", name="Read the sheet").click()
    expect(page.get_by_text("3 conditions, 8 samples")).to_be_visible()
    proposed = page.get_by_role("combobox", name="What “HCC” means")
    expect(proposed).to_have_value(re.compile("hepatocellular carcinoma.*MONDO:0007256"))

    choose(page, "What “HCC” means", "Leave out")
    expect(page.get_by_text("left out by you")).to_be_visible()
    choose(page, "What “qqq zzz” means", "Something else")
    term = page.get_by_role("combobox", name="Tissue", exact=True)
    term.fill("lung")
    page.get_by_role("option", name=re.compile(r"^lung\b.*UBERON:0002048")).click()
    expect(page.get_by_text("chosen by you")).to_be_visible()

    page.get_by_role("button", name="Use as design").click()
    expect(page.get_by_role("heading", name="Design an experiment")).to_be_visible()
    cards = page.locator("[class*='st-key-card_']")
    expect(cards).to_have_count(3)
    expect(cards.nth(2).get_by_role("combobox", name="Tissue")).to_have_value("lung")
    expect(cards.nth(1).get_by_role("spinbutton", name="Number of samples")).to_have_value("3")
    expect(page.get_by_text("8 samples")).to_be_visible()
