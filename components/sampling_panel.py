"""How to sample: strategy, library size, latents, seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from components.session import change_design, design, show
from components.support_marks import fault_line
from synthome.query.schema import MAX_TOTAL_COUNT, MIN_TOTAL_COUNT
from synthome.query.vocabulary import MEAN_ESTIMATION, MODEL_RULES, SAMPLE_GENERATION, SINGLE_CELL

__all__ = ["MODEL_NAMES", "model_choice", "sampling_panel"]

MODEL_NAMES = {"gem-1-bulk": "Bulk", "gem-1-sc": "Single-cell"}
_STRATEGY_NAMES = {
    SAMPLE_GENERATION: "Sample generation",
    MEAN_ESTIMATION: "Mean estimation",
}
_STRATEGY_WORDS = {
    SAMPLE_GENERATION: "realistic, with measurement error",
    MEAN_ESTIMATION: "expected levels, without counting noise",
}


def _set(**changes: Any) -> None:
    change_design(lambda current: replace(current, **changes))


def model_choice() -> None:
    """Bulk or single-cell."""
    key = "model_id"
    show(key, design().model_id)
    st.segmented_control(
        "Model",
        list(MODEL_RULES),
        key=key,
        required=True,
        format_func=MODEL_NAMES.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: change_design(lambda current: current.for_model(st.session_state[key])),
    )


def sampling_panel(faults: Mapping[str, str]) -> None:
    """The parameters of the query. ``faults`` holds, by name, what is wrong with one."""
    current = design()
    rules = MODEL_RULES[current.model_id]
    show("strategy", current.sampling_strategy)
    st.radio(
        "Sampling",
        rules.strategies,
        key="strategy",
        format_func=_STRATEGY_NAMES.__getitem__,
        captions=[_STRATEGY_WORDS[strategy] for strategy in rules.strategies],
        on_change=lambda: _set(sampling_strategy=st.session_state["strategy"]),
        help="Sample generation imitates real measurements. Mean estimation gives the expected level of each gene."
        + (" Single-cell models answer mean estimation only." if current.model_id == SINGLE_CELL else ""),
    )
    _tell(faults.get("sampling_strategy", ""))
    _number(
        "Library size",
        "total_count",
        current.total_count,
        placeholder=f"{rules.default_total_count:,} (default)",
        help=f"Counts of each sample altogether, {MIN_TOTAL_COUNT:,} to {MAX_TOTAL_COUNT:,}.",
        fault=faults.get("total_count", ""),
    )
    _number(
        "Seed",
        "seed",
        current.seed,
        placeholder="automatic",
        help="The same seed gives the same numbers again. Left empty, one is drawn and reported.",
        fault=faults.get("seed", ""),
    )
    show("deterministic", current.deterministic_latents)
    st.toggle(
        "Mean latents",
        key="deterministic",
        on_change=lambda: _set(deterministic_latents=st.session_state["deterministic"]),
        help="Use the average individual of each condition instead of drawing individuals. "
        "With mean estimation, all samples of a condition are then identical.",
    )
    _tell(faults.get("deterministic_latents", ""))


def _number(label: str, name: str, value: int | None, *, placeholder: str, help: str, fault: str) -> None:
    show(name, value)
    st.number_input(
        label,
        value=None,
        step=1,
        key=name,
        placeholder=placeholder,
        help=help,
        on_change=lambda: _set(**{name: st.session_state[name]}),
    )
    _tell(fault)


def _tell(fault: str) -> None:
    if fault:
        fault_line(fault)
