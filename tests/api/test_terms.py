"""Term search over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import requests


def _terms(base: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = requests.get(f"{base}/api/terms", params=parameters, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()["terms"]


def test_the_beginning_of_a_name_finds_the_term(base: str) -> None:
    first = _terms(base, ontology="UBERON", q="liv")[0]
    assert (first["id"], first["label"], first["ontology"]) == ("UBERON:0002107", "liver", "UBERON")
    assert {"matched", "kind"} <= set(first)
    assert not {"status", "reason", "obsolete", "replaced_by"} & set(first)


def test_a_matched_synonym_is_named(base: str) -> None:
    first = _terms(base, ontology="CHEBI", q="acetylsalicylic acid")[0]
    assert first["matched"].lower() == "acetylsalicylic acid"


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
        ({"q": "liver", "ontology": "GO"}, "ontology.0", "'UBERON', 'CL', 'MONDO', 'CHEBI' or 'CVCL'"),
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
