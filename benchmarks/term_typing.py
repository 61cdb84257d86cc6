"""From keystroke to list: one person in a real Chromium, then thirty people typing at once over HTTP.

Beside both stands the same search without a server, in this process: what is above it is the way to the browser and
back. Run: ``python -m benchmarks.term_typing`` (the first part needs Chromium).
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Locator, sync_playwright

from benchmarks.term_search import NAMES, Timing
from synthome.ontology import default_index
from synthome.query.vocabulary import BULK
from tests.walking import chromium_path, launch, running_app, wait_until_healthy

PEOPLE = 30
SECONDS = 15.0
KEYSTROKES_A_SECOND = 5.0
FIELDS = {"UBERON": "Tissue", "MONDO": "Disease", "CVCL": "Cell line"}
WATCH = """
(input) => {
  const list = input.getRootNode().querySelector("[role=listbox]")
  let pressed = null
  window.keystrokes = []
  input.addEventListener("input", () => { pressed = performance.now() }, true)
  new MutationObserver(() => {
    if (pressed === null || !list.querySelector("[role=option]")) return
    window.keystrokes.push(performance.now() - pressed)
    pressed = null
  }).observe(list, { childList: true })
}
"""
"""Counts the milliseconds from each keystroke in a picker until its list is there."""


def begun(name: str) -> Iterator[str]:
    """What has been typed after each keystroke, from the second on."""
    return (name[:length] for length in range(2, len(name) + 1))


def in_a_browser(url: str) -> list[float]:
    """Milliseconds from keystroke to list, typing the benchmark's names on the Design page."""
    found: list[float] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"{url}/design")
        page.get_by_role("combobox", name="Tissue").wait_for(timeout=60_000)
        page.get_by_text("More biology").click()
        for ontology, label in FIELDS.items():
            field = page.get_by_role("combobox", name=label)
            field.wait_for()
            field.evaluate(WATCH)
            for name in NAMES[ontology]:
                found += keystrokes(field, name)
        browser.close()
    return found


def keystrokes(field: Locator, name: str) -> list[float]:
    field.fill("")
    field.page.wait_for_timeout(150)  # suggestions come where nothing is typed
    field.evaluate("() => { window.keystrokes = [] }")
    field.press_sequentially(name, delay=1000 / KEYSTROKES_A_SECOND)
    field.page.wait_for_timeout(150)
    times: list[float] = field.evaluate("() => window.keystrokes")
    return times


def together(url: str) -> list[float]:
    """Milliseconds an answer takes while ``PEOPLE`` type at once, each in a field of one ontology."""
    found: list[list[float]] = [[] for _ in range(PEOPLE)]
    end = time.monotonic() + SECONDS
    people = [threading.Thread(target=type_names, args=(url, number, end, found[number])) for number in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return list(itertools.chain.from_iterable(found))


def type_names(url: str, number: int, end: float, times: list[float]) -> None:
    generator = random.Random(number)  # noqa: S311 - who types what
    ontology = list(NAMES)[number % len(NAMES)]
    with requests.Session() as session:
        while time.monotonic() < end:
            for text in begun(generator.choice(NAMES[ontology])):
                time.sleep(generator.uniform(0.5, 1.5) / KEYSTROKES_A_SECOND)
                parameters: dict[str, Any] = {"q": text, "ontology": ontology, "limit": 10, "model": BULK}
                started = time.perf_counter()
                session.get(f"{url}/api/terms", params=parameters, timeout=10).raise_for_status()
                times.append(1e3 * (time.perf_counter() - started))


def alone() -> list[float]:
    """Milliseconds of the search itself, in this process."""
    index = default_index()
    index.warm()
    times = []
    for ontology, names in NAMES.items():
        for text in itertools.chain.from_iterable(map(begun, names)):
            started = time.perf_counter()
            index.search(text, [ontology], 10)  # type: ignore[list-item]  # the keys are ontologies
            times.append(1e3 * (time.perf_counter() - started))
    return times


def main() -> None:
    """Measure, and print a table."""
    timings = [Timing("the search alone, in this process", tuple(alone()))]
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder)) as url:
        wait_until_healthy(url)
        if chromium_path() is None:
            print(
                "Chromium is not installed: without the browser; on Debian: sudo apt install chromium", file=sys.stderr
            )
        else:
            timings.append(Timing("keystroke to list, in Chromium", tuple(in_a_browser(url))))
        timings.append(Timing(f"{PEOPLE} people typing at once, over HTTP", tuple(together(url))))
    base = timings[0].median
    print(f"{'':38}{'answers':>9}{'p50 ms':>9}{'p95 ms':>9}{'aim p95':>9}{'p50 to search':>15}")
    for timing, aim in zip(timings, (5, 60, 50) if len(timings) == 3 else (5, 50), strict=True):
        print(
            f"{timing.name:38}{len(timing.milliseconds):9}{timing.median:9.1f}{timing.p95:9.1f}{aim:9}"
            f"{timing.median / base:14.1f}x"
        )


if __name__ == "__main__":
    main()
