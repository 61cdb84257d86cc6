"""A term of an ontology: its names, its relatives, what the model knows of it, and how to use it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.answerer import chosen_vocabulary
from components.session import change_design, design
from components.support_marks import quiet_line, support_line
from components.term_picker import Picked, term_picker
from components.words import as_text, counted
from synthome.ontology import ONTOLOGIES, Term, default_index
from synthome.query.designs import DesignCondition
from synthome.query.vocabulary import KEY_OF_ONTOLOGY

__all__ = ["search_panel", "term_panel"]

_TERM = "term"
_MOST_RELATIVES = 24
_NAMES = {
    "UBERON": "Anatomy, UBERON",
    "CL": "Cell type, Cell Ontology",
    "MONDO": "Disease, MONDO",
    "CHEBI": "Compound, ChEBI",
    "CVCL": "Cell line, Cellosaurus",
}


def search_panel() -> Term | None:
    """One search over all five ontologies; the term chosen, or ``None``."""
    chosen = default_index().term(st.query_params.get(_TERM, ""))
    term_picker(
        "Search anatomy, cell types, diseases, compounds and cell lines",
        key="term_search",
        picked=Picked(chosen.id, chosen.label) if chosen is not None else Picked(),
        on_pick=_show,
        ontologies=ONTOLOGIES,
        model_id=design().model_id,
        placeholder="a name, a synonym, or an id",
    )
    return chosen


def _show(term_id: str) -> None:
    if default_index().term(term_id) is not None:
        st.query_params[_TERM] = term_id
    else:
        st.query_params.pop(_TERM, None)


def term_panel(term: Term) -> None:
    """Everything that is known of ``term``."""
    index = default_index()
    st.subheader(as_text(term.label), anchor=False)
    st.caption(_NAMES[term.ontology])
    if term.obsolete:
        st.warning("This term is obsolete.", icon=":material/history:")
        if term.replaced_by is not None:
            _relatives("Replaced by", [term.replaced_by])
    st.code(term.id, language=None)
    if term.definition:
        st.markdown(as_text(term.definition))
    if term.synonyms:
        shown = ", ".join(as_text(synonym.text) for synonym in term.synonyms[:_MOST_RELATIVES])
        st.markdown(f"**Also called** {shown}")
    _knowledge(term)
    _relatives("Kind or part of", index.graph.parents(term.id))
    _relatives("Kinds and parts", index.graph.children(term.id))


def _knowledge(term: Term) -> None:
    key = KEY_OF_ONTOLOGY[term.ontology]
    support = chosen_vocabulary(design().model_id).support(key, term.id)
    quiet_line(f"**{design().model_id}** {support_line(support)}")
    if st.button("Use in a new condition", icon=":material/add:", disabled=support.status == "refused"):
        change_design(lambda current: current.add(DesignCondition({key: term.id})))
        st.switch_page("pages/design.py")


def _relatives(title: str, term_ids: Sequence[str]) -> None:
    if not term_ids:
        return
    st.markdown(f"**{title}**")
    index = default_index()
    with st.container(horizontal=True, gap="small"):
        for term_id in term_ids[:_MOST_RELATIVES]:
            st.button(
                as_text(index.label(term_id)),
                key=f"{title}:{term_id}",
                on_click=_show,
                args=(term_id,),
            )
    if len(term_ids) > _MOST_RELATIVES:
        st.caption(f"and {counted(len(term_ids) - _MOST_RELATIVES, 'more term')}")
