"""Make the pictures of the README and of the Home page from the running app: ``make pictures``."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from synthome.analysis import log_cpm, pca
from synthome.analysis.figures import Theme, pca_figure
from synthome.models import embedded_model
from synthome.ontology import default_index
from synthome.query.examples import EXAMPLES, Example
from synthome.query.sheet.examples import SHEETS
from tests.walking import ROOT, chromium_path, launch, running_app, wait_until_healthy

IMAGES = ROOT / "docs" / "images"
EXAMPLE_PICTURES = ROOT / "components" / "pictures"
THEMES: tuple[Theme, ...] = ("light", "dark")
BACKGROUNDS = {"light": "#FFFFFF", "dark": "#0F1718"}


def draw_example(browser: Browser, example: Example) -> None:
    """The PCA that an example gives, small, once a theme."""
    design = example.design
    prediction = embedded_model(design.model_id).predict(design.to_query())
    names = design.names(lambda term: default_index().label(term))
    prediction = replace(prediction, condition_names=names, sample_names=())
    components = pca(log_cpm(prediction.expression), prediction.genes.index)
    for theme in THEMES:
        figure = pca_figure(components, prediction, theme=theme)
        figure.update_layout(width=480, height=300, margin={"l": 10, "r": 10, "t": 10, "b": 60})
        page = browser.new_page(viewport={"width": 480, "height": 300}, device_scale_factor=1.5)
        page.set_content(
            f'<body style="margin:0;background:{BACKGROUNDS[theme]}">{figure.to_html(include_plotlyjs=True)}</body>'
        )
        page.locator(".scatterlayer .point").first.wait_for()
        page.screenshot(path=EXAMPLE_PICTURES / f"{example.slug}.{theme}.png")
        page.close()


def picture_pages(browser: Browser, url: str) -> None:
    """The Design and Results pages with the first example in them."""
    page = browser.new_page(viewport={"width": 1440, "height": 960})
    page.goto(f"{url}/design")
    page.get_by_role("button", name="Examples").click()
    page.get_by_text(EXAMPLES[0].title, exact=True).last.click()
    page.get_by_text("20 samples").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "design.png")
    page.get_by_role("button", name="Predict").click()
    page.locator(".st-key-heatmap_overview .heatmaplayer").first.wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "results.png")
    page.close()


def picture_terms(browser: Browser, url: str) -> None:
    """A term on the Ontologies page, and a sample sheet under review."""
    page = browser.new_page(viewport={"width": 1440, "height": 960})
    page.goto(f"{url}/ontologies?term=UBERON:0002107")
    page.get_by_text("UBERON:0002107").first.wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "ontologies.png")
    page.goto(f"{url}/sample_sheet")
    page.get_by_role("button", name="Examples").click()
    page.get_by_text(next(iter(SHEETS)), exact=True).last.click()
    page.get_by_text("What the values mean").wait_for()
    page.wait_for_timeout(1500)
    page.get_by_text("What the values mean").evaluate("heading => heading.scrollIntoView()")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "sample_sheet.png")
    page.close()


def picture_own_sample(browser: Browser, url: str) -> None:
    """The page on which a real sample is told what it is, or perturbed."""
    page = browser.new_page(viewport={"width": 1440, "height": 860})
    page.goto(f"{url}/own_sample")
    page.get_by_role("button", name="Try it with an example").click()
    perturbation = page.get_by_role("combobox", name="Perturbation")
    perturbation.last.wait_for()
    page.wait_for_timeout(1500)
    perturbation.last.fill("dexamethasone")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Predict 10 samples").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "own_sample.png")
    page.close()


def main() -> None:
    """Make all pictures."""
    if chromium_path() is None:
        sys.exit("Chromium is not installed; on Debian: sudo apt install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    EXAMPLE_PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as data:
        browser = launch(playwright)
        for example in EXAMPLES:
            draw_example(browser, example)
        with running_app(Path(data)) as url:
            wait_until_healthy(url)
            picture_pages(browser, url)
            picture_terms(browser, url)
            picture_own_sample(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
