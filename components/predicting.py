"""Predict: start a run, follow it, and go to its result."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.answerer import chosen_answerer, chosen_model
from components.refused_fields import forget_refusals, keep_refusals
from components.session import label_of, workspace
from components.words import as_text, counted
from synthome.errors import SynthomeError
from synthome.query.designs import Design
from synthome.runs import Run, RunState, default_runner

__all__ = ["RESULTS_PAGE", "await_run", "follow_run", "pending_run", "show_last_failure", "start_run", "watch_runs"]

RESULTS_PAGE = "pages/results.py"
_PENDING = "pending_run"
_FAILURE = "run_failure"
_BLINK = 0.5
"""Seconds to wait for a run before a progress bar is drawn."""
_EVERY = 0.25
"""Seconds between two looks at a run."""


def start_run(design: Design) -> None:
    """Ask the chosen model what ``design`` asks, and follow the run; a refusal is kept to be shown.

    A small run is done in a blink, and is waited for: with the next run of the page its result opens, without the
    progress bar being drawn in between.
    """
    st.session_state.pop(_FAILURE, None)
    forget_refusals()
    try:
        run = default_runner().submit(
            workspace(),
            design.to_query(),
            chosen_model(design.model_id),
            title=design.title,
            condition_names=design.names(label_of),
            answerer=chosen_answerer(),
        )
    except SynthomeError as error:
        st.session_state[_FAILURE] = str(error)
        return
    st.session_state[_PENDING] = run.id
    default_runner().wait(workspace(), run.id, _BLINK)


def pending_run() -> Run | None:
    """The run that this session waits for, or ``None``."""
    run_id = st.session_state.get(_PENDING)
    if run_id is None:
        return None
    try:
        return default_runner().get(workspace(), run_id)
    except SynthomeError:
        del st.session_state[_PENDING]
        return None


def show_last_failure() -> None:
    """Why the last prediction came to nothing, if it did."""
    if _FAILURE in st.session_state:
        st.error(as_text(st.session_state[_FAILURE]), title="No prediction was made", icon=":material/error:")


def await_run(run: Run) -> None:
    """Let this session wait for ``run``, unless it waits for another."""
    st.session_state.setdefault(_PENDING, run.id)


def follow_run() -> None:
    """Show how far the awaited run is, with a way to stop it; open its result when it is done."""
    run = pending_run()
    if run is None:
        return
    if run.state.finished:
        _settle(run)
    _progress()


@st.fragment(run_every=_EVERY)
def _progress() -> None:
    run = pending_run()
    if run is None or run.state.finished:
        st.rerun()
    assert run is not None  # noqa: S101 - st.rerun() does not return
    progress = run.progress
    words = f"{progress.done:,} of {counted(progress.total, 'sample')}, {as_text(progress.activity)}"
    if run.seconds_left is not None and run.seconds_left >= 1:
        words += f", {run.seconds_left:.0f} s left"
    st.progress(min(progress.done / max(progress.total, 1), 1.0), text=words)
    st.button("Cancel", key="cancel_run", icon=":material/stop_circle:", on_click=_cancel, args=(run.id,))


def _cancel(run_id: str) -> None:
    default_runner().cancel(workspace(), run_id)


def _settle(run: Run) -> None:
    """Stop waiting for a finished run: open its result, or keep why there is none, and draw the page anew."""
    if run.state is RunState.DONE:
        _open_result(run)
    del st.session_state[_PENDING]
    if run.state is RunState.FAILED and run.error is not None:
        st.session_state[_FAILURE] = run.error.message
        keep_refusals(run)
    st.rerun()


def _open_result(run: Run) -> None:
    del st.session_state[_PENDING]
    st.switch_page(RESULTS_PAGE, query_params={"run": run.id})


def watch_runs(pages_that_follow: Sequence[str], page: str) -> None:
    """Open the awaited run's result where the page follows it; elsewhere tell in a corner when it is finished."""
    run = pending_run()
    if run is None:
        return
    if page not in pages_that_follow:
        _watch()
    elif run.state is RunState.DONE:
        _open_result(run)


@st.fragment(run_every=1.0)
def _watch() -> None:
    run = pending_run()
    if run is None or not run.state.finished:
        return
    del st.session_state[_PENDING]
    title = as_text(run.title)
    if run.state is RunState.DONE:
        st.toast(
            f"“{title}” is ready. [Open it](results?run={run.id})", icon=":material/check_circle:", duration="long"
        )
    elif run.state is RunState.FAILED and run.error is not None:
        st.session_state[_FAILURE] = run.error.message
        keep_refusals(run)
        st.toast(f"“{title}” failed: {as_text(run.error.message)}", icon=":material/error:", duration="long")
