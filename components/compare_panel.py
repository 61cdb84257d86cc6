"""A run beside another one, or beside samples that somebody brought: the same genes, the same space, the same scale."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.analyses import prediction_of
from components.compare_changes import changes_section
from components.compare_groups import paired
from components.compare_plane import plane_section
from components.compared import Compared, Matched, brought_samples, matched_of, other_run
from components.own_sample_bring import bring_panel
from components.own_sample_draft import Purpose, brought
from components.session import workspace
from components.told_panel import is_told
from components.words import as_text, counted, shortened
from synthome.errors import RunNotFoundError
from synthome.prediction import Prediction
from synthome.query import BULK
from synthome.runs import Run, RunState, default_runner, genes_of
from synthome.samples import MAX_SAMPLES

__all__ = ["compare_panel"]

_OWN = "own"
_FACTS = ("Title", "Answered by", "Samples", "Conditions", "Seed", "Genes", "Counts a sample")
_INVITATION = (
    "Bring the counts of real samples: they are laid beside this run, over the same genes and in the same PCA space. "
    "They are kept on the page Your sample too."
)


def compare_panel(run: Run) -> None:
    """What to compare with, both beside each other in a table, in one plane, and their differences of conditions."""
    if is_told(run):
        st.info(
            "This result tells what real samples are. Open a run that made samples to compare it with another, or with "
            "your own counts.",
            icon=":material/info:",
        )
        st.page_link("pages/runs.py", label="Runs", icon=":material/history:")
        return
    other = _chosen(run)
    if other is None:
        return
    matched = matched_of(run, other)
    if not len(matched.shared):
        st.info(
            f"{as_text(run.title)} and {as_text(other.title)} have no gene in common by Ensembl id, so nothing can be "
            "compared. Choose another one.",
            icon=":material/info:",
        )
        return
    _side_by_side(run, other, matched)
    pair = paired(run, other, matched)
    plane_section(pair)
    changes_section(pair)


def _chosen(run: Run) -> Compared | None:
    """What the run is compared with; ``None`` where it has to be brought first."""
    runs = [
        found
        for found in default_runner().runs(workspace())
        if found.state is RunState.DONE and found.id != run.id and not is_told(found)
    ]
    labels = {**_labels(runs), _OWN: "Your own counts"}
    chosen = st.selectbox(
        "Compare with",
        list(labels),
        key="compare_with",
        format_func=labels.__getitem__,
        bind="query-params",
    )
    if chosen == _OWN:
        return _own(run)
    try:
        return other_run(next(found for found in runs if found.id == chosen))
    except RunNotFoundError as error:
        st.warning(as_text(str(error)), icon=":material/search_off:")
        return None


def _labels(runs: Sequence[Run]) -> dict[str, str]:
    """What each run is called, by its id: title and time, and where two are called so a part of the id."""
    names = {run.id: f"{shortened(run.title, 60)}, {run.created:%d %B %Y, %H:%M}" for run in runs}
    told = list(names.values())
    return {run_id: f"{name} ({run_id[:6]})" if told.count(name) > 1 else name for run_id, name in names.items()}


def _own(run: Run) -> Compared | None:
    genes = prediction_of(run).genes
    usual = genes.index.equals(genes_of(BULK).index)
    purpose = Purpose(
        _INVITATION,
        missing="left out of the comparison",
        used=MAX_SAMPLES,
        name="" if usual else run.id,
        genes=None if usual else genes,
    )
    with st.container(border=True, key="compare_own"):
        table = bring_panel(purpose)
    current = brought()
    if table is None or current is None:
        return None
    return brought_samples(current, table, genes)


def _side_by_side(run: Run, other: Compared, matched: Matched) -> None:
    """Both runs in a small table, and what their genes and depths have to do with each other."""
    first = _facts(run.title, prediction_of(run), matched.depths[0])
    second = _own_facts(other, matched.depths[1])
    if other.prediction is not None:
        second = _facts(other.title, other.prediction, matched.depths[1])
    st.table(
        {"": list(_FACTS), "A, this run": list(first), "B": list(second)},
        border="horizontal",
        hide_index=True,
    )
    st.caption(_shared_words(matched))


def _facts(title: str, prediction: Prediction, depth: float) -> tuple[str, ...]:
    provenance = prediction.provenance
    return (
        as_text(shortened(title, 80)),
        as_text(f"{provenance.model_id}, {provenance.model_version}"),
        f"{len(prediction.expression):,}",
        as_text(shortened(", ".join(prediction.condition_names), 120)),
        "chosen by the service" if provenance.seed is None else str(provenance.seed),
        f"{prediction.expression.shape[1]:,}",
        f"{depth:,.0f}",
    )


def _own_facts(other: Compared, depth: float) -> tuple[str, ...]:
    n_samples, n_genes = other.expression.shape
    return (
        as_text(other.title),
        "real samples",
        f"{n_samples:,}",
        "grouped below",
        "none",
        f"{n_genes:,}",
        f"{depth:,.0f}",
    )


def _shared_words(matched: Matched) -> str:
    shared = matched.shared
    words = f"{counted(len(shared), 'gene')} (by Ensembl id) are in both"
    left_out = [
        f"{number:,} of {letter} alone"
        for letter, number in (("A", shared.only_first), ("B", shared.only_second))
        if number
    ]
    words += f"; {' and '.join(left_out)} are left out." if left_out else "; none is left out."
    words += " Levels are log2(CPM + 1), which puts samples of different depth on one scale"
    words += ", the depth of B counted over the genes of both" if matched.share < 1 else ""
    return f"{words}; genes of few counts stay noisier in the shallower of the two."
