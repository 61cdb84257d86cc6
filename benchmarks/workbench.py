"""The results page with 1,000 samples and every gene, in a real Chromium; and PCA of 10,000 cells.

For each tab: seconds until its figure stands there the first time, seconds after a change of colour, and bytes that the
server sent. Beside them stands what a notebook cell does that is run again: the same principal components by
scikit-learn and the same figure; and for the components of many samples, scikit-learn's over all genes.

Run: ``python -m benchmarks.workbench`` (needs Chromium)
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from sklearn import decomposition

from benchmarks.plots import made_up, timed
from synthome.analysis import library_sizes, log_cpm, pca, pca_figure, variable_genes
from synthome.prediction import Prediction
from synthome.query import read_query
from synthome.runs import Runner, RunStore, model_for
from synthome.runs.workspaces import COOKIE, new_workspace
from tests.walking import chromium_path, launch, running_app, wait_until_healthy

TISSUES = ("UBERON:0002107", "UBERON:0000955")
A_CONDITION = 250
CELLS = 10_000
REPEATS = 5


@dataclass(frozen=True)
class Tab:
    """A tab, the figure on it, and the control that changes its colours, with the choices to go through."""

    name: str
    figure: str
    control: str = ""
    choices: tuple[str, ...] = ()


TABS = (
    Tab("Overview", "heatmap_overview"),
    Tab("PCA", "pca", "Colour by", ("Sex", "Tissue", "Condition")),
    Tab("Heatmap", "heatmap"),
    Tab("Genes", "genes", "Groups by", ("Sex", "Tissue", "Condition")),
    Tab("Differential expression", "differential"),
)

WAIT_FOR_ANOTHER_PICTURE = """
([key, before]) => new Promise(resolve => {
  const looked = () => {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`)
    const now = plot && plot.data && JSON.stringify(plot.data.map(trace => trace.name))
    if (now && now !== before) requestAnimationFrame(() => resolve(now)); else requestAnimationFrame(looked)
  }
  looked()
})
"""


def made_run(data: Path, workspace: str) -> str:
    """A finished run of 1,000 bulk samples of two tissues and two sexes, kept in ``data``; its id."""
    body = {
        "sampling_strategy": "sample generation",
        "seed": 1,
        "inputs": [
            {"metadata": {"tissue_ontology_id": tissue, "sex": sex}, "num_samples": A_CONDITION}
            for tissue in TISSUES
            for sex in ("female", "male")
        ],
    }
    runner = Runner(RunStore(data / "runs", 10**11))
    try:
        names = ("Liver, female", "Liver, male", "Brain, female", "Brain, male")
        run = runner.submit(workspace, read_query(body), model_for("gem-1-bulk"), title="Bench", condition_names=names)
        return runner.wait(workspace, run.id, 600).id
    finally:
        runner.close()


def opened(browser: Browser, url: str, workspace: str, path: str) -> tuple[Page, list[int]]:
    """A page of the workspace, and the sizes of what the server sends to it."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(120_000)
    context.add_cookies([{"name": COOKIE, "value": workspace, "url": url}])
    page = context.new_page()
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(len(frame))))
    page.goto(f"{url}/{path}")
    return page, sent


def first_look(browser: Browser, url: str, workspace: str, run_id: str, tab: Tab) -> tuple[float, int]:
    """Seconds from a click on ``tab`` until its figure stands there, and bytes sent for it."""
    page, sent = opened(browser, url, workspace, f"results?run={run_id}&tab=Data")
    page.get_by_role("heading", name="Bench").wait_for()
    page.wait_for_timeout(2000)
    started = time.perf_counter()
    before = sum(sent)
    page.get_by_role("tab", name=tab.name, exact=True).click()
    page.evaluate(WAIT_FOR_ANOTHER_PICTURE, [tab.figure, ""])
    seconds = time.perf_counter() - started
    page.wait_for_timeout(1500)
    size = sum(sent) - before
    page.context.close()
    return seconds, size


def changes(browser: Browser, url: str, workspace: str, run_id: str, tab: Tab) -> list[float]:
    """Seconds from each choice of another colour until the picture has it."""
    page, _ = opened(browser, url, workspace, f"results?run={run_id}&tab={tab.name}")
    before = page.evaluate(WAIT_FOR_ANOTHER_PICTURE, [tab.figure, ""])
    page.wait_for_timeout(2000)
    seconds = []
    for choice in tab.choices * 2:
        page.get_by_role("combobox", name=tab.control).first.click()
        option = page.get_by_role("option", name=choice, exact=True)
        option.wait_for()
        started = time.perf_counter()
        option.click()
        before = page.evaluate(WAIT_FOR_ANOTHER_PICTURE, [tab.figure, before])
        seconds.append(time.perf_counter() - started)
        page.wait_for_timeout(500)
    page.context.close()
    return seconds


def plain_cell(prediction: Prediction) -> float:
    """Seconds of a notebook cell that computes scikit-learn's components of the same genes and draws them."""
    log_expression = log_cpm(prediction.expression)
    depth = float(np.median(library_sizes(prediction.expression)))
    columns = variable_genes(log_expression, 2000, depth)
    ours = pca(log_expression, prediction.genes.index, library_size=depth)

    def cell() -> None:
        decomposition.PCA(10, svd_solver="full").fit_transform(log_expression[:, columns])
        pca_figure(ours, prediction).to_json()

    return timed(cell, 3)[1]


def components_of(prediction: Prediction, n_genes: int) -> Callable[[], object]:
    """Counts to components over the ``n_genes`` most variable genes."""

    def work() -> object:
        depth = float(np.median(library_sizes(prediction.expression)))
        return pca(log_cpm(prediction.expression), prediction.genes.index, n_genes, library_size=depth)

    return work


def plain_components(prediction: Prediction) -> float:
    """Seconds of scikit-learn's components over every gene, by its fastest solver."""

    def work() -> None:
        decomposition.PCA(10, svd_solver="randomized", random_state=0).fit_transform(log_cpm(prediction.expression))

    return timed(work, 1)[1]


def report_components() -> None:
    print(f"{'counts to components':44}{'s':>8}{'aim s':>8}{'scikit-learn s':>16}{'ratio':>8}")
    for n_samples, n_genes, aim in ((1_000, 2_000, 1.5), (1_000, 20_000, 1.5), (CELLS, 2_000, 5.0)):
        prediction = made_up(n_samples)
        seconds = timed(components_of(prediction, n_genes), 3)[1]
        plain = plain_components(prediction)
        what = f"{n_samples:,} samples, {min(n_genes, len(prediction.genes)):,} genes used"
        print(f"{what:44}{seconds:8.2f}{aim:8.1f}{plain:16.2f}{plain / seconds:7.1f}x", flush=True)


def report_page() -> None:
    if chromium_path() is None:
        sys.exit("Chromium is not installed; on Debian: sudo apt install chromium")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        data, workspace = Path(name) / "data", new_workspace()
        run_id = made_run(data, workspace)
        cell = plain_cell(Runner(RunStore(data / "runs", 10**11)).prediction(workspace, run_id))
        browser = launch(playwright)
        print(
            f"\n{'1,000 samples x all genes':28}{'first s':>9}{'MB sent':>9}{'colour s':>10}{'worst':>8}{'to cell':>9}"
        )
        with running_app(data) as url:
            wait_until_healthy(url)
            for tab in TABS:
                seconds, size = first_look(browser, url, workspace, run_id, tab)
                line = f"{tab.name:28}{seconds:9.2f}{size / 1e6:9.2f}"
                if tab.choices:
                    changed = changes(browser, url, workspace, run_id, tab)
                    median = statistics.median(changed)
                    line += f"{median:10.2f}{max(changed):8.2f}{median / cell:8.2f}x"
                print(line, flush=True)
        browser.close()
    print(f"a notebook cell that computes and draws the PCA again: {cell:.2f} s")
    print("aims: heatmap of 200 genes 1.5 s; a change of colour 0.3 s; 3 MB a page")


def main() -> None:
    """Measure, and print two tables."""
    report_components()
    report_page()


if __name__ == "__main__":
    main()
