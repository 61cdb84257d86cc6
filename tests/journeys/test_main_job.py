"""The main job in a real browser: describe samples, predict, see, download."""

from __future__ import annotations

import csv
import io
import pickle
import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

LIBRARY_SIZE = 10_000_000


def card(page: Page, number: int) -> Locator:
    return page.locator("[class*='st-key-card_']").nth(number)


def set_samples(page: Page, number: int, samples: int) -> None:
    field = card(page, number).get_by_role("spinbutton", name="Number of samples")
    field.fill(str(samples))
    field.press("Enter")
    expect(card(page, number).get_by_role("slider")).to_have_value(str(min(samples, 100)))


def download(page: Page, name: str, tmp_path: Path) -> Path:
    with page.expect_download() as caught:
        page.get_by_role("button", name=name).first.click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    return path


def points_by_condition(page: Page, chart: str) -> dict[str, list[float]]:
    """The first coordinate of each point, by the condition that the legend names."""
    return page.evaluate(
        """key => {
            const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`)
            return Object.fromEntries(
                plot._fullData.filter(t => t.mode === "markers" && t.x.length).map(t => [t.name, Array.from(t.x)])
            )
        }""",
        chart,
    )


def begin_with_liver(app_url: str, page: Page) -> None:
    """A new design whose first condition is liver, its id typed and entered."""
    page.goto(f"{app_url}/design")
    tissue = card(page, 0).get_by_role("combobox", name="Tissue")
    tissue.wait_for(timeout=60_000)
    tissue.fill("UBERON:0002107")
    page.keyboard.press("Enter")


def test_a_newcomer_describes_two_tissues_predicts_sees_and_downloads(app_url: str, page: Page, tmp_path: Path) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Start from nothing").click()
    expect(page.get_by_role("heading", name="Design an experiment")).to_be_visible(timeout=60_000)

    # First condition by mouse: type "liv", pick liver.
    tissue = card(page, 0).get_by_role("combobox", name="Tissue")
    tissue.press_sequentially("liv", delay=40)
    page.get_by_role("option", name=re.compile(r"^liver\b.*UBERON:0002107")).click()
    expect(card(page, 0).get_by_text("UBERON:0002107", exact=True)).to_be_visible()
    set_samples(page, 0, 5)

    # Second condition by keyboard alone.
    add = page.get_by_role("button", name="Add a condition")
    add.focus()
    page.keyboard.press("Enter")
    tissue = card(page, 1).get_by_role("combobox", name="Tissue")
    expect(tissue).to_be_visible()
    tissue.focus()
    page.keyboard.type("cerebral cor", delay=40)
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0000956")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(card(page, 1).get_by_text("UBERON:0000956", exact=True)).to_be_visible()
    set_samples(page, 1, 5)
    expect(page.get_by_text("10 samples")).to_be_visible()

    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("heading", name="Liver and Cerebral cortex")).to_be_visible()
    page.locator(".st-key-pca_overview .js-plotly-plot .scatterlayer").first.wait_for()
    page.locator(".st-key-heatmap_overview .js-plotly-plot .heatmaplayer").first.wait_for()

    groups = points_by_condition(page, "pca_overview")
    assert set(groups) == {"Liver", "Cerebral cortex"}
    liver, cortex = sorted(groups.values())
    assert len(liver) == len(cortex) == 5
    assert max(liver) < min(cortex), "the two groups are apart on PC1"

    page.get_by_role("tab", name="Heatmap").click()
    page.locator(".st-key-heatmap .js-plotly-plot .heatmaplayer").first.wait_for()
    symbols = page.evaluate(
        """() => [...document.querySelectorAll(".st-key-heatmap .js-plotly-plot text")].map(t => t.textContent)"""
    )
    assert "ALB" in symbols

    svg = download(page, "SVG", tmp_path)
    assert svg.name == "liver-and-cerebral-cortex_heatmap.svg"
    assert "ALB" in svg.read_text()
    png = download(page, "PNG", tmp_path)
    assert png.read_bytes().startswith(b"\x89PNG")
    html = download(page, "HTML", tmp_path).read_text()
    assert "ALB" in html
    assert "Plotly" in html

    page.get_by_role("tab", name="Data").click()
    rows = list(csv.reader(io.StringIO(download(page, "Expression (CSV)", tmp_path).read_text())))
    assert len(rows) == 1 + 10
    assert len(rows[0]) - 1 >= 18_000
    assert all(gene.startswith("ENSG") for gene in rows[0][1:])
    for row in rows[1:]:
        counts = [int(count) for count in row[1:]]
        assert abs(sum(counts) - LIBRARY_SIZE) <= 0.01 * LIBRARY_SIZE

    metadata = pd.read_csv(download(page, "Metadata (CSV)", tmp_path))
    assert list(metadata["tissue_ontology_id"]) == ["UBERON:0002107"] * 5 + ["UBERON:0000956"] * 5

    results = pickle.loads(download(page, "All with latents", tmp_path).read_bytes())  # noqa: S301 - made a line above
    assert set(results) == {"metadata", "expression", "latents"}
    assert results["expression"].to_numpy().tolist() == [[int(count) for count in row[1:]] for row in rows[1:]]
    assert len(results["latents"]["biological"].iloc[0]) > 0


def test_what_is_being_typed_survives_the_reruns_of_other_fields(app_url: str, page: Page) -> None:
    begin_with_liver(app_url, page)
    age = card(page, 0).get_by_role("textbox", name="Age")
    age.press_sequentially("54.125", delay=250)  # while the page is drawn anew for the tissue
    expect(age).to_have_value("54.125")
    page.keyboard.press("Enter")
    expect(card(page, 0).get_by_text("UBERON:0002107", exact=True)).to_be_visible()
    expect(age).to_have_value("54.125")


def test_a_long_prediction_can_be_cancelled_within_a_second_and_loses_nothing(app_url: str, page: Page) -> None:
    begin_with_liver(app_url, page)
    expect(card(page, 0).get_by_text("UBERON:0002107", exact=True)).to_be_visible()
    set_samples(page, 0, 5_000)
    page.get_by_role("button", name="Predict").click()
    cancel = page.get_by_role("button", name="Cancel")
    cancel.wait_for()
    expect(page.get_by_text(re.compile(r"of 5,000 samples"))).to_be_visible()
    cancel.click()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    expect(card(page, 0).get_by_role("combobox", name="Tissue")).to_have_value("liver")
    expect(card(page, 0).get_by_role("spinbutton", name="Number of samples")).to_have_value("5000")


@pytest.mark.parametrize(
    "path", ["", "design", "sample_sheet", "results", "ontologies", "runs", "learn", "model_card", "settings"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(app_url: str, page: Page, path: str, scheme: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{app_url}/{path}")
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_the_query_is_written_as_json_when_it_is_opened(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/design")
    page.get_by_text("The query as JSON").click(timeout=60_000)
    expect(page.locator("code", has_text="sampling_strategy")).to_be_visible()


def test_a_field_leads_to_its_section_of_the_model_card(app_url: str, page: Page) -> None:
    begin_with_liver(app_url, page)
    with page.context.expect_page() as opened:
        card(page, 0).get_by_role("link", name="why?").click()
    model_card = opened.value
    expect(model_card.get_by_role("heading", name="Model card", level=1)).to_be_visible()
    assert model_card.url.endswith("/model_card?section=tissue_ontology_id")


def test_tables_of_the_model_card_scroll_within_a_phone(app_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/model_card")
    tables = page.locator(".st-key-model_card table")
    expect(tables.first).to_have_css("overflow-x", "auto", timeout=60_000)
    edges = tables.evaluate_all(
        "tables => tables.map(t => [t.getBoundingClientRect().right, getComputedStyle(t).overflowX])"
    )
    assert all(right <= 390 and overflow == "auto" for right, overflow in edges)


def test_a_page_asks_no_other_host_for_anything(app_url: str, page: Page) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2]) if "://" in request.url else None)
    page.goto(app_url)
    page.get_by_role("button", name="Run “Liver and brain”").click()
    page.locator(".st-key-heatmap_overview .js-plotly-plot .heatmaplayer").first.wait_for()
    page.get_by_role("tab", name="PCA").click()
    download_button = page.get_by_role("button", name="SVG")
    with page.expect_download():
        download_button.click()
    assert asked == {app_url.split("/")[2]}


def test_predict_asks_what_stands_in_the_fields_even_where_the_last_one_was_just_left(app_url: str, page: Page) -> None:
    begin_with_liver(app_url, page)
    expect(card(page, 0).get_by_text("UBERON:0002107", exact=True)).to_be_visible()
    card(page, 0).get_by_role("spinbutton", name="Number of samples").fill("7")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("heading", name="Liver")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^7 samples ·"))).to_be_visible()
