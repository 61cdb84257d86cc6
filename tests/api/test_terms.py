"""Term search over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from synthome.ontology import default_index
from synthome.ontology.live import LiveLookup
from tests.servers import Reply, ScriptedServer, scripted_server


def _terms(base: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = requests.get(f"{base}/api/terms", params=parameters, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()["terms"]


def test_the_beginning_of_a_name_finds_the_term(base: str) -> None:
    first = _terms(base, ontology="UBERON", q="liv")[0]
    assert (first["id"], first["label"], first["ontology"]) == ("UBERON:0002107", "liver", "UBERON")
    assert {"matched", "kind"} <= set(first)
    assert not {"status", "reason", "obsolete", "replaced_by", "scope", "replaces"} & set(first)


def test_a_matched_synonym_is_named(base: str) -> None:
    first = _terms(base, ontology="CHEBI", q="acetylsalicylic acid")[0]
    assert first["matched"].lower() == "acetylsalicylic acid"


def test_a_matched_synonym_that_means_not_quite_the_same_says_how_it_is_meant(base: str) -> None:
    first = _terms(base, ontology="CHEBI", q="aspirin")[0]
    assert (first["label"], first["matched"], first["scope"]) == ("acetylsalicylic acid", "Aspirin", "RELATED")


def test_an_obsolete_id_finds_what_replaces_it_and_says_so(base: str) -> None:
    (found,) = _terms(base, ontology="CL", q="CL:0000003")
    assert (found["id"], found["kind"], found["matched"], found["replaces"]) == (
        *("CL:0000000", "id"),
        *("CL:0000003", "CL:0000003"),
    )


def test_a_term_without_a_definition_is_described_by_its_parents(base: str) -> None:
    undefined = [term for term in _terms(base, ontology="CHEBI", q="acid", limit=100) if "definition" not in term]
    assert undefined
    index = default_index()
    for term in undefined:
        expected = [index.label(parent) for parent in index.graph.parents(term["id"])[:3]]
        assert term.get("parents", []) == expected


def test_what_is_merely_spelled_alike_is_told_as_the_closest(base: str) -> None:
    answer = requests.get(f"{base}/api/terms", params={"q": "astma", "ontology": "MONDO"}, timeout=30).json()
    assert answer["closest"] is True
    assert answer["terms"][0]["label"] == "asthma"
    for q in ("asthma", "qqqqq", "asth"):
        answer = requests.get(f"{base}/api/terms", params={"q": q, "ontology": "MONDO"}, timeout=30).json()
        assert "closest" not in answer


def test_several_ontologies_may_be_named_and_all_are_searched_otherwise(base: str) -> None:
    both = _terms(base, ontology=["UBERON", "MONDO"], q="kidney", limit=50)
    assert {term["ontology"] for term in both} == {"UBERON", "MONDO"}
    assert len({term["ontology"] for term in _terms(base, q="hepatocyte", limit=50)}) > 1


def test_the_limit_is_kept(base: str) -> None:
    assert len(_terms(base, q="cell", limit=7)) == 7


def test_a_model_says_what_it_makes_of_each_term(base: str) -> None:
    known, *rest = _terms(base, ontology="UBERON", q="liver", model="gem-1-bulk", limit=5)
    assert (known["status"], known["reason"]) == ("known", "Learned from data.")
    assert {term["status"] for term in rest} == {"extrapolated"}


@pytest.mark.parametrize("q", ["", " ", "%", '"', "*", "NEAR(", "a'b", "\x00", "ä", "💥", "x" * 10_000, "AND OR NOT"])
def test_any_text_may_be_searched(base: str, q: str) -> None:
    assert isinstance(_terms(base, q=q), list)


def test_a_browser_may_keep_the_answer_for_itself(base: str) -> None:
    answer = requests.get(f"{base}/api/terms", params={"q": "liver"}, timeout=30)
    assert answer.headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize(
    ("parameters", "path", "allowed"),
    [
        ({"q": "liver", "ontology": "GO"}, "ontology.0", "'UBERON', 'CL', 'MONDO', 'CHEBI', 'CVCL', 'HsapDv'"),
        ({"q": "liver", "limit": 0}, "limit", "greater than or equal to 1"),
        ({"q": "liver", "limit": 101}, "limit", "less than or equal to 100"),
        ({"q": "liver", "limit": "ten"}, "limit", "integer"),
        ({}, "q", "required"),
    ],
)
def test_a_wrong_parameter_is_told_with_what_is_allowed(
    base: str, parameters: dict[str, Any], path: str, allowed: str
) -> None:
    answer = requests.get(f"{base}/api/terms", params=parameters, timeout=30)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["path"] == path
    assert allowed in fault["message"]


def test_an_unknown_model_is_not_found(base: str) -> None:
    assert requests.get(f"{base}/api/terms?q=liver&model=gem-9", timeout=30).status_code == 404


@pytest.mark.parametrize(
    "term_id", ["UBERON:0002107", "UBERON_0002107", "http://purl.obolibrary.org/obo/UBERON_0002107"]
)
def test_a_term_comes_with_its_neighbours(base: str, term_id: str) -> None:
    term = requests.get(f"{base}/api/terms/{term_id}", timeout=30).json()
    assert (term["id"], term["label"]) == ("UBERON:0002107", "liver")
    assert all(parent["id"].startswith("UBERON:") and parent["label"] for parent in term["parents"])
    assert term["parents"]
    child = term["children"][0]
    parents = requests.get(f"{base}/api/terms/{child['id']}", timeout=30).json()["parents"]
    assert {"id": "UBERON:0002107", "label": "liver"} in parents


def test_a_term_that_is_not_there_says_to_search(base: str) -> None:
    answer = requests.get(f"{base}/api/terms/UBERON:9999999", timeout=30)
    assert answer.status_code == 404
    assert "search for it by name" in answer.json()["error"]


# Before anything is typed -------------------------------------------------------------------------------------------


def _suggested(base: str, **parameters: Any) -> dict[str, Any]:
    answer = requests.get(f"{base}/api/terms/suggested", params={"model": "gem-1-bulk", **parameters}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_best_supported_terms_of_the_model_are_suggested_first(base: str) -> None:
    suggested = _suggested(base, ontology="UBERON")["suggested"]
    assert [(term["id"], term["label"]) for term in suggested] == [
        ("UBERON:0002107", "liver"),
        ("UBERON:0000945", "stomach"),
    ]
    assert suggested[0]["status"] == "known"
    assert len(_suggested(base, ontology="UBERON", limit=1)["suggested"]) == 1


def test_a_model_that_learned_nothing_of_an_ontology_suggests_nothing_of_it(base: str) -> None:
    assert _suggested(base, ontology=["MONDO", "CVCL"]) == {"recent": [], "suggested": []}
    both = _suggested(base, ontology=["MONDO", "UBERON"])["suggested"]
    assert {term["ontology"] for term in both} == {"UBERON"}


def test_recent_terms_come_described_and_those_of_other_ontologies_or_none_are_left_out(base: str) -> None:
    recent = ["UBERON:0002370", "CL:0000084", "UBERON:9999999", "nonsense"]
    found = _suggested(base, ontology="UBERON", recent=recent)["recent"]
    assert [(term["id"], term["label"], term["status"]) for term in found] == [
        ("UBERON:0002370", "thymus", "extrapolated")
    ]


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"ontology": "UBERON"}, "model"),
        ({"model": "gem-1-bulk"}, "ontology"),
        ({"model": "gem-1-bulk", "ontology": "UBERON", "recent": ["CL:0000084"] * 21}, "recent"),
    ],
)
def test_suggestions_need_a_model_and_an_ontology(base: str, parameters: dict[str, Any], path: str) -> None:
    answer = requests.get(f"{base}/api/terms/suggested", params=parameters, timeout=30)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == [path]


# Elsewhere ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """The service that is asked for terms that are not here."""
    with scripted_server() as server:
        lookup = LiveLookup(server.url, patience=1.0)
        monkeypatch.setattr("synthome.api.term_routes.live_lookup", lambda: lookup)
        yield server


ASKED = f"/api/search?{urlencode({'q': 'new', 'ontology': 'uberon', 'type': 'class', 'rows': 30})}"
NEW = {"obo_id": "UBERON:9999998", "label": "a new organ", "description": ["Found this year."]}
LIVE = {"q": "new", "ontology": "UBERON", "model": "gem-1-bulk"}


def test_terms_found_live_say_where_they_are_from_and_what_the_model_makes_of_them(
    base: str, elsewhere: ScriptedServer
) -> None:
    elsewhere.on("GET", ASKED, Reply(body={"response": {"docs": [NEW]}}))
    answer = requests.get(f"{base}/api/terms/live", params=LIVE, timeout=30).json()
    assert answer["source"] == "EBI OLS4"
    (term,) = answer["terms"]
    assert (term["id"], term["label"], term["kind"], term["status"]) == (
        *("UBERON:9999998", "a new organ"),
        *("live", "extrapolated"),
    )


@pytest.mark.parametrize(("reply", "words"), [(Reply(500), "failed"), (Reply(body=b"?"), "no list of terms")])
def test_a_service_that_fails_is_told_in_a_sentence(
    base: str, elsewhere: ScriptedServer, reply: Reply, words: str
) -> None:
    elsewhere.on("GET", ASKED, reply)
    answer = requests.get(f"{base}/api/terms/live", params=LIVE, timeout=30)
    assert answer.status_code == 503
    assert words in answer.json()["error"]


def test_what_is_found_here_never_asks_elsewhere(base: str, elsewhere: ScriptedServer) -> None:
    _terms(base, q="qqqqq")
    _suggested(base, ontology="UBERON")
    requests.get(f"{base}/api/terms/UBERON:9999999", timeout=30)
    assert elsewhere.asked == []


def test_looking_elsewhere_may_be_switched_off(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthome.api.term_routes.live_lookup", lambda: None)
    answer = requests.get(f"{base}/api/terms/live", params=LIVE, timeout=30)
    assert answer.status_code == 404
    assert "SYNTHOME_LIVE_LOOKUP" in answer.json()["error"]
