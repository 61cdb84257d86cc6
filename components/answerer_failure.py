"""A prediction that came to nothing: why, and the one click that goes on from there."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.answerer import answerer_named, chosen_answerer, lacks_key
from components.answerer_key import key_field
from components.refused_fields import list_refusals
from components.words import as_text
from synthome.query import Query
from synthome.runs import AnswererName, Run

__all__ = ["Asked", "Failure", "failure_notice", "failure_of"]

SETTINGS_PAGE = "pages/settings.py"
_KEY_GIVEN = "key_given_for_failure"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the names that people gave it, to be asked of ``model_id``."""

    query: Query
    model_id: str
    title: str = ""
    condition_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no prediction. ``asked`` is ``None`` where the design itself makes no query.

    ``refused`` lists, as Markdown, values that were refused: asking the same again helps nothing.
    """

    message: str
    asked: Asked | None
    answerer: AnswererName
    needs_key: bool = False
    refused: str = ""


def failure_of(run: Run) -> Failure:
    """Why a finished run has no result."""
    error = run.error
    return Failure(
        error.message if error is not None else "It was cancelled.",
        Asked(run.query, run.model_id, run.title, run.condition_names),
        run.answerer,
        needs_key=error is not None and error.needs_key,
        refused=list_refusals(run),
    )


def failure_notice(failure: Failure, title: str, *, changed: bool = False) -> AnswererName | None:
    """Show why nothing was predicted, and the ways on; the answerer that shall be asked now, if one shall.

    ``changed``: something else stands in the form by now, so that asking the same again is not what is meant.
    """
    wants_key = failure.needs_key or lacks_key(failure.answerer)
    missing = wants_key and lacks_key(failure.answerer)
    icon = ":material/key:" if missing else ":material/error:"
    (st.info if missing else st.error)(failure.refused or as_text(failure.message), title=title, icon=icon)
    if failure.asked is None:
        return None
    if changed:
        st.caption("The design has changed since. Predict asks for it as it stands now.")
        return None
    if wants_key and failure.answerer != "embedded":
        if st.session_state.pop(_KEY_GIVEN, False):
            return failure.answerer
        _ask_for_key(failure.answerer, missing=missing)
    return _ways_on(failure, wants_key=wants_key)


def _ask_for_key(answerer: AnswererName, *, missing: bool) -> None:
    def given() -> None:
        st.session_state[_KEY_GIVEN] = True

    label = f"API key of the {answerer_named(answerer).label.lower()}"
    key_field(answerer, "api_key_inline", label if missing else f"Another {label}", given)
    st.page_link(SETTINGS_PAGE, label=":small[Give a key in Settings]", icon=":material/settings:")


def _ways_on(failure: Failure, *, wants_key: bool) -> AnswererName | None:
    again: AnswererName | None = None
    with st.container(horizontal=True, gap="small"):
        if failure.answerer != "embedded" and st.button(
            "Answer with the embedded model",
            key="answer_embedded",
            icon=":material/memory:",
            help="Answer it with the embedded model instead: the same design, at once.",
        ):
            again = "embedded"
        if not wants_key and not failure.refused and st.button("Try again", key="try_again", icon=":material/refresh:"):
            again = failure.answerer
    if failure.answerer != "embedded" and chosen_answerer() != "embedded":
        st.caption(
            f"This once: the {answerer_named(chosen_answerer()).label.lower()} stays chosen for all that follows."
        )
    return again
