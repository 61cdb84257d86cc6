"""What a run is compared with, and what was computed of the two: kept, so that a change of colour computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from components.analyses import log_cpm_of, pca_of, prediction_of, term_labels
from components.own_sample_draft import Brought
from components.session import workspace
from components.words import shortened
from synthome.analysis import log_cpm, pca
from synthome.analysis.agreement import Changes, Levels, changes_beside, levels_beside
from synthome.analysis.figures.words import plain, sample_hover
from synthome.analysis.normalisation import FloatArray
from synthome.analysis.projection import Projection, project, split
from synthome.analysis.run_comparison import (
    Likeness,
    SampleSet,
    SharedGenes,
    beside,
    likeness,
    share_of_counts,
    shared_genes,
)
from synthome.prediction import Prediction
from synthome.runs import Run
from synthome.samples import SampleTable

__all__ = ["N_GENES", "Compared", "Matched", "Pair", "brought_samples", "matched_of", "other_run"]

N_GENES = 2000
"""Most variable genes of the run, as on its PCA tab."""
_KEPT = 4
"""Pairs of which matrices are kept in memory, over all sessions."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What a run is compared with: another run, or samples that somebody brought.

    ``key`` stands for its samples in the caches; ``run`` and ``prediction`` are those of a run, ``brought`` is what
    somebody brought. ``expression`` holds counts, n x genes.
    """

    key: str
    title: str
    expression: pd.DataFrame
    sample_names: tuple[str, ...]
    run: Run | None = None
    prediction: Prediction | None = None
    brought: Brought | None = None

    def hover(self, labels: Sequence[str]) -> list[str]:
        """What hovering tells of each sample, by whose group the samples of a file are told."""
        if self.prediction is not None:
            return sample_hover(self.prediction, term_labels(self.prediction))
        named = zip(self.sample_names, labels, strict=True)
        return [f"<b>{plain(shortened(name, 60))}</b><br>Group: {plain(shortened(group, 60))}" for name, group in named]


def other_run(run: Run) -> Compared:
    """Another run of this workspace; ``RunNotFoundError`` where its numbers are gone."""
    prediction = prediction_of(run)
    return Compared(run.id, run.title, prediction.expression, prediction.sample_names, run, prediction)


def brought_samples(current: Brought, table: SampleTable, genes: pd.DataFrame) -> Compared:
    """Samples of a file, laid out over ``genes``, without those of them that the file lacks."""
    kept = np.flatnonzero(~genes.index.isin(table.report.missing))
    expression = pd.DataFrame(table.counts[:, kept], columns=genes.index[kept])
    how = (workspace(), current.uid, current.pooled_by, str(current.scaled), *table.samples)
    return Compared("\0".join(how), shortened(current.source, 80), expression, table.samples, brought=current)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The two over the genes of both, in log2(CPM + 1), with the median counts of a sample of each."""

    shared: SharedGenes
    genes: pd.DataFrame
    first: FloatArray
    second: FloatArray
    depths: tuple[float, float]
    share: float


def matched_of(run: Run, other: Compared) -> Matched:
    """The run and the other over the genes of both."""
    return _matched(run.id, other.key, run, other)


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _matched(run_id: str, other_key: str, _run: Run, _other: Compared) -> Matched:  # noqa: ARG001 - they stand for both
    prediction = prediction_of(_run)
    shared = shared_genes(prediction.genes.index, _other.expression.columns)
    share = share_of_counts(prediction.expression, shared.first)
    first = log_cpm_of(_run)
    return Matched(
        shared,
        prediction.genes.iloc[shared.first],
        first if not shared.only_first else first[:, shared.first],
        _beside(_other, shared, share),
        (_depth(prediction.expression), _depth(_other.expression)),
        share,
    )


def _beside(other: Compared, shared: SharedGenes, share: float) -> FloatArray:
    if share == 1 and np.array_equal(shared.second, np.arange(other.expression.shape[1])):
        return log_cpm_of(other.run) if other.run is not None else log_cpm(other.expression)
    return beside(other.expression, shared.second, share)


def _depth(expression: pd.DataFrame) -> float:
    return float(np.median(expression.to_numpy().sum(axis=1)))


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A run (A) and what it is compared with (B), their samples in groups."""

    run: Run
    other: Compared
    matched: Matched
    first: SampleSet
    second: SampleSet

    @property
    def _key(self) -> tuple[object, ...]:
        """Stands for all of it in the caches: a run never changes, its groups may."""
        parts = [(part.groups, part.group.tobytes()) for part in (self.first, self.second)]
        return (self.run.id, self.other.key, *parts)

    def projection(self, *, together: bool) -> Projection:
        """Both in the space of the run's principal components, or of those of both."""
        return _projection(self.run.id, self.other.key, together, self.run, self.matched)

    def likeness(self) -> Likeness:
        """How alike the groups are, over the run's most variable genes."""
        return _likeness(self._key, self)

    def changes(self, pair_a: tuple[str, str], pair_b: tuple[str, str]) -> Changes:
        """Fold changes in A beside those in B."""
        return _changes(self._key, pair_a, pair_b, self)

    def levels(self, group_a: str, group_b: str) -> Levels:
        """Levels in a group of A beside those in a group of B."""
        return _levels(self._key, group_a, group_b, self)


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _projection(run_id: str, other_key: str, together: bool, _run: Run, _matched: Matched) -> Projection:  # noqa: ARG001
    ids = _matched.shared.ids
    if together:
        stacked = np.vstack([_matched.first, _matched.second])
        return split(pca(stacked, ids, N_GENES, library_size=min(_matched.depths)), len(_matched.first))
    return project(pca_of(_run, N_GENES), log_cpm_of(_run), prediction_of(_run).genes.index, _matched.second, ids)


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _likeness(key: tuple[object, ...], _pair: Pair) -> Likeness:  # noqa: ARG001 - it stands for the pair
    place = _pair.matched.shared.ids.get_indexer(pca_of(_pair.run, N_GENES).genes)
    columns = place[place >= 0]
    return likeness(_pair.first, _pair.second, columns if len(columns) else np.arange(len(_pair.matched.shared)))


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _changes(key: tuple[object, ...], pair_a: tuple[str, str], pair_b: tuple[str, str], _pair: Pair) -> Changes:  # noqa: ARG001
    return changes_beside(_pair.first, _pair.second, _pair.matched.genes, pair_a, pair_b)


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _levels(key: tuple[object, ...], group_a: str, group_b: str, _pair: Pair) -> Levels:  # noqa: ARG001
    return levels_beside(_pair.first, _pair.second, _pair.matched.genes, group_a, group_b)
