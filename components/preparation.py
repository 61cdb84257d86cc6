"""Getting ready: the term index and the models are prepared once a process, in the background, visibly."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from functools import cache

import streamlit as st

from synthome.errors import SynthomeError
from synthome.ontology import default_index
from synthome.query.vocabulary import KEY_OF_ONTOLOGY

__all__ = ["begin", "show_preparation", "wait_until_ready", "warm_up"]

_LOG = logging.getLogger(__name__)
_PATIENCE = 0.2
"""Seconds that a page waits for the end of the preparation before it draws a progress bar."""
_EVERY = 0.25
"""Seconds between two steps of the bar."""


@dataclass
class _Preparation:
    """How far it has come; written by its thread alone."""

    fraction: float = 0.0
    activity: str = "Starting"
    error: str = ""
    ready: threading.Event = field(default_factory=threading.Event)

    def report(self, fraction: float, activity: str) -> None:
        self.fraction, self.activity = fraction, activity

    def run(self) -> None:
        try:
            default_index(self.report, apart=True)
        except SynthomeError as error:
            self.error = str(error)
            _LOG.exception("The term index could not be prepared")
            return
        self.ready.set()


_lock = threading.Lock()
_current: _Preparation | None = None


def begin() -> _Preparation:
    """Start preparing, unless that was done; a preparation that failed is tried again."""
    global _current
    with _lock:
        if _current is None or _current.error:
            _current = _Preparation()
            threading.Thread(target=_current.run, name="preparation", daemon=True).start()
        return _current


def wait_until_ready() -> None:
    """Return when everything is ready; meanwhile show how far it is. A failure is told, and the page stops there.

    The page waits in its own run: redrawing it again and again would take the time that the preparation needs.
    """
    preparation = begin()
    if preparation.ready.wait(_PATIENCE):
        return
    place = st.empty()
    with place.container():
        bar = st.progress(0.0)
        st.caption("The first start builds the search index of the ontologies. It takes a few seconds, once.")
    while not preparation.ready.wait(_EVERY):
        if preparation.error:
            place.empty()
            st.error(preparation.error, title="The ontologies could not be read")
            st.button("Try again")
            st.stop()
        bar.progress(min(preparation.fraction, 1.0), text=f"{preparation.activity} …")
    place.empty()


def show_preparation() -> None:
    """How far the preparation is, for a page that does not wait for it; nothing once all is ready."""
    preparation = begin()
    if not preparation.ready.is_set():
        _preparation_note(preparation)


@st.fragment(run_every=2.0)
def _preparation_note(preparation: _Preparation) -> None:
    if preparation.ready.is_set():
        st.rerun()
    if preparation.error:
        st.error(preparation.error, title="The ontologies could not be read")
    else:
        st.caption(f"Preparing the search of terms: {preparation.fraction:.0%}. It takes a few seconds, once.")


@cache
def warm_up() -> None:
    """Load in the background, once, what the first prediction and its figures need, as soon as the terms are there.

    To be called when a page stands, so that it does not hold up that.
    """
    threading.Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    begin().ready.wait()
    from synthome.analysis import figures  # noqa: F401 - imported for its own sake
    from synthome.runs import MODEL_IDS, vocabulary_for

    index = default_index()
    # The first mark of a field makes what all later ones are read from, which is not to be waited for while typing.
    some = [
        (key, match.term.id) for ontology, key in KEY_OF_ONTOLOGY.items() for match in index.search("a", [ontology], 40)
    ]
    for model_id in MODEL_IDS:
        vocabulary = vocabulary_for(model_id)
        for key, term_id in some:
            vocabulary.support(key, term_id)
    index.warm()
