"""Refresh: fetch newer releases of the ontologies, follow how far that is, and see what it changed."""

from __future__ import annotations

import streamlit as st

from components.words import as_text, byte_size, counted
from synthome.ontology import Ontology
from synthome.ontology.changes import MOST_LISTED, Change, Summary
from synthome.ontology.refresh import RefreshProgress
from synthome.ontology.refresh_job import RefreshState, RefreshStatus, default_refresh_job
from synthome.ontology.sources import PUBLISHED, SOURCES
from synthome.settings import settings

__all__ = ["refresh_panel"]

_CHOSEN = "refresh_which"
_EVERY = 0.5
"""Seconds between two looks at a refresh."""
_SHORT: dict[Ontology, str] = {
    "CL": "Cell Ontology",
    "CHEBI": "ChEBI",
    "CVCL": "Cellosaurus",
    "HsapDv": "Developmental stages",
    "HANCESTRO": "Ancestry",
}


def refresh_panel() -> None:
    """The refresh under way, or a button that starts one; and what the last one did.

    A refresh belongs to the process: everybody who opens this page sees the same one, after a reload too.
    """
    st.markdown("#### Refresh")
    if not settings().allow_refresh:
        st.caption(
            "Whoever runs this installation has switched refreshing off here (SYNTHOME_ALLOW_REFRESH). On its command "
            "line it is: `python -m synthome.ontology refresh`"
        )
        return
    st.caption(
        "Fetches the current releases from their makers and tells what changed. All of them are about 400 MB, most of "
        "that ChEBI and Cellosaurus, and take some minutes; a release that has not changed is not fetched again. What "
        "is in use stays in use until the new release is there, whole and checked. Genes and organisms are lists of "
        "Synthome's own and stay as they are."
    )
    status = default_refresh_job().status
    if status.state is RefreshState.RUNNING:
        _progress()
        return
    chosen = st.pills(
        "Which",
        PUBLISHED,
        default=PUBLISHED,
        selection_mode="multi",
        key=_CHOSEN,
        format_func=lambda ontology: _SHORT.get(ontology, ontology),
        label_visibility="collapsed",
    )
    st.button("Refresh", key="refresh", icon=":material/sync:", disabled=not chosen, on_click=_start)
    _outcome(status)


def _start() -> None:
    default_refresh_job().start(st.session_state[_CHOSEN])


@st.fragment(run_every=_EVERY)
def _progress() -> None:
    status = default_refresh_job().status
    if status.state is not RefreshState.RUNNING:
        st.rerun()
    words = "Stopping" if status.cancelling else _in_words(status.progress)
    st.progress(min(status.progress.fraction, 1.0), text=words)
    st.button(
        "Cancel",
        key="cancel_refresh",
        icon=":material/stop_circle:",
        disabled=status.cancelling,
        on_click=default_refresh_job().cancel,
    )


def _in_words(progress: RefreshProgress) -> str:
    if progress.ontology is None:
        return f"{progress.phase[0].upper()}{progress.phase[1:]} …"
    name = SOURCES[progress.ontology].name
    if progress.phase == "reading":
        return f"Reading and checking {name}, which for the large ones takes a minute or two …"
    if not progress.num_bytes:
        return f"Asking for {name} …"
    of = f" of {byte_size(progress.total_bytes)}" if progress.total_bytes else ""
    return f"Fetching {name}: {byte_size(progress.num_bytes)}{of}"


def _outcome(status: RefreshStatus) -> None:
    if status.state is RefreshState.CANCELLED:
        st.info("The refresh was cancelled. The ontologies are as they were.", icon=":material/info:")
    elif status.state is RefreshState.FAILED:
        st.error(as_text(status.error), title="The ontologies were not refreshed", icon=":material/error:")
    elif status.summary is not None:
        _tell(status.summary)


def _tell(summary: Summary) -> None:
    updated, unchanged, kept = (summary.of(outcome) for outcome in ("updated", "unchanged", "kept"))
    if updated:
        words = f"{_ontologies(len(updated))} refreshed, and in use from now on."
        if unchanged:
            words += f" {_ontologies(len(unchanged))} up to date already."
        st.success(words, icon=":material/check_circle:")
    elif unchanged:
        st.info(f"{_ontologies(len(unchanged))} up to date already.", icon=":material/check_circle:")
    if kept:
        lines = (f"- **{SOURCES[each.ontology].name}**, {each.before}: {as_text(each.reason)}" for each in kept)
        title = "One ontology stays as it is" if len(kept) == 1 else f"{len(kept)} ontologies stay as they are"
        st.warning("\n".join(lines), title=title, icon=":material/warning:")
    for change in updated:
        _changes(change)


def _ontologies(number: int) -> str:
    return "One ontology is" if number == 1 else f"{number} ontologies are"


def _changes(change: Change) -> None:
    numbers = f"{change.num_new:,} new, {change.num_renamed:,} renamed, {change.num_retired:,} obsolete"
    with st.expander(f"{SOURCES[change.ontology].name}: {change.before} → {change.after} · {numbers}"):
        if change.num_revised:
            st.caption(f"{counted(change.num_revised, 'term')} with other synonyms or another definition.")
        _table("New", change.num_new, [{"Term": term.label, "Id": term.id} for term in change.new])
        _table(
            "Renamed",
            change.num_renamed,
            [{"Was": term.before, "Is now": term.label, "Id": term.id} for term in change.renamed],
        )
        _table(
            "Obsolete",
            change.num_retired,
            [
                {"Term": term.label, "Id": term.id, "Use instead": f"{term.replacement} {term.replaced_by}".strip()}
                for term in change.retired
            ],
        )
        if not (change.num_new or change.num_renamed or change.num_retired or change.num_revised):
            st.caption("The same terms with the same names.")


def _table(title: str, number: int, rows: list[dict[str, str]]) -> None:
    if not rows:
        return
    st.markdown(f"**{title}**" + (f": the first {MOST_LISTED} of {number:,}" if number > MOST_LISTED else ""))
    st.dataframe(rows, hide_index=True, alt=f"{title} terms")
