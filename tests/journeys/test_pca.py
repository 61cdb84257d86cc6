"""Principal components in a real browser: turned in 3-D, and samples picked by drawing around them."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def open_pca(app_url: str, page: Page) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Run “Liver and brain”").click()
    page.locator(".st-key-pca_overview .js-plotly-plot .scatterlayer .point").first.wait_for(timeout=60_000)
    page.get_by_role("tab", name="PCA").click()
    page.locator(".st-key-pca .js-plotly-plot .scatterlayer .point").first.wait_for()


def draw_around_the_left_half(page: Page) -> None:
    """Drag the mouse along the edge of the plot's left half."""
    plot = page.locator(".st-key-pca .js-plotly-plot .nsewdrag")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    corners = [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98), (0.02, 0.02)]
    at = [(box["x"] + across * box["width"], box["y"] + down * box["height"]) for across, down in corners]
    page.mouse.move(*at[0])
    page.mouse.down()
    for corner in at[1:]:
        page.mouse.move(*corner, steps=8)
    page.mouse.up()


def test_samples_are_seen_in_the_space_of_three_components(app_url: str, page: Page) -> None:
    open_pca(app_url, page)
    page.locator(".st-key-pca_dimensions").get_by_text("3-D").click()
    page.locator(".st-key-pca .js-plotly-plot .gl-container canvas").first.wait_for(state="attached")
    samples = page.evaluate(
        """() => document.querySelector(".st-key-pca .js-plotly-plot")._fullData
            .filter(t => t.type === "scatter3d").reduce((n, t) => n + t.z.length, 0)"""
    )
    assert samples == 20
    expect(page.get_by_text("Samples are picked, and groups named, in 2-D")).to_be_visible()


def test_samples_drawn_around_become_a_group_to_colour_by_to_compare_and_to_take_away(app_url: str, page: Page) -> None:
    open_pca(app_url, page)
    page.locator(".st-key-pca_drag").get_by_text("pick samples").click()
    expect(page.get_by_text("Draw a line around samples to pick them")).to_be_visible()
    expect(page.locator(".st-key-pca .js-plotly-plot")).to_have_count(1)  # the one before is gone
    page.wait_for_function(
        "() => document.querySelector('.st-key-pca .js-plotly-plot')?._fullLayout?.dragmode === 'lasso'"
    )
    draw_around_the_left_half(page)
    name = page.get_by_role("textbox", name="10 samples picked")
    name.wait_for()

    page.get_by_role("button", name="Name this group").click()
    expect(page.get_by_text(re.compile("name has 1 to 60 characters"))).to_be_visible()
    name.fill("Left side")
    name.press("Enter")
    expect(page.locator(".st-key-pca .legendtext")).to_have_text(["Left side", "the others"])
    expect(page.get_by_text(re.compile("The samples in Left side and the others separate along PC1"))).to_be_visible()
    expect(page.get_by_role("combobox", name="Colour by")).to_have_value("Group")
    expect(page.get_by_text("Left side, 10 samples")).to_be_visible()
    assert "pca_colour=Group" in page.url

    with page.expect_download() as caught:
        page.get_by_role("button", name="Coordinates (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(caught.value.path().read_text())))
    assert [row["group"] for row in rows].count("Left side") == 10
    assert all((float(row["PC1"]) < 0) == (row["group"] == "Left side") for row in rows)

    page.get_by_role("tab", name="Differential expression").click()
    page.locator(".st-key-de_by").get_by_role("combobox").click()
    page.get_by_role("option", name="Group").click()
    expect(page.get_by_text("all others (10 samples)")).to_be_visible()
    expect(page.get_by_text("Left side (10 samples)")).to_be_visible()

    page.get_by_role("tab", name="PCA").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".st-key-pca .legendtext")).to_have_text(["Liver", "Brain"])
