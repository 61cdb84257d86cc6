"""What a term is, and what a search for one returns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["ONTOLOGIES", "Match", "Ontology", "Synonym", "SynonymScope", "Term", "normalise_id"]

Ontology = Literal["UBERON", "CL", "MONDO", "CHEBI", "CVCL"]
ONTOLOGIES: tuple[Ontology, ...] = ("UBERON", "CL", "MONDO", "CHEBI", "CVCL")

SynonymScope = Literal["EXACT", "NARROW", "BROAD", "RELATED"]


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term and how it relates to the term's meaning."""

    text: str
    scope: SynonymScope = "EXACT"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of an ontology.

    ``id`` is written as the contract writes it: ``UBERON:0002107``, but ``CVCL_0023``. ``parents`` are the
    direct is_a and (UBERON) part_of parents. An obsolete term may name the one that replaces it.
    """

    id: str
    label: str
    ontology: Ontology
    synonyms: tuple[Synonym, ...] = ()
    parents: tuple[str, ...] = ()
    definition: str = ""
    obsolete: bool = False
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A term that a search found, with the name (label, synonym or id) that matched and how it did."""

    term: Term
    matched: str
    kind: Literal["id", "label", "synonym", "prefix", "token", "span", "fuzzy"]


_ID = re.compile(
    r"(?:^|[/#:\s])(UBERON|CL|MONDO|CHEBI|CVCL)\s*[_:\s]\s*([0-9A-Z]+)$",
    re.IGNORECASE,
)


def normalise_id(text: str) -> str | None:
    """The contract's spelling of a term id, or ``None`` where ``text`` is no id of the five ontologies.

    >>> normalise_id("uberon_0002107"), normalise_id("CVCL:0023"), normalise_id("chebi 16681")
    ('UBERON:0002107', 'CVCL_0023', 'CHEBI:16681')
    >>> normalise_id("http://purl.obolibrary.org/obo/MONDO_0004992")
    'MONDO:0004992'
    >>> normalise_id("liver") is None
    True
    """
    found = _ID.search(text.strip())
    if found is None:
        return None
    prefix, local = found.group(1).upper(), found.group(2).upper()
    if prefix == "CVCL":
        return f"CVCL_{local}"
    return f"{prefix}:{local}" if local.isdigit() else None
