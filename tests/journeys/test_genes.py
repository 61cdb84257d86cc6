"""Genes looked up by name in a real browser."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import download

pytestmark = pytest.mark.browser


def open_liver_and_brain(app_url: str, page: Page, tab: str) -> None:
    """The result of the first example, at one of its tabs."""
    page.goto(f"{app_url}/design")
    page.get_by_role("button", name="Examples").click(timeout=60_000)
    page.get_by_text("Liver and brain", exact=True).last.click()
    expect(page.get_by_text("20 samples")).to_be_visible()
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("heading", name="Liver and brain")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name=tab, exact=True).click()


def test_genes_are_pasted_seen_read_about_downloaded_and_found_again_by_the_link(
    app_url: str, page: Page, tmp_path: Path
) -> None:
    open_liver_and_brain(app_url, page, "Genes")
    plot = page.locator(".st-key-genes .js-plotly-plot")
    expect(plot.locator(".annotation-text")).to_have_count(4, timeout=60_000)

    field = page.get_by_role("textbox", name="Genes")
    field.fill("GFAP\nCCDC132\nGAPDHH")
    field.press("Control+Enter")
    expect(plot.locator(".annotation-text")).to_have_text(["GFAP", "VPS50"])
    expect(page.get_by_text("did you mean GAPDH?")).to_be_visible()
    expect(page.get_by_text("Highest by median in Brain: GFAP, VPS50")).to_be_visible()
    expect(plot.locator(".boxlayer .trace, .boxes").first).to_be_attached()

    page.get_by_role("radio", name="Violin").click()
    expect(plot.locator(".violinlayer path").first).to_be_attached()
    expect(page.get_by_role("link", name="Human Protein Atlas")).to_have_attribute(
        "href", "https://www.proteinatlas.org/ENSG00000131095"
    )

    rows = list(csv.DictReader(io.StringIO(download(page, "Levels (CSV)", tmp_path).read_text())))
    assert len(rows) == 40
    assert {row["symbol"] for row in rows} == {"GFAP", "VPS50"}

    page.goto(page.url)
    expect(plot.locator(".annotation-text")).to_have_text(["GFAP", "VPS50"], timeout=60_000)
    expect(plot.locator(".violinlayer path").first).to_be_attached()
