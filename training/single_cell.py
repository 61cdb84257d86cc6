"""What raw single-cell counts say: genes that the atlas library leaves out, three cancer lines, and how cells of one
type differ.

Cells of one label are compared with the label's mean: deviance of each gene from a Poisson of the cell's depth (Pearson
residuals, Lause, Berens and Kobak 2021) gives the directions in which cells of one type differ together. The directions
are expressed in log units, and each gene's loadings are stretched or shrunk until its variance along all of them is its
excess over Poisson, a gene with few counts having that of the others. All of a gene's excess is put on the shared
directions, as the model has nothing else to put it on, so that genes correlate more than in real cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg

from synthome.models.embedded.scale import LEAST_THETA, log_expression
from training.genes import GeneTable
from training.sex import sex_specific
from training.sources import SingleCells, mapping

__all__ = [
    "CellVariability",
    "fit_cell_lines_umi",
    "fit_cell_variability",
    "mean_cpm",
    "unmeasured_genes",
]

Array = npt.NDArray[np.float64]
LATENTS = 16
LEAST_COUNTS = 0.05
"""Mean counts a cell from which a gene's excess variance can be told from Poisson noise."""
LEAST_CELLS = 60
"""Cells of a label that tells how cells of one type differ."""
MOST_DEPTH = 2.0
"""Cells of more than so many times their label's median depth, or of less than one part in so many, are left out:
doublets, and empty droplets or dying cells."""
LARGEST_RESIDUAL = 6.0
"""Pearson residuals are cut here: one cell out of place says nothing of how cells of a type differ."""
PRIOR_COUNTS = 30.0
"""Cells' worth, at one count each, of belief that a gene varies as the others do."""
MOST_STRETCH = 4.0
"""Largest factor on a gene's loadings: what lies along no direction is not put there at any price."""
MOST_VARIANCE = 0.5
"""Largest variance of a gene (ln units squared) among cells of one type."""


def mean_cpm(genes: GeneTable, cells: SingleCells) -> pd.DataFrame:
    """CPM of the summed counts of each label, genes x labels on the models' genes."""
    labels = cells.labels.to_numpy()
    sums = {str(label): np.asarray(cells.counts[:, labels == label].sum(axis=1)).ravel() for label in np.unique(labels)}
    table = pd.DataFrame(sums, index=pd.Index(cells.genes))
    return genes.ensembl_rows(table / table.sum() * 1e6)


def unmeasured_genes(genes: GeneTable, sets: list[SingleCells]) -> pd.Series:
    """Log expression of the average labelled cell type of all raw sets; of no expression where none measures a gene.

    Each set is of donors of one sex: genes that only one sex expresses have the level of the set that has most of them.
    """
    means = pd.concat([log_expression(mean_cpm(genes, cells)).mean(axis=1) for cells in sets], axis=1)
    telling = np.logical_or(*sex_specific(genes))
    return means.mean(axis=1).mask(telling, means.max(axis=1)).fillna(LEAST_THETA)


def fit_cell_lines_umi(genes: GeneTable, sets: list[SingleCells]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Profiles of the three CellBench lines (genes x Cellosaurus ids, log expression), and their labels."""
    cells = next(s for s in sets if s.name == "celseq2")
    theta = log_expression(mean_cpm(genes, cells).fillna(0.0))
    rows = mapping("cell_lines")
    rows = rows[rows["source"] == "celseq2"].set_index("column")
    labels = dict(zip(rows["cvcl_id"], rows["cvcl_label"], strict=True))
    return theta[rows.index].set_axis(rows["cvcl_id"].to_numpy(), axis=1), labels


@dataclass(frozen=True, slots=True)
class CellVariability:
    """Loadings (genes x latents) in ln units a standard deviation."""

    biological: Array


def fit_cell_variability(genes: GeneTable, sets: list[SingleCells]) -> CellVariability:
    """Pool the residuals of all labels of ``sets`` (the two blood sets and the three lines)."""
    found = []
    for cells in sets:
        labels = cells.labels.to_numpy()
        for label in np.unique(labels):
            chosen = _single(cells, np.flatnonzero(labels == label))
            if len(chosen) >= LEAST_CELLS:
                found.append(_deviance(genes, cells, chosen))
    stacked = np.hstack([label.scores for label in found]) / np.sqrt(len(found))
    values, vectors = linalg.eigh(stacked.T @ stacked)
    counts = np.array([label.mean for label in found])
    told = (counts > LEAST_COUNTS).sum(axis=0)
    mean = counts.sum(axis=0) / len(found)
    loadings = stacked @ vectors[:, np.argsort(-values)[:LATENTS]]
    loadings = np.where((told > 0)[:, None], loadings / np.sqrt(np.maximum(mean, 1e-9))[:, None], 0.0)
    # A loading estimated from n cells errs by 1 / (n mean): of a gene's loadings so much of their square is noise.
    cells_counted = np.array([label.cells for label in found]) @ counts
    along = (loadings**2).sum(axis=1)
    noise = LATENTS / np.maximum(cells_counted, 1e-9)
    certain = np.maximum(1.0 - noise / np.maximum(along, 1e-12), 0.0)
    target = np.minimum(_pooled_excess(found), MOST_VARIANCE)
    stretch = np.sqrt(np.divide(target, along * certain, out=np.zeros_like(along), where=along * certain > 0))
    loadings = loadings * (np.sqrt(certain) * np.minimum(stretch, MOST_STRETCH))[:, None]
    largest = np.abs(loadings).argmax(axis=0)
    return CellVariability(loadings * np.sign(loadings[largest, np.arange(LATENTS)]))


@dataclass(frozen=True, slots=True)
class _Deviance:
    """One label: ``mean`` counts a cell and ``excess`` variance over Poisson beside the squared mean (one a gene each),
    the leading directions as gene ``scores`` (genes x directions, in units of counting noise), and how many cells."""

    mean: Array
    excess: Array
    scores: Array
    cells: int


def _single(cells: SingleCells, chosen: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Those of ``chosen`` whose depth is that of a single living cell."""
    depth = np.asarray(cells.counts[:, chosen].sum(axis=0)).ravel()
    beside = depth / np.median(depth)
    return chosen[(beside < MOST_DEPTH) & (beside > 1.0 / MOST_DEPTH)]


def _deviance(genes: GeneTable, cells: SingleCells, chosen: npt.NDArray[np.intp]) -> _Deviance:
    """Residuals of one label, handed on as its leading directions so that large labels weigh as small ones do."""
    counts = cells.counts[:, chosen].astype(np.float64).toarray()
    depth = counts.sum(axis=0)
    share = counts.sum(axis=1) / depth.sum()
    expected = share[:, None] * depth
    mean = expected.mean(axis=1)
    told = mean > LEAST_COUNTS
    pearson = np.zeros_like(counts)
    pearson[told] = (counts[told] - expected[told]) / np.sqrt(expected[told])
    pearson = np.clip(pearson, -LARGEST_RESIDUAL, LARGEST_RESIDUAL)
    n = len(chosen)
    values, vectors = linalg.eigh(pearson.T @ pearson / n)
    # Directions that exceed the largest eigenvalue of pure noise (Marchenko and Pastur).
    noise = (1 + np.sqrt(told.sum() / n)) ** 2 * np.median(values) / (1 + told.sum() / n)
    order = np.argsort(-values)[:LATENTS]
    order = order[values[order] > noise]
    shrink = np.sqrt((values[order] - noise) / values[order])
    scores = pearson @ vectors[:, order] / np.sqrt(n) * shrink
    excess = ((pearson**2).mean(axis=1) - 1.0) / np.maximum(mean, 1e-12)
    names = pd.Index(cells.genes)
    table = pd.DataFrame(np.column_stack([mean * told, excess * told, scores]), index=names)
    known = genes.ensembl_rows(table).fillna(0.0).to_numpy()
    return _Deviance(known[:, 0], known[:, 1], known[:, 2:], n)


def _pooled_excess(found: list[_Deviance]) -> Array:
    """Excess of each gene over all labels, drawn towards the average gene by how few counts tell it.

    An excess estimated from n cells of mean m errs by 2 / (n m^2) where counting decides, by 2 / n at most.
    """
    mean = np.array([label.mean for label in found])
    weight = np.array([label.cells for label in found])[:, None] * mean**2 / (1.0 + mean**2)
    excess = np.array([label.excess for label in found])
    total = weight.sum(axis=0)
    average = float((weight * excess).sum() / total.sum())
    pooled: Array = ((weight * excess).sum(axis=0) + PRIOR_COUNTS * average) / (total + PRIOR_COUNTS)
    return np.maximum(pooled, 0.0)
