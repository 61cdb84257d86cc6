"""What raw single-cell counts say: genes that the atlas library leaves out, three cancer lines, and how cells of one
type differ.

Cells of one label are compared with the label's mean: deviance of each gene from a Poisson of the cell's depth (Pearson
residuals, Lause, Berens and Kobak 2021) gives the directions in which cells of one type differ together. The directions
are expressed in log units, a gene's variance along all of them being no more than its excess over Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg

from synthome.models.embedded.scale import LEAST_THETA, log_expression
from training.genes import GeneTable
from training.sources import SingleCells, mapping

__all__ = [
    "CellVariability",
    "fit_cell_lines_umi",
    "fit_cell_variability",
    "highest_in_a_set",
    "mean_cpm",
    "unmeasured_genes",
]

Array = npt.NDArray[np.float64]
LATENTS = 16
LEAST_COUNTS = 0.05
"""Mean counts a cell from which a gene's excess variance can be told from Poisson noise."""


def mean_cpm(genes: GeneTable, cells: SingleCells) -> pd.DataFrame:
    """CPM of the summed counts of each label, genes x labels on the models' genes."""
    labels = cells.labels.to_numpy()
    sums = {str(label): np.asarray(cells.counts[:, labels == label].sum(axis=1)).ravel() for label in np.unique(labels)}
    table = pd.DataFrame(sums, index=pd.Index(cells.genes))
    return genes.ensembl_rows(table / table.sum() * 1e6)


def unmeasured_genes(genes: GeneTable, sets: list[SingleCells]) -> pd.Series:
    """Log expression of the average labelled cell type of all raw sets; zero where none measures a gene."""
    means = pd.concat([log_expression(mean_cpm(genes, cells)).mean(axis=1) for cells in sets], axis=1)
    return means.mean(axis=1).fillna(LEAST_THETA)


def highest_in_a_set(genes: GeneTable, sets: list[SingleCells]) -> pd.Series:
    """Log expression in the set that has most of a gene, averaged over its labels.

    Each set is of donors of one sex, so this is the level of the sex that expresses a gene of Y, or XIST.
    """
    means = pd.concat([log_expression(mean_cpm(genes, cells)).mean(axis=1) for cells in sets], axis=1)
    return means.max(axis=1).fillna(LEAST_THETA)


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
    """Pool the residuals of all labels of the two blood sets and the three lines."""
    grams = []
    for cells in sets:
        labels = cells.labels.to_numpy()
        names = pd.Index(cells.genes)
        for label in np.unique(labels):
            chosen = np.flatnonzero(labels == label)
            if len(chosen) < 60:
                continue
            grams.append(_log_residuals(genes, names, cells, chosen))
    stacked = np.hstack(grams)
    values, vectors = linalg.eigh(stacked.T @ stacked)
    order = np.argsort(-values)[:LATENTS]
    loadings = stacked @ vectors[:, order] / np.sqrt(len(grams))
    largest = np.abs(loadings).argmax(axis=0)
    # A singular vector times its singular value: what one standard deviation of the latent does, in ln units.
    loadings = loadings * np.sign(loadings[largest, np.arange(LATENTS)])
    return CellVariability(np.clip(loadings, -1.0, 1.0))


def _log_residuals(genes: GeneTable, names: pd.Index, cells: SingleCells, chosen: npt.NDArray[np.intp]) -> Array:
    """Residuals of one label in ln units, genes x directions, scaled to the excess over Poisson.

    Only the label's leading directions are handed on (as gene scores), so that large labels weigh as small ones do.
    """
    counts = cells.counts[:, chosen].astype(np.float64).toarray()
    depth = counts.sum(axis=0)
    share = counts.sum(axis=1) / depth.sum()
    expected = share[:, None] * depth
    mean = expected.mean(axis=1)
    told = mean > LEAST_COUNTS
    pearson = np.zeros_like(counts)
    pearson[told] = (counts[told] - expected[told]) / np.sqrt(expected[told])
    limit = np.sqrt(len(chosen))
    pearson = np.clip(pearson, -limit, limit)
    n = len(chosen)
    values, vectors = linalg.eigh(pearson.T @ pearson / n)
    # Directions that exceed the largest eigenvalue of pure noise (Marchenko and Pastur).
    noise = (1 + np.sqrt(told.sum() / n)) ** 2 * np.median(values) / (1 + told.sum() / n)
    order = np.argsort(-values)[:LATENTS]
    order = order[values[order] > noise]
    scores = pearson @ vectors[:, order] / np.sqrt(n)
    shrink = np.sqrt(np.maximum(values[order] - noise, 0) / values[order])
    in_log = np.zeros_like(scores)
    in_log[told] = scores[told] * shrink / np.sqrt(mean[told])[:, None]
    excess = np.maximum((pearson**2).mean(axis=1) - 1.0, 0.0) / np.maximum(mean, 1e-12)
    along = (in_log**2).sum(axis=1)
    cap = np.sqrt(np.minimum(1.0, np.divide(excess, along, out=np.zeros_like(along), where=along > 0)))
    # A loading estimated from n cells errs by 1 / (n mean); of a smaller one nothing is kept.
    error = 1.0 / np.maximum(n * mean, 1e-9)[:, None]
    certain = np.sqrt(np.maximum(1.0 - 2.0 * error / np.maximum(in_log**2, 1e-12), 0.0))
    table = pd.DataFrame(in_log * certain * cap[:, None], index=names)
    return genes.ensembl_rows(table).fillna(0.0).to_numpy()
