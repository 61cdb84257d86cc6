"""Examples that run with one click, each with the picture that it gives; and where the user left off."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.figure_library import read_figure_library_early
from components.predicting import follow_run, pending_run, show_last_failure, start_run
from components.preparation import show_preparation, wait_until_ready
from components.session import design, screen_theme, set_design, workspace
from components.words import as_text, counted
from synthome.query.designs import Design
from synthome.query.examples import EXAMPLES
from synthome.runs import RunState, default_runner

__all__ = ["continue_panel", "examples_panel"]

_PICTURES = Path(__file__).parent / "pictures"
_RECENT = 3
_ASKED = "asked_example"


def examples_panel() -> None:
    """One card an example: picture, sentence, button. On a first start they stand before the search index does."""
    asked = st.session_state.pop(_ASKED, None)
    if asked is not None:
        wait_until_ready()
        start_run(asked)
        follow_run()
    st.subheader("Try one", anchor=False)
    waiting = pending_run() is not None
    with st.grid(len(EXAMPLES), min_column_width=260):
        for example in EXAMPLES:
            with st.container(border=True, height="stretch"):
                picture = _PICTURES / f"{example.slug}.{screen_theme()}.png"
                if picture.exists():
                    st.image(str(picture), alt=f"PCA of the example: {example.teaches}", width="stretch")
                st.markdown(f"**{example.title}**")
                st.caption(example.teaches)
                st.button(
                    f"Run “{example.title}”",
                    key=f"example:{example.slug}",
                    icon=":material/play_arrow:",
                    width="stretch",
                    disabled=waiting,
                    on_click=_ask,
                    args=(example.design,),
                )
    if asked is None:
        follow_run()
    show_last_failure()
    show_preparation()


def _ask(example: Design) -> None:
    st.session_state[_ASKED] = example


def continue_panel() -> None:
    """Start from nothing, go on with the design, or open a recent run."""
    st.subheader("Or go on", anchor=False)
    begun = design()
    with st.container(horizontal=True):
        if begun.conditions:
            words = begun.title or counted(len(begun.conditions), "condition")
            st.page_link("pages/design.py", label=f"Continue the design: {as_text(words)}", icon=":material/edit_note:")
        if st.button("Start from nothing", type="primary", icon=":material/add:"):
            set_design(Design())
            st.switch_page("pages/design.py")
    st.page_link(
        "pages/own_sample.py",
        label="Bring a sample of your own: what is it, and what if it were treated?",
        icon=":material/biotech:",
    )
    done = [run for run in default_runner().runs(workspace()) if run.state is RunState.DONE]
    for run in done[:_RECENT]:
        st.page_link(
            "pages/results.py",
            label=f"{as_text(run.title)} · {counted(run.query.num_samples, 'sample')} · {run.created:%d %B, %H:%M}",
            icon=":material/scatter_plot:",
            query_params={"run": run.id},
        )
    read_figure_library_early()
