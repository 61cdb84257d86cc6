"""Everything made so far: open, compare, rename, redesign, delete."""

from __future__ import annotations

import streamlit as st

from components.own_sample_again import take_up_again
from components.predicting import RESULTS_PAGE
from components.refused_fields import keep_refusals
from components.session import set_design, workspace
from components.told_panel import is_told
from components.words import as_text, counted
from synthome.query import MetadataQuery, ReferenceQuery
from synthome.query.designs import design_from_query
from synthome.runs import Run, RunState, default_runner

__all__ = ["redesign", "runs_panel"]

COMPARE_TAB = "Compare"
"""The tab of the results page on which two runs stand side by side."""
_STATES = {
    RunState.QUEUED: ("waiting", "blue"),
    RunState.RUNNING: ("running", "blue"),
    RunState.DONE: ("done", "green"),
    RunState.FAILED: ("failed", "red"),
    RunState.CANCELLED: ("cancelled", "gray"),
}


def runs_panel() -> None:
    """A card for each run of this workspace, newest first."""
    runs = default_runner().runs(workspace())
    if not runs:
        st.info("Nothing yet. What you predict is kept here.", icon=":material/history:")
        st.page_link("pages/design.py", label="Design an experiment", icon=":material/edit_note:")
        return
    with st.grid("auto", min_column_width=320):
        for run in runs:
            with st.container(border=True, key=f"run_{run.id}", height="stretch"):
                _card(run)


def _card(run: Run) -> None:
    words, colour = _STATES[run.state]
    st.markdown(f"**{as_text(run.title)}** :{colour}-badge[{words}]")
    st.caption(
        f"{counted(run.query.num_samples, 'sample')}, {counted(len(run.query.inputs), 'condition')}, {run.model_id}, "
        f"{run.created:%d %B %Y, %H:%M} UTC"
    )
    if run.error is not None:
        st.caption(f":red[{as_text(run.error.message)}]")
    with st.container(horizontal=True, gap="small"):
        done = run.state is RunState.DONE
        if done:
            _ways_in(run)
        else:
            _redesign_button(run)
        with st.popover("More", icon=":material/more_horiz:"):
            if done:
                _redesign_button(run)
            _rename_or_delete(run)


def _ways_in(run: Run) -> None:
    """Look at the result, or at it beside another one."""
    if st.button("Open", key=f"open:{run.id}", icon=":material/scatter_plot:"):
        st.switch_page(RESULTS_PAGE, query_params={"run": run.id})
    if not is_told(run) and st.button(
        "Compare", key=f"compare:{run.id}", icon=":material/compare:", help="Beside another run or your own counts"
    ):
        st.session_state["tab"] = COMPARE_TAB
        st.switch_page(RESULTS_PAGE, query_params={"run": run.id, "tab": COMPARE_TAB})


def _redesign_button(run: Run) -> None:
    if st.button("Redesign", key=f"redesign:{run.id}", icon=":material/edit_note:"):
        redesign(run)


def _rename_or_delete(run: Run) -> None:
    title = st.text_input("New title", value=run.title, key=f"title:{run.id}", max_chars=200)
    if st.button("Rename", key=f"rename:{run.id}", icon=":material/label:"):
        default_runner().rename(workspace(), run.id, title)
        st.rerun()
    st.divider()
    st.markdown("Deleted, its numbers are gone for good. The design can be asked again with the same seed.")
    if st.button("Delete this run", key=f"delete:{run.id}", icon=":material/delete:"):
        default_runner().delete(workspace(), run.id)
        st.rerun()


def redesign(run: Run) -> None:
    """Make the run's query the current design, and go there; a run of real samples goes back to their page."""
    keep_refusals(run)
    if isinstance(run.query, (MetadataQuery, ReferenceQuery)):
        take_up_again(run)
    set_design(design_from_query(run.query, run.model_id, run.condition_names, run.title))
    st.switch_page("pages/design.py")
