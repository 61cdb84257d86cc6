"""Terms from the package cellxgene-ontology-guide, for where the official files cannot be reached.

The package holds each ontology without synonym scopes (all are exact there), and none of the synonyms of ChEBI and
Cellosaurus. Its ``ancestors`` give graph distances; those at distance 1 are the direct parents, and for UBERON they
follow is_a and part_of alike.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from collections.abc import Mapping
from typing import Any

from synthome.errors import OntologyError
from synthome.ontology.terms import Ontology, Synonym, Term, normalise_id

__all__ = ["PACKAGE", "package_version", "read_packaged"]

PACKAGE = "cellxgene-ontology-guide"
_MARKUP = re.compile(r"</?(?:i|b|em|sub|sup|small|small-caps|smallcaps|ital|greek|span)\b[^>]*>", re.IGNORECASE)


def package_version() -> str:
    """Version of the installed package; ``OntologyError`` where it is not installed."""
    _schema()
    return importlib.metadata.version(PACKAGE)


def read_packaged(ontology: Ontology, extra: Mapping[str, list[str]]) -> tuple[str, list[Term]]:
    """Version and terms of the newest release of ``ontology`` in the package.

    ``extra`` maps term ids to further names, which become related synonyms. Terms that the ontology imports from
    elsewhere are left out.
    """
    schema = _schema()
    version = str(schema.supported_ontologies[ontology]["version"]).removeprefix("v")
    terms = [
        _term(term_id, entry, ontology, extra.get(term_id, ()))
        for term_id, entry in schema.ontology(ontology).items()
        if term_id.startswith((f"{ontology}:", f"{ontology}_"))
    ]
    return version, terms


def _schema() -> Any:
    try:
        versions = importlib.import_module("cellxgene_ontology_guide.supported_versions")
    except ImportError as error:
        message = f"This build needs the package {PACKAGE}. Install it with: pip install {PACKAGE}"
        raise OntologyError(message) from error
    return versions.CXGSchema()


def _term(term_id: str, entry: Mapping[str, Any], ontology: Ontology, extra: list[str] | tuple[()]) -> Term:
    label = str(entry["label"])
    obsolete = bool(entry["deprecated"])
    exact = {text for text in entry.get("synonyms", ()) if text != label}
    known = {text.casefold() for text in exact} | {label.casefold()}
    related = {text for text in extra if text.casefold() not in known}
    return Term(
        id=term_id,
        label=label,
        ontology=ontology,
        synonyms=(
            *(Synonym(text) for text in sorted(exact)),
            *(Synonym(text, "RELATED") for text in sorted(related)),
        ),
        parents=() if obsolete else tuple(parent for parent, steps in entry["ancestors"].items() if steps == 1),
        definition="" if obsolete else _MARKUP.sub("", str(entry.get("description", ""))),
        obsolete=obsolete,
        replaced_by=normalise_id(str(entry.get("replaced_by", ""))),
    )
