"""Having the browser read the figure library before the first figure is there.

Plotly's script is 4.7 MB; reading it takes a browser a second or two, once a visit. Streamlit fetches it when the first
chart is drawn, so that the first result would be the slowest. Here it is imported while the user still describes her
samples: by the address that Streamlit itself will use, so that it is read only once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

__all__ = ["read_figure_library_early"]

_COMPONENT = st.components.v2.component(
    "synthome_figure_library",
    js="""
export default function ({ data }) {
  const read = () => import(new URL(data.script, document.baseURI).href).catch(() => {})
  if ("requestIdleCallback" in window) requestIdleCallback(read, { timeout: 2000 })
  else setTimeout(read, 500)
}
""",
)


@cache
def _script() -> str | None:
    """Path of Streamlit's Plotly chart on this server; ``None`` where this version of Streamlit names it otherwise."""
    folder = Path(st.__file__).parent / "static"
    found = sorted(folder.glob("static/js/PlotlyChart.*.js"))
    return found[0].relative_to(folder).as_posix() if found else None


def read_figure_library_early() -> None:
    """Mount the invisible element that does so; to be called where a page ends."""
    script = _script()
    if script is not None:
        _COMPONENT(key="figure_library", data={"script": script}, height=0)
