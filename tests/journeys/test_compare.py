"""A run beside one's own counts in a real browser: from the Runs page, with an uploaded table, and by its link."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from synthome.query import BULK, read_query
from synthome.query.examples import EXAMPLES
from synthome.runs import model_for

pytestmark = pytest.mark.browser


def liver_table(path: Path) -> Path:
    """A table of genes by samples: two livers of somebody else, over 15,000 genes."""
    body = {
        "sampling_strategy": "sample generation",
        "inputs": [{"metadata": {"tissue_ontology_id": "UBERON:0002107", "sex": "male"}, "num_samples": 2}],
        "seed": 5,
    }
    table = model_for(BULK).predict(read_query(body)).expression.iloc[:, :15_000].T
    table.columns = ["biopsy_1", "biopsy_2"]
    table.to_csv(path, index_label="gene")
    return path


def test_uploaded_counts_lie_in_the_space_of_a_run_beside_its_liver(app_url: str, page: Page, tmp_path: Path) -> None:
    page.goto(app_url)
    page.get_by_role("button", name=EXAMPLES[0].title).click(timeout=60_000)
    page.get_by_role("tab", name="Heatmap").click()
    page.get_by_role("link", name="Runs", exact=True).click()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")

    page.locator("input[type=file]").set_input_files(liver_table(tmp_path / "biopsies.csv"))
    legend = page.locator(".st-key-compare_plane .legendtext")
    expect(legend).to_have_text(["A: Liver", "A: Brain", "B: biopsy"])
    expect(page.get_by_text("B: biopsy lies nearest to Liver of A").first).to_be_visible()
    expect(page.get_by_text("15,000 genes (by Ensembl id) are in both; 5,002 of A alone are left out")).to_be_visible()
    across = page.evaluate(
        """() => {
            const plot = document.querySelector(".st-key-compare_plane .js-plotly-plot")
            return Object.fromEntries(plot._fullData.map(t => [t.name, t.x.reduce((a, b) => a + b, 0) / t.x.length]))
        }"""
    )
    to_liver, to_brain = (abs(across["B: biopsy"] - across[name]) for name in ("A: Liver", "A: Brain"))
    assert to_liver < to_brain / 3

    with page.expect_download() as caught:
        page.get_by_role("button", name="All genes (CSV)").click()
    caught.value.save_as(tmp_path / "genes.csv")
    rows = list(csv.DictReader((tmp_path / "genes.csv").read_text().splitlines()))
    assert len(rows) == 15_000
    assert rows[0].keys() == {"gene_id", "symbol", "mean_a", "mean_b", "difference"}

    page.get_by_text("A and B together", exact=True).click()
    title = page.locator(".st-key-compare_plane .xtitle", has_text="of A and B")
    expect(title).to_be_visible()
    page.reload()
    expect(title).to_be_visible()
    expect(page.get_by_text("biopsies.csv").first).to_be_visible()
