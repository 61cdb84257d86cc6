"""Readers of the public tables, each in counts (or transcripts) per million with one row a gene.

Where the data lie: ``$SYNTHOME_SHARED/data``, or ``../shared/data`` beside the repository.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import io, sparse

__all__ = [
    "MAPPINGS",
    "CountSet",
    "SingleCells",
    "data_dir",
    "mapping",
    "parts",
    "read_count_sets",
    "read_matrix",
    "read_single_cells",
    "read_table",
    "sha256_of_inputs",
]

MAPPINGS = Path(__file__).resolve().parent / "mappings"
DAYS_IN_A_YEAR = 365.25


def data_dir() -> Path:
    """Folder of the raw data; ``FileNotFoundError`` says how to name it where it is elsewhere."""
    root = Path(os.environ.get("SYNTHOME_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (root / "data").is_dir():
        message = f"No raw data in {root / 'data'}: set SYNTHOME_SHARED to the folder that holds data/"
        raise FileNotFoundError(message)
    return root / "data"


_READ: set[str] = set()


def _path(name: str) -> Path:
    _READ.add(name)
    return data_dir() / name


def sha256_of_inputs() -> dict[str, str]:
    """SHA-256 of every raw file read so far in this process, by name."""
    return {name: hashlib.sha256((data_dir() / name).read_bytes()).hexdigest() for name in sorted(_READ)}


@lru_cache(maxsize=32)
def read_matrix(name: str) -> pd.DataFrame:
    """A tab-separated table with one row a gene; the first column is the index. Treat it as read-only."""
    table = pd.read_csv(_path(name), sep="\t", index_col=0)
    table.index = table.index.astype(str)
    return table


def read_table(name: str) -> pd.DataFrame:
    """A tab- or comma-separated table as it stands, everything as text."""
    separator = "," if ".csv" in name else "\t"
    return pd.read_csv(_path(name), sep=separator, dtype=str, keep_default_na=False)


@lru_cache(maxsize=16)
def mapping(name: str) -> pd.DataFrame:
    """A reviewed table of ``training/mappings``, everything as text, empty where not mapped."""
    return pd.read_csv(MAPPINGS / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)


def parts(rows: pd.DataFrame, column: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows by the value of a column, in the order of the values."""
    for value, same in rows.groupby(column):
        yield str(value), same


@dataclass(frozen=True, slots=True)
class CountSet:
    """Sample-level counts of one study.

    ``counts`` is genes x samples under the source's own gene names; ``group`` says which samples are of one kind
    (tissue), ``sex`` is ``male``, ``female`` or empty, ``age`` is in years (of a decade its middle) or NaN.
    """

    name: str
    counts: pd.DataFrame
    group: pd.Series
    sex: pd.Series
    age: pd.Series
    material: str

    def counts_of(self, group: str) -> pd.DataFrame:
        """Counts of the samples of one group."""
        return self.counts.loc[:, (self.group == group).to_numpy()]


def _count_set(name: str, counts: str, meta: str, material: str) -> CountSet:
    table = read_matrix(counts)
    about = read_table(meta)
    about.index = about.iloc[:, 0].astype(str)
    about = about.loc[table.columns]
    sex_column = next(c for c in ("gender", "GENDER", "sex") if c in about)
    codes = {"1": "male", "2": "female", "male": "male", "female": "female"}
    sex = about[sex_column].str.lower().map(codes).fillna("")
    kind = "SMTSD" if "SMTSD" in about else "type" if "type" in about else None
    group = about[kind] if kind else pd.Series(name, index=about.index)
    return CountSet(name, table, name + ": " + group, sex, _ages(about), material)


def _ages(about: pd.DataFrame) -> pd.Series:
    """Years, from an age, the decade that it lies in (``50-59``), or days to birth (negative), whichever there is."""
    if "AGE" in about:
        return about["AGE"].str.split("-").map(lambda ends: (float(ends[0]) + float(ends[1]) + 1.0) / 2.0)
    if "days_to_birth" in about:
        return -pd.to_numeric(about["days_to_birth"], errors="coerce") / DAYS_IN_A_YEAR
    if "age" in about:
        return pd.to_numeric(about["age"], errors="coerce")
    return pd.Series(np.nan, index=about.index)


def read_count_sets() -> list[CountSet]:
    """All sample-level sets: islets, two sets of lymphoblastoid lines, GTEx skin and bladder, four TCGA studies."""
    sets = [
        _count_set("islets", "samples/islets_fadista_counts_77.tsv.gz", "samples/islets_fadista_meta.tsv", "tissue"),
        _count_set("lcl_pickrell", "samples/lcl_pickrell1_counts.tsv.gz", "samples/lcl_pickrell1_meta.tsv", "line"),
        _count_set("lcl_cheung", "samples/lcl_cheung_counts.tsv.gz", "samples/lcl_cheung_meta.tsv", "line"),
        _count_set("gtex_skin", "samples/gtex_yarn_skin_counts.tsv.gz", "samples/gtex_yarn_skin_meta.tsv", "tissue"),
        _count_set(
            "gtex_bladder", "samples/gtex_yarn_bladder_counts.tsv.gz", "samples/gtex_yarn_bladder_meta.tsv", "tissue"
        ),
    ]
    tumours = [
        _count_set(
            f"tcga_{study}", f"samples/tcga_{study}_rsem_norm.tsv.gz", f"samples/tcga_{study}_meta.tsv", "tumour"
        )
        for study in ("ACC", "CHOL", "STAD", "UVM")
    ]
    return sets + tumours


@dataclass(frozen=True, slots=True)
class SingleCells:
    """Raw counts of single cells: genes x cells (CSC), the source's gene names, a label a cell."""

    name: str
    counts: sparse.csc_matrix
    genes: pd.Index
    labels: pd.Series


def read_single_cells() -> list[SingleCells]:
    """Sorted blood cells, a blood sample with labels, and three cancer cell lines."""
    return [
        _blood("pbmc_facs_zheng", "ensembl", "celltype"),
        _blood("pbmc3k", "symbol", "cell_type"),
        _cancer_lines(),
    ]


def _blood(name: str, gene_column: str, label_column: str) -> SingleCells:
    folder = f"single_cell/{name}"
    counts = sparse.csc_matrix(io.mmread(_path(f"{folder}/matrix.mtx.gz")))
    genes = pd.Index(read_table(f"{folder}/genes.tsv")[gene_column])
    labels = read_table(f"{folder}/cells.tsv")[label_column]
    if counts.shape != (len(genes), len(labels)):
        counts = counts.T.tocsc()
    keep = ~labels.isin(["", "NA"]).to_numpy()
    return SingleCells(name, counts[:, keep], genes, labels[keep].reset_index(drop=True))


def _cancer_lines() -> SingleCells:
    table = pd.read_csv(_path("single_cell/sc_celseq2.count.csv.gz"), index_col=0)
    about = pd.read_csv(_path("single_cell/sc_celseq2.metadata.csv.gz"), index_col=0)
    about = about.loc[table.columns]
    keep = (about["demuxlet_cls"] == "SNG").to_numpy()
    return SingleCells(
        "celseq2",
        sparse.csc_matrix(table.to_numpy(dtype=np.float64)[:, keep]),
        pd.Index(table.index),
        about["cell_line_demuxlet"][keep].reset_index(drop=True),
    )
