"""What may be asked of real samples: what they are, and what they would be like perturbed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components.answerer import answerer_named, chosen_answerer
from components.answerer_failure import Asked
from components.own_sample_draft import Brought, brought, given_samples, model_of, read_as, treatment
from components.own_sample_perturb import perturb_card
from components.predicting import ask, follow_run, pending_run, show_last_failure
from components.sampling_panel import MODEL_NAMES
from components.support_marks import quiet_line
from components.words import counted, shortened
from synthome.query import MetadataQuery, Unlabelled
from synthome.query.vocabulary import MODEL_RULES, PREDICT_METADATA, model_named
from synthome.samples import SampleTable

__all__ = ["ask_panel"]


def ask_panel(table: SampleTable) -> None:
    """Bulk or single-cell, then the two questions side by side."""
    current = brought()
    assert current is not None  # noqa: S101 - a table is made of what was brought
    model_id = model_of(current, table)
    _model_choice(current, table)
    if chosen_answerer() != "embedded":
        chosen = answerer_named(chosen_answerer()).label.lower()
        quiet_line(
            f":gray[:material/memory:] Answered by the embedded model here, not by the {chosen}: your samples are sent "
            "to no other service."
        )
    told, perturbed = st.columns([2, 3], gap="medium")
    with told, st.container(border=True, key="own_told"):
        _told_card(table, model_id)
    with perturbed, st.container(border=True, key="own_perturb"):
        perturb_card(table, model_id)
    follow_run()
    show_last_failure()


def _model_choice(current: Brought, table: SampleTable) -> None:
    guess = model_of(replace(current, model_id=None), table)
    key = f"own_model:{current.uid}:{guess}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Bulk or single-cell",
            list(MODEL_RULES),
            default=current.model_id or guess,
            key=key,
            required=True,
            format_func=MODEL_NAMES.__getitem__,
            label_visibility="collapsed",
            on_change=lambda: read_as(model_id=st.session_state[key]),
        )
        if current.model_id is None:
            quiet_line("guessed from how many counts there are")


def _told_card(table: SampleTable, model_id: str) -> None:
    one = len(table.samples) == 1
    st.subheader("What is this sample?" if one else "What are these samples?", anchor=False)
    st.markdown(
        "The counts are compared with every tissue, type of cell and cell line that the model has learned. "
        "You see the most probable ones, how sure that is, and the sex."
    )
    if st.button(
        "Tell what it is" if one else f"Tell what these {len(table.samples)} are",
        key="own_tell",
        type="secondary" if treatment().perturbs else "primary",
        icon=":material/search_insights:",
        disabled=pending_run() is not None,
        width="stretch",
    ):
        _tell(table, model_id)
        st.rerun()


def _tell(table: SampleTable, model_id: str) -> None:
    samples = given_samples(table)
    query = MetadataQuery(inputs=tuple(Unlabelled(counts=sample.counts) for sample in samples))
    names = tuple(sample.name for sample in samples)
    title = f"What is {names[0]}?" if len(names) == 1 else f"What are these {counted(len(names), 'sample')}?"
    ask(Asked(query, model_named(model_id, PREDICT_METADATA), shortened(title, 120), names), "embedded")
