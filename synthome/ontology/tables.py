"""What the ontologies themselves do not say, read from tables when the snapshot is built.

Genes come from Ensembl's annotation, with their place and the symbols that they had before; organisms from the list in
``curated``; further names of compounds and their ids in ChEMBL from tables of pairs.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.curated import CURATED
from synthome.ontology.terms import Synonym, Term

__all__ = ["ASSEMBLY", "ExtraTables", "read_genes", "read_organisms", "read_pairs"]

ASSEMBLY = "GRCh38"
"""The human genome on which genes are placed."""
_CHROMOSOMES = frozenset([*(str(number) for number in range(1, 23)), "X", "Y", "MT"])
_BIOTYPES = {
    "protein_coding": "protein-coding gene",
    "lncRNA": "long non-coding RNA gene",
    "miRNA": "microRNA gene",
    "snoRNA": "small nucleolar RNA gene",
    "IG_C_gene": "immunoglobulin gene",
    "IG_V_gene": "immunoglobulin gene",
    "TR_C_gene": "T-cell receptor gene",
    "TR_V_gene": "T-cell receptor gene",
}
_CLONE = re.compile(r"(?:A[A-Z]\d{6}|AP\d{6}|[A-Z]{1,2}\d{5,6}|RP\d+-.*|CT[ABCD]-.*|ENSG\d+)(?:\.\d+)?")
"""Names of clones that stand where a gene has no symbol."""


@dataclass(frozen=True, slots=True)
class ExtraTables:
    """Where the tables lie; ``None`` where there is none.

    ``chebi_synonyms`` has the columns ``chebi_id`` and ``synonym``, ``chebi_chembl`` ``chebi_id`` and ``chembl_id``,
    ``genes`` ``ensgene``, ``entrez``, ``symbol``, ``chr``, ``start``, ``end``, ``strand`` and ``biotype``, places on
    GRCh38 counted from 1. ``former_symbols`` is any table whose rows are named ``SYMBOL|Entrez`` as genes were called
    when it was made.
    """

    chebi_synonyms: Path | None = None
    chebi_chembl: Path | None = None
    genes: Path | None = None
    former_symbols: Path | None = None


def read_pairs(path: Path | None, key: str, value: str) -> dict[str, list[str]]:
    """Values by key from two columns of a table; empty without a table."""
    pairs: defaultdict[str, list[str]] = defaultdict(list)
    if path is not None:
        for row in _rows(path):
            pairs[row[key]].append(row[value])
    return dict(pairs)


def read_genes(genes: Path, former_symbols: Path | None) -> list[Term]:
    """Human genes with a symbol on the chromosomes, without pseudogenes, one for each symbol."""
    by_symbol: dict[str, dict[str, str]] = {}
    by_entrez: dict[str, str] = {}
    for row in _rows(genes):
        symbol = row["symbol"]
        named = symbol not in ("", "NA") and _CLONE.fullmatch(symbol) is None
        if not named or row["chr"] not in _CHROMOSOMES or row["biotype"] not in _BIOTYPES:
            continue
        by_symbol.setdefault(symbol, row)
        if row["entrez"] not in ("", "NA"):
            by_entrez.setdefault(row["entrez"].removesuffix(".0"), symbol)
    former: defaultdict[str, list[str]] = defaultdict(list)
    for name in _first_fields(former_symbols) if former_symbols is not None else ():
        old, _, entrez = name.partition("|")
        if old not in by_symbol and old.isprintable() and entrez in by_entrez and len(old) > 1:
            former[by_entrez[entrez]].append(old)
    return [
        Term(
            row["ensgene"],
            symbol,
            "ENSEMBL",
            tuple(Synonym(old, "RELATED") for old in sorted(former[symbol])),
            definition=f"{_BIOTYPES[row['biotype']]}, {_location(row)}",
        )
        for symbol, row in by_symbol.items()
    ]


def _location(row: Mapping[str, str]) -> str:
    """``chromosome X:100,627,108-100,639,991, minus strand (GRCh38)``."""
    strand = "minus" if row["strand"].startswith("-") else "plus"
    return f"chromosome {row['chr']}:{int(row['start']):,}-{int(row['end']):,}, {strand} strand ({ASSEMBLY})"


def read_organisms() -> list[Term]:
    """Organisms that infect human samples or are cultured with them, by their number in the NCBI Taxonomy."""
    return [
        Term(
            row["taxon_id"],
            row["label"],
            "NCBITaxon",
            tuple(Synonym(name) for name in row["names"].split("|") if name and name != row["label"]),
        )
        for row in _rows(CURATED / "organisms.tsv")
    ]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with _opened(path) as lines:
            yield from csv.DictReader(lines, delimiter="\t")
    except OSError as error:
        message = f"The table {path} cannot be read ({error})."
        raise OntologyError(message) from error


def _first_fields(path: Path) -> Iterator[str]:
    with _opened(path) as lines:
        yield from (line.split("\t", 1)[0] for line in lines)


def _opened(path: Path):  # type: ignore[no-untyped-def]
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
