"""What every page stands in: the title, the navigation, the preparation, the watch over running predictions."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.predicting import watch_runs
from components.preparation import wait_until_ready, warm_up

__all__ = ["run_page"]

_ICON = Path(__file__).parent / "pictures" / "icon.png"

_PAGES = (
    ("home", "Home", "home", "What this is, and examples that run at once."),
    ("design", "Design", "edit_note", "Describe samples and predict."),
    ("own_sample", "Your sample", "biotech", "What is a real sample, and what if it were treated?"),
    ("results", "Results", "scatter_plot", "Look at a prediction, compare its conditions, download it."),
    ("ontologies", "Ontologies", "account_tree", "Find terms and walk through their relatives."),
    ("runs", "Runs", "history", "Everything made so far."),
    ("learn", "Learn", "school", "Short lessons on live data."),
    ("model_card", "Model card", "fact_check", "What the models know, how good that is, where they fail."),
    ("settings", "Settings", "settings", "Who answers; ontology versions; licences."),
)
_WITHIN = (("sample_sheet", "Sample sheet", "table_view"),)
"""Pages that others lead to; they are not in the navigation."""
_FOLLOWING = ("", "design", "own_sample", "learn")
"""Pages that show a run's progress themselves; Home's path is empty."""


def run_page() -> None:
    """Draw the frame and the page that the user is on."""
    st.set_page_config(page_title="Synthome", page_icon=str(_ICON), layout="wide")
    page = st.navigation(
        [
            st.Page(f"pages/{name}.py", title=title, icon=f":material/{icon}:", help=help, default=name == "home")
            for name, title, icon, help in _PAGES
        ]
        + [
            st.Page(f"pages/{name}.py", title=title, icon=f":material/{icon}:", visibility="hidden")
            for name, title, icon in _WITHIN
        ],
        position="top",
    )
    if page.url_path:  # Home needs no terms and stands at once
        wait_until_ready()
    watch_runs(_FOLLOWING, page.url_path)
    page.run()
    warm_up()
