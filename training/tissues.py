"""Tissue profiles: HPA, GTEx, islets and TCGA's normals on one scale, merged by UBERON term and shrunk.

Shrinkage. Measured on the tissues that both studies have: what GTEx says of a tissue's deviation from the average
tissue, HPA confirms in full (slope 1.05), whereas GTEx confirms 0.32 to 0.67 of HPA's small deviations and 0.85 of its
largest. GTEx averages some hundred donors a tissue, HPA a handful. So GTEx is taken as it is, the others' deviations
are multiplied by the share that GTEx confirms of HPA's at their size (:class:`Shrinkage`), and where several know a
tissue GTEx weighs twice.

Where GTEx is left out, two other sources bracket that share. TCGA's normals are of HPA's technology but of two tissues,
as sharply told apart as any: they confirm too much. Mixtures of single cells cover eleven tissues, but lose what
dissociation loses: they confirm too little. The mean of both is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import PSEUDO_CPM, log_expression
from training.atlas_mixtures import atlas_mixtures
from training.bulk_tables import STUDIES, Sources, by_term, gene_factor
from training.genes import GeneTable
from training.sources import mapping

__all__ = [
    "Profiles",
    "Shrinkage",
    "between_laboratories",
    "fill_from_neighbours",
    "fit_tissues",
    "gene_factor",
]

Array = npt.NDArray[np.float64]
WEIGHT_GTEX = 2.0
"""Weight of GTEx where another study knows the tissue too."""
SHRUNK = ("hpa", "islets", "tcga_normals")
"""Tables of studies with few donors a tissue, or none but one tissue: their deviations are shrunk."""
LEAST_EXPRESSED = 0.1
"""CPM below which a gene counts as not expressed."""
LEAST_MEASURED = 0.8
"""Part of the tissues in which a study must measure a gene for its deviations to confirm another's."""
FILL_NEIGHBOURS = 5
"""Most similar tissues whose mean fills a gene that a source does not measure."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Learned profiles of one vocabulary.

    ``theta`` is genes x terms, log expression ln(CPM + c); ``studies`` the studies behind each term; ``filled`` the
    share of genes that no source of the term measures.
    """

    theta: pd.DataFrame
    labels: dict[str, str]
    studies: dict[str, tuple[str, ...]]
    filled: dict[str, float]


def between_laboratories(sources: Sources) -> Array:
    """What HPA and GTEx say differently of the tissues that both know: genes x tissues (ln), gene-wise mean removed."""
    hpa, gtex = by_term(sources.hpa, "hpa"), by_term(sources.gtex_tpm, "gtex_tpm")
    terms = [term for term in hpa.columns if term in gtex.columns]
    gap = (log_expression(hpa[terms]) - log_expression(gtex[terms])).fillna(0.0).to_numpy()
    centred: Array = gap - gap.mean(axis=1, keepdims=True)
    return centred


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Share of a deviation that a second study confirms, by the deviation's size and sign (ln units)."""

    sizes: Array
    shares: Array

    def share(self, deviation: Array, studies: int = 1) -> Array:
        """Share of ``deviation`` to keep; for the mean of n studies n s / (1 + (n - 1) s), after Spearman and Brown."""
        share = np.interp(deviation, self.sizes, self.shares)
        kept: Array = studies * share / (1 + (studies - 1) * share)
        return kept

    def __call__(self, deviation: Array) -> Array:
        """``deviation`` times the share confirmed at its size."""
        shrunk: Array = deviation * self.share(deviation)
        return shrunk

    @classmethod
    def measure(cls, deviation: Array, confirmed_by: Array) -> Shrinkage:
        """Regression slope of one study's deviations on another's, bin by bin of size (genes x terms each)."""
        edges = np.array([-12, -4, -3, -2, -1.5, -1, -0.7, -0.4, -0.2, 0, 0.2, 0.4, 0.7, 1, 1.5, 2, 3, 4, 12.0])
        known = np.isfinite(deviation) & np.isfinite(confirmed_by)
        x, y = deviation[known], confirmed_by[known]
        bins = np.digitize(x, edges) - 1
        sizes = [float(x[bins == i].mean()) for i in range(len(edges) - 1)]
        shares = [float((x[bins == i] * y[bins == i]).sum() / (x[bins == i] ** 2).sum()) for i in range(len(edges) - 1)]
        return cls(np.array(sizes), np.clip(shares, 0.0, 1.0))

    @classmethod
    def halfway(cls, several: list[Shrinkage]) -> Shrinkage:
        """The mean of what several studies confirm, at the sizes of the first."""
        sizes = several[0].sizes
        return cls(sizes, np.mean([one.share(sizes) for one in several], axis=0))


def fit_tissues(genes: GeneTable, sources: Sources) -> Profiles:
    """One profile a UBERON term of ``mappings/tissues.tsv`` that some source knows."""
    gtex = _merge(
        log_expression(by_term(sources.gtex_counts, "gtex_counts")),
        log_expression(by_term(sources.gtex_tpm, "gtex_tpm")),
    )
    single = {name: log_expression(by_term(sources.table(name), name)) for name in SHRUNK}
    hpa = single["hpa"]
    if len(gtex.columns):
        shrinkage = _confirmed(hpa, gtex)
        both = hpa.columns.intersection(gtex.columns)
        centre = _mean_of_known(np.stack([hpa[both].mean(axis=1), gtex[both].mean(axis=1)]))
    else:
        mixtures = log_expression(atlas_mixtures(genes, by_term(sources.hpa, "hpa")))
        shrinkage = Shrinkage.halfway(
            [_confirmed(hpa, by) for by in (mixtures, single["tcga_normals"]) if len(by.T) > 1]
        )
        centre = hpa.mean(axis=1).to_numpy()
    studies = {"GTEx": gtex} | {STUDIES[name]: _shrunk(table, centre, shrinkage) for name, table in single.items()}
    terms = sorted(set().union(*(table.columns for table in studies.values())))
    stack = np.stack([table.reindex(columns=terms).to_numpy() for table in studies.values()])
    weights = np.array([WEIGHT_GTEX if study == "GTEx" else 1.0 for study in studies])[:, None, None]
    theta = pd.DataFrame(_mean_of_known(stack, weights), index=genes.ids, columns=terms)
    filled = {term: float(theta[term].isna().mean()) for term in terms}
    theta = fill_from_neighbours(theta, theta)
    labels = mapping("tissues").drop_duplicates("uberon_id").set_index("uberon_id")["uberon_label"].to_dict()
    behind = {t: tuple(name for name, table in studies.items() if t in table.columns) for t in terms}
    return Profiles(theta, {t: labels[t] for t in terms}, behind, filled)


def _confirmed(table: pd.DataFrame, by: pd.DataFrame) -> Shrinkage:
    """Share of deviations from the tissues that both know which the second study confirms.

    Only genes that the second study measures in nearly all of them count. Of n tissues the deviations from their own
    mean are too small by sqrt((n - 1) / n).
    """
    both = table.columns.intersection(by.columns)
    known = by[both].notna().mean(axis=1) > LEAST_MEASURED
    widen = np.sqrt(len(both) / (len(both) - 1))
    first, second = ((t[both].sub(t[both].mean(axis=1), axis=0)[known] * widen).to_numpy() for t in (table, by))
    return Shrinkage.measure(first, second)


def _merge(counts: pd.DataFrame, tpm: pd.DataFrame) -> pd.DataFrame:
    """Two tables of one study: their mean where both know a gene, the other's value where one does not."""
    terms = counts.columns.union(tpm.columns)
    stack = np.stack([counts.reindex(columns=terms).to_numpy(), tpm.reindex(columns=terms).to_numpy()])
    return pd.DataFrame(_mean_of_known(stack), index=counts.index, columns=terms)


def _mean_of_known(stack: Array, weights: Array | float = 1.0) -> Array:
    """Mean over the first axis of what is not NaN; NaN where nothing is."""
    weight = np.isfinite(stack) * weights
    total = (np.nan_to_num(stack) * weight).sum(axis=0)
    return np.where(weight.sum(axis=0) > 0, total / np.maximum(weight.sum(axis=0), 1e-9), np.nan)


def _shrunk(table: pd.DataFrame, centre: Array, shrinkage: Shrinkage) -> pd.DataFrame:
    """Deviations from ``centre`` shrunk; what is not expressed stays so, or every marker would glimmer everywhere."""
    theta = table.to_numpy()
    silent = theta <= np.log(PSEUDO_CPM + LEAST_EXPRESSED)
    shrunk = np.where(silent, theta, centre[:, None] + shrinkage(theta - centre[:, None]))
    return pd.DataFrame(shrunk, index=table.index, columns=table.columns)


def fill_from_neighbours(theta: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """``theta`` with missing genes taken from the most similar columns of ``reference`` that have them.

    Similarity is the correlation of deviations from the reference's mean over the genes that both measure; the mean of
    the five most similar columns is taken.
    """
    centre = reference.mean(axis=1).fillna(np.log(PSEUDO_CPM))
    base = reference.sub(centre, axis=0)
    out = theta.copy()
    for term in theta.columns:
        missing = theta[term].isna().to_numpy()
        if not missing.any():
            continue
        mine = (theta[term] - centre).to_numpy()
        usable = ~missing & reference.notna().all(axis=1).to_numpy()
        block = base.to_numpy()[usable]
        scores = (block * mine[usable][:, None]).sum(axis=0) / np.sqrt((block**2).sum(axis=0) + 1e-9)
        # Those that lack the genes themselves, and the term itself, cannot help.
        helps = reference.notna().to_numpy()[missing].mean(axis=0) > 0.5
        scores = np.where(helps & (reference.columns != term), scores, -np.inf)
        nearest = np.argsort(-scores, kind="stable")[:FILL_NEIGHBOURS]
        fill = np.nanmean(np.vstack([reference.to_numpy()[missing][:, nearest].T, centre.to_numpy()[missing]]), axis=0)
        out.loc[out.index[missing], term] = fill
    return out
