"""What a term is, and what a search for one returns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ONTOLOGIES",
    "Match",
    "MatchKind",
    "Ontology",
    "Synonym",
    "SynonymScope",
    "Term",
    "full_id",
    "local_id",
    "normalise_id",
    "ontology_of",
]

Ontology = Literal["UBERON", "CL", "MONDO", "CHEBI", "CVCL", "HsapDv", "HANCESTRO", "ENSEMBL", "NCBITaxon"]
ONTOLOGIES: tuple[Ontology, ...] = (
    "UBERON",
    "CL",
    "MONDO",
    "CHEBI",
    "CVCL",
    "HsapDv",
    "HANCESTRO",
    "ENSEMBL",
    "NCBITaxon",
)
"""Anatomy, cell types, diseases, compounds and cell lines; then stages of life, ancestries, genes and organisms."""

SynonymScope = Literal["EXACT", "NARROW", "BROAD", "RELATED"]
MatchKind = Literal["id", "label", "synonym", "prefix", "token", "span", "fuzzy"]


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term and how it relates to the term's meaning."""

    text: str
    scope: SynonymScope = "EXACT"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of an ontology.

    ``id`` is written as the contract writes it: ``UBERON:0002107``, but ``CVCL_0023``, ``ENSG00000141510`` and, for
    organisms, the number alone. ``parents`` are the direct is_a and (UBERON) part_of parents. ``xrefs`` are ids of the
    same thing elsewhere by which it is found: ChEMBL's of a compound. An obsolete term may name the one that replaces
    it.
    """

    id: str
    label: str
    ontology: Ontology
    synonyms: tuple[Synonym, ...] = ()
    parents: tuple[str, ...] = ()
    definition: str = ""
    obsolete: bool = False
    replaced_by: str | None = None
    xrefs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A term that a search found, with the name (label, synonym or id) that matched and how it did."""

    term: Term
    matched: str
    kind: MatchKind


_PREFIXES: dict[str, Ontology] = {
    **{ontology.lower(): ontology for ontology in ONTOLOGIES},
    **dict.fromkeys(("taxid", "taxon", "taxonomy", "txid"), "NCBITaxon"),
}
_NUMBERED = "|".join(prefix for prefix in _PREFIXES if prefix not in ("cvcl", "ensembl"))
_ID = re.compile(
    rf"(?:^|[/#:=\s])(?:({_NUMBERED})\s*[_:\s]\s*([0-9]+)|CVCL\s*[_:\s]\s*([0-9A-Z]+)|(ENSG[0-9]{{11}})(?:\.[0-9]+)?)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[1-9][0-9]{0,7}")


def full_id(ontology: Ontology, local: str) -> str:
    """The contract's spelling of an id.

    >>> full_id("CL", "0000236"), full_id("CVCL", "0030"), full_id("NCBITaxon", "9606")
    ('CL:0000236', 'CVCL_0030', '9606')
    """
    if ontology in ("ENSEMBL", "NCBITaxon"):
        return local
    return f"{ontology}_{local}" if ontology == "CVCL" else f"{ontology}:{local}"


def local_id(term_id: str) -> str:
    """The part of an id after its prefix; all of it where there is none.

    >>> local_id("CL:0000236"), local_id("CVCL_0030"), local_id("ENSG00000141510")
    ('0000236', '0030', 'ENSG00000141510')
    """
    return re.split(r"[:_]", term_id, maxsplit=1)[-1]


def ontology_of(term_id: str) -> Ontology:
    """The ontology that an id in the contract's spelling belongs to.

    >>> ontology_of("CL:0000236"), ontology_of("CVCL_0030"), ontology_of("9606")
    ('CL', 'CVCL', 'NCBITaxon')
    """
    if term_id.isdigit():
        return "NCBITaxon"
    if term_id.startswith("ENSG"):
        return "ENSEMBL"
    return _PREFIXES[re.split(r"[:_]", term_id, maxsplit=1)[0].lower()]


def normalise_id(text: str) -> str | None:
    """The contract's spelling of a term id, or ``None`` where ``text`` is no id of the ontologies.

    >>> normalise_id("uberon_0002107"), normalise_id("CVCL:0023"), normalise_id("chebi 16681")
    ('UBERON:0002107', 'CVCL_0023', 'CHEBI:16681')
    >>> normalise_id("http://purl.obolibrary.org/obo/MONDO_0004992"), normalise_id("ENSG00000141510.18")
    ('MONDO:0004992', 'ENSG00000141510')
    >>> normalise_id("NCBITaxon:9606"), normalise_id("9606"), normalise_id("liver")
    ('9606', '9606', None)
    """
    text = text.strip().rstrip("/")
    if _NUMBER.fullmatch(text):
        return text
    found = _ID.search(text)
    if found is None:
        return None
    prefix, number, line, gene = found.groups()
    if gene is not None:
        return str(gene.upper())
    if line is not None:
        return f"CVCL_{line.upper()}"
    return full_id(_PREFIXES[prefix.lower()], number)
