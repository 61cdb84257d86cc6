"""Near the Predict button: how much is asked for, and what of it the model only extrapolates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from components.answerer import chosen_answerer
from components.forecast import Forecast, forecast
from components.session import label_of, workspace
from components.support_marks import MODEL_CARD_PAGE, icon, quiet_line
from components.words import as_text, byte_size, counted
from synthome.query.designs import Design
from synthome.query.support import Status, Support
from synthome.query.vocabulary import KEYS
from synthome.runs import default_runner

__all__ = ["forecast_panel"]

_MOST_NAMED = 3
_WORDS: dict[Status, str] = {
    "extrapolated": "extrapolated",
    "no effect": "without effect",
    "unchecked": "decided by the service when it is asked",
}


def forecast_panel(current: Design, supports: Mapping[str, Mapping[str, Support]]) -> None:
    """Samples, conditions, genes, time, size; what is not learned; and a link to the model card."""
    expected = forecast(current, chosen_answerer(), default_runner().runs(workspace()))
    with st.container(gap="xxsmall", key="forecast"):
        st.markdown(f"**{counted(current.num_samples, 'sample')}**, {counted(len(current.conditions), 'condition')}")
        if words := _size(expected):
            st.caption(words)
        told = [support for of_condition in supports.values() for support in of_condition.values()]
        for line in _not_learned(told):
            quiet_line(line)
    st.page_link(
        MODEL_CARD_PAGE,
        label=":small[How good is this?]",
        icon=":material/fact_check:",
        help="The model card: what the models learned, from which data, and where they fail.",
    )


def _size(expected: Forecast) -> str:
    words = []
    if expected.genes is not None:
        words.append(counted(expected.genes, "gene"))
    if expected.seconds is not None:
        words.append(_duration(expected.seconds))
    if expected.table_bytes is not None:
        words.append(f"{byte_size(expected.table_bytes)} of memory")
    return " · ".join(words)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


def _not_learned(supports: list[Support]) -> Iterable[str]:
    """A line for what is extrapolated and one for what has no effect; one for both where there is neither."""
    if not supports:
        return
    lines = [_named(status, words, supports) for status, words in _WORDS.items()]
    yield from filter(None, lines)
    if not any(lines) and all(support.status == "known" for support in supports):
        listed = "all values are in the service's lists"
        yield f"{icon('known')} {'nothing is extrapolated' if chosen_answerer() == 'embedded' else listed}"


def _named(status: Status, words: str, supports: list[Support]) -> str:
    """The values of that status by name, each once; an empty string where there are none."""
    names = dict.fromkeys(
        f"{KEYS[support.key].label.lower()} {label_of(support.value) or support.value}"
        for support in supports
        if support.status == status
    )
    if not names:
        return ""
    shown = ", ".join(as_text(name) for name in list(names)[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{icon(status)} {words}: {shown}{more}"
