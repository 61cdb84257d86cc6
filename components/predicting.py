"""Predict: start a run, follow it, and go to its result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from components.answerer import answerer_named, chosen_answerer, chosen_model, lacks_key, model_of
from components.answerer_failure import Asked, Failure, failure_notice, failure_of
from components.refused_fields import forget_refusals, keep_refusals
from components.session import label_of, workspace
from components.words import as_text, counted, lasted
from synthome.errors import AuthenticationError, SynthomeError
from synthome.query.designs import Design
from synthome.runs import AnswererName, Run, RunState, default_runner

__all__ = [
    "RESULTS_PAGE",
    "arrive",
    "ask",
    "ask_design",
    "await_run",
    "follow_run",
    "pending_run",
    "show_last_failure",
    "start_run",
    "watch_runs",
    "why_nothing_began",
]

RESULTS_PAGE = "pages/results.py"
_PENDING = "pending_run"
_FAILURE = "run_failure"
_BLINK = 0.5
"""Seconds to wait for a run before a progress bar is drawn."""
_EVERY = 0.25
"""Seconds between two looks at a run."""


def start_run(design: Design) -> None:
    """Ask the chosen model what ``design`` asks, and follow the run; a refusal is kept to be shown."""
    ask_design(design)


def ask_design(design: Design) -> Run | None:
    """As :func:`start_run`, with the run that began, if one did."""
    try:
        query = design.to_query()
    except SynthomeError as error:
        st.session_state[_FAILURE] = Failure(str(error), None, chosen_answerer())
        return None
    return ask(Asked(query, design.model_id, design.title, design.names(label_of)))


def ask(asked: Asked, answerer: AnswererName | None = None) -> Run | None:
    """Ask ``answerer``, or else the chosen one, and follow the run; ``None`` where none begins, and why is kept.

    Where a key is missing nothing is asked: it has to be given first. A small run is done in a blink, and is waited
    for: with the next run of the page its result opens, without the progress bar being drawn in between.
    """
    st.session_state.pop(_FAILURE, None)
    forget_refusals()
    answerer = answerer or chosen_answerer()
    if lacks_key(answerer):
        words = f"The {answerer_named(answerer).label.lower()} needs an API key. Give one, and the design is asked."
        st.session_state[_FAILURE] = Failure(words, asked, answerer, needs_key=True)
        return None
    try:
        model = chosen_model(asked.model_id) if answerer == chosen_answerer() else model_of(asked.model_id, answerer)
        run = default_runner().submit(
            workspace(),
            asked.query,
            model,
            title=asked.title,
            condition_names=asked.condition_names,
            answerer=answerer,
        )
    except SynthomeError as error:
        needs_key = isinstance(error, AuthenticationError)
        st.session_state[_FAILURE] = Failure(str(error), asked, answerer, needs_key=needs_key)
        return None
    st.session_state[_PENDING] = run.id
    return default_runner().wait(workspace(), run.id, _BLINK)


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


def show_last_failure(current: Design | None = None) -> None:
    """Why the last prediction came to nothing, if it did, with the ways on. ``current`` is the design on the page."""
    failure: Failure | None = st.session_state.get(_FAILURE)
    if failure is None:
        return
    changed = current is not None and failure.asked is not None and not _asks(current, failure.asked)
    title = "An API key is needed" if failure.needs_key else "No prediction was made"
    again = failure_notice(failure, title, changed=changed)
    if again is not None and failure.asked is not None:
        ask(failure.asked, again)
        st.rerun()


def why_nothing_began() -> str:
    """What :func:`ask` keeps where no run begins."""
    failure: Failure | None = st.session_state.get(_FAILURE)
    return failure.message if failure is not None else ""


def _asks(design: Design, asked: Asked) -> bool:
    """Whether ``design`` asks what ``asked`` did."""
    try:
        return (design.to_query(), design.model_id) == (asked.query, asked.model_id)
    except SynthomeError:
        return False


def arrive(run: Run) -> None:
    """Stop waiting for ``run`` where it is finished already, because its page is about to be drawn."""
    if run.state.finished:
        st.session_state.pop(_PENDING, None)


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
    if _PENDING not in st.session_state:
        return  # its result is being opened: to draw the page anew would begin that again with every tick
    run = pending_run()
    if run is None or run.state.finished:
        st.rerun()
    assert run is not None  # noqa: S101 - st.rerun() does not return
    progress = run.progress
    st.progress(min(progress.done / max(progress.total, 1), 1.0), text=_progress_words(run))
    st.button("Cancel", key="cancel_run", icon=":material/stop_circle:", on_click=_cancel, args=(run.id,))


def _progress_words(run: Run) -> str:
    """How far a run is; how long it may take, or else for how long it has been waited for."""
    progress = run.progress
    words = f"{progress.done:,} of {counted(progress.total, 'sample')}, {as_text(progress.activity)}"
    if run.seconds_left is not None and run.seconds_left >= 1:
        return f"{words}, {run.seconds_left:.0f} s left"
    waited = (datetime.now(UTC) - (run.started or run.created)).total_seconds()
    return f"{words}, for {lasted(waited)} so far" if waited >= 1 and progress.done < progress.total else words


def _cancel(run_id: str) -> None:
    default_runner().cancel(workspace(), run_id)


def _settle(run: Run) -> None:
    """Stop waiting for a finished run: open its result, or keep why there is none, and draw the page anew."""
    if run.state is RunState.DONE:
        _open_result(run)
    del st.session_state[_PENDING]
    if run.state is RunState.FAILED and run.error is not None:
        st.session_state[_FAILURE] = failure_of(run)
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
        st.session_state[_FAILURE] = failure_of(run)
        keep_refusals(run)
        st.toast(f"“{title}” failed: {as_text(run.error.message)}", icon=":material/error:", duration="long")
