"""Finding terms by their ids: whole in any spelling, somewhere in a text, or begun."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from synthome.ontology.terms import Ontology, normalise_id, ontology_of

__all__ = ["find_ids"]

_NUMBERED = "UBERON|CL|MONDO|CHEBI|HsapDv|HANCESTRO|NCBITaxon"
_ANY_ID = re.compile(
    rf"(?<![A-Za-z])(?:(?:{_NUMBERED})\s?[:_]\s?[0-9]{{1,9}}|CVCL\s?[:_]\s?[0-9A-Z]{{4}}|ENSG[0-9]{{11}})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_BEGUN_ID = re.compile(rf"\s*({_NUMBERED}|CVCL)[:_]([0-9A-Z]{{1,8}})\s*|\s*(ENSG[0-9]{{4,11}})\s*", re.IGNORECASE)
_CHEMBL = re.compile(r"(?<![A-Za-z])CHEMBL\s?[:_]?\s?([0-9]{1,8})(?![0-9])", re.IGNORECASE)


def find_ids(
    database: sqlite3.Connection, text: str, ontologies: Sequence[Ontology], limit: int
) -> list[tuple[int, str]]:
    """Terms, by number, for the ids written in ``text``, each with the id as the contract spells it.

    An obsolete id stands for the term that replaced it; one that nothing replaces stands for itself. An id of ChEMBL
    stands for the compound.
    """
    whole = normalise_id(text)
    written = [whole] if whole is not None else [normalise_id(found) for found in _ANY_ID.findall(text)]
    found = [
        (number, term_id)
        for term_id in dict.fromkeys(written)
        if term_id is not None and (number := _standing(database, term_id, ontologies)) is not None
    ]
    return found or _elsewhere(database, text, ontologies) or _begun(database, text, ontologies, limit)


def _elsewhere(database: sqlite3.Connection, text: str, ontologies: Sequence[Ontology]) -> list[tuple[int, str]]:
    if "CHEBI" not in ontologies:
        return []
    written = dict.fromkeys(f"CHEMBL{number}" for number in _CHEMBL.findall(text))
    return [
        (int(number), xref)
        for xref in written
        for (number,) in database.execute("SELECT term FROM xref WHERE id = ?", (xref,))
    ]


def _standing(database: sqlite3.Connection, term_id: str, ontologies: Sequence[Ontology]) -> int | None:
    row = database.execute(
        "SELECT asked.number, standing.number, standing.id FROM term AS asked "
        "LEFT JOIN term AS standing ON standing.number = asked.successor WHERE asked.id = ?",
        (term_id,),
    ).fetchone()
    if row is None:
        return None
    number, successor, successor_id = row
    if ontology_of(term_id) not in ontologies and ontology_of(successor_id or term_id) not in ontologies:
        return None
    return int(number if successor is None else successor)


def _begun(
    database: sqlite3.Connection, text: str, ontologies: Sequence[Ontology], limit: int
) -> list[tuple[int, str]]:
    begun = _BEGUN_ID.fullmatch(text)
    if begun is None:
        return []
    prefix, local, gene = begun.groups()
    start = gene.upper() if gene else normalise_id(f"{prefix}:{local}")
    if start is None or ontology_of(start) not in ontologies:
        return []
    return database.execute(
        "SELECT number, id FROM term WHERE id >= ? AND id < ? AND successor = number ORDER BY id LIMIT ?",
        (start, f"{start}\x7f", limit),
    ).fetchall()
