"""Whether the term search finds what is meant, beside plainer searches; run ``python -m benchmarks.term_quality``.

The queries of ``tests/ontology/queries.tsv`` go to Synthome's index and, over the same names of the same snapshot, to

* SQLite's full-text search as it comes: the default tokenizer, all words typed, the last as a beginning, bm25 order;
* a scan for beginnings: of labels and synonyms that begin with the text, the shortest first;
* rapidfuzz's ``ratio`` to every name;
* rapidfuzz's ``WRatio`` to every name, which takes so long that only every n-th query is put to it.

Each row is a group of queries, each pair of figures the percentage whose term comes first, and among the first five.
``--misses`` lists the queries whose term Synthome does not find first, ``--more`` adds ``queries_more.tsv``.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from benchmarks.term_search import Timing
from synthome.ontology import Ontology, TermIndex, default_index
from synthome.ontology.snapshot import Snapshot
from synthome.settings import settings
from tests.ontology.queries import MORE, Answer, Query, answered, grouped, hit_rate, read_queries

LIMIT = 5
SAMPLE = 12
"""Queries of each ontology that are put to WRatio."""
_NAMES_READ = 100
"""Best names of a plain search, of which several may be of one term."""

Search = Callable[[str, Ontology], Sequence[str]]
Named = list[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="list the queries whose term does not come first")
    parser.add_argument("--more", action="store_true", help="the queries of further vocabularies too")
    asked = parser.parse_args()
    queries = read_queries() + (read_queries(MORE) if asked.more else [])
    index = default_index()
    answers = measure(index, queries)
    if asked.misses:
        list_misses(index, answers)


def measure(index: TermIndex, queries: Sequence[Query]) -> list[Answer]:
    """Print the comparison; the answers of Synthome's own search are returned."""
    names = {ontology: named(ontology) for ontology in dict.fromkeys(query.ontology for query in queries)}
    few = sample(queries)
    searches: dict[str, tuple[Search, Sequence[Query]]] = {
        "Synthome": (synthome(index), queries),
        "FTS5 bm25": (full_text(names), queries),
        "prefix": (beginnings(names), queries),
        "rf ratio": (fuzzy(names, fuzz.ratio), queries),
        "rf WRatio": (fuzzy(names, fuzz.WRatio), few),
    }
    for query in queries:
        index.search(query.text, [query.ontology], LIMIT)
    columns = {name: answered(asked, search) for name, (search, asked) in searches.items()}
    counted = f"{len(queries)} queries, {sum(map(len, names.values())):,} names of {len(names)} ontologies"
    print(f"{counted}; to WRatio {len(few)} of the queries, {SAMPLE} of each ontology")
    print("first% / five%".ljust(20) + "queries".rjust(8) + "".join(name.rjust(16) for name in columns))
    print_rows(columns, lambda query: query.ontology)
    print_rows(columns, lambda query: query.kind)
    print_rows(columns, lambda _: "all")
    print("\n" + "".ljust(20) + "p50 ms".rjust(12) + "p95 ms".rjust(12))
    for name, answers in columns.items():
        timing = Timing(name, tuple(answer.milliseconds for answer in answers))
        print(f"{name:20}{timing.median:12.2f}{timing.p95:12.2f}")
    return columns["Synthome"]


def print_rows(columns: dict[str, list[Answer]], group: Callable[[Query], str]) -> None:
    print()
    parts = {name: grouped(answers, group) for name, answers in columns.items()}
    for row, asked in next(iter(parts.values())).items():
        print(f"{row:20}{len(asked):8}" + "".join(rates(part.get(row, [])).rjust(16) for part in parts.values()))


def rates(answers: Sequence[Answer]) -> str:
    return f"{100 * hit_rate(answers, 1):.0f} / {100 * hit_rate(answers, LIMIT):.0f}" if answers else "-"


def list_misses(index: TermIndex, answers: Sequence[Answer]) -> None:
    print("\nNot first (* not among five): what was typed, what is meant, what comes first")
    for answer in answers:
        if not answer.hit(1):
            query = answer.query
            meant = " or ".join(f"{index.label(term_id)} [{term_id}]" for term_id in query.expected)
            first = f"{index.label(answer.found[0])} [{answer.found[0]}]" if answer.found else "nothing"
            mark = " " if answer.hit(LIMIT) else "*"
            print(f"{mark} {query.ontology:10}{query.kind:13}{query.text!r}  means {meant}  finds {first}")


def sample(queries: Sequence[Query]) -> list[Query]:
    """Some queries of each ontology, evenly over its kinds as they lie in the file."""
    picked: list[Query] = []
    for asked in {query.ontology: None for query in queries}:
        inside = [query for query in queries if query.ontology == asked]
        picked += [inside[round(place * (len(inside) - 1) / (SAMPLE - 1))] for place in range(SAMPLE)]
    return picked


def named(ontology: Ontology) -> Named:
    """Labels and synonyms of current terms, each with the id of its term."""
    terms = (term for term in Snapshot(settings().snapshot_dir).terms(ontology) if not term.obsolete)
    return [(name, term.id) for term in terms for name in (term.label, *(s.text for s in term.synonyms)) if name]


def first_terms(term_ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(term_ids))[:LIMIT]


# Searches -----------------------------------------------------------------------------------------------------------


def synthome(index: TermIndex) -> Search:
    return lambda text, ontology: [match.term.id for match in index.search(text, [ontology], LIMIT)]


def full_text(names: dict[Ontology, Named]) -> Search:
    database = sqlite3.connect(":memory:")
    for ontology, pairs in names.items():
        database.execute(f"CREATE VIRTUAL TABLE {ontology} USING fts5(name, term UNINDEXED)")
        database.executemany(f"INSERT INTO {ontology} VALUES (?, ?)", pairs)  # noqa: S608

    def search(text: str, ontology: Ontology) -> list[str]:
        words = re.findall(r"[^\W_]+", text)
        if not words:
            return []
        expression = " AND ".join(f'"{word}"' for word in words) + "*"
        statement = f"SELECT term FROM {ontology} WHERE {ontology} MATCH ? ORDER BY rank LIMIT ?"  # noqa: S608
        return first_terms(term_id for (term_id,) in database.execute(statement, (expression, _NAMES_READ)))

    return search


def beginnings(names: dict[Ontology, Named]) -> Search:
    ordered = {ontology: sorted((name.casefold(), term_id) for name, term_id in names[ontology]) for ontology in names}

    def search(text: str, ontology: Ontology) -> list[str]:
        begun, pairs = text.casefold(), ordered[ontology]
        fitting = pairs[bisect_left(pairs, (begun, "")) : bisect_right(pairs, (begun + "\U0010ffff", ""))]
        return first_terms(term_id for _, term_id in sorted(fitting, key=lambda pair: (len(pair[0]), pair)))

    return search


def fuzzy(names: dict[Ontology, Named], scorer: Callable[..., float]) -> Search:
    folded = {ontology: [default_process(name) for name, _ in pairs] for ontology, pairs in names.items()}

    def search(text: str, ontology: Ontology) -> list[str]:
        best = process.extract(default_process(text), folded[ontology], scorer=scorer, limit=_NAMES_READ)
        return first_terms(names[ontology][place][1] for _, _, place in best)

    return search


if __name__ == "__main__":
    main()
