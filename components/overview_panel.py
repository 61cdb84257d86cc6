"""A result at a glance: what is in it, what is unusual, its two pictures, and the quality of its samples."""

from __future__ import annotations

import streamlit as st

from components.analyses import prediction_of, quality_of
from components.heatmap_panel import heatmap_overview
from components.pca_panel import pca_overview
from components.quality_panel import quality_panel
from components.words import as_text, counted
from synthome.analysis.overview import describe_result, nothing_unusual
from synthome.analysis.quality import unusual_samples
from synthome.runs import Run

__all__ = ["overview_panel"]

_TOLD_AT_ONCE = 3
"""What is unusual and told without being asked for; the rest is folded."""


def overview_panel(run: Run) -> None:
    """Words first, then PCA and heatmap side by side, then quality."""
    _in_words(run)
    left, right = st.columns(2, gap="medium")
    with left:
        pca_overview(run)
    with right:
        heatmap_overview(run)
    quality_panel(run)


def _in_words(run: Run) -> None:
    """What is in the result, and what of it is unusual."""
    prediction, found = prediction_of(run), quality_of(run)
    st.markdown(as_text(describe_result(found, prediction)))
    unusual = unusual_samples(found, prediction.sample_names, prediction.condition)
    if not unusual:
        st.markdown(f":material/check: {as_text(nothing_unusual(found, prediction))}")
        return
    heading = f"{counted(len(unusual), 'value')} far from the others of the condition:"
    first, rest = unusual[:_TOLD_AT_ONCE], unusual[_TOLD_AT_ONCE:]
    st.markdown("\n".join([f":material/priority_high: {heading}", "", *_listed(first)]))
    if rest:
        with st.expander(f"{len(rest):,} more", icon=":material/list:", type="compact"):
            st.markdown("\n".join(_listed(rest)))


def _listed(sentences: list[str]) -> list[str]:
    return [f"- {as_text(sentence)}" for sentence in sentences]
