"""Small releases of the ontologies as their makers would publish them, and the snapshot that they are newer than."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from synthome.ontology import ONTOLOGIES, Ontology, Synonym, Term
from synthome.ontology.snapshot import OntologyFile, write_snapshot
from synthome.ontology.sources import PUBLISHED, SOURCES, Source
from synthome.ontology.terms import full_id
from tests.file_server import FileServer

BEFORE, AFTER = "2026-01-01", "2026-06-01"


def terms_of(ontology: Ontology, number: int = 10) -> list[Term]:
    """A root and terms beneath it."""
    ids = [full_id(ontology, f"{place:07}" if ontology != "CVCL" else f"{place:04}") for place in range(number)]
    return [
        Term(term_id, f"{ontology} term {place}", ontology, parents=(ids[0],) if place and ontology != "CVCL" else ())
        for place, term_id in enumerate(ids)
    ]


def shipped_terms(ontology: Ontology) -> list[Term]:
    """What ``ontology`` holds before a refresh; ChEBI's third term has a common name and a ChEMBL id of our own."""
    if ontology == "ENSEMBL":
        return [Term("ENSG00000141510", "TP53", "ENSEMBL")]
    if ontology == "NCBITaxon":
        return [Term("10359", "human cytomegalovirus", "NCBITaxon")]
    terms = terms_of(ontology)
    if ontology == "CHEBI":
        terms[2] = replace(terms[2], synonyms=(Synonym("street name", "RELATED"),), xrefs=("CHEMBL25",))
    return terms


def write_shipped(folder: Path) -> Path:
    """A whole snapshot of all ontologies."""
    contents = []
    for ontology in ONTOLOGIES:
        source = SOURCES[ontology]
        entry = OntologyFile(
            source.name, BEFORE, BEFORE, source.url, source.homepage, source.licence, source.licence_url, "", "", 0, 0
        )
        contents.append((ontology, entry, shipped_terms(ontology)))
    write_snapshot(folder, contents, "a test")
    return folder


def obo(ontology: Ontology, terms: Iterable[Term], version: str = AFTER) -> str:
    """The OBO file of ``terms``."""
    lines = ["format-version: 1.2", f"data-version: {version}", f"ontology: {ontology.lower()}", ""]
    for term in terms:
        lines += ["[Term]", f"id: {term.id}", f"name: {term.label}"]
        lines += [f'def: "{term.definition}" []'] * bool(term.definition)
        lines += [f'synonym: "{synonym.text}" {synonym.scope} []' for synonym in term.synonyms]
        lines += [f"is_a: {parent}" for parent in term.parents]
        lines += ["is_obsolete: true"] * term.obsolete
        lines += [f"replaced_by: {term.replaced_by}"] * bool(term.replaced_by)
        lines.append("")
    return "\n".join(lines)


def newer(ontology: Ontology) -> list[Term]:
    """The next release: one term new, one renamed, one obsolete and replaced, one with another synonym."""
    terms = terms_of(ontology, 11)
    terms[3] = replace(terms[3], label=f"{ontology} term three")
    terms[4] = replace(terms[4], label=f"obsolete {terms[4].label}", parents=(), obsolete=True, replaced_by=terms[5].id)
    terms[6] = replace(terms[6], synonyms=(Synonym("sechs"),))
    return terms


def publish(server: FileServer, releases: Mapping[Ontology, str] | None = None) -> dict[Ontology, Source]:
    """Put files on ``server``, of :func:`newer` where nothing else is given; the addresses."""
    sources = {}
    for ontology in PUBLISHED:
        source = replace(SOURCES[ontology], url=f"{server.url}/{SOURCES[ontology].filename}")
        text = (releases or {}).get(ontology) or obo(ontology, newer(ontology))
        content = text.encode()
        server.files[f"/{source.filename}"] = gzip.compress(content) if source.filename.endswith(".gz") else content
        sources[ontology] = source
    return sources
