"""A workspace: what one browser made, named by a cookie that nobody can guess."""

from __future__ import annotations

import re
import secrets

__all__ = ["API_WORKSPACE", "COOKIE", "is_workspace", "new_workspace"]

COOKIE = "synthome_workspace"
"""Name of the cookie that carries a browser's workspace."""

API_WORKSPACE = "api"
"""The workspace of every run that comes in over HTTP. Run ids cannot be guessed, and none are listed."""

_FORM = re.compile(r"[A-Za-z0-9_-]{32}")


def new_workspace() -> str:
    """A fresh workspace id of 192 random bits."""
    return secrets.token_urlsafe(24)


def is_workspace(text: str) -> bool:
    """Whether ``text`` has the form of a workspace id.

    >>> is_workspace(new_workspace()), is_workspace("../../etc/passwd")
    (True, False)
    """
    return _FORM.fullmatch(text) is not None
