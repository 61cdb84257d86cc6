"""The report: one page that holds all of it, and runs nothing that a user wrote."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

from synthome.export.report import report_html
from synthome.export.takeaway import Takeaway
from synthome.prediction import ConditionProvenance, Provenance
from synthome.query import read_query
from synthome.query.support import Support
from tests.predictions import make_prediction

EVIL = "<script>window.evil = 1</script>"
LIVER = "UBERON:0002107"
QUERY = read_query(
    {
        "sampling_strategy": "mean estimation",
        "inputs": [{"metadata": {"tissue_ontology_id": LIVER, "genotype": EVIL}, "num_samples": 4}] * 2,
    }
)
METADATA = pd.DataFrame({"tissue_ontology_id": [LIVER] * 8, "genotype": [EVIL] * 8})
SUPPORT = Support("tissue_ontology_id", LIVER, "extrapolated", "From its relatives.", ("UBERON:0001113",), 0.5)
CONDITION = ConditionProvenance((SUPPORT,), (f"Beware of {EVIL}",), ("Good to know.",))
MADE = replace(
    make_prediction([4, 4], n_genes=300, names=[EVIL, "Plain"], metadata=METADATA),
    provenance=Provenance("gem-1-bulk", "1.0", "embedded", 7, (CONDITION, CONDITION), ("Mind the gap.",)),
)
TAKEN = Takeaway(f"Title {EVIL}", QUERY, MADE, {LIVER: "liver", "UBERON:0001113": "lobe of liver"})


class Tags(HTMLParser):
    """Every tag with its attributes, and the texts outside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._within = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = tag

    def handle_data(self, data: str) -> None:
        if self._within not in ("script", "style"):
            self.texts.append(data)


@pytest.fixture(scope="module")
def page_text() -> str:
    return report_html(TAKEN).decode()


def test_it_tells_what_was_asked_what_was_applied_and_what_to_beware_of(page_text: str) -> None:
    text = " ".join(Tags(page_text).texts)
    for words in (
        f"Title {EVIL}",
        "This is synthetic data",
        f"liver ({LIVER})",
        "extrapolated from lobe of liver, confidence 0.50",
        "Mind the gap.",
        f"Beware of {EVIL}",
        "Good to know.",
        "Principal components",
        "Welch's t-test",
        "10.1093/biomet/34.1-2.28",
        "Seed: 7",
    ):
        assert words in text, words


def test_it_needs_no_network_and_holds_plotly_once(page_text: str) -> None:
    tags = Tags(page_text).tags
    assert not [tag for tag, given in tags if tag in ("script", "img", "link", "iframe") and given.get("src")]
    assert not [tag for tag, _ in tags if tag in ("link", "iframe")]
    assert page_text.count("plotly.js v") == 1
    assert len(page_text) < 7_000_000


def test_what_a_user_wrote_stays_text(page_text: str, page: Page, tmp_path: Path) -> None:
    assert EVIL not in page_text
    file = tmp_path / "report.html"
    file.write_text(page_text)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert page.locator(".js-plotly-plot").count() == 4
    assert page.evaluate("window.evil") is None
    assert asked == [file.as_uri()]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


@pytest.mark.parametrize("sizes", [[1], [2], [1, 1]])
def test_few_samples_make_a_report_too(sizes: list[int]) -> None:
    made = make_prediction(sizes, n_genes=60)
    text = report_html(Takeaway("Few", QUERY, made)).decode()
    assert "Welch" not in " ".join(Tags(text).texts)
    if sizes == [1]:
        assert "only one sample" in text
