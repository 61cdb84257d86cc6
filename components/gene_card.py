"""A gene's card: what it is, where it lies, where to read on, and its level in each group."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from components.support_marks import quiet_line
from components.term_links import term_links
from components.words import as_text
from synthome.analysis.gene_levels import GeneLevels
from synthome.ontology import Term, default_index
from synthome.prediction import Prediction

__all__ = ["gene_card"]

_ROWS = 7
"""Groups beyond which the card's table scrolls."""


def gene_card(prediction: Prediction, levels: GeneLevels) -> None:
    """The card of the one gene in ``levels``."""
    gene, symbol = levels.genes[0], levels.symbols[0]
    term = default_index().term(gene)
    with st.container(border=True):
        told, numbers = st.columns([2, 3], gap="medium")
        with told:
            st.markdown(f"#### {as_text(symbol)}")
            st.caption(as_text(gene))
            what = term.definition if term is not None else _known(prediction, gene)
            if what:
                st.markdown(as_text(what[:1].upper() + what[1:]))
            former = _other_names(term, symbol)
            if former:
                quiet_line(f"Formerly or also {', '.join(map(as_text, former))}")
            links = term_links(gene, symbol)
            quiet_line(" · ".join(f"[{as_text(site)}]({address})" for site, address in links.items()))
        with numbers:
            _levels(levels)


def _known(prediction: Prediction, gene: str) -> str:
    """What the answer itself says of a gene that the list of genes lacks."""
    row = prediction.genes.loc[gene]
    parts = [str(row["biotype"]).replace("_", " "), f"chromosome {row['chromosome']}" if row["chromosome"] else ""]
    return ", ".join(filter(None, parts))


def _other_names(term: Term | None, symbol: str) -> list[str]:
    if term is None:
        return []
    names = [term.label, *(synonym.text for synonym in term.synonyms)]
    return [name for name in dict.fromkeys(names) if name != symbol]


def _levels(levels: GeneLevels) -> None:
    table = pd.DataFrame(
        {
            "group": levels.groups,
            "samples": levels.sizes,
            "mean": levels.means()[:, 0],
            "median": levels.medians()[:, 0],
            "share": 100 * levels.shares[:, 0],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        height=38 + 35 * min(len(table), _ROWS),
        column_config={
            "group": "Group",
            "samples": st.column_config.NumberColumn("Samples", format="localized"),
            "mean": st.column_config.NumberColumn("Mean", format="%.2f", help="Mean of log2(CPM + 1)"),
            "median": st.column_config.NumberColumn("Median", format="%.2f", help="Median of log2(CPM + 1)"),
            "share": st.column_config.NumberColumn(
                "With a count", format="%.0f %%", help="Share of the group's samples that have a count of the gene"
            ),
        },
        alt=f"Level of {levels.symbols[0]} in each group, log2(CPM + 1)",
    )
