"""A field in which genes are named, typed or pasted; what it does not know is said beneath it."""

from __future__ import annotations

import streamlit as st

from components.analyses import prediction_of
from components.words import as_text, counted
from synthome.ontology import default_index
from synthome.prediction import Prediction
from synthome.runs import Run
from synthome.samples import FoundGenes, find_genes

__all__ = ["gene_field"]

_NAMED = 8
"""Names that are told one by one."""
_LONGEST_NAME = 30


def gene_field(run: Run, label: str, key: str, *, placeholder: str = "ALB, TP53, ENSG00000010610") -> FoundGenes:
    """Genes of the run that are named in the field; its text is in the link."""
    text = st.text_area(
        label,
        key=key,
        height=84,
        placeholder=placeholder,
        help="Symbols, former symbols, aliases or Ensembl ids, typed or pasted, in any separation. "
        "Ctrl + Enter, or a click elsewhere, applies them.",
        bind="query-params",
    )
    found = _found(run.id, text, prediction_of(run))
    for words in _notes(found):
        st.caption(as_text(words))
    return found


@st.cache_resource(max_entries=64, show_spinner=False)
def _found(run_id: str, text: str, _prediction: Prediction) -> FoundGenes:  # noqa: ARG001 - stands for the genes
    return find_genes(text, _prediction.genes, default_index())


def _notes(found: FoundGenes) -> list[str]:
    """What became of names that are not a gene's current symbol, a sentence each."""
    notes = []
    if found.renamed:
        notes.append(f"Read as: {_listed([f'{name[:_LONGEST_NAME]} → {now}' for name, now in found.renamed])}.")
    alike = [f"{name[:_LONGEST_NAME]} (did you mean {like}?)" for name, like in found.unknown if like]
    others = [name[:_LONGEST_NAME] for name, like in found.unknown if not like]
    if alike or others:
        notes.append(f"Not among the genes of this result: {_listed([*alike, *others])}.")
    return notes


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {counted(more, 'other')}" if more > 0 else "")
