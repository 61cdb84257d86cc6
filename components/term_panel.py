"""Terms of the ontologies: the search over all of them, and one term with its names, its place and how to use it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.answerer import chosen_vocabulary
from components.session import change_design, design, label_of
from components.support_marks import quiet_line, support_line
from components.term_links import chembl_links, term_links
from components.term_picker import KINDS, Picked, term_picker
from components.term_tree import term_tree
from components.words import as_text, counted
from synthome.errors import OntologyError
from synthome.ontology import ONTOLOGIES, Ontology, SynonymScope, Term, default_index, normalise_id
from synthome.ontology.live import LIVE_ONTOLOGIES, LiveTerm, live_lookup
from synthome.ontology.terms import ontology_of
from synthome.query import KEYS
from synthome.query.designs import DesignCondition
from synthome.query.support import Support
from synthome.query.vocabulary import BULK, KEY_OF_ONTOLOGY, SINGLE_CELL

__all__ = ["all_ontologies", "asked_term", "search_panel", "term_panel", "unknown_term_panel"]

_TERM = "term"
_MISSED = "term_missed"
_MOST_SYNONYMS = 24
_NEAREST = 3
_SEARCH_WIDTH = 760
_IN_A_ROW = 3
_PERTURBATION = "perturbation_ontology_id"
_TYPE = "perturbation_type"
_TREATMENTS: dict[Ontology, tuple[str, ...]] = {
    "CHEBI": ("compound",),
    "ENSEMBL": ("crispr", "overexpression"),
    "NCBITaxon": ("infection",),
}
"""How something is given to a sample: the first type, unless the model knows it by a later one alone."""
_SCOPES: dict[SynonymScope, str] = {
    "EXACT": "Also called",
    "BROAD": "Broader names",
    "NARROW": "Narrower names",
    "RELATED": "Related names",
}
_EXAMPLES: dict[Ontology, tuple[str, ...]] = {
    "UBERON": ("UBERON:0002107", "UBERON:0000955"),
    "CL": ("CL:0000084", "CL:0000540"),
    "MONDO": ("MONDO:0004979", "MONDO:0007254"),
    "CHEBI": ("CHEBI:15365", "CHEBI:41879"),
    "CVCL": ("CVCL_0030", "CVCL_0023"),
    "HsapDv": ("HsapDv:0000258", "HsapDv:0000037"),
    "HANCESTRO": ("HANCESTRO:0005", "HANCESTRO:0010"),
    "ENSEMBL": ("ENSG00000141510", "ENSG00000012048"),
    "NCBITaxon": ("2697049", "11320"),
}


def asked_term() -> str | None:
    """The id of the term that the page's address names; ``None`` where it names none."""
    return normalise_id(st.query_params.get(_TERM, ""))


def search_panel() -> None:
    """One search over all ontologies."""
    asked = asked_term()
    missed = st.session_state.get(_MISSED, "")
    with st.container(width=_SEARCH_WIDTH):
        term_picker(
            "Search anatomy, cell types, diseases, compounds, genes, cell lines and more",
            key="term_search",
            picked=Picked(asked, _name_of(asked)) if asked is not None else Picked(missed),
            on_pick=_show,
            ontologies=ONTOLOGIES,
            model_id=design().model_id,
            placeholder="a name, a synonym, or an id",
            error=f"Nothing is called “{missed[:60]}”. Choose from the list that opens while you type."
            if missed
            else "",
        )


def _name_of(term_id: str) -> str:
    term = default_index().term(term_id)
    if term is not None:
        return term.label or term.id
    found = _recalled(term_id)
    return found.label if found is not None else ""


def _recalled(term_id: str) -> LiveTerm | None:
    lookup = live_lookup()
    return lookup.recalled(term_id) if lookup is not None else None


def _show(text: str) -> None:
    """Go to the term of that id or, to the letter, of that name."""
    st.session_state.pop(_MISSED, None)
    term_id = normalise_id(text)
    if term_id is None and text.strip():
        best = next(iter(default_index().search(text[:300], ONTOLOGIES, 1)), None)
        term_id = best.term.id if best is not None and best.kind in ("id", "label", "synonym") else None
        if term_id is None:
            st.session_state[_MISSED] = text.strip()[:300]
    if term_id is not None:
        st.query_params[_TERM] = term_id
    else:
        st.query_params.pop(_TERM, None)


def all_ontologies() -> None:
    """What there is to search, each ontology with two terms to begin with."""
    for start in range(0, len(ONTOLOGIES), _IN_A_ROW):
        row = ONTOLOGIES[start : start + _IN_A_ROW]
        for column, ontology in zip(st.columns(_IN_A_ROW), row, strict=False):
            with column.container(border=True, gap="xsmall", height="stretch", key=f"ontology_{ontology}"):
                _one_ontology(ontology)


def _one_ontology(ontology: Ontology) -> None:
    index = default_index()
    st.markdown(f"**{KINDS[ontology]}**")
    st.caption(f"{as_text(_release(ontology))} · {counted(index.counts.get(ontology, 0), 'term')}")
    with st.container(horizontal=True, gap="small"):
        for term in index.terms(_EXAMPLES[ontology]).values():
            st.button(as_text(term.label), key=f"example:{term.id}", on_click=_show, args=(term.id,))


def _release(ontology: Ontology) -> str:
    file = default_index().manifest.ontologies.get(ontology)
    return f"{ontology} {file.version}" if file is not None else ontology


# One term ------------------------------------------------------------------------------------------------------------


def term_panel(term: Term) -> None:
    """Everything that is known of ``term``."""
    told, used = st.columns([3, 2], gap="large")
    with told:
        st.subheader(as_text(term.label or term.id), anchor=False)
        st.caption(f"{KINDS[term.ontology]} · {as_text(_release(term.ontology))}")
        if term.obsolete:
            _obsolete(term)
        if term.definition:
            st.markdown(as_text(term.definition))
        _names(term)
        _links(term_links(term.id, term.label), chembl_links(term))
    with used:
        _id_and_use(term.id, term.ontology, usable=not term.obsolete)
    term_tree(term, _show)


def _id_and_use(term_id: str, ontology: Ontology, *, usable: bool) -> None:
    with st.container(border=True, key="use"):
        st.code(term_id, language=None)
        if usable:
            _use(term_id, ontology)


def _obsolete(term: Term) -> None:
    successor = default_index().current(term.id)
    if successor is None:
        st.warning("This term is obsolete, and nothing replaces it.", icon=":material/history:")
        return
    name = f"{as_text(successor.label)} ({as_text(successor.id)})"
    st.warning(f"This term is obsolete: replaced by {name}.", icon=":material/history:")
    st.button(
        f"Go to {as_text(successor.label)}",
        key="successor",
        type="primary",
        icon=":material/arrow_forward:",
        on_click=_show,
        args=(successor.id,),
    )


def _names(term: Term) -> None:
    for scope, title in _SCOPES.items():
        texts = [as_text(synonym.text) for synonym in term.synonyms if synonym.scope == scope]
        if texts:
            rest = f" and {len(texts) - _MOST_SYNONYMS} more" if len(texts) > _MOST_SYNONYMS else ""
            st.markdown(f"**{title}** {', '.join(texts[:_MOST_SYNONYMS])}{rest}")


def _links(links: Mapping[str, str], chembl: Mapping[str, str]) -> None:
    parts = {"Elsewhere": links, "In ChEMBL": chembl}
    lines = [
        f"**{title}** {' · '.join(f'[{as_text(name)}]({address})' for name, address in named.items())}"
        for title, named in parts.items()
        if named
    ]
    st.markdown("  \n".join(lines))


# Using it ------------------------------------------------------------------------------------------------------------


def _use(term_id: str, ontology: Ontology) -> None:
    """What both models know of it, and the one button that puts it into the design.

    A term that is not here is refused by the embedded models; a hosted one may know it.
    """
    key = KEY_OF_ONTOLOGY[ontology]
    supports = {model_id: chosen_vocabulary(model_id).support(key, term_id) for model_id in (BULK, SINGLE_CELL)}
    with st.container(gap="xxsmall"):
        for model_id, support in supports.items():
            quiet_line(f"**{model_id}** {support_line(support)}")
    chosen = supports[design().model_id]
    values = _values(term_id, ontology)
    if st.button(
        "Use in a new condition",
        key="use_term",
        type="primary",
        icon=":material/add:",
        disabled=chosen.status == "refused" and default_index().term(term_id) is not None,
        help=f"{KEYS[key].label} of a new condition for {design().model_id}",
    ):
        change_design(lambda current: current.add(DesignCondition(values)))
        st.switch_page("pages/design.py")
    if chosen.status == "refused":
        _instead(chosen)


def _values(term_id: str, ontology: Ontology) -> dict[str, str]:
    """The metadata of a condition with that term."""
    key = KEY_OF_ONTOLOGY[ontology]
    if key != _PERTURBATION:
        return {key: term_id}
    vocabulary = chosen_vocabulary(design().model_id)
    treated = [{_TYPE: treatment, key: term_id} for treatment in _TREATMENTS[ontology]]
    known = (values for values in treated if vocabulary.supports(values)[key].status == "known")
    return next(known, treated[0])


def _instead(refused: Support) -> None:
    """Nearest terms that the model answers, to look at."""
    if not refused.relatives:
        return
    st.caption(f"Nearest that {design().model_id} answers:")
    with st.container(horizontal=True, gap="small"):
        for relative in refused.relatives[:_NEAREST]:
            name = as_text(label_of(relative) or relative)
            st.button(name, key=f"instead:{relative}", on_click=_show, args=(relative,))


# Terms that are not here ---------------------------------------------------------------------------------------------


def unknown_term_panel(term_id: str) -> None:
    """An id that the snapshot lacks: what was found of it live, or the offer to look."""
    ontology = ontology_of(term_id)
    found = _recalled(term_id)
    told, used = st.columns([3, 2], gap="large")
    with told:
        st.subheader(as_text(found.label if found is not None else term_id), anchor=False)
        st.caption(f"{KINDS[ontology]} · not among the terms of {as_text(_release(ontology))} that come with Synthome")
        if found is not None:
            st.info("Found live at EBI's OLS4, not in the terms shipped with Synthome.", icon=":material/public:")
            st.markdown(as_text(found.definition))
        elif live_lookup() is not None and ontology in LIVE_ONTOLOGIES:
            _offer_live(term_id)
        _links(term_links(term_id), {})
    with used:
        _id_and_use(term_id, ontology, usable=found is not None)


def _offer_live(term_id: str) -> None:
    if not st.button("Look it up live at EBI's OLS4", key="look_up", icon=":material/public:"):
        return
    lookup = live_lookup()
    if lookup is None:
        return
    try:
        with st.spinner("Asking EBI's OLS4 …"):
            found = lookup.term(term_id)
    except OntologyError as error:
        st.error(str(error))
        return
    if found is not None:
        st.rerun()
    st.warning("EBI's OLS4 has no such term either.")
