"""The model card as a page: reached by name, section by section."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components.model_card import model_card, read_card
from synthome.query import KEYS
from synthome.settings import REPOSITORY

OpenPage = Callable[..., AppTest]

CARD = """# Card of a model
Hello.

## Tissue (`tissue_ontology_id`)
Read [the notice](../NOTICE), [the checks](#checks) or [the source](https://example.org).

<a id="sex"></a>
## Women and men
Both.
### Checks
| a | b |
|---|---|

## Age {#age_years}
```sh
# not a heading
```
## Dose and time (`perturbation_dose`, `perturbation_time`)
Priors.
"""


@pytest.mark.parametrize(
    ("anchor", "title"),
    [
        ("tissue_ontology_id", "Tissue"),
        ("sex", "Women and men"),
        ("women-and-men", "Women and men"),
        ("checks", "Checks"),
        ("age_years", "Age"),
        ("perturbation_dose", "Dose and time"),
        ("perturbation_time", "Dose and time"),
    ],
)
def test_a_section_is_found_by_every_name_that_its_heading_carries(anchor: str, title: str) -> None:
    section = read_card(CARD).section(anchor)
    assert section is not None
    assert section.title == title


def test_a_card_falls_into_title_introduction_and_sections() -> None:
    card = read_card(CARD)
    assert (card.title, card.introduction) == ("Card of a model", "Hello.")
    assert [section.title for section in card.sections if section.level == 2] == [
        "Tissue",
        "Women and men",
        "Age",
        "Dose and time",
    ]
    women = card.section("sex")
    assert women is not None
    assert women.text == "Both.\n### Checks\n| a | b |\n|---|---|"


def test_every_metadata_key_has_a_section_of_the_card() -> None:
    missing = [key for key in KEYS if model_card().section(key) is None]
    assert missing == []


def test_the_marks_of_the_scorecard_are_not_shown() -> None:
    assert "scorecard:" in (REPOSITORY / "docs" / "MODEL_CARD.md").read_text(encoding="utf-8")
    card = model_card()
    assert not any("<!--" in text for text in (card.introduction, *(section.text for section in card.sections)))


def test_links_of_the_card_lead_somewhere_from_the_page() -> None:
    section = read_card(CARD).section("tissue_ontology_id")
    assert section is not None
    expected = "Read the notice, [the checks](model_card?section=checks) or [the source](https://example.org)."
    assert section.text == expected


def opened_at(open_page: OpenPage, section: str) -> AppTest:
    app = open_page()
    app.query_params["section"] = section
    app.switch_page("pages/model_card.py").run()
    assert not app.exception
    return app


def test_the_page_says_that_it_is_not_for_clinical_use_and_shows_the_whole_card(open_page: OpenPage) -> None:
    app = open_page("pages/model_card.py")
    assert "clinical use" in app.warning[0].value
    shown = [text.value for text in app.markdown]
    assert all(section.text in shown for section in model_card().sections if section.level == 2)


def test_a_link_to_a_section_shows_it_first_and_the_whole_card_beneath(open_page: OpenPage) -> None:
    anchor = "where-they-fail"
    section = model_card().section(anchor)
    assert section is not None
    app = opened_at(open_page, anchor)
    assert [subheader.value for subheader in app.subheader][:2] == [section.title, "The whole card"]
    assert app.selectbox(key="card_section").value == section.title


def test_a_link_to_a_section_that_the_card_lacks_says_so_and_shows_the_card(open_page: OpenPage) -> None:
    app = opened_at(open_page, "no-such-section")
    assert "no section of its own on “no\\-such\\-section”" in app.info[0].value
    assert model_card().introduction in [text.value for text in app.markdown]


def test_another_section_is_chosen_from_the_list(open_page: OpenPage) -> None:
    app = open_page("pages/model_card.py")
    app.selectbox(key="card_section").set_value("Where they fail").run()
    assert app.query_params["section"] == "where-they-fail"
    assert app.subheader[0].value == "Where they fail"
    app.selectbox(key="card_section").set_value("The whole card").run()
    assert "section" not in app.query_params
