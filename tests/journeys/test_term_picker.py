"""The term picker in a real browser: by mouse, by keyboard alone, by pasting, for screen readers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def tissue(app_url: str, page: Page) -> Locator:
    """The Tissue field of a fresh design, opened at its own address."""
    page.goto(f"{app_url}/design")
    field = page.get_by_role("combobox", name="Tissue").first
    field.wait_for(timeout=60_000)
    return field


def test_a_page_opened_at_its_own_address_stands_in_the_frame(page: Page, tissue: Locator) -> None:
    expect(page.get_by_role("link", name="Results")).to_be_visible()


def test_it_tells_assistive_technology_what_it_is_and_what_is_active(page: Page, tissue: Locator) -> None:
    assert tissue.get_attribute("aria-autocomplete") == "list"
    assert tissue.get_attribute("aria-expanded") == "false"
    tissue.press_sequentially("kidn", delay=30)
    options = page.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert tissue.get_attribute("aria-expanded") == "true"
    assert tissue.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    expect(page.get_by_role("listbox", name="Tissue")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert tissue.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")


def test_enter_chooses_and_shows_label_id_and_mark(page: Page, tissue: Locator) -> None:
    tissue.press_sequentially("kidney", delay=30)
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0002113")
    page.keyboard.press("Enter")
    expect(tissue).to_have_value("kidney")
    expect(page.get_by_text("UBERON:0002113", exact=True)).to_be_visible()
    expect(page.get_by_text("known", exact=True)).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(0)


def test_who_types_fast_and_presses_enter_gets_what_she_typed(page: Page, tissue: Locator) -> None:
    tissue.focus()
    page.keyboard.insert_text("spleen")
    page.keyboard.press("Enter")
    expect(page.get_by_text("UBERON:0002106", exact=True)).to_be_visible()


@pytest.mark.parametrize("keys", [["Enter"], ["Enter", "Enter"], ["Enter", "Tab"], ["Tab"], ["Tab", "Shift+Tab"]])
def test_a_choice_made_before_its_list_has_come_is_kept_for_it(page: Page, tissue: Locator, keys: list[str]) -> None:
    answers = delayed_answers(page)
    tissue.focus()
    page.keyboard.type("cerebral cor", delay=20)
    for key in keys:
        page.keyboard.press(key)
    expect(page.get_by_text("Looking it up")).to_be_visible()
    answers.set()
    expect(tissue).to_have_value("cerebral cortex")
    expect(page.get_by_text("UBERON:0000956", exact=True)).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(0)


def test_who_types_on_after_enter_has_chosen_nothing_yet(page: Page, tissue: Locator) -> None:
    answers = delayed_answers(page)
    tissue.focus()
    page.keyboard.type("spl")
    page.keyboard.press("Enter")
    page.keyboard.type("een")
    answers.set()
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0002106")
    expect(tissue).to_have_value("spleen")
    expect(page.get_by_text("Looking it up")).to_have_count(0)


def test_what_no_term_is_called_stays_as_typed_though_enter_came_before_the_answer(page: Page, tissue: Locator) -> None:
    answers = delayed_answers(page)
    tissue.focus()
    page.keyboard.type("qqqqq")
    page.keyboard.press("Enter")
    answers.set()
    expect(page.get_by_text(re.compile("Tissue: 'qqqqq' is not allowed")).first).to_be_visible()
    expect(tissue).to_have_value("qqqqq")


def delayed_answers(page: Page) -> Delay:
    """Hold back every answer of the term search until ``set()``."""
    delay = Delay()
    page.route("**/api/terms*", delay.hold)
    return delay


class Delay:
    """Requests that wait."""

    def __init__(self) -> None:
        self._held: list[Route] | None = []

    def hold(self, route: Route) -> None:
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def set(self) -> None:
        held, self._held = self._held or [], None
        for route in held:
            route.continue_()


def test_tab_chooses_and_moves_on(page: Page, tissue: Locator) -> None:
    tissue.press_sequentially("lung", delay=30)
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0002048")
    page.keyboard.press("Tab")
    expect(page.get_by_text("UBERON:0002048", exact=True)).to_be_visible()
    expect(tissue).not_to_be_focused()


def test_escape_closes_the_list_and_then_takes_the_typing_back(page: Page, tissue: Locator) -> None:
    tissue.press_sequentially("lung", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(tissue).to_have_value("lung")
    page.keyboard.press("Escape")
    expect(tissue).to_have_value("")


@pytest.mark.parametrize(
    "pasted", ["UBERON:0000178", "uberon_0000178", "http://purl.obolibrary.org/obo/UBERON_0000178"]
)
def test_a_pasted_id_in_any_spelling_is_its_term(page: Page, tissue: Locator, pasted: str) -> None:
    tissue.fill(pasted)
    page.keyboard.press("Enter")
    expect(tissue).to_have_value("blood")
    expect(page.get_by_text("UBERON:0000178", exact=True)).to_be_visible()


def test_a_synonym_is_shown_beside_the_label_that_it_stands_for(page: Page, tissue: Locator) -> None:
    tissue.press_sequentially("pulmo", delay=30)
    first = page.get_by_role("option").filter(has_text="pulmo").first
    expect(first).to_have_text(re.compile("^lung.*pulmo.*UBERON:0002048"))


@pytest.mark.parametrize("text", ["no such tissue 🧬", "liver\tfemale\nbrain\tmale", "x" * 10_000])
def test_what_is_no_term_stays_in_the_field_with_a_message(page: Page, tissue: Locator, text: str) -> None:
    tissue.fill(text)
    page.get_by_role("heading", name="Design an experiment").click()
    expect(tissue).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text(re.compile("Tissue: '.*' is not allowed; a UBERON id")).first).to_be_visible()
    assert tissue.input_value().startswith(text[:5])


def test_a_term_survives_page_switches_and_a_reload(page: Page, tissue: Locator) -> None:
    tissue.fill("thymus")
    page.keyboard.press("Enter")
    expect(page.get_by_text("UBERON:0002370", exact=True)).to_be_visible()
    page.get_by_role("link", name="Learn").click()
    expect(page.get_by_role("heading", name="Learn")).to_be_visible()
    page.get_by_role("link", name="Design").click()
    expect(page.get_by_role("combobox", name="Tissue").first).to_have_value("thymus")
    page.reload()
    expect(page.get_by_role("combobox", name="Tissue").first).to_have_value("thymus", timeout=30_000)


def test_clearing_takes_the_term_out_of_the_query(page: Page, tissue: Locator) -> None:
    tissue.fill("thymus")
    page.keyboard.press("Enter")
    expect(page.get_by_text("UBERON:0002370", exact=True)).to_be_visible()
    page.get_by_role("button", name="Clear Tissue").click()
    expect(page.get_by_text("UBERON:0002370", exact=True)).to_have_count(0)
    expect(tissue).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_is_legible_in_light_and_in_dark(app_url: str, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{app_url}/design")
    field = page.get_by_role("combobox", name="Tissue").first
    field.wait_for(timeout=60_000)
    field.press_sequentially("liv", delay=30)
    expect(page.get_by_role("option").first).to_be_visible()
    text, background = page.get_by_role("listbox").evaluate(
        "list => [getComputedStyle(list).color, getComputedStyle(list).backgroundColor]"
    )
    assert contrast(text, background) >= 7


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two CSS colours, as WCAG 2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
