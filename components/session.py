"""What belongs to one user: her workspace, her design, and the run that she looks at.

The design in the session is the truth; widgets show it and report changes to it. Each change is also kept on disk under
the workspace, so that a reloaded browser finds it again. The workspace is named by a cookie that the server sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from synthome.errors import QueryError
from synthome.ontology import default_index
from synthome.query.designs import Design, DesignCondition, design_from_json
from synthome.runs import default_drafts, vocabulary_for
from synthome.runs.workspaces import COOKIE, is_workspace, new_workspace

__all__ = [
    "change_condition",
    "change_design",
    "design",
    "label_of",
    "screen_theme",
    "set_design",
    "show",
    "workspace",
]

_WORKSPACE = "workspace"
_DESIGN = "design"


def workspace() -> str:
    """The workspace of this browser; of this session alone where the browser keeps no cookies."""
    if _WORKSPACE not in st.session_state:
        named = st.context.cookies.get(COOKIE, "")
        st.session_state[_WORKSPACE] = named if is_workspace(named) else new_workspace()
    return str(st.session_state[_WORKSPACE])


def design() -> Design:
    """The design being written: this session's, else the one kept on disk, else an empty one."""
    if _DESIGN not in st.session_state:
        st.session_state[_DESIGN] = _kept_design()
    kept = st.session_state[_DESIGN]
    assert isinstance(kept, Design)  # noqa: S101 - only set_design and _kept_design write it
    return kept


def _kept_design() -> Design:
    body = default_drafts().load_draft(workspace())
    if body is None:
        return Design()
    try:
        return design_from_json(body)
    except QueryError:
        return Design()


def set_design(changed: Design) -> None:
    """Replace the design, here and on disk."""
    if st.session_state.get(_DESIGN) == changed:
        return
    st.session_state[_DESIGN] = changed
    default_drafts().save_draft(workspace(), changed.to_json())


def change_design(change: Callable[[Design], Design]) -> None:
    """Replace the design by what ``change`` makes of it."""
    set_design(change(design()))


def change_condition(uid: str, change: Callable[[DesignCondition], DesignCondition]) -> None:
    """Replace the condition ``uid`` of the design by what ``change`` makes of it."""
    change_design(lambda current: current.with_condition(change(current.condition(uid))))


def screen_theme() -> Literal["light", "dark"]:
    """The theme that the screen is in, for figures and pictures."""
    return "dark" if st.context.theme.type == "dark" else "light"


def label_of(value: str) -> str | None:
    """What people call a term, a gene or an organism; ``None`` where nobody says.

    Names of genes and organisms are the embedded model's: they are the same whoever answers.
    """
    term = default_index().term(value)
    if term is not None:
        return term.label
    label = vocabulary_for(design().model_id).label(value)
    return label if label != value else None


def show(widget_key: str, value: object) -> None:
    """Let the widget of that key, drawn next, show ``value``.

    Only where it shows something else: whatever is assigned is sent to the browser, where it would wipe out what is
    being typed just then.
    """
    if widget_key not in st.session_state or st.session_state[widget_key] != value:
        st.session_state[widget_key] = value
