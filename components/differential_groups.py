"""Which two groups of a run's samples are compared: conditions, values of a key, named groups, or one and the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from components.analyses import term_labels
from components.words import as_text
from synthome.analysis.differential import Comparison, comparison_between
from synthome.analysis.differential.comparison import ComparisonError
from synthome.analysis.figures.words import is_given, key_label
from synthome.analysis.views import CONDITION
from synthome.prediction import Prediction

__all__ = ["ChosenGroups", "choose_groups"]

_REST = ""
"""Stands among labels for every sample outside the group."""
_REST_WORDS = "All other samples"


@dataclass(frozen=True, slots=True, eq=False)
class ChosenGroups:
    """What the groups were made by, and the comparison of two of them."""

    by: str
    comparison: Comparison


def choose_groups(prediction: Prediction) -> ChosenGroups | None:
    """What the controls say; ``None``, and why, where it cannot be compared."""
    labels_by_key = _groupings(prediction)
    by = st.selectbox("Groups by", list(labels_by_key), key="de_by", format_func=key_label, bind="query-params")
    labels, names = labels_by_key[by]
    offered = list(dict.fromkeys(label for label in labels if label))
    if len(set(labels)) < 2:
        st.info(
            "There is one group only; ask for another condition, or name a group of samples, to compare it with.",
            icon=":material/info:",
        )
        return None
    shown = _told_apart(offered, names) | {_REST: _REST_WORDS}
    group = st.selectbox(
        "Compare",
        offered,
        key=f"de_group_{by}",
        index=min(1, len(offered) - 1),
        format_func=shown.__getitem__,
        bind="query-params",
    )
    reference = st.selectbox(
        "With",
        [*offered, _REST],
        key=f"de_reference_{by}",
        index=0 if len(offered) > 1 else 1,
        format_func=shown.__getitem__,
        bind="query-params",
    )
    try:
        return ChosenGroups(by, comparison_between(labels, group, reference or None, shown))
    except ComparisonError as error:
        st.info(as_text(str(error)), icon=":material/info:")
        return None


def _groupings(prediction: Prediction) -> dict[str, tuple[list[str], Mapping[str, str]]]:
    """Every key that tells samples apart, with a label a sample and what people call the labels."""
    labels = term_labels(prediction)
    found: dict[str, tuple[list[str], Mapping[str, str]]] = {CONDITION: (list(prediction.conditions), {})}
    for key in prediction.metadata.columns:
        values = [str(value) if is_given(value) else "" for value in prediction.metadata[key]]
        if len(set(values)) > 1:
            found[str(key)] = (values, labels)
    return found


def _told_apart(offered: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """What people call each label; with the label itself where two would be called the same."""
    called = {label: names.get(label, label) for label in offered}
    taken = [*called.values(), _REST_WORDS]
    return {label: f"{name} ({label})" if taken.count(name) > 1 else name for label, name in called.items()}
