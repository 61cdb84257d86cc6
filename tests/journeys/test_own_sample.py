"""One's own sample in a real browser: upload it, ask what it is, perturb it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from synthome.query import BULK, read_query
from synthome.runs import model_for

pytestmark = pytest.mark.browser


def liver_table(path: Path) -> Path:
    """A table of genes by samples: one liver, as the embedded model makes it."""
    body = {
        "sampling_strategy": "sample generation",
        "inputs": [{"metadata": {"tissue_ontology_id": "UBERON:0002107", "sex": "male"}, "num_samples": 1}],
        "seed": 5,
    }
    made = model_for(BULK).predict(read_query(body))
    table = made.expression.T
    table.columns = ["patient 7"]
    table.to_csv(path, index_label="gene")
    return path


def bring(app_url: str, page: Page, file: Path) -> None:
    page.goto(f"{app_url}/own_sample")
    page.get_by_role("button", name="Try it with an example").wait_for(timeout=60_000)
    page.locator("input[type=file]").set_input_files(file)


def test_an_uploaded_liver_is_told_and_perturbed(app_url: str, page: Page, tmp_path: Path) -> None:
    bring(app_url, page, liver_table(tmp_path / "patients.csv"))
    page.get_by_role("button", name="Tell what it is").click()
    expect(page.get_by_role("heading", name="What is patient 7?")).to_be_visible()
    expect(page.get_by_text("patient 7 is almost certainly")).to_be_visible()
    expect(page.get_by_role("heading", name="liver", exact=True)).to_be_visible()
    expect(page.locator(".told-bars").first.get_by_text("UBERON:0002107")).to_be_visible()

    page.get_by_role("button", name="Redesign").click()
    expect(page.get_by_role("heading", name="Start from your own sample")).to_be_visible()
    term = page.get_by_role("combobox", name="Perturbation", exact=True)
    term.fill("dexamethasone")
    page.get_by_role("option", name=re.compile(r"^dexamethasone\b.*CHEBI:41879")).click()
    dose = page.get_by_role("textbox", name="Dose")
    dose.fill("1 uM")
    dose.press("Enter")
    expect(dose).to_have_value("1 um")
    page.get_by_role("button", name=re.compile("^Predict")).last.click()
    expect(page.get_by_role("heading", name="patient 7, dexamethasone 1 um")).to_be_visible()
    expect(page.get_by_text("2 conditions")).to_be_visible()
    legend = page.locator(".st-key-pca_overview .legendtext")
    expect(legend).to_have_text(["patient 7, untreated", "patient 7, dexamethasone 1 um"])


def test_a_sample_is_still_there_after_a_reload(app_url: str, page: Page, tmp_path: Path) -> None:
    bring(app_url, page, liver_table(tmp_path / "patients.csv"))
    expect(page.get_by_text("patients.csv")).to_be_visible()
    samples = page.get_by_role("spinbutton", name="Samples of each")
    samples.fill("4")
    samples.press("Enter")
    expect(page.get_by_role("button", name="Predict 4 samples")).to_be_visible()
    page.reload()
    expect(page.get_by_text("patients.csv")).to_be_visible()
    expect(page.get_by_role("button", name="Predict 4 samples")).to_be_visible()


def test_a_file_that_is_no_table_is_told(app_url: str, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Bring milk.")
    bring(app_url, page, file)
    expect(page.get_by_text("The file cannot be read")).to_be_visible()
    page.get_by_role("button", name="Try it with an example").click()
    expect(page.get_by_role("button", name="Tell what it is")).to_be_visible()
    expect(page.get_by_text("The file cannot be read")).not_to_be_visible()
