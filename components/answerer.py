"""Which answerer the session uses: the embedded model unless the user chose another in Settings.

The API key of the hosted service stays in this session's state alone.
"""

from __future__ import annotations

import streamlit as st

from synthome.query.support import Vocabulary
from synthome.runs import AnswererName, Model, model_for, vocabulary_for

__all__ = ["API_KEY", "chosen_answerer", "chosen_model", "chosen_vocabulary", "set_answerer"]

API_KEY = "api_key"
_ANSWERER = "answerer"


def chosen_answerer() -> AnswererName:
    """Who answers in this session."""
    chosen: AnswererName = st.session_state.get(_ANSWERER, "embedded")
    return chosen


def set_answerer(answerer: AnswererName) -> None:
    """Let ``answerer`` answer from now on."""
    st.session_state[_ANSWERER] = answerer


def chosen_model(model_id: str) -> Model:
    """The chosen answerer's model of that name; ``ModelError`` where it cannot be had."""
    return model_for(model_id, chosen_answerer(), api_key=st.session_state.get(API_KEY))


def chosen_vocabulary(model_id: str) -> Vocabulary:
    """What that model accepts."""
    return vocabulary_for(model_id, chosen_answerer())
