"""The methods text of a run: which analyses it tells of is chosen, and it is there to be copied."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import streamlit as st

from synthome.export import file_name
from synthome.export.methods import Analyses, methods
from synthome.export.standard_figures import first_look
from synthome.export.takeaway import Takeaway
from synthome.runs import Run

__all__ = ["methods_panel"]

_PCA, _HEATMAP, _WELCH, _DESEQ2 = "PCA", "Heatmap", "Quick comparison", "DESeq2"
_COMPARISONS: tuple[tuple[str, Literal["welch", "deseq2"]], ...] = ((_WELCH, "welch"), (_DESEQ2, "deseq2"))


def methods_panel(run: Run, taken: Takeaway) -> None:
    """An expander with the text; it is written when that is opened."""
    panel = st.expander(
        "Methods text, with citations and versions", icon=":material/description:", key="methods", on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        shown = _shown(run.id, taken)
        offered = [_PCA, _HEATMAP, *([_WELCH, _DESEQ2] if shown.compared else [])]
        chosen = st.pills(
            "Analyses that you used", offered, selection_mode="multi", default=[_PCA, _HEATMAP], key="methods_of"
        )
        text = methods(taken, _chosen(shown, chosen))
        st.code(text.to_text(), language=None, wrap_lines=True, height=340)
        st.caption(
            "PCA, heatmap and comparison are told as the report shows them; change the numbers that you changed."
        )
        with st.container(horizontal=True):
            for label, ending, made in (("Text", "txt", text.to_text), ("Markdown", "md", text.to_markdown)):
                st.download_button(
                    label,
                    data=partial(_encoded, made()),
                    file_name=file_name(taken.title, "methods", ending),
                    mime="text/plain",
                    key=f"methods_{ending}_data",
                    icon=":material/download:",
                    on_click="ignore",
                )


@st.cache_resource(max_entries=16, show_spinner=False)
def _shown(run_id: str, _taken: Takeaway) -> Analyses:  # noqa: ARG001 - the id stands for the run
    return first_look(_taken).analyses


def _chosen(shown: Analyses, chosen: list[str]) -> Analyses:
    """Those of the report that were chosen; DESeq2 compares the same two groups."""
    return Analyses(
        pca=shown.pca if _PCA in chosen else None,
        heatmap=shown.heatmap if _HEATMAP in chosen else None,
        compared=tuple(
            replace(compared, method=method)
            for compared in shown.compared
            for name, method in _COMPARISONS
            if name in chosen
        ),
    )


def _encoded(text: str) -> bytes:
    return text.encode()
