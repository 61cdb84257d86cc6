"""Which samples belong together in each of two sets that are compared."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.analyses import prediction_of, term_labels
from components.compared import Compared, Matched, Pair
from components.own_sample_draft import Brought
from synthome.analysis.figures.colouring import CONDITION, group_samples
from synthome.analysis.figures.words import key_label
from synthome.analysis.run_comparison import SampleSet, groups_by_name
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["paired"]

_BY_NAME, _TOGETHER, _EACH = "name", "together", "each"
_WORDS = {_BY_NAME: "their names without numbers", _TOGETHER: "all together", _EACH: "each by itself"}
_ALL = "All samples"


def paired(run: Run, other: Compared, matched: Matched) -> Pair:
    """Both with their samples in groups, as chosen."""
    prediction = prediction_of(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            "Groups by",
            [CONDITION, *map(str, prediction.metadata.columns)],
            key="compare_by",
            format_func=key_label,
            bind="query-params",
            width=260,
        )
        labels = _own_labels(other.brought, other.sample_names) if other.brought is not None else None
    first = _of_prediction("A", run.title, prediction, key, matched)
    if other.prediction is not None:
        own_key = key if key in other.prediction.metadata.columns else CONDITION
        second = _of_prediction("B", other.title, other.prediction, own_key, matched)
        if own_key != key:
            st.caption(f"B has no {key_label(key).lower()}: its samples stand by condition.")
    else:
        second = SampleSet.of("B", other.title, matched.second, labels or list(other.sample_names))
    return Pair(run, other, matched, first, second)


def _of_prediction(letter: str, title: str, prediction: Prediction, key: str, matched: Matched) -> SampleSet:
    groups = group_samples(prediction, key, term_labels(prediction))
    labels = [groups.names[index] if index >= 0 else "" for index in groups.index]
    values = matched.first if letter == "A" else matched.second
    return SampleSet.of(letter, title, values, labels, groups.names)


def _own_labels(current: Brought, names: Sequence[str]) -> list[str]:
    """The group of each sample that somebody brought."""
    columns = list(current.content.groupings) if not current.pooled_by else []
    by = st.selectbox(
        "Groups of your samples by",
        [*_WORDS, *(column for column in columns if column not in (*_WORDS, *_WORDS.values()))],
        key="compare_own_by",
        format_func=lambda option: _WORDS.get(option, option),
        bind="query-params",
        width=300,
    )
    if by == _TOGETHER:
        return [_ALL] * len(names)
    if by == _EACH:
        return list(names)
    if by == _BY_NAME:
        return groups_by_name(names)
    of_sample = dict(zip(current.content.samples, current.content.groupings[by], strict=True))
    return [of_sample[name] for name in names]
