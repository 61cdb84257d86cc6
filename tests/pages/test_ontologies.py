"""The page of the ontologies: from a search to a term, to its relatives, to a condition with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from synthome.ontology import ONTOLOGIES, default_index
from synthome.ontology.live import LiveLookup
from synthome.query.designs import Design
from tests.servers import Reply, ScriptedServer, scripted_server

OpenPage = Callable[..., AppTest]
AtTerm = Callable[..., AppTest]


@pytest.fixture
def at_term(open_page: OpenPage) -> AtTerm:
    """Open the page of a term."""

    def opened(term_id: str, design: Design | None = None) -> AppTest:
        app = open_page(design=design)
        app.query_params["term"] = term_id
        app.switch_page("pages/ontologies.py").run()
        assert not app.exception, app.exception
        return app

    return opened


def shown(app: AppTest) -> str:
    """All words of the page, without the escapes of Markdown."""
    kinds = (app.subheader, app.caption, app.markdown, app.code, app.warning, app.info, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def buttons(app: AppTest) -> dict[str, str]:
    return {str(button.key): button.label.replace("\\", "") for button in app.button}


def test_who_is_new_sees_every_ontology_with_terms_to_begin_with(open_page: OpenPage) -> None:
    app = open_page("pages/ontologies.py")
    examples = [key.removeprefix("example:") for key in buttons(app) if key.startswith("example:")]
    index = default_index()
    assert {term.ontology for term in index.terms(examples).values()} == set(ONTOLOGIES)
    app.button(key="example:UBERON:0002107").click().run()
    assert app.query_params["term"] == "UBERON:0002107"
    assert app.subheader[0].value == "liver"


def test_a_term_tells_its_names_by_scope_its_id_and_where_else_it_is_described(at_term: AtTerm) -> None:
    app = at_term("CHEBI:15365")
    words = shown(app)
    assert app.code[0].value == "CHEBI:15365"
    assert "**Related names** ASA, Aspirin" in words
    assert "**In ChEMBL** [CHEMBL25](https://www.ebi.ac.uk/chembl/explore/compound/CHEMBL25)" in words
    assert "[ChEBI](https://www.ebi.ac.uk/chebi/CHEBI:15365)" in words


@pytest.mark.parametrize("term_id", ["UBERON:0002107", "CVCL_0030", "ENSG00000141510", "HANCESTRO:0005", "9606"])
def test_what_both_models_know_of_a_term_is_told(at_term: AtTerm, term_id: str) -> None:
    words = shown(at_term(term_id))
    assert "**gem-1-bulk** :" in words
    assert "**gem-1-sc** :" in words


def test_one_walks_up_to_a_root_and_down_again(at_term: AtTerm) -> None:
    app = at_term("CL:0000084")
    (way,) = default_index().graph.ways_up("CL:0000084")
    assert [f"way:0:{term_id}" in buttons(app) for term_id in way] == [True] * len(way)
    app.button(key=f"way:0:{way[-1]}").click().run()
    assert app.query_params["term"] == way[-1]
    app.button(key="child:CL:0000084").click().run()
    assert app.subheader[0].value == "T cell"


def test_many_children_are_shown_in_part_filtered_by_name_or_by_and_by(at_term: AtTerm) -> None:
    app = at_term("HANCESTRO:0005")
    index = default_index()
    every = index.graph.children("HANCESTRO:0005")
    assert len(every) > 48

    def children() -> list[str]:
        return [key.removeprefix("child:") for key in buttons(app) if key.startswith("child:")]

    assert len(children()) == 24
    app.text_input(key="filter:HANCESTRO:0005").set_value("FINN").run()
    assert children()
    assert all("finn" in index.label(child).lower() for child in children())
    app.text_input(key="filter:HANCESTRO:0005").set_value("").run()
    app.button(key="button:more:HANCESTRO:0005").click().run()
    assert len(children()) == min(72, len(every))


@pytest.mark.parametrize(
    ("term_id", "values"),
    [
        ("UBERON:0002107", {"tissue_ontology_id": "UBERON:0002107"}),
        ("CVCL_0030", {"cell_line_ontology_id": "CVCL_0030"}),
        ("HsapDv:0000258", {"developmental_stage": "HsapDv:0000258"}),
        ("HANCESTRO:0005", {"ethnicity": "HANCESTRO:0005"}),
        ("CHEBI:41879", {"perturbation_type": "compound", "perturbation_ontology_id": "CHEBI:41879"}),
        ("ENSG00000075624", {"perturbation_type": "crispr", "perturbation_ontology_id": "ENSG00000075624"}),
        ("ENSG00000141510", {"perturbation_type": "overexpression", "perturbation_ontology_id": "ENSG00000141510"}),
        ("9606", {"perturbation_type": "infection", "perturbation_ontology_id": "9606"}),
    ],
)
def test_a_term_goes_into_a_new_condition_under_its_key(at_term: AtTerm, term_id: str, values: dict[str, str]) -> None:
    app = at_term(term_id, Design())
    app.button(key="use_term").click().run()
    assert app.title[0].value == "Design an experiment"
    assert [dict(condition.values) for condition in app.session_state["design"].conditions] == [values]


def test_a_term_that_the_model_refuses_offers_the_nearest_instead(at_term: AtTerm) -> None:
    app = at_term("CVCL_A8FT")
    assert app.button(key="use_term").disabled
    instead = [key for key in buttons(app) if key.startswith("instead:")]
    app.button(key=instead[0]).click().run()
    assert app.query_params["term"] == instead[0].removeprefix("instead:")


def test_an_obsolete_term_leads_to_what_replaces_it(at_term: AtTerm) -> None:
    app = at_term("CL:0000003")
    assert "obsolete: replaced by cell (CL:0000000)" in shown(app)
    assert "use_term" not in buttons(app)
    app.button(key="successor").click().run()
    assert app.query_params["term"] == "CL:0000000"


def test_an_obsolete_term_that_nothing_replaces_says_so(at_term: AtTerm) -> None:
    assert "obsolete, and nothing replaces it" in shown(at_term("CL:0000002"))


@pytest.mark.parametrize("term_id", ["CHEBI:15365", "CL:0000003", "CL:0000002", "UBERON:9999999", "nonsense", ""])
def test_no_term_makes_a_second_primary_button(at_term: AtTerm, term_id: str) -> None:
    assert sum(button.proto.type == "primary" for button in at_term(term_id).button) <= 1


# Elsewhere ----------------------------------------------------------------------------------------------------------

NEW = {"obo_id": "UBERON:9999999", "label": "a new organ", "description": ["Found this year."]}
_QUERY: dict[str, Any] = {"q": "UBERON:9999999", "queryFields": "obo_id", "exact": "true", "ontology": "uberon"}
ASKED = f"/api/search?{urlencode({**_QUERY, 'type': 'class', 'rows': 15})}"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        lookup = LiveLookup(server.url, patience=1.0)
        monkeypatch.setattr("components.term_panel.live_lookup", lambda: lookup)
        yield server


def test_an_id_that_is_not_here_is_looked_up_live_only_when_asked_for_and_may_be_used(
    at_term: AtTerm, elsewhere: ScriptedServer
) -> None:
    elsewhere.on("GET", ASKED, Reply(body={"response": {"docs": [NEW]}}))
    app = at_term("UBERON:9999999", Design())
    assert "not among the terms of UBERON" in shown(app)
    assert elsewhere.asked == []
    app.button(key="look_up").click().run()
    assert app.subheader[0].value == "a new organ"
    assert "Found live at EBI's OLS4" in shown(app)
    app.button(key="use_term").click().run()
    assert dict(app.session_state["design"].conditions[0].values) == {"tissue_ontology_id": "UBERON:9999999"}


@pytest.mark.parametrize(
    ("reply", "words"),
    [(Reply(500), "failed (status 500)"), (Reply(body={"response": {"docs": []}}), "has no such term either")],
)
def test_a_lookup_that_finds_nothing_says_so(
    at_term: AtTerm, elsewhere: ScriptedServer, reply: Reply, words: str
) -> None:
    elsewhere.on("GET", ASKED, reply)
    app = at_term("UBERON:9999999")
    app.button(key="look_up").click().run()
    assert words in shown(app)


def test_where_it_is_switched_off_no_live_lookup_is_offered(at_term: AtTerm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.term_panel.live_lookup", lambda: None)
    assert "look_up" not in buttons(at_term("UBERON:9999999"))
