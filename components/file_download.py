"""A button for a file that is made when it is pressed; the page is not drawn anew for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from synthome.export import file_name

__all__ = ["file_download"]

_MIME = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": "text/html",
    "zip": "application/zip",
    "txt": "text/plain",
    "md": "text/markdown",
}


def file_download(
    label: str,
    make: Callable[[], bytes],
    *,
    title: str,
    what: str,
    key: str,
    ending: str = "csv",
    help: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A button ``label``; the file is called after ``title`` and ``what``.

    ``make`` runs on a thread that knows nothing of the session.
    """
    st.download_button(
        label,
        data=make,
        file_name=file_name(title, what, ending),
        mime=_MIME.get(ending, "application/octet-stream"),
        key=key,
        icon=":material/download:",
        on_click="ignore",
        width=width,
        help=help,
    )
