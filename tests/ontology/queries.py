"""What biologists type and the terms that they mean, and how a search is scored on that.

``queries.tsv`` holds the queries of the five ontologies that samples are described in, ``queries_more.tsv`` those of
further vocabularies: what is typed, the ontology of the field, the id that is meant (seldom two or three with ``|``
between them, where either would satisfy), the kind of query, and a note where the expectation is not plain. Queries and
ids were chosen by what the words mean, not by what the search finds.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthome.ontology import ONTOLOGIES, Ontology

__all__ = ["KINDS", "MORE", "QUERIES", "Answer", "Query", "answered", "grouped", "hit_rate", "read_queries"]

QUERIES = Path(__file__).with_name("queries.tsv")
MORE = Path(__file__).with_name("queries_more.tsv")
KINDS = (
    "prefix", "label", "synonym", "abbreviation", "spelling", "plural", "british", "greek", "word_order", "typo", "id",
    "obsolete_id", "pasted",
)  # fmt: skip
_BY_NAME: dict[str, Ontology] = {ontology: ontology for ontology in ONTOLOGIES}


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a file. Any of ``expected``, best found first, is right."""

    text: str
    ontology: Ontology
    expected: tuple[str, ...]
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The ids that a search found, best first, and the milliseconds that it took."""

    query: Query
    found: tuple[str, ...]
    milliseconds: float

    def hit(self, within: int) -> bool:
        """Whether a right id is among the first ``within``."""
        return any(term_id in self.query.expected for term_id in self.found[:within])


def read_queries(path: Path = QUERIES) -> list[Query]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Query(row["query"], _BY_NAME[row["ontology"]], tuple(row["expected"].split("|")), row["kind"], row["note"])
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def answered(queries: Iterable[Query], search: Callable[[str, Ontology], Sequence[str]]) -> list[Answer]:
    """Put each query to ``search``, which gives ids, best first."""
    answers = []
    for query in queries:
        started = time.perf_counter()
        found = search(query.text, query.ontology)
        answers.append(Answer(query, tuple(found), 1e3 * (time.perf_counter() - started)))
    return answers


def grouped(answers: Iterable[Answer], group: Callable[[Query], str]) -> dict[str, list[Answer]]:
    """Answers by the ontology, the kind or whatever else ``group`` reads from their queries."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(group(answer.query), []).append(answer)
    return groups


def hit_rate(answers: Sequence[Answer], within: int) -> float:
    """The part of ``answers`` with a right id among the first ``within``."""
    return sum(answer.hit(within) for answer in answers) / len(answers)
