"""What biologists call things, written down by hand: read when the index is built, whatever snapshot it is built from.

``names.tsv`` adds names to terms, ``gene_aliases.tsv`` to genes; ``common.tsv`` lists the terms that people mean most
often and ``learned.tsv`` those that the embedded models learned (written by ``make fit``), so that these come before
rarer ones of like names. ``organisms.tsv`` is the list of organisms.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from synthome.ontology.terms import SynonymScope

__all__ = ["CURATED", "TIERS", "Curated", "read_curated"]

CURATED = Path(__file__).resolve().parent
TIERS = (1, 2, 3)
"""How often people mean a term: named in countless papers, very common, common."""
_INDEXED = ("names.tsv", "gene_aliases.tsv", "common.tsv", "learned.tsv")


@dataclass(frozen=True, slots=True)
class Curated:
    """The tables that shape the index.

    ``names`` are further names by term id, each with its scope; ``tier`` is 1 for what is meant most often, to 3;
    ``digest`` changes with any of them.
    """

    names: Mapping[str, list[tuple[SynonymScope, str]]]
    tier: Mapping[str, int]
    learned: frozenset[str]
    digest: str


@lru_cache(maxsize=1)
def read_curated() -> Curated:
    """Read the tables, once a process."""
    names: defaultdict[str, list[tuple[SynonymScope, str]]] = defaultdict(list)
    for row in _rows("names.tsv"):
        names[row["id"]].append((row["scope"], row["name"]))  # type: ignore[arg-type]  # the test of the table checks it
    for row in _rows("gene_aliases.tsv"):
        names[row["ensembl_id"]].append(("EXACT", row["alias"]))
    tier = {row["id"]: int(row["tier"]) for row in _rows("common.tsv")}
    learned = frozenset(row["id"] for row in _rows("learned.tsv"))
    digest = hashlib.sha256(b"".join((CURATED / name).read_bytes() for name in _INDEXED)).hexdigest()
    return Curated(names, tier, learned, digest)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (CURATED / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t")
