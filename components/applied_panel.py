"""What the model made of each condition: which effects were applied, and what they rest on."""

from __future__ import annotations

import streamlit as st

from components.session import label_of
from components.support_marks import MODEL_CARD_PAGE, counted_by_status, quiet_line, support_line
from components.words import as_text
from synthome.prediction import ConditionProvenance, Prediction
from synthome.query.support import Support
from synthome.query.vocabulary import KEYS

__all__ = ["applied_panel"]

_SIDE_BY_SIDE = 12
"""More conditions are looked at one at a time."""


def applied_panel(prediction: Prediction) -> None:
    """A card for each condition with a line for each value; nothing where the answer does not say.

    Of real samples that were told what they are, the values are those told.
    """
    told = dict(zip(prediction.condition_names, prediction.provenance.conditions, strict=False))
    told = {name: condition for name, condition in told.items() if condition.supports}
    if not told:
        return
    summary = counted_by_status(support for condition in told.values() for support in condition.supports)
    title = "What was applied" if prediction.classifier_probs is None else "What the told values rest on"
    with st.expander(f"{title}: {summary}", icon=":material/rule:", key="applied"):
        if len(told) > _SIDE_BY_SIDE:
            chosen = st.selectbox("Condition", list(told), key="applied_condition")
            told = {chosen: told[chosen]}
        with st.grid("auto", min_column_width=320):
            for name, condition in told.items():
                with st.container(border=True, height="stretch"):
                    _condition(name, condition)
        st.page_link(
            MODEL_CARD_PAGE,
            label="How good each effect is stands in the model card",
            icon=":material/fact_check:",
        )


def _condition(name: str, condition: ConditionProvenance) -> None:
    st.markdown(f"**{as_text(name)}**")
    for support in condition.supports:
        with st.container(gap="xxsmall"):
            st.markdown(_value(support))
            quiet_line(support_line(support))


def _value(support: Support) -> str:
    label = KEYS[support.key].label if support.key in KEYS else support.key
    named = label_of(support.value)
    value = f"{as_text(named)} :small[:gray[{as_text(support.value)}]]" if named else as_text(support.value)
    return f"{as_text(label)}: {value}"
