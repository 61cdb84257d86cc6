"""Quality in a real browser: every sample seen, a measure chosen and kept in the link, the table taken away."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def number_of_points(page: Page, chart: str) -> int:
    return page.evaluate(
        """key => document.querySelector(`.st-key-${key} .js-plotly-plot`)._fullData
            .filter(t => t.mode === "markers").reduce((n, t) => n + t.x.length, 0)""",
        chart,
    )


def test_quality_is_seen_chosen_kept_in_the_link_and_taken_away(app_url: str, page: Page, tmp_path: Path) -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Run “Liver and brain”").click()
    expect(page.get_by_text(re.compile(r"^10 samples each of Liver and Brain\."))).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Nothing is unusual")).to_be_visible()
    page.locator(".st-key-quality .js-plotly-plot .scatterlayer .point").first.wait_for()
    assert number_of_points(page, "quality") == 20
    page.locator(".st-key-sample_correlation .js-plotly-plot .heatmaplayer image").first.wait_for(state="attached")
    expect(page.get_by_text(re.compile(r"^Samples of one condition correlate at 0\.9"))).to_be_visible()

    page.get_by_role("radio", name="Mitochondrial share").click()
    expect(page.get_by_text(re.compile(r"^Mitochondrial share: .* %, median"))).to_be_visible()
    assert "quality_measure=" in page.url
    page.reload()
    expect(page.get_by_text(re.compile(r"^Mitochondrial share: .* %, median"))).to_be_visible(timeout=60_000)

    with page.expect_download() as caught:
        page.get_by_role("button", name="Quality of each sample (CSV)").click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    assert path.name == "liver-and-brain_quality.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == 20
    assert {row["library_size"] for row in rows} == {"10000000"}
