"""Terms from an OBO or OWL file, gzipped or not, read with pronto."""

from __future__ import annotations

import gzip
import importlib
import re
import warnings
import zlib
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


_MOST_BYTES = 8_000_000_000
"""No ontology is larger when unpacked; what is, was made to fill a memory."""
_GZIP = b"\x1f\x8b"
_WEB_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+)?html", re.IGNORECASE | re.DOTALL)


def read_obo(path: Path, ontology: Ontology, called: str | None = None) -> tuple[str, list[Term]]:
    """Version and terms of one ontology.

    Terms that the file imports from elsewhere are left out. Secondary ids (``alt_id``) become obsolete terms
    that their primary term replaces. ``called`` is what errors name the file, where not by its path.

    Raises
    ------
    OntologyError
        Where pronto is not installed, the file is damaged or no ontology, or it holds no term of ``ontology``.
    """
    called = called or str(path)
    _check(path, called)
    graph = _load(path, called)
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
        message = f"{called} holds no term of {ontology}. Give the {ontology} file that its makers publish."
        raise OntologyError(message)
    for other in secondary.keys() - terms.keys():
        terms[other] = Term(other, "", ontology, obsolete=True, replaced_by=secondary[other])
    return _version(graph), list(terms.values())


def _check(path: Path, called: str) -> None:
    """Refuse a damaged gzip file, which pronto may take for a short one, and a web page in place of an ontology."""
    try:
        with path.open("rb") as file:
            beginning = file.read(4096)
        if beginning.startswith(_GZIP):
            size = 0
            with gzip.open(path) as unpacked:
                beginning = unpacked.read(4096)
                while chunk := unpacked.read(1 << 20):
                    size += len(chunk)
                    if size > _MOST_BYTES:
                        message = f"{called} unpacks to more than {_MOST_BYTES / 1e9:.0f} GB, which no ontology does."
                        raise OntologyError(message)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{called} is damaged ({error}). Fetch it again."
        raise OntologyError(message) from error
    if _WEB_PAGE.match(beginning):
        message = (
            f"{called} is a web page and no ontology: the network may ask for a login, or the file may have moved. "
            f"Open the address in a browser to see."
        )
        raise OntologyError(message)


def _load(path: Path, called: str) -> Any:
    try:
        pronto = importlib.import_module("pronto")
    except ImportError as error:
        message = "Reading OBO and OWL files needs the package pronto. Install it with: pip install pronto"
        raise OntologyError(message) from error
    with warnings.catch_warnings():
        # Published files hold constructs that pronto skips; it warns of each one.
        warnings.simplefilter("ignore")
        try:
            # Published files are UTF-8; pronto would guess from their first lines.
            return pronto.Ontology(str(path), import_depth=0, threads=2, encoding="utf-8")
        except (OSError, ValueError, TypeError, SyntaxError, LookupError) as error:
            message = f"{called} cannot be read as OBO or OWL: {error}"
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
