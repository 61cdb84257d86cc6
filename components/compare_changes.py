"""Differences of conditions in two sets of samples: how far they agree, gene by gene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.compared import Pair
from components.figure import figure
from components.file_download import file_download
from components.session import screen_theme
from components.words import as_text
from synthome.analysis.figures import Theme
from synthome.analysis.figures.agreement import changes_figure, describe_changes, describe_levels, levels_figure
from synthome.analysis.run_comparison import match
from synthome.export.comparison import comparison_csv

__all__ = ["changes_section"]

_CAUTION = (
    "Two sources differ by more than biology: batch, depth, platform and library preparation are mixed into every "
    "difference of levels between A and B. A change between two conditions of one source is less touched by them."
)
_SHOWN = 300
"""Genes in the table on the page; the file has all."""
_GROUP_B, _REFERENCE_B = "compare_group_b", "compare_reference_b"


def changes_section(pair: Pair) -> None:
    """Fold changes against fold changes, or levels against levels: a figure, a table, a file."""
    st.subheader("Differences of conditions", anchor=False)
    if not pair.first.groups or not pair.second.groups:
        st.info("No sample is in a group; choose other groups above.", icon=":material/info:")
        return
    changing = min(len(pair.first.groups), len(pair.second.groups)) > 1
    chart, controls = st.columns([3, 1], gap="medium")
    with controls:
        if changing:
            what = st.segmented_control(
                "Compare",
                ["Changes", "Levels"],
                default="Changes" if _replicated(pair) else "Levels",
                required=True,
                key="compare_what",
                bind="query-params",
                help="Changes between two conditions of each, or the levels of one group of each",
            )
        else:
            one = "A" if len(pair.first.groups) == 1 else "B"
            st.caption(f"{one} has one group only, so its levels are compared with those of a group of the other.")
            what = "Levels"
    if what == "Changes":
        _changes(pair, chart, controls)
    else:
        _levels(pair, chart, controls)


def _replicated(pair: Pair) -> bool:
    """Whether two groups of each set have two samples or more."""
    return all(sum(size > 1 for size in part.sizes) > 1 for part in (pair.first, pair.second))


def _changes(pair: Pair, chart: st.delta_generator.DeltaGenerator, controls: st.delta_generator.DeltaGenerator) -> None:
    with controls:
        pair_a, pair_b = _pairs(pair)
        st.caption(_CAUTION)
    for letter, (group, reference) in (("A", pair_a), ("B", pair_b)):
        if group == reference:
            chart.info(
                f"{letter}: {as_text(group)} cannot be compared with itself; choose another group.",
                icon=":material/info:",
            )
            return
    found = pair.changes(pair_a, pair_b)

    def draw(theme: Theme) -> go.Figure:
        return changes_figure(found, theme=theme)

    with chart:
        sentence = describe_changes(found)
        figure("compare_changes", draw(screen_theme()), sentence, title=pair.run.title, for_file=lambda: draw("light"))
    columns = {
        "change_a": st.column_config.NumberColumn("log2 change in A", format="%.2f"),
        "adjusted_p_a": st.column_config.NumberColumn("Adjusted p in A", format="scientific"),
        "change_b": st.column_config.NumberColumn("log2 change in B", format="%.2f"),
        "adjusted_p_b": st.column_config.NumberColumn("Adjusted p in B", format="scientific"),
        "difference": st.column_config.NumberColumn("B less A", format="%.2f"),
        "called": "Called in",
    }
    _table(pair, found.sorted_rows, columns, f"changes beside {pair.other.title}", "called in both first")


def _pairs(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    """Group and reference in A and in B; those of B follow those of A until somebody says otherwise."""
    alike = pair.likeness()

    def follow(key: str, follower: str) -> None:
        st.session_state[follower] = match(st.session_state[key], pair.second, alike)

    first, second = list(pair.first.groups), list(pair.second.groups)
    group_a = _choice("A: change in", first, 1, "compare_group_a", lambda: follow("compare_group_a", _GROUP_B))
    reference_a = _choice(
        "A: against", first, 0, "compare_reference_a", lambda: follow("compare_reference_a", _REFERENCE_B)
    )
    usual = match(group_a, pair.second, alike)
    against = match(reference_a, pair.second, alike)
    if against == usual:
        against = next(name for name in second if name != usual)
    group_b = _choice("B: change in", second, second.index(usual), _GROUP_B)
    reference_b = _choice("B: against", second, second.index(against), _REFERENCE_B)
    return (group_a, reference_a), (group_b, reference_b)


def _levels(pair: Pair, chart: st.delta_generator.DeltaGenerator, controls: st.delta_generator.DeltaGenerator) -> None:
    with controls:
        second = list(pair.second.groups)
        group_b = _choice("B: levels in", second, 0, "compare_level_b")
        nearest = str(pair.likeness().nearest().loc[group_b, "nearest"])
        first = list(pair.first.groups)
        group_a = _choice("A: levels in", first, first.index(nearest) if nearest in first else 0, "compare_level_a")
        st.caption(_CAUTION)
    found = pair.levels(group_a, group_b)

    def draw(theme: Theme) -> go.Figure:
        return levels_figure(found, theme=theme)

    with chart:
        sentence = describe_levels(found)
        figure("compare_levels", draw(screen_theme()), sentence, title=pair.run.title, for_file=lambda: draw("light"))
    columns = {
        "mean_a": st.column_config.NumberColumn("Mean log2 CPM in A", format="%.2f"),
        "mean_b": st.column_config.NumberColumn("Mean log2 CPM in B", format="%.2f"),
        "difference": st.column_config.NumberColumn("B less A", format="%.2f"),
    }
    _table(pair, found.sorted_rows, columns, f"levels beside {pair.other.title}", "the largest difference first")


def _choice(label: str, options: list[str], index: int, key: str, on_change: Callable[[], None] | None = None) -> str:
    return str(st.selectbox(label, options, index=index, key=key, on_change=on_change or "rerun", bind="query-params"))


def _table(pair: Pair, rows: pd.DataFrame, columns: Mapping[str, Any], what: str, order: str) -> None:
    shown = rows.head(_SHOWN)
    shown.insert(0, "Ensembl id", shown.index)
    st.dataframe(
        shown,
        hide_index=True,
        height=320,
        column_config={"symbol": "Symbol", **columns},
        alt=f"Genes in A and in B, {order}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        file_download(
            "All genes (CSV)", lambda: comparison_csv(rows), title=pair.run.title, what=what, key="compare_csv"
        )
        if len(rows) > _SHOWN:
            st.caption(f"The table has the first {_SHOWN} genes, {order}; the file has all {len(rows):,}.")
