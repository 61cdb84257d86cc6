"""Which answerer the session uses: the embedded model unless the user chose another in Settings.

What was chosen, and the addresses of containers that a single user entered, are kept for her workspace. Keys are not:
see :mod:`components.answerer_key`.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.answerer_key import API_KEY, key_in_use
from components.session import workspace
from synthome.query.support import Vocabulary
from synthome.runs import Answerer, AnswererName, Model, answerers, model_for, vocabulary_for
from synthome.runs.choices import Choice, default_choices
from synthome.runs.listed_vocabulary import ValueLists
from synthome.runs.vocabulary_store import VocabularyStore, default_vocabularies
from synthome.settings import settings

__all__ = [
    "API_KEY",
    "answerer_named",
    "chosen_answerer",
    "chosen_model",
    "chosen_vocabulary",
    "entered_addresses",
    "lacks_key",
    "lists_version",
    "model_of",
    "offered_answerers",
    "set_address",
    "set_answerer",
    "vocabularies",
]

_ANSWERER, _ADDRESSES = "answerer", "container_addresses"


def offered_answerers() -> tuple[Answerer, ...]:
    """Those that can be chosen; a single user may choose a container before she has entered its address."""
    return tuple(
        answerer
        for answerer in answerers(entered_addresses())
        if answerer.available or (answerer.name == "self-hosted" and settings().single_user)
    )


def answerer_named(name: AnswererName) -> Answerer:
    """What is known of an answerer, whether it is offered or not."""
    return next(answerer for answerer in answerers(entered_addresses()) if answerer.name == name)


def chosen_answerer() -> AnswererName:
    """Who answers in this session; the embedded model where the one that was chosen is not offered any more."""
    if _ANSWERER not in st.session_state:
        st.session_state[_ANSWERER] = default_choices().load(workspace()).answerer
    chosen = st.session_state[_ANSWERER]
    return next((answerer.name for answerer in offered_answerers() if answerer.name == chosen), "embedded")


def set_answerer(answerer: AnswererName) -> None:
    """Let ``answerer`` answer from now on."""
    st.session_state[_ANSWERER] = answerer
    _keep()


def entered_addresses() -> Mapping[str, str]:
    """The addresses of containers that a single user entered, by baseline model; none in a shared installation."""
    if not settings().single_user:
        return {}
    if _ADDRESSES not in st.session_state:
        st.session_state[_ADDRESSES] = dict(default_choices().load(workspace()).addresses)
    entered: Mapping[str, str] = st.session_state[_ADDRESSES]
    return entered


def set_address(model_id: str, address: str) -> None:
    """Let the container at ``address`` answer ``model_id``; an empty one takes it back."""
    others = {other: kept for other, kept in entered_addresses().items() if other != model_id}
    st.session_state[_ADDRESSES] = others | ({model_id: address} if address else {})
    _keep()


def _keep() -> None:
    default_choices().save(workspace(), Choice(st.session_state.get(_ANSWERER, "embedded"), entered_addresses()))


def lacks_key(answerer: AnswererName) -> bool:
    """Whether ``answerer`` wants a key that nobody has given."""
    return answerer_named(answerer).needs_key and key_in_use(answerer) is None


def chosen_model(model_id: str) -> Model:
    """The chosen answerer's model of that name; ``ModelError`` where it cannot be had."""
    return model_of(model_id, chosen_answerer())


def model_of(model_id: str, answerer: AnswererName) -> Model:
    """That answerer's model of that name, with the key in use for it; ``ModelError`` where it cannot be had."""
    key = key_in_use(answerer)
    return model_for(model_id, answerer, key.value if key is not None else None, entered=entered_addresses())


# What it accepts ----------------------------------------------------------------------------------------------------


def vocabularies() -> VocabularyStore:
    """The lists of valid values that were loaded."""
    return default_vocabularies()


def chosen_vocabulary(model_id: str) -> Vocabulary:
    """What that model accepts."""
    return vocabulary_for(model_id, chosen_answerer(), lists=_lists(model_id))


def lists_version(model_id: str) -> str:
    """A name of the lists that tell what the chosen answerer accepts, new with each change; empty without lists."""
    return vocabularies().version(workspace()) if _lists(model_id) else ""


def _lists(model_id: str) -> ValueLists | None:
    return vocabularies().lists(workspace(), model_id) if chosen_answerer() == "hosted" else None
