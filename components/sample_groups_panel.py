"""Naming groups of samples that were picked in a figure, and taking the names off again."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from components.analyses import keep_sample_groups, sample_groups_of
from components.words import as_text, counted
from synthome.errors import SynthomeError
from synthome.prediction import GROUP
from synthome.runs import Run
from synthome.runs.sample_groups import SampleGroups

__all__ = ["name_picked", "named_groups"]

_NAME = "pca_group_name"
_ERROR = "pca_group_error"
_COLOUR = "pca_colour"


def name_picked(run: Run, rows: Iterable[int]) -> None:
    """A field and a button that make the samples in ``rows``, one or more, a group."""
    picked = sorted(set(rows))
    with (
        st.form("pca_group_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            f"{counted(len(picked), 'sample')} picked",
            key=_NAME,
            placeholder="Name of the group",
            help="A group is a key of the samples everywhere: in colours, comparisons and files",
            width=240,
        )
        st.form_submit_button("Name this group", icon=":material/label:", on_click=_keep_named, args=(run, picked))
    if _ERROR in st.session_state:
        st.error(as_text(st.session_state.pop(_ERROR)), icon=":material/error:")


def _keep_named(run: Run, picked: list[int]) -> None:
    st.session_state.pop(_ERROR, None)
    try:
        groups = sample_groups_of(run).named(picked, st.session_state[_NAME])
    except SynthomeError as error:
        st.session_state[_ERROR] = str(error)
        return
    keep_sample_groups(run, groups)
    st.session_state[_NAME] = ""
    st.session_state[_COLOUR] = GROUP


def named_groups(run: Run) -> None:
    """The groups there are, each with a button that takes its name off its samples."""
    groups = sample_groups_of(run)
    if not groups.names:
        return
    with st.expander(f"Named groups ({len(groups.names)})", icon=":material/label:", type="compact", expanded=True):
        for place, name in enumerate(groups.names):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                size = groups.of_samples.count(name)
                st.markdown(f"{as_text(name)}, {counted(size, 'sample')}", width="content")
                st.button(
                    "Remove",
                    key=f"pca_group_delete_{place}",
                    type="tertiary",
                    help="Its samples stay, in no group",
                    on_click=_remove,
                    args=(run, groups, name),
                )


def _remove(run: Run, groups: SampleGroups, name: str) -> None:
    keep_sample_groups(run, groups.without(name))
