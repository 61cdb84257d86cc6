"""The heatmap in a real browser: a pasted list, clusters, files, and zooming."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_main_job import download

pytestmark = pytest.mark.browser

PASTED = "ALB, APOA1, TTR, SERPINA1\nMBP GFAP SNAP25 ABCX1Q"
CHART = ".st-key-heatmap .js-plotly-plot"


def open_tab(app_url: str, page: Page, choices: str = "") -> None:
    page.goto(app_url)
    page.get_by_role("button", name="Run “Liver and brain”").click()
    page.locator(".st-key-heatmap_overview .js-plotly-plot .heatmaplayer").first.wait_for()
    page.goto(f"{app_url}/results?tab=Heatmap{choices}")
    page.locator(f"{CHART} .heatmaplayer").first.wait_for(timeout=60_000)


def gene_labels(page: Page) -> set[str]:
    return set(page.locator(f"{CHART} .yaxislayer-above .ytick text").all_text_contents())


def test_a_pasted_list_is_cut_into_clusters_and_downloaded(app_url: str, page: Page, tmp_path: Path) -> None:
    open_tab(app_url, page)
    page.get_by_role("combobox", name="Genes").click()
    page.get_by_role("option", name="My list").click()
    expect(page.get_by_text("Paste gene symbols or Ensembl ids, such as")).to_be_visible()
    field = page.get_by_role("textbox", name="Gene symbols or Ensembl ids")
    field.fill(PASTED)
    field.press("Control+Enter")
    expect(page.get_by_text("7 of 8 genes found. Not in the model: ABCX1Q")).to_be_visible()
    page.locator(f"{CHART} .heatmaplayer").first.wait_for()
    page.get_by_text("More choices").click()
    cut = page.get_by_role("slider", name="Cut the genes into clusters")
    cut.focus()
    cut.press("ArrowRight")
    expect(page.get_by_text("cut into 2 clusters of")).to_be_visible()

    table = pd.read_csv(download(page, "Clusters (CSV)", tmp_path))
    assert sorted(table["symbol"]) == ["ALB", "APOA1", "GFAP", "MBP", "SERPINA1", "SNAP25", "TTR"]
    assert table.groupby("cluster")["symbol"].agg(set).tolist() in (
        [{"ALB", "APOA1", "TTR", "SERPINA1"}, {"MBP", "GFAP", "SNAP25"}],
        [{"MBP", "GFAP", "SNAP25"}, {"ALB", "APOA1", "TTR", "SERPINA1"}],
    )
    assert download(page, "Cells (GCT)", tmp_path).read_text().startswith("#1.3\n7\t20\t")
    page.get_by_text("Genes of each cluster").click()
    expect(page.get_by_text(re.compile("Cluster 1, 4 genes|Cluster 1, 3 genes"))).to_be_visible()

    page.reload()  # the link holds all of it
    expect(page.get_by_text("cut into 2 clusters of")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("7 of 8 genes found")).to_be_visible()


def test_dragging_zooms_in_until_every_gene_has_its_name_and_a_double_click_shows_all_again(
    app_url: str, page: Page
) -> None:
    open_tab(app_url, page, "&heatmap_genes=500")
    page.locator(f"{CHART} .ytick").first.wait_for()
    before = gene_labels(page)
    cells = page.locator(f"{CHART} .nsewdrag[data-subplot='xy']")
    cells.scroll_into_view_if_needed()
    box = cells.bounding_box()
    assert box is not None
    left, top = box["x"] + 50, max(box["y"], 0) + 100
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 200, top + 200, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "chart => document.querySelector(chart)._fullLayout.yaxis.range[0] < 400", arg=CHART, timeout=10_000
    )
    shown = page.evaluate(
        """chart => {
            const { range, _categories } = document.querySelector(chart)._fullLayout.yaxis
            return _categories.filter((_, row) => range[1] <= row && row <= range[0])
        }""",
        CHART,
    )
    assert 40 <= len(shown) <= 60
    assert gene_labels(page) == set(shown)
    assert set(shown) - before, "names that had no room appear"
    page.wait_for_timeout(500)  # plotly.js takes a click right after a drag for its second
    page.mouse.dblclick(left + 100, top + 100)
    page.wait_for_function(
        "chart => document.querySelector(chart)._fullLayout.yaxis.range[0] === 499.5", arg=CHART, timeout=10_000
    )
    assert gene_labels(page) == before
