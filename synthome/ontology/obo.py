"""Terms from an OBO or OWL file, read with pronto."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synthome.errors import OntologyError
from synthome.ontology.terms import Ontology, Synonym, SynonymScope, Term, normalise_id

__all__ = ["read_obo"]

_PARENT_RELATIONS: dict[Ontology, tuple[str, ...]] = {
    "UBERON": ("part_of", "BFO:0000050"),
    "CVCL": ("derived_from",),
}
"""Relations that count as parents besides is_a. A line's parent in Cellosaurus is the line that it was derived from."""

_SCOPES: dict[str, SynonymScope] = {"EXACT": "EXACT", "NARROW": "NARROW", "BROAD": "BROAD", "RELATED": "RELATED"}


def read_obo(path: Path, ontology: Ontology) -> tuple[str, list[Term]]:
    """Version and terms of one ontology.

    Terms that the file imports from elsewhere are left out. Secondary ids (``alt_id``) become obsolete terms
    that their primary term replaces.

    Raises
    ------
    OntologyError
        Where pronto is not installed, or the file holds no term of ``ontology``.
    """
    graph = _load(path)
    terms: dict[str, Term] = {}
    secondary: dict[str, str] = {}
    for entry in graph.terms():
        term_id = normalise_id(entry.id)
        if term_id is None or not _belongs(term_id, ontology):
            continue
        terms[term_id] = _term(entry, term_id, ontology)
        for alternative in entry.alternate_ids:
            other = normalise_id(alternative)
            if other is not None and _belongs(other, ontology):
                secondary[other] = term_id
    if not terms:
        message = f"{path} holds no term of {ontology}. Give the {ontology} file that its makers publish."
        raise OntologyError(message)
    for other in secondary.keys() - terms.keys():
        terms[other] = Term(other, "", ontology, obsolete=True, replaced_by=secondary[other])
    return _version(graph), list(terms.values())


def _load(path: Path) -> Any:
    try:
        pronto = importlib.import_module("pronto")
    except ImportError as error:
        message = "Reading OBO and OWL files needs the package pronto. Install it with: pip install pronto"
        raise OntologyError(message) from error
    with warnings.catch_warnings():
        # Published files hold constructs that pronto skips; it warns of each one.
        warnings.simplefilter("ignore")
        try:
            return pronto.Ontology(str(path), import_depth=0, threads=2)
        except (OSError, ValueError, TypeError, SyntaxError) as error:
            message = f"{path} cannot be read as OBO or OWL: {error}"
            raise OntologyError(message) from error


def _belongs(term_id: str, ontology: Ontology) -> bool:
    return term_id.startswith((f"{ontology}:", f"{ontology}_"))


def _term(entry: Any, term_id: str, ontology: Ontology) -> Term:
    label = str(entry.name or "")
    replaced_by = min((normalise_id(other) or "" for other in entry.replaced_by.ids), default="")
    synonyms = {(s.description, _SCOPES.get(s.scope, "RELATED")) for s in entry.synonyms if s.description != label}
    return Term(
        id=term_id,
        label=label,
        ontology=ontology,
        synonyms=tuple(Synonym(text, scope) for text, scope in sorted(synonyms)),
        parents=() if entry.obsolete else tuple(sorted(_parents(entry, ontology))),
        definition="" if entry.obsolete else str(entry.definition or ""),
        obsolete=bool(entry.obsolete),
        replaced_by=replaced_by or None,
    )


def _parents(entry: Any, ontology: Ontology) -> Iterator[str]:
    found = {parent.id for parent in entry.superclasses(distance=1, with_self=False)}
    for relation, targets in entry.relationships.items():
        if relation.id in _PARENT_RELATIONS.get(ontology, ()):
            found |= {target.id for target in targets}
    for parent in found:
        parent_id = normalise_id(parent)
        if parent_id is not None and _belongs(parent_id, ontology):
            yield parent_id


def _version(graph: Any) -> str:
    """``2026-04-01`` from ``uberon/releases/2026-04-01/uberon.owl``; what is there where it is no date."""
    text = str(graph.metadata.data_version or "")
    dated = re.search(r"\d{4}-\d{2}-\d{2}", text)
    return dated.group() if dated else text
