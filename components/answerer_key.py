"""API keys: where the one in use comes from, the field that one is given in, and whether the service takes it.

A key that is given stays in this session's state alone. Its field is emptied as soon as it has been read, and nothing
that is drawn, kept or logged repeats it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from components.words import as_text
from synthome.runs import AnswererName
from synthome.runs.api_keys import KEY_VARIABLE, environment_key, tidied_key
from synthome.runs.connections import Connection, check_key
from synthome.settings import settings

__all__ = ["API_KEY", "KeyInUse", "connection_notice", "key_field", "key_in_use", "key_panel"]

API_KEY = "api_key"
_PLACES: dict[AnswererName, str] = {"hosted": API_KEY, "self-hosted": "container_key"}
"""Where the session keeps each key. They are two: a container is not sent what belongs to the hosted service."""
_CHECKED = "api_key_checked"
_MOST = 2000


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A key and where it comes from."""

    source: Literal["session", "environment", "secrets"]
    value: str = field(repr=False)


_SOURCES = {
    "session": "A key given in this session is in use. It is kept in memory and forgotten when the page is closed.",
    "environment": f"The key in the environment variable {KEY_VARIABLE} is in use.",
    "secrets": f"The key under {KEY_VARIABLE} in Streamlit's secrets is in use.",
}


def key_in_use(answerer: AnswererName) -> KeyInUse | None:
    """The session's key for ``answerer``; for the hosted service, else that of a single user's secrets or environment.

    The secrets come before the environment, because Streamlit copies them there.
    """
    if answerer not in _PLACES:
        return None
    given = st.session_state.get(_PLACES[answerer])
    if given:
        return KeyInUse("session", given)
    if answerer != "hosted" or not settings().single_user:
        return None
    if kept := _secrets_key():
        return KeyInUse("secrets", kept)
    found = environment_key()
    return KeyInUse("environment", found) if found else None


def _secrets_key() -> str:
    try:
        return tidied_key(str(st.secrets.get(KEY_VARIABLE) or ""))
    except StreamlitSecretNotFoundError:
        return ""


def key_field(answerer: AnswererName, key: str, label: str, on_given: Callable[[], None] | None = None) -> None:
    """A field for a key, emptied when it was given; then ``on_given`` is called, before the next run."""

    def keep() -> None:
        given = tidied_key(st.session_state[key])
        st.session_state[key] = ""  # not popped: the browser would send again what its field still holds
        if not given:
            return
        st.session_state[_PLACES[answerer]] = given
        st.session_state.pop(_CHECKED, None)
        if on_given is not None:
            on_given()

    st.text_input(
        label,
        type="password",
        key=key,
        on_change=keep,
        max_chars=_MOST,
        autocomplete="off",
        icon=":material/key:",
        placeholder="paste it and press Enter",
        help="Kept in this session's memory alone: not on disk, not in links, not in exports.",
    )


def key_panel() -> None:
    """The key of the hosted service: where it comes from, whether it is taken, a way to forget it or give another."""
    used = key_in_use("hosted")
    if used is not None:
        st.markdown(f":green[:material/key:] {_SOURCES[used.source]}")
        with st.container(horizontal=True, gap="small"):
            if st.button("Check the key", key="check_key", icon=":material/fact_check:"):
                with st.spinner("Asking the hosted service …"):
                    st.session_state[_CHECKED] = check_key(used.value)
            if used.source == "session":
                st.button("Forget the key", key="forget_key", icon=":material/delete:", on_click=_forget)
        checked = st.session_state.get(_CHECKED)
        if isinstance(checked, Connection):
            connection_notice(checked)
    if used is None or used.source != "session":
        key_field("hosted", "api_key_field", "API key" if used is None else "Another key, for this session")


def _forget() -> None:
    for place in (API_KEY, _CHECKED):
        st.session_state.pop(place, None)


def connection_notice(connection: Connection) -> None:
    """What came of a check, in words and colour."""
    words = as_text(connection.sentence)
    if connection.state == "valid":
        st.success(words, icon=":material/check_circle:")
    elif connection.state == "refused":
        st.error(words, icon=":material/key_off:")
    else:
        st.warning(words, icon=":material/cloud_off:")
