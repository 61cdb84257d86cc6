"""A term in its ontology: the ways up to the roots, the term, its children; every one of them a step to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components.answerer import chosen_vocabulary
from components.session import design
from components.words import as_text, counted
from synthome.ontology import Term, default_index
from synthome.query.vocabulary import KEY_OF_ONTOLOGY

__all__ = ["term_tree"]

_WAYS = 3
"""Ways up that stand open; the others are folded."""
_CHILDREN = 24
"""Children that are shown at first, and by how many more at each further press."""
_LEARNED = ":material/check_circle:"

Go = Callable[[str], None]


def term_tree(term: Term, go: Go) -> None:
    """Draw the tree about ``term``; ``go`` is called with the id of another term that was pressed."""
    graph = default_index().graph
    ways, children = graph.ways_up(term.id), graph.children(term.id)
    if not ways and not children:
        return
    st.markdown("**Where it stands**")
    with st.container(border=True, gap="xsmall", key="term_tree"):
        _ways_up(ways, go)
        st.markdown(f":material/location_on: **{as_text(term.label)}**")
        _children(term, children, go)


def _ways_up(ways: Sequence[tuple[str, ...]], go: Go) -> None:
    for number, way in enumerate(ways[:_WAYS]):
        _way_up(number, way, go)
    if len(ways) > _WAYS:
        with st.expander(f"{counted(len(ways) - _WAYS, 'more way')} up", type="compact"):
            for number, way in enumerate(ways[_WAYS:], _WAYS):
                _way_up(number, way, go)


def _way_up(number: int, way: tuple[str, ...], go: Go) -> None:
    """One line from a root down to a parent."""
    labels = default_index().terms(way)
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key=f"way_{number}"):
        for term_id in way:
            st.button(
                as_text(labels[term_id].label or term_id),
                key=f"way:{number}:{term_id}",
                type="tertiary",
                icon=":material/chevron_right:",
                icon_position="right",
                on_click=go,
                args=(term_id,),
            )


def _children(term: Term, children: Sequence[str], go: Go) -> None:
    if not children:
        st.caption("Nothing more special is beneath it.")
        return
    st.caption(f"{len(children):,} {_kinds(term, len(children))} beneath it")
    named = sorted(default_index().terms(children).values(), key=lambda child: child.label.casefold())
    if len(named) > _CHILDREN:
        wanted = st.text_input(
            "Filter",
            key=f"filter:{term.id}",
            placeholder="Filter them by name",
            label_visibility="collapsed",
            icon=":material/filter_list:",
        )
        named = [child for child in named if wanted.strip().casefold() in child.label.casefold()]
    more = f"more:{term.id}"
    shown = named[: st.session_state.get(more, _CHILDREN)]
    learned = chosen_vocabulary(design().model_id).learned(KEY_OF_ONTOLOGY[term.ontology])
    with st.container(horizontal=True, gap="small"):
        for child in shown:
            st.button(
                as_text(child.label or child.id),
                key=f"child:{child.id}",
                icon=_LEARNED if child.id in learned else None,
                on_click=go,
                args=(child.id,),
            )
    if any(child.id in learned for child in shown):
        st.caption(f"{_LEARNED} learned by {design().model_id} from data")
    _rest(len(named) - len(shown), len(named), more)


def _kinds(term: Term, number: int) -> str:
    if term.ontology == "UBERON":
        return "kind or part" if number == 1 else "kinds and parts"
    return "kind" if number == 1 else "kinds"


def _rest(left: int, found: int, more: str) -> None:
    if not found:
        st.caption("None of them is called so.")
    if left <= 0:
        return

    def show_more() -> None:
        st.session_state[more] = st.session_state.get(more, _CHILDREN) + 2 * _CHILDREN

    words = f"Show {min(left, 2 * _CHILDREN)} more of {left:,}" if left > 2 * _CHILDREN else f"Show the other {left}"
    st.button(words, key=f"button:{more}", type="tertiary", icon=":material/expand_more:", on_click=show_more)
