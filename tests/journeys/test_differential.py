"""Differential expression in a real browser: a click on a point or a row shows its gene."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_genes import open_liver_and_brain

pytestmark = pytest.mark.browser

WHERE = """symbol => {
    const plot = document.querySelector(".st-key-differential .js-plotly-plot")
    const {_size: size, xaxis, yaxis} = plot._fullLayout
    const box = plot.getBoundingClientRect()
    for (const trace of plot._fullData) {
        const point = Array.from(trace.hovertext).indexOf(symbol)
        if (point >= 0) {
            return [box.left + size.l + xaxis.d2p(trace.x[point]), box.top + size.t + yaxis.d2p(trace.y[point])]
        }
    }
}"""


def click_point(page: Page, symbol: str) -> None:
    page.locator(".st-key-differential").scroll_into_view_if_needed()
    across, down = page.evaluate(WHERE, symbol)
    page.mouse.move(across - 3, down - 3)
    page.mouse.move(across, down)
    expect(page.locator(".st-key-differential .hoverlayer")).to_contain_text(symbol)
    page.mouse.click(across, down)


def test_a_point_and_a_row_show_their_gene_and_a_search_names_genes_in_the_plot(app_url: str, page: Page) -> None:
    open_liver_and_brain(app_url, page, "Differential expression")
    expect(page.get_by_text("Brain (10 samples) against Liver (10 samples)")).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-differential canvas").first).to_be_attached()
    expect(page.get_by_text("Click a point")).to_be_visible()

    click_point(page, "ORM1")
    expect(page.get_by_text("ORM1 is highest in Liver")).to_be_visible()
    expect(page.locator(".st-key-differential_gene .annotation-text")).to_have_text("ORM1")
    expect(page.get_by_role("paragraph").filter(has_text="ENSG00000229314")).to_be_visible()

    # The table has a search of its own; a row of it shows its gene, too.
    table = page.locator("[class*='st-key-de_table']")
    table.scroll_into_view_if_needed()
    table.hover()
    expect(table.get_by_role("button", name="Search")).to_be_visible()
    box = table.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] + 35 + 15)
    expect(page.get_by_text("ORM1 is highest in Liver")).to_have_count(0)
    expect(page.locator(".st-key-differential_gene .annotation-text")).to_have_count(1)

    field = page.get_by_role("textbox", name="Find genes")
    field.fill("GFAP tp53")
    field.press("Control+Enter")
    names = page.locator(".st-key-differential .annotation-text")
    expect(names.filter(has_text="GFAP")).to_have_count(1)
    expect(names.filter(has_text="TP53")).to_have_count(1)
    expect(page.locator(".st-key-differential_gene .annotation-text")).to_have_count(1)

    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Click a point")).to_be_visible()
