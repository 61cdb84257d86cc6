"""The ontology combobox: type, choose from the list beneath, by mouse or keyboard; or paste an id.

A controlled component: Python holds the value and hands it down with every run, the browser reports what was picked.
Terms come straight from ``GET /api/terms`` of the same server, without a rerun of the page: what matches the text, or
where nothing is typed yet what this browser picked lately (it remembers that itself) and what the model knows best.
``picker.js`` follows the WAI-ARIA authoring practices for an editable combobox with list autocomplete.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from synthome.ontology import Ontology
from synthome.ontology.live import LIVE_ONTOLOGIES, live_lookup

__all__ = ["KINDS", "Picked", "term_picker"]

KINDS: dict[Ontology, str] = {
    "UBERON": "Anatomy",
    "CL": "Cell types",
    "MONDO": "Diseases",
    "CHEBI": "Compounds",
    "CVCL": "Cell lines",
    "HsapDv": "Stages of life",
    "HANCESTRO": "Ancestries",
    "ENSEMBL": "Genes",
    "NCBITaxon": "Organisms",
}
"""What the terms of each ontology are, as a heading says it."""

_HERE = Path(__file__).parent
_COMPONENT = st.components.v2.component(
    "synthome_term_picker",
    html='<div class="picker"></div>',
    css=(_HERE / "picker.css").read_text(encoding="utf-8"),
    js=(_HERE / "picker.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Picked:
    """What the picker shows: the value and its label."""

    value: str = ""
    label: str = ""


def term_picker(
    label: str,
    *,
    key: str,
    picked: Picked,
    on_pick: Callable[[str], None],
    ontologies: tuple[Ontology, ...],
    model_id: str | None = None,
    lists: str = "",
    placeholder: str = "",
    help: str = "",
    error: str = "",
    invalid: bool = False,
) -> None:
    """Show a combobox over ``ontologies`` and call ``on_pick`` with the term id chosen, or with the text as typed.

    Terms of several ontologies are listed apart. The id of a term that was found live elsewhere may be unknown here.

    Parameters
    ----------
    picked
        What is chosen now; Python is the one place that knows it.
    on_pick
        Called before the next run with a term id, with text that matched nothing (so that it is not lost), or with
        an empty string where the field was cleared.
    model_id
        With it, each suggestion is marked by what that embedded model makes of it.
    lists
        Names the lists of valid values that this browser's workspace loaded; with it, suggestions are marked by
        whether the hosted model of that id accepts them. A changed list has another name.
    error
        One sentence about a value that does not fit; shown under the field and read out with it.
    invalid
        Whether the field is marked as one to correct, also where what is wrong is told elsewhere.
    """

    def report() -> None:
        state = st.session_state.get(key)
        value = state.get("picked") if state is not None else None
        if isinstance(value, dict):
            on_pick(str(value.get("value", "")))

    _COMPONENT(
        key=key,
        data={
            "label": label,
            "value": picked.value,
            "valueLabel": picked.label,
            "ontologies": list(ontologies),
            "kinds": {ontology: KINDS[ontology] for ontology in ontologies},
            "live": live_lookup() is not None and any(ontology in LIVE_ONTOLOGIES for ontology in ontologies),
            "model": model_id or "",
            "lists": lists,
            "placeholder": placeholder,
            "help": help,
            "error": error,
            "invalid": invalid or bool(error),
        },
        on_picked_change=report,
    )
