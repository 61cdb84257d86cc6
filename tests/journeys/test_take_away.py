"""Taking things away in a real browser: figures of a chosen size, and everything in one file."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def results(app_url: str, page: Page) -> Page:
    """The results of an example, its PCA open."""
    page.goto(app_url)
    page.get_by_role("button", name="Run “Liver and brain”").click(timeout=60_000)
    page.locator(".st-key-heatmap_overview .js-plotly-plot .heatmaplayer").first.wait_for()
    page.get_by_role("tab", name="PCA").click()
    page.locator(".st-key-pca .js-plotly-plot .scatterlayer .point").first.wait_for()
    return page


def saved(page: Page, name: str, tmp_path: Path) -> Path:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name, exact=True).first.click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def png_size(path: Path) -> tuple[int, int]:
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_a_figure_is_saved_in_the_size_that_is_chosen(results: Page, tmp_path: Path) -> None:
    page = results
    size = page.get_by_role("button", name=re.compile("^Size"))
    expect(size).to_have_text("Size…")
    size.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Size of SVG and PNG")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(size).to_be_focused()

    size.click()
    dialog.get_by_label("Preset").select_option("One column, 85 mm")
    expect(dialog.get_by_label("Width")).to_have_value("85")
    dialog.get_by_label("Height").fill("2000")
    expect(dialog.get_by_label("Preset")).to_have_value("own")
    dialog.get_by_role("button", name="Use").click()
    expect(dialog.get_by_role("alert")).to_have_text("The height is a number from 30 to 1000 mm.")
    dialog.get_by_label("Height").fill("60")
    page.keyboard.press("Enter")
    expect(size).to_have_text(re.compile("^Size: 85 . 60 mm$"))

    drawn = ET.fromstring(saved(page, "SVG", tmp_path).read_text())  # noqa: S314 - made a line above
    assert (drawn.get("width"), drawn.get("height")) == ("85mm", "60mm")
    assert drawn.findtext(f"{SVG}title") == "Liver and brain"
    assert "separate along PC1" in str(drawn.findtext(f"{SVG}desc"))
    _, _, width, height = map(float, str(drawn.get("viewBox")).split())
    assert width / height == pytest.approx(85 / 60)
    text = next(node for node in drawn.iter(f"{SVG}text") if node.text == "Liver")
    points = float(re.search(r"font-size: ([\d.]+)px", str(text.get("style")))[1]) / width * 85 / 25.4 * 72  # type: ignore[index]
    assert 6 < points < 8

    png = saved(page, "PNG", tmp_path)
    assert png_size(png) == pytest.approx((85 / 25.4 * 600, 60 / 25.4 * 600), abs=2)
    assert b"pHYs" in png.read_bytes()[:64]

    page.get_by_role("tab", name="Heatmap").click()
    page.locator(".st-key-heatmap .js-plotly-plot .heatmaplayer").first.wait_for()
    expect(size).to_have_text(re.compile("^Size: 85 . 60 mm$"))
    size.click()
    dialog.get_by_label("Preset").select_option("Two columns, 174 mm")
    height = float(dialog.get_by_label("Height").input_value())
    assert height > 150, "fifty named rows need room"


def test_without_a_choice_a_png_has_twice_the_pixels_of_the_page(results: Page, tmp_path: Path) -> None:
    box = results.locator(".st-key-pca .js-plotly-plot .main-svg").first.bounding_box()
    assert box is not None
    assert png_size(saved(results, "PNG", tmp_path)) == pytest.approx((2 * box["width"], 2 * box["height"]), abs=3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_size_dialog_fits_a_phone(results: Page, scheme: str) -> None:
    results.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    results.set_viewport_size({"width": 390, "height": 844})
    results.get_by_role("button", name=re.compile("^Size")).click()
    box = results.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_everything_comes_in_one_file_and_the_page_stays_as_it_is(results: Page, tmp_path: Path) -> None:
    page = results
    page.evaluate("document.querySelector('.st-key-pca .js-plotly-plot').marked = true")
    page.get_by_role("button", name="Download", exact=True).click()
    path = saved(page, "Everything (ZIP)", tmp_path)
    assert path.name == "liver-and-brain_all.zip"
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert {"README.txt", "expression.csv", "results.h5ad", "report.html"} <= set(packed.namelist())
    assert page.evaluate("document.querySelector('.st-key-pca .js-plotly-plot').marked")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)

    report = saved(page, "Report (HTML)", tmp_path)
    assert "brain (UBERON:0000955)" in report.read_text()
    page.get_by_role("button", name="More formats, methods and code").click()
    expect(page.get_by_role("tab", name="Data")).to_have_attribute("aria-selected", "true")
