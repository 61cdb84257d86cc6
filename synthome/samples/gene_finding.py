"""Genes that somebody typed or pasted: symbols, former symbols, aliases, Ensembl ids, in any order and separation."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import process

from synthome.ontology import TermIndex
from synthome.samples.gene_names import bare_name
from synthome.samples.mapping import former_symbols, gene_places

__all__ = ["FoundGenes", "find_genes"]

_BETWEEN = re.compile(r"[\s,;\"'<>()\[\]]+")
_MOST = 2_000
"""Names that are read of one list."""
_LIKE = 78
"""Similarity, 0 to 100, from which a symbol is worth suggesting."""
_MOST_SUGGESTED = 20
"""Unknown names for which a likeness is sought."""


@dataclass(frozen=True, slots=True)
class FoundGenes:
    """What became of a list of names.

    Attributes
    ----------
    genes : tuple of str
        Ensembl ids, each once, in the order of the list.
    renamed : tuple of (str, str)
        Names that are not the current symbol, and the symbol that they stand for.
    unknown : tuple of (str, str)
        Names that the table has no gene for, and a symbol that looks like it, or an empty string.
    """

    genes: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


def find_genes(text: str, genes: pd.DataFrame, index: TermIndex) -> FoundGenes:
    """The genes of a table that ``text`` names.

    Parameters
    ----------
    text : str
        Names between spaces, commas, semicolons, brackets, quotes or line ends; at most 2,000 are read.
    genes : DataFrame
        As in :class:`~synthome.prediction.Prediction`.
    index : TermIndex
        Knows former symbols and aliases.
    """
    given = [bare_name(name) for name in list(dict.fromkeys(filter(None, _BETWEEN.split(text))))[:_MOST]]
    former = former_symbols(index)
    places = gene_places(given, genes, former).tolist()
    symbols = list(genes["symbol"])
    found = dict.fromkeys(str(genes.index[place]) for place in places if place >= 0)
    renamed = [
        (name, symbols[place])
        for name, place in zip(given, places, strict=True)
        if place >= 0 and symbols[place] and name.upper() not in (symbols[place].upper(), str(genes.index[place]))
    ]
    missing = [name for name, place in zip(given, places, strict=True) if place < 0]
    unknown = [(name, _like(name, symbols) if row < _MOST_SUGGESTED else "") for row, name in enumerate(missing)]
    return FoundGenes(tuple(found), tuple(renamed), tuple(unknown))


def _like(name: str, symbols: list[str]) -> str:
    best = process.extractOne(name.upper(), symbols, score_cutoff=_LIKE)
    return str(best[0]) if best is not None else ""
