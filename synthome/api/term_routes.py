"""Searching the ontologies as people type, here or live elsewhere, and one term with its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Annotated, TypedDict

from fastapi import APIRouter, Cookie, Query, Response
from pydantic import BaseModel

from synthome.api.backend import Backend, TheBackend
from synthome.api.faults import fault
from synthome.ontology import TermIndex
from synthome.ontology.curated import TIERS, read_curated
from synthome.ontology.live import LiveTerm, live_lookup
from synthome.ontology.terms import ONTOLOGIES, Match, Ontology, SynonymScope, Term
from synthome.query import Vocabulary
from synthome.query.support import Status
from synthome.query.vocabulary import KEY_OF_ONTOLOGY
from synthome.runs import vocabulary_for
from synthome.runs.vocabulary_store import default_vocabularies
from synthome.runs.workspaces import COOKIE, is_workspace

__all__ = ["term_routes"]

MOST_TEXT = 10_000
"""Most characters of a search; more than a name, less than a mistake."""
MOST_TERMS = 100
"""Most terms that one search returns."""
MOST_IDS = 20
"""Most ids that one request may ask to be described."""
_MOST_CHILDREN = 500
_MOST_PARENTS = 3
_CACHE = {"Cache-Control": "private, max-age=60"}

term_routes = APIRouter(tags=["terms"])


class FoundTerm(BaseModel):
    """A term that was found, and what ``model`` makes of it where one was named.

    ``scope`` is that of a matched synonym which means not quite the same, ``replaces`` the obsolete id that was asked
    for. Terms without a definition come with the labels of some ``parents`` in its stead.
    """

    id: str
    label: str
    ontology: Ontology
    matched: str | None = None
    kind: str | None = None
    scope: SynonymScope | None = None
    replaces: str | None = None
    definition: str | None = None
    parents: list[str] | None = None
    obsolete: bool | None = None
    replaced_by: str | None = None
    status: Status | None = None
    reason: str | None = None


class FoundTerms(BaseModel):
    """Terms, best first. ``closest`` says that nothing has the name, and these have names spelled much alike."""

    terms: list[FoundTerm]
    closest: bool | None = None


class SuggestedTerms(BaseModel):
    """Terms to offer before anything is typed: the ones that were named, and what the model knows best."""

    recent: list[FoundTerm]
    suggested: list[FoundTerm]


class LiveTerms(BaseModel):
    """Terms that another service finds just now, in its order."""

    source: str
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
    xrefs: list[str]
    definition: str | None = None
    obsolete: bool | None = None
    replaced_by: str | None = None


_Ontologies = Annotated[list[Ontology] | None, Query(description="Search these alone; may be repeated.")]
_Workspace = Annotated[str, Cookie(alias=COOKIE, include_in_schema=False)]
_Limit = Annotated[int, Query(ge=1, le=MOST_TERMS, description="Most terms to return.")]
_ModelId = Annotated[str | None, Query(description="Say what this model makes of each term.")]
_Lists = Annotated[
    str | None,
    Query(max_length=40, description="Mark by the hosted model's valid values that this browser loaded; any name."),
]
_Text = Annotated[str, Query(max_length=MOST_TEXT, description="A name, a beginning of one, an id, or pasted text.")]


@term_routes.get("/terms", response_model=FoundTerms, response_model_exclude_none=True)
def search_terms(
    backend: TheBackend,
    response: Response,
    q: _Text,
    ontology: _Ontologies = None,
    limit: _Limit = 10,
    model: _ModelId = None,
    lists: _Lists = None,
    workspace: _Workspace = "",
) -> FoundTerms:
    """Terms that a text may mean, best first; where nothing has such a name, those with the most similar ones."""
    describe = _Describer(backend, model, workspace if lists else None)
    response.headers.update(_CACHE)
    ontologies = tuple(ontology or ONTOLOGIES)
    matches = backend.index.search(q, ontologies, limit)
    if not matches:
        matches = backend.index.suggest_closest(q, ontologies, min(limit, 5))
    closest = bool(matches) and all(match.kind == "fuzzy" for match in matches)
    return FoundTerms(terms=[describe.match(match) for match in matches], closest=closest or None)


@term_routes.get("/terms/suggested", response_model=SuggestedTerms, response_model_exclude_none=True)
def suggest_terms(
    backend: TheBackend,
    response: Response,
    ontology: Annotated[list[Ontology], Query(description="Terms of these alone; may be repeated.")],
    model: Annotated[str, Query(description="Suggest what this model knows best.")],
    limit: _Limit = 8,
    recent: Annotated[list[str], Query(max_length=MOST_IDS, description="Ids to describe as well.")] = [],  # noqa: B006
    lists: _Lists = None,
    workspace: _Workspace = "",
) -> SuggestedTerms:
    """What may be meant before anything is typed: terms used lately, and the model's best-supported ones."""
    describe = _Describer(backend, model, workspace if lists else None)
    response.headers.update(_CACHE)
    known = [term for term in backend.index.terms(recent).values() if term.ontology in ontology]
    return SuggestedTerms(
        recent=[describe.term(term) for term in known],
        suggested=list(describe.best_supported(list(dict.fromkeys(ontology)), limit)),
    )


@term_routes.get("/terms/live", response_model=LiveTerms, response_model_exclude_none=True)
def search_live(
    backend: TheBackend,
    response: Response,
    q: _Text,
    ontology: _Ontologies = None,
    limit: _Limit = 10,
    model: _ModelId = None,
    lists: _Lists = None,
    workspace: _Workspace = "",
) -> LiveTerms | Response:
    """Terms that EBI's Ontology Lookup Service finds just now; asked only where a user wants that."""
    lookup = live_lookup()
    if lookup is None:
        return fault(404, "Looking terms up at EBI's OLS4 is switched off here (SYNTHOME_LIVE_LOOKUP).")
    describe = _Describer(backend, model, workspace if lists else None)
    found = lookup.search(q, tuple(ontology or ONTOLOGIES), limit)
    response.headers.update(_CACHE)
    return LiveTerms(source="EBI OLS4", terms=[describe.live(term) for term in found])


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
        xrefs=list(term.xrefs),
        **_notes(term),
    )


class _Describer:
    """Terms as the picker shows them, with what ``model_id`` makes of each where one is named.

    With a ``workspace``, that is whether the lists it loaded of the hosted model's values have the term.
    """

    def __init__(self, backend: Backend, model_id: str | None, workspace: str | None = None) -> None:
        self._index = backend.index
        self._vocabulary: Vocabulary | None = None
        if model_id is not None and workspace is not None and is_workspace(workspace):
            lists = default_vocabularies().lists(workspace, model_id)
            self._vocabulary = vocabulary_for(model_id, "hosted", lists=lists)
        elif model_id is not None:
            self._vocabulary = backend.model(model_id).vocabulary()

    def match(self, match: Match) -> FoundTerm:
        found = self.term(match.term)
        found.matched, found.kind = match.matched, match.kind
        matched = match.matched.casefold()
        scopes = {synonym.text.casefold(): synonym.scope for synonym in match.term.synonyms}
        if matched != match.term.label.casefold() and scopes.get(matched, "EXACT") != "EXACT":
            found.scope = scopes[matched]
        if match.kind == "id" and match.matched != match.term.id:
            asked = self._index.term(match.matched)
            found.replaces = match.matched if asked is not None and asked.obsolete else None
        return found

    def term(self, term: Term) -> FoundTerm:
        parents = None
        if not term.definition and term.parents:
            parents = [parent.label for parent in self._index.terms(term.parents[:_MOST_PARENTS]).values()]
        return self._supported(
            FoundTerm(id=term.id, label=term.label or term.id, ontology=term.ontology, parents=parents, **_notes(term))
        )

    def live(self, term: LiveTerm) -> FoundTerm:
        definition = term.definition or None
        return self._supported(
            FoundTerm(id=term.id, label=term.label, ontology=term.ontology, kind="live", definition=definition)
        )

    def best_supported(self, ontologies: Sequence[Ontology], limit: int) -> Iterable[FoundTerm]:
        """What the model learned from the most studies, what people mean often first, of each ontology in turn."""
        by_ontology = [self._learned(ontology, limit) for ontology in ontologies]
        in_turn = [term for terms in zip_longest(*by_ontology) for term in terms if term is not None]
        return (self.term(term) for term in in_turn[:limit])

    def _learned(self, ontology: Ontology, limit: int) -> list[Term]:
        assert self._vocabulary is not None  # noqa: S101 - suggestions are a model's
        learned = self._vocabulary.learned(KEY_OF_ONTOLOGY[ontology])
        best: dict[str, Term] = {}
        tier = read_curated().tier
        for value in sorted(learned, key=lambda value: (-learned[value], tier.get(value, len(TIERS) + 1))):
            term = self._index.current(value) or self._named(value, ontology)
            if term is not None and term.ontology == ontology:
                best.setdefault(term.id, term)
            if len(best) >= limit:
                break
        return list(best.values())

    def _named(self, value: str, ontology: Ontology) -> Term | None:
        """The term that a value in words stands for, such as the stage ``adult``."""
        found = self._index.search(value, (ontology,), 1) if value.isalpha() else []
        return found[0].term if found and found[0].kind in ("label", "synonym", "prefix") else None

    def _supported(self, found: FoundTerm) -> FoundTerm:
        if self._vocabulary is not None:
            support = self._vocabulary.support(KEY_OF_ONTOLOGY[found.ontology], found.id)
            found.status, found.reason = support.status, support.reason
        return found


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
