"""Searching the ontologies as people type, and one term with its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from synthome.api.backend import TheBackend
from synthome.api.faults import fault
from synthome.ontology import TermIndex
from synthome.ontology.terms import ONTOLOGIES, Match, Ontology, SynonymScope, Term
from synthome.query import Vocabulary
from synthome.query.support import Status
from synthome.query.vocabulary import KEY_OF_ONTOLOGY

__all__ = ["term_routes"]

MOST_TEXT = 10_000
"""Most characters of a search; more than a name, less than a mistake."""
MOST_TERMS = 100
"""Most terms that one search returns."""
_MOST_CHILDREN = 500
_CACHE = {"Cache-Control": "private, max-age=60"}

term_routes = APIRouter(tags=["terms"])


class FoundTerm(BaseModel):
    """A term that a search found, and what ``model`` makes of it where one was named."""

    id: str
    label: str
    ontology: Ontology
    matched: str
    kind: str
    definition: str | None = None
    obsolete: bool | None = None
    replaced_by: str | None = None
    status: Status | None = None
    reason: str | None = None


class FoundTerms(BaseModel):
    """Terms, best first."""

    terms: list[FoundTerm]


class NamedTerm(BaseModel):
    """A term by id and label."""

    id: str
    label: str


class NamedSynonym(BaseModel):
    """Another name of a term."""

    text: str
    scope: SynonymScope


class TermPage(BaseModel):
    """A term with its names and its neighbours in the graph."""

    id: str
    label: str
    ontology: Ontology
    synonyms: list[NamedSynonym]
    parents: list[NamedTerm]
    children: list[NamedTerm]
    definition: str | None = None
    obsolete: bool | None = None
    replaced_by: str | None = None


@term_routes.get("/terms", response_model=FoundTerms, response_model_exclude_none=True)
def search_terms(
    backend: TheBackend,
    response: Response,
    q: Annotated[str, Query(max_length=MOST_TEXT, description="A name, a beginning of one, an id, or pasted text.")],
    ontology: Annotated[list[Ontology] | None, Query(description="Search these alone; may be repeated.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_TERMS, description="Most terms to return.")] = 10,
    model: Annotated[str | None, Query(description="Say what this model makes of each term.")] = None,
) -> FoundTerms:
    """Terms that a text may mean, best first."""
    vocabulary = None if model is None else backend.model(model).vocabulary()
    response.headers.update(_CACHE)
    matches = backend.index.search(q, tuple(ontology or ONTOLOGIES), limit)
    return FoundTerms(terms=[_found(match, vocabulary) for match in matches])


@term_routes.get("/terms/{term_id:path}", response_model=TermPage, response_model_exclude_none=True)
def get_term(term_id: str, backend: TheBackend, response: Response) -> TermPage | Response:
    """One term with its parents and its children."""
    index = backend.index
    term = index.term(term_id)
    if term is None:
        return fault(404, f"There is no term '{term_id[:60]}' in {', '.join(ONTOLOGIES)}; search for it by name.")
    response.headers.update(_CACHE)
    return TermPage(
        id=term.id,
        label=term.label,
        ontology=term.ontology,
        synonyms=[NamedSynonym(text=synonym.text, scope=synonym.scope) for synonym in term.synonyms],
        parents=_named(index, term.parents),
        children=_named(index, index.graph.children(term.id)[:_MOST_CHILDREN]),
        **_notes(term),
    )


def _found(match: Match, vocabulary: Vocabulary | None) -> FoundTerm:
    term = match.term
    support = None if vocabulary is None else vocabulary.support(KEY_OF_ONTOLOGY[term.ontology], term.id)
    return FoundTerm(
        id=term.id,
        label=term.label,
        ontology=term.ontology,
        matched=match.matched,
        kind=match.kind,
        status=None if support is None else support.status,
        reason=None if support is None else support.reason,
        **_notes(term),
    )


class _Notes(TypedDict):
    definition: str | None
    obsolete: bool | None
    replaced_by: str | None


def _notes(term: Term) -> _Notes:
    """What only some terms have; ``None`` is left out of the answer."""
    return {
        "definition": term.definition or None,
        "obsolete": term.obsolete or None,
        "replaced_by": term.replaced_by,
    }


def _named(index: TermIndex, ids: Iterable[str]) -> list[NamedTerm]:
    return [NamedTerm(id=term.id, label=term.label) for term in index.terms(ids).values()]
