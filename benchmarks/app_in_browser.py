"""From nothing to a usable page, and from Predict to both plots, in a real Chromium.

Beside each stands what a user would otherwise do: a Python script of her own, started afresh, that asks the same model
for the same samples and writes the same two pictures to HTML files.

Run: ``python -m benchmarks.app_in_browser`` (needs Chromium)
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from synthome.ontology import open_index
from tests.walking import ROOT, chromium_path, launch, running_app, wait_until_healthy

REPEATS = 5

SCRIPT = """
from pathlib import Path
from synthome.analysis import heatmap, log_cpm, pca, variable_genes
from synthome.analysis.figures import heatmap_figure, pca_figure
from synthome.analysis.views import HeatmapView
from synthome.models import embedded_model
from synthome.query.examples import EXAMPLES

prediction = embedded_model("gem-1-bulk").predict(EXAMPLES[0].design.to_query())
values = log_cpm(prediction.expression)
pca_figure(pca(values, prediction.genes.index), prediction).write_html(Path("{folder}") / "pca.html")
columns = variable_genes(values, 30)
view = HeatmapView(tuple(prediction.genes.index[columns]), "the 30 most variable genes")
heatmap_figure(heatmap(values, columns), prediction, view).write_html(Path("{folder}") / "heatmap.html")
"""


def seconds_to_usable_page(browser: Browser, url: str, started: float) -> float:
    """Seconds from ``started`` until the example buttons of the Home page can be pressed."""
    page = browser.new_page()
    wait_until_healthy(url)
    page.goto(url)
    page.get_by_role("button", name="Run “Liver and brain”").wait_for(timeout=60_000)
    seconds = time.perf_counter() - started
    page.close()
    return seconds


def seconds_to_term(browser: Browser, url: str, started: float) -> float:
    """Seconds from ``started`` until the term picker answers."""
    page = browser.new_page()
    wait_until_healthy(url)
    page.goto(f"{url}/design")
    tissue = page.get_by_role("combobox", name="Tissue").first
    tissue.wait_for(timeout=60_000)
    tissue.press_sequentially("liv")
    page.get_by_role("option", name="liver").first.wait_for()
    seconds = time.perf_counter() - started
    page.close()
    return seconds


def seconds_to_plots(browser: Browser, url: str) -> float:
    """Seconds from pressing Predict until PCA and heatmap of 2 x 10 bulk samples stand on the page."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(f"{url}/design")
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("option", name="Liver and brain").or_(
        page.get_by_text("Liver and brain", exact=True)
    ).first.click()
    predict = page.get_by_role("button", name="Predict")
    page.get_by_text("20 samples").wait_for()
    started = time.perf_counter()
    predict.click()
    page.locator(".st-key-pca_overview .js-plotly-plot .scatterlayer .point").first.wait_for()
    page.locator(".st-key-heatmap_overview .js-plotly-plot .heatmaplayer image").first.wait_for(state="attached")
    seconds = time.perf_counter() - started
    page.close()
    return seconds


def seconds_of_script(folder: Path) -> float:
    """Seconds that a script of the user's own takes, from its start to both HTML files."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", SCRIPT.format(folder=folder)], cwd=ROOT, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure, and print a table."""
    if chromium_path() is None:
        sys.exit("Chromium is not installed; on Debian: sudo apt install chromium")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = launch(playwright)
        first, term, later, plots = [], [], [], []
        for run in range(3):
            index = folder / f"terms-{run}.sqlite"
            started = time.perf_counter()
            with running_app(folder / "data", index_path=index) as url:
                first.append(seconds_to_usable_page(browser, url, started))
            started = time.perf_counter()
            with running_app(folder / "data", index_path=folder / f"terms-searched-{run}.sqlite") as url:
                term.append(seconds_to_term(browser, url, started))
            open_index(index_path=index).close()  # the first app may have been ended before it was built
            started = time.perf_counter()
            with running_app(folder / "data", index_path=index) as url:
                later.append(seconds_to_usable_page(browser, url, started))
                if run == 0:
                    plots = [seconds_to_plots(browser, url) for _ in range(REPEATS)]
        script = [seconds_of_script(folder) for _ in range(REPEATS)]
        browser.close()
    alternative = statistics.median(script)
    print(f"{'':44}{'median s':>9}{'worst s':>9}{'aim s':>7}{'to script':>11}")
    for what, measured, aim in (
        ("first start, index being built, to Home", first, 12.0),
        ("first start, index built, to a term found", term, 12.0),
        ("later start to a usable page", later, 5.0),
        ("Predict to both plots, 2 x 10 bulk samples", plots, 2.5),
    ):
        median = statistics.median(measured)
        print(f"{what:44}{median:9.2f}{max(measured):9.2f}{aim:7.1f}{median / alternative:10.2f}x")
    print(f"{'a script of her own: the same two pictures':44}{alternative:9.2f}{max(script):9.2f}{'':7}{1:10.2f}x")


if __name__ == "__main__":
    main()
