"""Finding a term in a real browser, whatever is typed: nothing yet, words in any order, a slip, a foreign name."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.servers import Reply, ScriptedServer

pytestmark = pytest.mark.browser


def tissue_of(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Tissue").first


@pytest.fixture
def tissue(app_url: str, page: Page) -> Locator:
    """The Tissue field of a fresh design."""
    page.goto(f"{app_url}/design")
    field = tissue_of(page)
    field.wait_for(timeout=60_000)
    return field


@pytest.fixture
def everything(app_url: str, page: Page) -> Locator:
    """The field that searches all ontologies."""
    page.goto(f"{app_url}/ontologies")
    field = page.get_by_role("combobox", name="Search anatomy")
    field.wait_for(timeout=60_000)
    return field


def active(page: Page, field: Locator) -> Locator:
    """The option that the field says is active, once its list stands open."""
    expect(field).to_have_attribute("aria-activedescendant", re.compile(".+"))
    option = page.locator(f"[id='{field.get_attribute('aria-activedescendant')}']")
    expect(option).to_have_attribute("aria-selected", "true")
    return option


def pick(page: Page, field: Locator, name: str, term_id: str) -> None:
    field.fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".beneath code").get_by_text(term_id)).to_be_visible()
    expect(field).to_have_value(name)


def test_who_types_the_next_term_before_the_page_knows_the_last_one_loses_no_letter(
    page: Page, tissue: Locator
) -> None:
    tissue.fill("thymus")
    page.keyboard.press("Enter")
    expect(page.locator(".beneath code").get_by_text("UBERON:0002370", exact=True)).to_be_visible()
    tissue.fill("spleen")
    page.keyboard.press("Enter")
    expect(page.locator(".beneath code").get_by_text("UBERON:0002106", exact=True)).to_be_visible()
    page.wait_for_timeout(2_000)
    expect(tissue).to_have_value("spleen")


def test_a_list_that_is_closed_while_it_is_fetched_stays_closed(page: Page, tissue: Locator) -> None:
    # The answer's head has come, its body has not: what is broken off there is no answer.
    page.evaluate(
        """() => {
            const fetched = window.fetch
            window.fetch = (address, options) => fetched(address, options).then(answer => {
                const broken = new Promise((_, fail) => {
                    options.signal.addEventListener("abort", () => fail(options.signal.reason))
                })
                answer.json = () => broken
                return answer
            })
        }"""
    )
    tissue.fill("lung")
    page.wait_for_timeout(1_000)
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    assert tissue.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Escape")
    expect(tissue).to_have_value("")


# Before anything is typed -------------------------------------------------------------------------------------------


def test_an_empty_field_suggests_what_the_model_knows_best_and_chooses_nothing_of_itself(
    page: Page, tissue: Locator
) -> None:
    tissue.focus()
    group = page.get_by_role("group", name="Suggested: the model knows these best")
    expect(group.get_by_role("option").first).to_have_text(re.compile("liver.*known.*UBERON:0002107"))
    assert tissue.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Enter")
    expect(tissue).to_have_value("")
    page.keyboard.press("Tab")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(tissue).to_have_value("")


def test_a_suggestion_is_chosen_by_keyboard(page: Page, tissue: Locator) -> None:
    tissue.focus()
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(active(page, tissue)).to_contain_text("liver")
    page.keyboard.press("Enter")
    expect(tissue).to_have_value("liver")


def test_arrow_up_enters_a_list_at_its_end(page: Page, tissue: Locator) -> None:
    tissue.focus()
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")


def test_terms_picked_lately_are_offered_first_on_the_next_visit_too(page: Page, tissue: Locator) -> None:
    pick(page, tissue, "thymus", "UBERON:0002370")
    pick(page, tissue, "spleen", "UBERON:0002106")
    page.get_by_role("button", name="Clear Tissue").click()
    page.reload()
    tissue_of(page).wait_for(timeout=60_000)
    tissue_of(page).focus()
    recent = page.get_by_role("group", name="Recent").get_by_role("option")
    expect(recent).to_have_text([re.compile("spleen.*known.*UBERON:0002106"), re.compile("thymus.*UBERON:0002370")])
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("combobox", name="Tissue").nth(1).focus()
    expect(recent).to_have_count(2)


def test_the_browser_keeps_ids_and_labels_of_at_most_five_terms_an_ontology(page: Page, everything: Locator) -> None:
    for name in ("liver", "brain", "lung", "spleen", "thymus", "kidney", "HeLa"):
        everything.fill(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    kept = page.evaluate("JSON.parse(localStorage.getItem('synthome.recent-terms'))")
    assert [term["label"] for term in kept] == ["HeLa", "kidney", "thymus", "spleen", "lung", "brain"]
    assert all(set(term) == {"id", "label"} for term in kept)


def test_storage_that_holds_something_else_does_no_harm(page: Page, tissue: Locator) -> None:
    page.evaluate("localStorage.setItem('synthome.recent-terms', '{\"not\": \"a list\"}')")
    tissue.focus()
    expect(page.get_by_role("option").first).to_contain_text("liver")
    pick(page, tissue, "thymus", "UBERON:0002370")


# What matched -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "term_id", "marked"),
    [
        ("ventricle left heart", "UBERON:0002084", ["heart", "left", "ventricle"]),
        ("HEART-LEFT VENTR", "UBERON:0002084", ["heart left ventr"]),
        ("lungs", "UBERON:0002048", ["lung"]),
    ],
)
def test_what_was_typed_is_bold_in_any_order_and_spelling(
    page: Page, tissue: Locator, typed: str, term_id: str, marked: list[str]
) -> None:
    tissue.fill(typed)
    label = page.get_by_role("option").filter(has_text=term_id).first.locator(".name > b")
    expect(label).to_have_text(marked)


def test_a_synonym_that_means_not_quite_the_same_says_so(page: Page, everything: Locator) -> None:
    everything.fill("aspirin")
    expect(page.get_by_role("option").first).to_have_text(re.compile(r"^acetylsalicylic acid Aspirin \(related\)"))


def test_what_the_active_term_is_and_why_it_is_marked_stands_at_the_foot(page: Page, tissue: Locator) -> None:
    tissue.fill("kidney")
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0002113")
    option = active(page, tissue)
    foot = page.locator(f"[id='{option.get_attribute('aria-describedby')}']")
    expect(foot).to_contain_text("urine")
    expect(foot).to_contain_text("Known: Learned from")
    first = foot.inner_text()
    page.keyboard.press("ArrowDown")
    expect(foot).not_to_have_text(first)
    assert option.get_attribute("aria-describedby") is None


def test_an_obsolete_id_says_what_replaced_it(page: Page, everything: Locator) -> None:
    everything.fill("CL:0000003")
    option = page.get_by_role("option").first
    expect(option).to_have_text(re.compile("^cell CL:0000003 is obsolete: replaced by cell.*CL:0000000"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="cell", exact=True)).to_be_visible()


# Several ontologies in one list -------------------------------------------------------------------------------------


def test_several_ontologies_stand_apart_and_the_arrows_go_through_all_of_them(page: Page, everything: Locator) -> None:
    everything.fill("insulin")
    options = page.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    groups = page.get_by_role("group").filter(has=page.get_by_role("option"))
    assert groups.count() > 1
    for number in range(groups.count()):
        ids = {re.split("[:_0-9]", text)[0] for text in groups.nth(number).locator("code").all_inner_texts()}
        assert len(ids) == 1
    seen = []
    for _ in range(options.count()):
        seen.append(active(page, everything).inner_text())
        page.keyboard.press("ArrowDown")
    assert seen == options.all_inner_texts()
    expect(options.first).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_list_stays_on_the_screen(page: Page, everything: Locator, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    everything.fill("insulin")
    expect(page.get_by_role("option").first).to_be_visible()
    box = page.locator(".panel:popover-open").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 800
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# Nothing of the name ------------------------------------------------------------------------------------------------


def test_where_nothing_has_the_name_the_closest_are_shown_as_such_and_enter_takes_one(
    page: Page, everything: Locator
) -> None:
    everything.fill("astma")
    expect(page.get_by_text("Nothing is called “astma”. Closest:").first).to_be_visible()
    expect(page.get_by_role("option").first).to_contain_text("asthma")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="asthma", exact=True)).to_be_visible()


def test_leaving_the_field_takes_no_term_that_is_merely_spelled_alike(page: Page, tissue: Locator) -> None:
    tissue.fill("kidnney")
    expect(page.get_by_text("Closest:").first).to_be_visible()
    page.keyboard.press("Tab")
    expect(tissue).to_have_value("kidnney")
    expect(tissue).to_have_attribute("aria-invalid", "true")


# Elsewhere ----------------------------------------------------------------------------------------------------------

NEW = {"obo_id": "UBERON:9999998", "label": "organ of this year", "description": ["New."]}


def asked(q: str) -> str:
    return f"/api/search?{urlencode({'q': q, 'ontology': 'uberon', 'type': 'class', 'rows': 30})}"


def search_live(page: Page, field: Locator, text: str) -> None:
    field.fill(text)
    row = page.get_by_role("option", name=f"Search live at EBI's OLS4 for “{text}”")
    expect(row).to_contain_text("elsewhere, needs the network")
    page.keyboard.press("ArrowUp")
    expect(row).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")


def test_a_term_that_is_known_elsewhere_alone_is_found_on_request_and_used(
    page: Page, tissue: Locator, elsewhere: ScriptedServer
) -> None:
    elsewhere.on("GET", asked("qqqorgan"), Reply(body={"response": {"docs": [NEW]}}))
    tissue.fill("qqqorgan")
    expect(page.get_by_role("option", name="Search live")).to_be_visible()
    assert asked("qqqorgan") not in elsewhere.paths()
    search_live(page, tissue, "qqqorgan")
    group = page.get_by_role("group", name="Live from EBI's OLS4, not from the terms shipped with Synthome")
    expect(group.get_by_role("option")).to_have_text([re.compile("^organ of this year live.*UBERON:9999998")])
    page.keyboard.press("Enter")
    expect(tissue).to_have_value("organ of this year")
    expect(page.get_by_text("UBERON:9999998", exact=True).first).to_be_visible()
    page.reload()
    expect(tissue_of(page)).to_have_value("organ of this year", timeout=60_000)


@pytest.mark.parametrize(
    ("text", "reply", "words"),
    [
        ("qqqfail", Reply(500), "failed (status 500)"),
        ("qqqlate", Reply(delay=5), "did not answer within 3 seconds"),
        ("qqqnone", Reply(body={"response": {"docs": []}}), "finds nothing called “qqqnone”"),
    ],
)
def test_a_search_elsewhere_that_brings_nothing_says_why_and_the_field_keeps_its_text(
    page: Page, tissue: Locator, elsewhere: ScriptedServer, text: str, reply: Reply, words: str
) -> None:
    elsewhere.on("GET", asked(text), reply)
    search_live(page, tissue, text)
    expect(page.get_by_text(words).first).to_be_visible()
    expect(tissue).to_have_value(text)
    expect(tissue).to_be_focused()


def test_what_cannot_be_found_elsewhere_is_not_looked_for_there(page: Page, tissue: Locator) -> None:
    page.get_by_text(re.compile("^More biology")).click()
    line = page.get_by_role("combobox", name="Cell line")
    line.fill("qqqqqqqq")
    expect(page.get_by_text("Nothing is called “qqqqqqqq”").first).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(0)


def test_who_types_on_gets_no_answer_to_what_stood_there_before(
    page: Page, tissue: Locator, elsewhere: ScriptedServer
) -> None:
    elsewhere.on("GET", asked("qqqslow"), Reply(body={"response": {"docs": [NEW]}}, delay=1.5))
    search_live(page, tissue, "qqqslow")
    expect(page.get_by_text("Asking EBI's OLS4").first).to_be_visible()
    tissue.fill("spleen")
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0002106")
    page.wait_for_timeout(2_000)
    expect(page.get_by_role("option").first).to_contain_text("UBERON:0002106")


@pytest.mark.parametrize(
    ("type_of_it", "typed", "found"),
    [("crispr", "p53", "ENSG00000141510"), ("infection", "sars-cov-2", "2697049"), ("compound", "dex", "CHEBI:41879")],
)
def test_the_type_of_a_perturbation_says_what_is_searched(
    page: Page, tissue: Locator, type_of_it: str, typed: str, found: str
) -> None:
    page.get_by_text("Perturbation · ").first.click()
    kind = page.get_by_role("combobox", name="Perturbation type")
    kind.click()
    page.get_by_role("option", name=type_of_it, exact=True).click()
    expect(page.get_by_text("Perturbation · 1 of 4 set")).to_be_visible()
    field = page.get_by_role("combobox", name="Perturbation", exact=True)
    field.press_sequentially(typed, delay=30)
    expect(page.get_by_role("option").filter(has_text=found).first).to_be_visible()
    expect(page.get_by_role("listbox").locator(".heading")).to_have_count(0)


def test_who_goes_through_the_list_before_the_last_answer_came_stays_at_her_term(page: Page, tissue: Locator) -> None:
    tissue.press_sequentially("live", delay=30)
    expect(active(page, tissue)).to_contain_text("UBERON:0002107")
    page.route("**/api/terms?q=liver&*", lambda route: (page.wait_for_timeout(400), route.continue_()))
    with page.expect_response("**/api/terms?q=liver&*"):
        page.keyboard.type("r")
        page.keyboard.press("ArrowDown")
        second = page.locator(f"[id='{tissue.get_attribute('aria-activedescendant')}'] code").inner_text()
    expect(active(page, tissue)).to_contain_text(second)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".beneath code").get_by_text("UBERON:0002107", exact=True)).to_be_visible()
