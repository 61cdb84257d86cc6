"""What biologists type finds what they mean, measured over hundreds of queries.

``python -m benchmarks.term_quality`` measures the same beside other ways to search, and lists the misses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from synthome.ontology import Ontology, TermIndex
from tests.ontology.queries import KINDS, QUERIES, Answer, Query, answered, grouped, hit_rate, read_queries

FIVE: tuple[Ontology, ...] = ("UBERON", "CL", "MONDO", "CHEBI", "CVCL")


@pytest.fixture(scope="module")
def queries() -> list[Query]:
    return read_queries()


@pytest.fixture(scope="module")
def answers(queries: list[Query], index: TermIndex) -> list[Answer]:
    return answered(queries, lambda text, ontology: [match.term.id for match in index.search(text, [ontology], 5)])


def misses(answers: Iterable[Answer], within: int, index: TermIndex) -> str:
    """A line for each query whose term is not among the first ``within``."""
    return "".join(
        f"\n  {answer.query.ontology} {answer.query.kind}: {answer.query.text!r}"
        f" means {' or '.join(index.label(term_id) for term_id in answer.query.expected)},"
        f" finds {index.label(answer.found[0]) if answer.found else 'nothing'}"
        for answer in answers
        if not answer.hit(within)
    )


def test_the_queries_are_many_and_spread_over_the_five_ontologies_and_every_kind(queries: list[Query]) -> None:
    assert len(queries) >= 400
    ontologies = Counter(query.ontology for query in queries)
    assert set(ontologies) == set(FIVE)
    assert all(0.17 < count / len(queries) < 0.23 for count in ontologies.values()), ontologies
    kinds = Counter(query.kind for query in queries)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 20, kinds


def test_no_query_stands_twice_and_each_expects_three_terms_at_most(queries: list[Query]) -> None:
    again = {asked: n for asked, n in Counter((query.text, query.ontology) for query in queries).items() if n > 1}
    assert again == {}
    assert [query for query in queries if not 1 <= len(set(query.expected)) == len(query.expected) <= 3] == []


def test_the_lines_of_the_file_are_whole() -> None:
    lines = QUERIES.read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["query", "ontology", "expected", "kind", "note"]
    assert [line for line in lines if line.count("\t") != 4] == []


def test_every_term_that_is_expected_is_current(queries: list[Query], index: TermIndex) -> None:
    expected = {(term_id, query.ontology) for query in queries for term_id in query.expected}
    terms = index.terms(term_id for term_id, _ in expected)
    unfit = {
        (term_id, ontology)
        for term_id, ontology in expected
        if (term := terms.get(term_id)) is None or term.obsolete or term.ontology != ontology
    }
    assert unfit == set()


def test_nine_in_ten_queries_find_their_term_first(answers: list[Answer], index: TermIndex) -> None:
    rate = hit_rate(answers, 1)
    assert rate >= 0.90, f"{rate:.1%} of {len(answers)} are first; not first:{misses(answers, 1, index)}"


def test_nearly_all_queries_find_their_term_among_five(answers: list[Answer], index: TermIndex) -> None:
    rate = hit_rate(answers, 5)
    assert rate >= 0.97, f"{rate:.1%} of {len(answers)} are among five; not there:{misses(answers, 5, index)}"


@pytest.mark.parametrize("kind", KINDS)
def test_four_in_five_queries_of_a_kind_find_their_term_first(
    kind: str, answers: list[Answer], index: TermIndex
) -> None:
    of_kind = grouped(answers, lambda query: query.kind)[kind]
    rate = hit_rate(of_kind, 1)
    assert rate >= 0.80, f"{rate:.1%} of {len(of_kind)} are first; not first:{misses(of_kind, 1, index)}"


@pytest.mark.parametrize("ontology", FIVE)
def test_four_in_five_queries_in_an_ontology_find_their_term_first(
    ontology: Ontology, answers: list[Answer], index: TermIndex
) -> None:
    inside = grouped(answers, lambda query: query.ontology)[ontology]
    rate = hit_rate(inside, 1)
    assert rate >= 0.80, f"{rate:.1%} of {len(inside)} are first; not first:{misses(inside, 1, index)}"
