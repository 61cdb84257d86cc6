"""Which genes the models speak of, and how the names of every source lead to Ensembl ids.

A gene is kept where it lies on a chromosome of the primary assembly and

- both HPA and GTEx measure it (practically every protein-coding gene), or
- it is a long non-coding RNA that both GTEx and the single-cell library measure, above 0.5 CPM in some tissue; XIST,
  TSIX and H19 are kept in any case.

Order: by Ensembl id. Symbols of older annotations are led to today's ids through the Entrez ids beside them in the TCGA
tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.sources import read_matrix, read_table

__all__ = ["MALE_SPECIFIC_SYMBOLS", "GeneTable", "build_gene_table"]

CHROMOSOMES = (*(str(i) for i in range(1, 23)), "X", "Y", "MT")
ALWAYS_KEPT = ("XIST", "TSIX", "H19")
LEAST_CPM = 0.5
MALE_SPECIFIC_SYMBOLS = ("RPS4Y1", "DDX3Y", "UTY", "KDM5D", "EIF1AY", "USP9Y", "ZFY")
"""Genes of the Y chromosome that most tissues of men express."""


@dataclass(frozen=True, slots=True)
class GeneTable:
    """Genes of the models in their order, and the symbols that lead to each."""

    table: pd.DataFrame
    """Index: Ensembl id. Columns symbol, biotype, chromosome, start and length on the genome (base pairs)."""
    by_symbol: dict[str, str]
    """Today's and older symbols, each to one Ensembl id."""
    by_entrez: dict[str, str]

    @property
    def ids(self) -> pd.Index:
        """Ensembl ids in the models' order."""
        return self.table.index

    def ensembl_rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table`` with the models' genes as rows; NaN where it lacks one.

        Row names may be Ensembl ids (with or without a version), symbols, or TCGA's ``SYMBOL|Entrez``. Where several
        rows lead to one gene, the one under today's symbol wins, else the highest.
        """
        names = table.index.astype(str)
        if names.str.startswith("ENSG").mean() > 0.5:
            ids = names.str.replace(r"\.\d+$", "", regex=True).to_series()
            rank = np.zeros(len(ids))
        elif names.str.contains(r"\|\d+$").mean() > 0.5:
            ids = names.str.rsplit("|", n=1).str[1].to_series().map(self.by_entrez)
            rank = np.zeros(len(ids))
        else:
            ids = names.to_series().map(self.by_symbol)
            current = self.table["symbol"].reindex(ids).to_numpy()
            rank = np.where(current == names.to_numpy(), 0, 1)
        order = np.lexsort((-table.sum(axis=1).to_numpy(), rank))
        picked = pd.Series(ids.to_numpy()[order], index=order).dropna()
        picked = picked[picked.isin(self.table.index)].drop_duplicates()
        out = table.iloc[picked.index.to_numpy()].copy()
        out.index = pd.Index(picked.to_numpy())
        return out.reindex(self.table.index).astype(float)


def _annotation() -> pd.DataFrame:
    genes = read_table("genes/genes_grch38.tsv.gz")
    genes = genes[genes["chr"].isin(CHROMOSOMES) & (genes["biotype"] != "artifact")]
    return genes.drop_duplicates("ensgene").set_index("ensgene")


def _symbols(annotation: pd.DataFrame, measured: pd.Index) -> dict[str, str]:
    """Today's symbols; of several genes of one symbol the measured, protein-coding one."""
    rank = (~annotation.index.isin(measured)).astype(int) * 2 + (annotation["biotype"] != "protein_coding").astype(int)
    ordered = annotation.iloc[np.lexsort((annotation.index, rank))]
    ordered = ordered[~ordered["symbol"].isin(["", "NA"])].drop_duplicates("symbol")
    return dict(zip(ordered["symbol"], ordered.index, strict=True))


def _entrez(annotation: pd.DataFrame, measured: pd.Index) -> dict[str, str]:
    full = read_table("genes/genes_grch38.tsv.gz")
    full = full[full["ensgene"].isin(annotation.index) & ~full["entrez"].isin(["", "NA"])]
    rank = (~full["ensgene"].isin(measured)).astype(int)
    full = full.iloc[np.lexsort((full["ensgene"], rank))].drop_duplicates("entrez")
    return dict(zip(full["entrez"].str.replace(r"\.0$", "", regex=True), full["ensgene"], strict=True))


def build_gene_table() -> GeneTable:
    """The genes of the models and the ways to them."""
    annotation = _annotation()
    hpa, gtex = read_matrix("tissues/hpa_tissue_tpm.tsv.gz"), read_matrix("tissues/gtex_tissue_tpm.tsv.gz")
    both = annotation.index.intersection(hpa.index).intersection(gtex.index)
    by_symbol = _symbols(annotation, both)
    by_entrez = _entrez(annotation, both)
    for name in read_matrix("samples/tcga_ACC_rsem_norm.tsv.gz").index:
        symbol, entrez = name.rsplit("|", 1)
        if symbol != "?" and entrez in by_entrez:
            by_symbol.setdefault(symbol, by_entrez[entrez])

    subtissues = read_matrix("tissues/gtex_subtissue_counts.tsv.gz")
    cpm = (subtissues / subtissues.sum() * 1e6).max(axis=1)
    library = set(read_matrix("cell_types/cell_profile_library_cpm.tsv.gz").index)
    noncoding = {
        by_symbol[symbol]
        for symbol, most in cpm.items()
        if symbol in by_symbol
        and annotation.loc[by_symbol[symbol], "biotype"] == "lncRNA"
        and (symbol in ALWAYS_KEPT or (symbol in library and most > LEAST_CPM))
    }
    ids = sorted(set(both) | noncoding)
    table = annotation.loc[ids, ["symbol", "biotype", "chr", "start"]].rename(columns={"chr": "chromosome"})
    table["symbol"] = table["symbol"].replace("NA", "")
    table["start"] = table["start"].astype(int)
    table["length"] = annotation.loc[ids, "end"].astype(int) - table["start"] + 1
    table.index.name = "ensembl_id"
    kept = set(ids)
    return GeneTable(
        table,
        {symbol: gene for symbol, gene in by_symbol.items() if gene in kept},
        {entrez: gene for entrez, gene in by_entrez.items() if gene in kept},
    )
