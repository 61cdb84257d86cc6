"""What a result is: its title, its size, who answered, and what was applied to each condition."""

from __future__ import annotations

import streamlit as st

from components.analyses import prediction_of
from components.answerer_failure import failure_notice, failure_of
from components.applied_panel import applied_panel
from components.download_menu import download_menu
from components.predicting import arrive, ask, await_run, follow_run, why_nothing_began
from components.runs_panel import redesign
from components.session import label_of, workspace
from components.sharing import RUN, share_menu
from components.support_marks import quiet_line
from components.words import as_text, counted
from synthome.errors import RunNotFoundError
from synthome.prediction import Prediction
from synthome.runs import Run, RunState, default_runner

__all__ = ["chosen_run", "result_header", "unfinished"]


def chosen_run() -> Run | None:
    """The run that the link names, else the one last looked at, else the newest that is done."""
    runner = default_runner()
    asked = st.query_params.get(RUN) or st.session_state.get("shown_run")
    if asked:
        try:
            run = runner.get(workspace(), asked)
        except RunNotFoundError:
            st.warning(
                "That result is not in this browser's workspace. Here is the newest one instead.",
                icon=":material/search_off:",
            )
        else:
            st.session_state["shown_run"] = run.id
            st.query_params[RUN] = run.id
            return run
    return next((run for run in runner.runs(workspace()) if run.state is RunState.DONE), None)


def result_header(run: Run) -> None:
    """Title, summary, what was applied, and ways on."""
    prediction = prediction_of(run)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(as_text(run.title), width="content")
        with st.container(horizontal=True, width="content"):
            download_menu(run)
            share_menu(run)
            if st.button("Redesign", icon=":material/edit_note:", help="Change the design and predict again"):
                redesign(run)
    provenance = prediction.provenance
    extrapolated = _extrapolated(prediction)
    words = [
        counted(len(prediction.expression), "sample"),
        counted(len(prediction.condition_names), "condition"),
        counted(prediction.expression.shape[1], "gene"),
        as_text(provenance.model_version),
        _seed_words(prediction),
        f"extrapolated: {', '.join(map(as_text, extrapolated))}" if extrapolated else "extrapolated: nothing",
    ]
    st.caption(" · ".join(words))
    for note in dict.fromkeys(note for condition in provenance.conditions for note in condition.notes):
        quiet_line(f":material/info: {as_text(note)}")
    warnings = list(dict.fromkeys([*provenance.warnings, *(w for c in provenance.conditions for w in c.warnings)]))
    if warnings:
        listed = [as_text(warning) for warning in warnings]
        st.warning("\n".join(f"- {w}" for w in listed) if len(listed) > 1 else listed[0], icon=":material/warning:")
    if run.error is not None:
        st.warning(as_text(run.error.message), icon=":material/save:")
    applied_panel(prediction)


def _seed_words(prediction: Prediction) -> str:
    if prediction.classifier_probs is not None:
        return "nothing is drawn"
    seed = prediction.provenance.seed
    return f"seed {seed}" if seed is not None else "seed chosen by the service"


def _extrapolated(prediction: Prediction) -> list[str]:
    supports = [support for condition in prediction.provenance.conditions for support in condition.supports]
    values = [support.value for support in supports if support.status == "extrapolated"]
    return list(dict.fromkeys(label_of(value) or value for value in values))


def unfinished(run: Run) -> None:
    """Why a run has no result (yet), and what to do."""
    st.title(as_text(run.title))
    if not run.state.finished:
        await_run(run)
        follow_run()
        return
    failure = failure_of(run)
    again = failure_notice(failure, "This run has no result")
    if again is not None and failure.asked is not None:
        begun = ask(failure.asked, again)
        if begun is not None:
            arrive(begun)
            st.session_state["shown_run"] = st.query_params[RUN] = begun.id
            st.rerun()
        st.error(as_text(why_nothing_began()), icon=":material/error:")
    if st.button("Redesign", icon=":material/edit_note:"):
        redesign(run)
