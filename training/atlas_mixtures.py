"""Tissues put together again from the cells of single-cell atlases: a second opinion on the bulk tables.

The cell types of an atlas are mixed, by non-negative least squares, into the bulk profile of the atlas' tissue. What
the two technologies see differently of a gene is the same in all tissues and falls out where deviations from the
average tissue are compared; cells that dissociation loses do not come back. Only healthy adult atlases of cells or
nuclei on a linear scale are used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from training.genes import GeneTable
from training.sources import mapping, parts, read_matrix

__all__ = ["atlas_mixtures", "cell_shares"]

Array = npt.NDArray[np.float64]
COUNTING_CPM = 20.0
"""Added to the level by which a gene's misfit is divided, so that lowly expressed genes do not decide."""


def atlas_mixtures(genes: GeneTable, bulk: pd.DataFrame) -> pd.DataFrame:
    """Profiles of the tissues of ``bulk`` (genes x UBERON terms, CPM) that an atlas covers, mixed from its cell types.

    Genes x terms in CPM, NaN where the atlas lacks a gene; of several atlases of a tissue the mean.
    """
    library = genes.ensembl_rows(read_matrix("cell_types/cell_profile_library_cpm.tsv.gz"))
    atlases = mapping("atlases")
    usable = (atlases["scale"] == "linear") & (atlases["stage"] == "adult") & (atlases["cohort"] == "healthy")
    out = {}
    for term, rows in parts(atlases[usable & atlases["uberon_id"].isin(bulk.columns)], "uberon_id"):
        mixtures = [_mixture(_cells(library, dataset), bulk[term]) for dataset in rows["dataset"]]
        out[term] = pd.concat(mixtures, axis=1).mean(axis=1)
    return pd.DataFrame(out, index=genes.ids)


def _cells(library: pd.DataFrame, dataset: str) -> pd.DataFrame:
    cells = library[[column for column in library if str(column).startswith(f"{dataset}::")]]
    return cells / cells.sum() * 1e6


def _mixture(cells: pd.DataFrame, bulk: pd.Series) -> pd.Series:
    known = (cells.notna().all(axis=1) & bulk.notna()).to_numpy()
    x, y = cells.to_numpy()[known], bulk.to_numpy()[known]
    mixture = x @ cell_shares(x, y / y.sum() * 1e6)
    return pd.Series(mixture, index=cells.index[known]).reindex(cells.index)


def cell_shares(cells: Array, bulk: Array) -> Array:
    """Shares of the cell types (columns of ``cells``) whose mixture comes nearest to ``bulk``, adding up to one.

    Both are in CPM over the same genes.
    """
    scale = 1.0 / (np.sqrt(bulk * cells.mean(axis=1)) + COUNTING_CPM)
    share, _ = optimize.nnls(cells * scale[:, None], bulk * scale)
    shares: Array = share / share.sum()
    return shares
