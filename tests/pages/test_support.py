"""What people are told of their values: before predicting, after it, and where a model refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from components.forecast import forecast
from components.refused_fields import list_refusals
from components.support_marks import counted_by_status, support_line
from components.words import byte_size, shortened
from synthome.errors import FieldError, QueryError
from synthome.models.protocol import Progress
from synthome.query.designs import Design, DesignCondition
from synthome.query.support import Support
from synthome.query.vocabulary import BULK
from synthome.runs import Run, RunError, Runner, RunState, number_of_genes, vocabulary_for
from tests.models_for_tests import SmallModel
from tests.pages.settling import settled

OpenPage = Callable[..., AppTest]

VALUES = {
    "tissue_ontology_id": "UBERON:0002107",
    "sex": "female",
    "race": "Asian",
    "perturbation_type": "crispr",
    "perturbation_ontology_id": "ENSG00000141510",
}
CONDITION = DesignCondition(VALUES, 3, uid="one")


def shown(app: AppTest) -> str:
    """All Markdown of the page, without its escapes."""
    return "\n".join(str(text.value) for text in app.markdown).replace("\\", "")


@pytest.mark.parametrize("key", VALUES)
def test_each_field_says_what_the_model_makes_of_its_value_and_links_to_the_card(open_page: OpenPage, key: str) -> None:
    app = open_page("pages/design.py", Design((CONDITION,)))
    support = vocabulary_for(BULK).supports(VALUES)[key]
    assert support_line(support).replace("\\", "") in shown(app)
    assert f"(model_card?section={key})" in support_line(support)


def test_a_field_without_a_value_says_nothing(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((DesignCondition({}, 3, uid="one"),)))
    assert "model_card?section" not in shown(app)


def test_a_refused_value_says_why_and_offers_the_nearest_that_are_answered(open_page: OpenPage) -> None:
    # A cell line that stands alone and was not learned has nothing to be answered from.
    values = {"cell_line_ontology_id": "CVCL_ZZZZ"}
    support = vocabulary_for(BULK).supports(values)["cell_line_ontology_id"]
    assert support.status == "refused"
    assert support.relatives
    app = open_page("pages/design.py", Design((DesignCondition(values, 3, uid="one"),)))
    assert support_line(support).replace("\\", "") in shown(app)
    nearest = support.relatives[0]
    app.button(key=f"suggest:cell_line_ontology_id:one:{nearest}").click().run()
    assert app.session_state["design"].conditions[0].values["cell_line_ontology_id"] == nearest


def test_a_status_is_told_by_icon_colour_and_word() -> None:
    line = support_line(Support("sex", "male", "extrapolated", "From its kin.", confidence=0.42))
    assert line.startswith(":orange[:material/call_split:] :orange[extrapolated] · confidence 42 % · From its kin")


def test_what_is_certain_mentions_no_confidence_and_a_long_reason_is_cut_between_words() -> None:
    line = support_line(Support("sex", "male", "known", f"Learned from {'many studies, ' * 30}")).replace("\\", "")
    assert "confidence" not in line
    assert re.search(r", many( studies)? … \[why\?\]", line)
    assert shortened("short", 10) == "short"


def test_statuses_are_counted_in_words() -> None:
    supports = [Support("sex", "male", "known", ""), Support("race", "Asian", "no effect", "")]
    assert counted_by_status(supports) == "1 known, 1 without effect"


def test_a_pasted_gene_is_called_by_its_symbol(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((CONDITION,)))
    assert "TP53" in app.text_input(key="name:one").placeholder


def test_near_predict_stand_genes_time_and_size(open_page: OpenPage) -> None:
    app = open_page("pages/design.py", Design((CONDITION,)))
    genes = number_of_genes(BULK)
    captions = [caption.value for caption in app.caption]
    assert f"{genes:,} genes · less than a second · {byte_size(genes * 3 * 4)} of memory" in captions
    assert "without effect: race Asian" in shown(app)


def test_a_design_of_learned_values_alone_says_that_nothing_is_extrapolated(open_page: OpenPage) -> None:
    liver = DesignCondition({"tissue_ontology_id": "UBERON:0002107"}, 3, uid="one")
    assert "nothing is extrapolated" in shown(open_page("pages/design.py", Design((liver,))))


def done_run(seconds: float, samples: int) -> Run:
    design = Design((replace(CONDITION, num_samples=samples),))
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    return Run(
        "r", "w", "t", BULK, "embedded", design.to_query(), ("one",), RunState.DONE, Progress(samples, samples, ""),
        begun, begun, begun + timedelta(seconds=seconds), num_genes=100,
    )  # fmt: skip


def test_earlier_runs_tell_how_long_a_design_will_take() -> None:
    design = Design((replace(CONDITION, num_samples=1_000),))
    slow = forecast(design, "embedded", [done_run(10, 100)])
    assert (slow.genes, slow.seconds, slow.table_bytes) == (100, 100.0, 400_000)
    measured = forecast(design, "embedded", [])
    assert measured.seconds is not None
    assert forecast(design, "embedded", [done_run(10, 5)]).seconds == measured.seconds, "too few samples to tell"


def test_nothing_is_claimed_of_a_service_that_has_not_answered_yet() -> None:
    expected = forecast(Design((CONDITION,)), "hosted", [done_run(10, 100)])
    assert (expected.genes, expected.seconds, expected.table_bytes) == (None, None, None)


def test_the_result_says_what_was_applied_to_each_condition_and_why(open_page: OpenPage) -> None:
    other = DesignCondition({"tissue_ontology_id": "UBERON:0000955"}, 3, "Other", uid="two")
    app = open_page("pages/design.py", Design((replace(CONDITION, name="One"), other), seed=1))
    app.button(key="predict").click().run()
    settled(app)
    titles = [expander.label for expander in app.expander]
    assert any(title.startswith("What was applied: ") and "known" in title for title in titles)
    text = shown(app)
    assert text.index("**One**") < text.index("Perturbation: TP53") < text.index("**Other**")
    for support in vocabulary_for(BULK).supports(VALUES).values():
        assert f"model_card?section={support.key}" in text


def test_a_refusal_that_comes_with_the_answer_stands_beside_its_field(
    open_page: OpenPage, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = QueryError([FieldError("inputs.1.metadata.sex", "sex", "male", "sex: this service answers no males")])
    monkeypatch.setattr("components.predicting.chosen_model", lambda _: SmallModel(failure=refusal))
    women = DesignCondition({"sex": "female"}, 3, uid="women")
    app = open_page("pages/design.py", Design((women, DesignCondition({"sex": "male"}, 3, "Men", uid="men"))))
    app.button(key="predict").click().run()
    settled(app)
    assert shown(app).count(":red[Refused when it was asked: this service answers no males]") == 1
    assert not app.warning, "a refusal of last time does not stand in the way of asking again"

    run = runner.runs(app.session_state["workspace"])[0]
    app.session_state["shown_run"] = run.id
    app.switch_page("pages/results.py").run()
    assert app.error[0].value.replace("\\", "") == "- **Men** · Sex: this service answers no males"

    app.switch_page("pages/design.py").run()
    app.segmented_control(key="sex:men").set_value("female").run()
    assert "no males" not in shown(app)


def test_a_refusal_of_the_whole_query_is_listed_without_a_condition() -> None:
    fault = FieldError("total_count", "total_count", "", "total_count: too many")
    run = replace(done_run(1, 5), state=RunState.FAILED, error=RunError("no", (fault,)))
    assert list_refusals(run).replace("\\", "") == "- Library size: too many"
