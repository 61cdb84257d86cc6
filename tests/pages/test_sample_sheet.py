"""The page that makes a design of a sample sheet, driven without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query.designs import Design, DesignCondition
from synthome.query.sheet.examples import SHEETS

OpenPage = Callable[..., AppTest]
PAGE = "pages/sample_sheet.py"
SHEET = "sample\torgan\tdiagnosis\tsex\nA\tliver\thealthy\tF\nB\tliver\tAD\tM\nC\tzzzz qqq\tasthma\t1"


def texts(app: AppTest, *kinds: str) -> str:
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind)).replace("\\", "")


def paste(app: AppTest, text: str) -> AppTest:
    app.text_area(key="sheet_text").set_value(text).run()
    assert not app.exception, app.exception
    return app


def field(app: AppTest, text: str) -> object:
    return next(box for box in app.selectbox if box.label == f"What “{text}” means")


def use(app: AppTest) -> Design:
    app.button(key="use_sheet").click().run()
    assert not app.exception, app.exception
    assert app.title[0].value == "Design an experiment"
    return app.session_state["design"]


def test_a_pasted_sheet_becomes_the_design(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), SHEET)
    assert "3 conditions, 3 samples" in texts(app, "markdown")
    design = use(app)
    assert [condition.name for condition in design.conditions] == ["A", "B", "C"]
    assert design.conditions[0].values == {"tissue_ontology_id": "UBERON:0002107", "sex": "female"}
    assert design.conditions[2].values == {"disease_ontology_id": "MONDO:0004979"}


def test_what_is_not_decided_is_told_before_it_is_left_out(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), SHEET)
    assert "1 value not decided, and so left out: “1”" in texts(app, "markdown")
    assert "Values left out: “zzzz qqq”" in texts(app, "markdown")


def test_another_candidate_can_be_chosen_and_a_value_left_out(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), SHEET)
    box = field(app, "1")
    box.select_index(1).run()
    box = field(app, "AD")
    box.select("leave out").run()
    assert "chosen by you" in texts(app, "markdown")
    assert "left out by you" in texts(app, "markdown")
    design = use(app)
    assert design.conditions[2].values["sex"] == "female"
    assert "disease_ontology_id" not in design.conditions[1].values


def test_something_else_than_the_candidates_can_be_typed(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), "tissue\tage\nliver\told")
    field(app, "old").select("other").run()
    typed = next(one for one in app.text_input if one.label == "Age instead of “old”")
    typed.set_value("elderly").run()
    assert "“elderly” is no age" in texts(app, "markdown")
    next(one for one in app.text_input if one.label == "Age instead of “old”").set_value("80").run()
    assert use(app).conditions[0].values["age_years"] == "80"


def test_a_column_can_be_taken_for_something_else(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), "tissue\tmaterial name\nliver\tlung")
    boxes = {box.label: box for box in app.selectbox}
    boxes["What “tissue” holds"].select("ignore").run()
    boxes = {box.label: box for box in app.selectbox}
    boxes["What “material name” holds"].select("tissue_ontology_id").run()
    assert use(app).conditions[0].values == {"tissue_ontology_id": "UBERON:0002048"}


def test_sure_matches_are_folded_and_can_be_opened(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), SHEET)
    assert "1 sure match: liver" in "".join(expander.label for expander in app.expander)
    assert all(box.label != "What “liver” means" for box in app.selectbox)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('tissue,sex\nliver,"F', "Row 2, column 2: a quotation mark opens here and is never closed"),
        ("tissue,sex", "only a row of column names"),
        (",,,\n,,,", "no words between them"),
    ],
)
def test_what_cannot_be_read_is_told_and_kept_to_be_mended(open_page: OpenPage, text: str, told: str) -> None:
    app = paste(open_page(PAGE), text)
    assert told in texts(app, "error")
    assert len(app.table) == 1, "what a sheet looks like"
    assert app.text_area(key="sheet_text").value == text


@pytest.mark.parametrize(
    "text", ["🧬🧬", "x" * 10_000, "a\tb\n" * 600, "'; DROP TABLE terms; --", "<b>tissue</b>,*sex*\n_x_,`y`"]
)
def test_hostile_text_is_read_or_told(open_page: OpenPage, text: str) -> None:
    app = paste(open_page(PAGE), text)
    assert app.title
    assert app.text_area(key="sheet_text").value == text


def test_the_sheet_and_its_review_survive_a_look_at_another_page(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), SHEET)
    field(app, "AD").select("leave out").run()
    app.switch_page("pages/learn.py").run()
    app.switch_page(PAGE).run()
    assert app.text_area(key="sheet_text").value == SHEET
    assert "left out by you" in texts(app, "markdown")


def test_a_sheet_is_added_to_a_design_that_is_begun(open_page: OpenPage) -> None:
    present = Design((DesignCondition({"sex": "male"}, 2, "mine", uid="mine"),))
    app = paste(open_page(PAGE, present), "tissue\nliver")
    app.radio(key="sheet_adding").set_value("add to it").run()
    design = use(app)
    assert [condition.name for condition in design.conditions] == ["mine", ""]


def test_more_than_a_design_holds_is_told_and_not_used(open_page: OpenPage) -> None:
    app = paste(open_page(PAGE), "tissue\tn\nliver\t9000\nlung\t9000")
    assert "18,000 samples; 10,000 at most" in texts(app, "error")
    assert app.button(key="use_sheet").disabled


@pytest.mark.parametrize("title", SHEETS)
def test_an_example_is_one_click_away(open_page: OpenPage, title: str) -> None:
    app = open_page(PAGE)
    app.session_state["sheet_text"] = SHEETS[title]  # AppTest has no menu buttons
    app.run()
    assert not app.exception, app.exception
    assert len(use(app).conditions) == 4


def test_a_file_is_read_like_pasted_text(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    app.file_uploader(key="sheet_upload").set_value(
        ("sheet.csv", "tissue;age\nliver;50\n".encode("utf-16"), "text/csv")
    ).run()
    assert not app.exception, app.exception
    assert "1 row, 2 columns, separated by semicolons" in texts(app, "markdown")


def test_an_excel_file_is_told(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    app.file_uploader(key="sheet_upload").set_value(("sheet.csv", b"PK\x03\x04", "text/csv")).run()
    assert "Save it as CSV" in texts(app, "error")


def test_many_texts_are_shown_in_parts(open_page: OpenPage) -> None:
    rows = "\n".join(f"{age}-{age + 5}" for age in range(10, 60))
    app = paste(open_page(PAGE), f"age\n{rows}")
    shown = [box for box in app.selectbox if box.label.endswith("means")]
    assert len(shown) == 20
    app.button(key="sheet_more:open:0").click().run()
    assert len([box for box in app.selectbox if box.label.endswith("means")]) == 50
