"""Which genes a heatmap shows: the controls, and what became of the choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from components.analyses import markers_of, prediction_of, term_labels, variable_genes_of, welch_of
from components.words import as_text, counted
from synthome.analysis.clustering import MAX_GENES
from synthome.analysis.differential import choose, comparison_between
from synthome.analysis.differential.comparison import ComparisonError
from synthome.analysis.figures.colouring import Groups, group_samples
from synthome.analysis.figures.words import key_label
from synthome.analysis.views import CONDITION
from synthome.ontology import default_index
from synthome.prediction import Prediction
from synthome.runs import Run
from synthome.samples import FoundGenes, find_genes

__all__ = ["ChosenGenes", "chosen_genes", "most_variable"]

_SOURCES = {
    "variable": "Most variable",
    "list": "My list",
    "differential": "Different between two groups",
    "markers": "Markers of each group",
}
_NUMBERS = [10, 20, 30, 50, 75, 100, 150, 200, 300, 500]
_DEFAULT_GENES = 50
_TOLD = 12
"""Names of a list that are told one by one."""
_INSTEAD = "Compare other groups, ask for more samples of each, or show the genes that vary most."
_ONE_GROUP = (
    "All samples are of one group, so there is none to compare it with. Ask for another condition, or show the genes "
    "that vary most."
)


@dataclass(frozen=True, slots=True)
class ChosenGenes:
    """Ensembl ids, what they are in words, and where there are none, why."""

    genes: tuple[str, ...]
    source: str = ""
    why_none: str = ""


def most_variable(run: Run, n_genes: int) -> ChosenGenes:
    """The genes of the run that vary most; none where none varies, which the figure says."""
    genes = variable_genes_of(run, n_genes)
    return ChosenGenes(genes, f"the {counted(len(genes), 'most variable gene')}")


def chosen_genes(run: Run) -> ChosenGenes:
    """What the controls say, drawn where this is called."""
    source = st.selectbox(
        "Genes", list(_SOURCES), key="heatmap_source", format_func=_SOURCES.__getitem__, bind="query-params"
    )
    if source == "list":
        return _pasted(run)
    if source == "differential":
        return _differential(run)
    if source == "markers":
        return _markers(run)
    return most_variable(run, _number())


def _number() -> int:
    number: int = st.select_slider(
        "Number of genes", _NUMBERS, value=_DEFAULT_GENES, key="heatmap_genes", bind="query-params"
    )
    return number


def _pasted(run: Run) -> ChosenGenes:
    text = st.text_area(
        "Gene symbols or Ensembl ids",
        key="heatmap_list",
        height=160,
        placeholder="ALB, APOA1\nENSG00000197971",
        help="Between spaces, commas or line ends; former symbols are understood",
        bind="query-params",
    )
    if not (text or "").strip():
        return ChosenGenes((), why_none="Paste gene symbols or Ensembl ids, such as ALB, MBP, ENSG00000131095.")
    found = _found(run.id, text, prediction_of(run))
    _say_found(found)
    if not found.genes:
        return ChosenGenes((), why_none="The model has none of these genes. Human symbols and Ensembl ids are known.")
    genes = found.genes[:MAX_GENES]
    return ChosenGenes(genes, f"{counted(len(genes), 'gene')} of a list")


@st.cache_resource(max_entries=32, show_spinner=False)
def _found(run_id: str, text: str, _prediction: Prediction) -> FoundGenes:  # noqa: ARG001 - stands for the genes
    return find_genes(text, _prediction.genes, default_index())


def _say_found(found: FoundGenes) -> None:
    """How many names are genes of the model, which are not, and which are read as others."""
    known, unknown = len(found.genes), len(found.unknown)
    lines = [f"{known:,} of {counted(known + unknown, 'gene')} found."]
    if found.unknown:
        named = [f"{name} ({like}?)" if like else name for name, like in found.unknown]
        lines.append(f"Not in the model: {_some(named)}.")
    if found.renamed:
        lines.append(f"Read as former symbols: {_some([f'{old} → {new}' for old, new in found.renamed])}.")
    if known > MAX_GENES:
        lines.append(f"The first {MAX_GENES} are shown; more would be lower than a line each.")
    st.caption(as_text(" ".join(lines)))


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_TOLD])
    return shown if len(names) <= _TOLD else f"{shown} and {len(names) - _TOLD:,} more"


def _differential(run: Run) -> ChosenGenes:
    grouped = _groups(run)
    if grouped is None:
        return ChosenGenes((), why_none=_ONE_GROUP)
    _, groups = grouped
    names = _present(groups)
    group = st.selectbox("Compare", names, key="heatmap_group", index=1, bind="query-params")
    reference = st.selectbox("With", names, key="heatmap_reference", index=0, bind="query-params")
    number = _number()
    labels = [groups.names[place] if place >= 0 else "" for place in groups.index]
    try:
        comparison = comparison_between(labels, group, reference)
    except ComparisonError as error:
        return ChosenGenes((), why_none=str(error))
    genes = tuple(choose(welch_of(run, comparison)).index[:number])
    what = f"{counted(len(genes), 'gene')} that differ most between {group} and {reference}"
    how = "quick look by Welch's test: adjusted p at most 0.05, at least 2-fold"
    if not genes:
        return ChosenGenes((), why_none=f"No gene differs between {group} and {reference} ({how}). {_INSTEAD}")
    return ChosenGenes(genes, f"the {what} ({how})")


def _markers(run: Run) -> ChosenGenes:
    grouped = _groups(run)
    if grouped is None:
        return ChosenGenes((), why_none=_ONE_GROUP)
    by, groups = grouped
    asked = st.select_slider(
        "Genes of each group", [3, 5, 10, 15, 20, 30, 50], value=10, key="heatmap_markers", bind="query-params"
    )
    per_group = max(min(asked, MAX_GENES // len(groups.names)), 1)
    st.caption(
        "A gene marks the group in which it is highest, where it is at least twice as high as in all other samples; "
        "those with the smallest p-value of Welch's test are taken."
    )
    found = markers_of(run, groups.index, per_group)
    if not len(found.columns):
        return ChosenGenes((), why_none=f"No gene is twice as high in one group as in all other samples. {_INSTEAD}")
    marked = len(np.unique(found.group))
    genes = tuple(prediction_of(run).genes.index[found.columns[:MAX_GENES]])
    source = f"{counted(len(genes), 'marker gene')} of {counted(marked, 'group')} by {key_label(by).lower()}"
    return ChosenGenes(genes, source if np.isfinite(found.p_value).all() else f"{source} (some by fold change alone)")


def _groups(run: Run) -> tuple[str, Groups] | None:
    """A key that is asked for, and samples grouped by it; ``None`` where no key makes two groups."""
    prediction = prediction_of(run)
    labels = term_labels(prediction)
    grouped = {
        str(key): group_samples(prediction, str(key), labels) for key in (CONDITION, *prediction.metadata.columns)
    }
    offered = {key: groups for key, groups in grouped.items() if len(_present(groups)) > 1}
    if not offered:
        return None
    by = st.selectbox("Groups by", list(offered), key="heatmap_by", format_func=key_label, bind="query-params")
    return by, offered[by]


def _present(groups: Groups) -> list[str]:
    """Names of groups that have samples, each once, in the groups' order."""
    return list(dict.fromkeys(groups.names[place] for place in np.unique(groups.index[groups.index >= 0])))
