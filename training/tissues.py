"""Tissue profiles: HPA's own tissues and GTEx, brought to one scale, merged by UBERON term and shrunk.

Scale. The models speak of counts, so every table is brought to counts per million. GTEx is at hand both as TPM and as
counts of the same tissues; the gene-wise ratio of the two is the length of each gene as GTEx's pipeline sees it. HPA's
TPM are multiplied by that, and by what then remains between HPA and GTEx gene by gene (a source offset, shrunk towards
none where few tissues express the gene).

Shrinkage. Measured on the tissues that both studies have: what GTEx says of a tissue's deviation from the average
tissue, HPA confirms in full (slope 1.05), whereas GTEx confirms 0.57 of a small deviation of HPA and 0.84 of a large
one. GTEx averages some hundred donors a tissue, HPA a handful. So GTEx is taken as it is, HPA's deviations are
multiplied by the share that GTEx confirms at their size (:class:`Shrinkage`), and where both know a tissue GTEx weighs
twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import PSEUDO_CPM, log_expression
from training.genes import GeneTable
from training.sex import FEMALE_ONLY, MALE_ONLY, active_levels
from training.sources import mapping, parts, read_count_sets, read_matrix

__all__ = [
    "Profiles",
    "Shrinkage",
    "Sources",
    "between_laboratories",
    "fill_from_neighbours",
    "fit_tissues",
    "gene_factor",
    "load_sources",
    "normalise",
]

Array = npt.NDArray[np.float64]
OFFSET_PRIOR = 2.0
"""Tissues' worth of belief that two sources agree on a gene, set against the tissues that say otherwise."""
WEIGHT_GTEX = 2.0
"""Weight of GTEx where HPA knows the tissue too."""
LEAST_EXPRESSED = 0.1
"""CPM below which a gene counts as not expressed."""
OVERLAPPED = (("INS", "IAPP"),)
"""Genes whose reads the islet study lost to an overlapping transcript, each with a gene of the same cells to go by."""
LEAST_FACTOR = 0.01
GTEX_SAMPLES = {
    "gtex_bladder: Bladder": "urinary bladder",
    "gtex_skin: Skin - Not Sun Exposed (Suprapubic)": "skin",
}
"""Groups of GTEx samples, and the column of GTEx's TPM table for their tissue."""
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


@dataclass(frozen=True, slots=True)
class Sources:
    """Bulk tables as genes x columns in CPM of the models' scale, NaN where a source lacks the gene."""

    hpa: pd.DataFrame
    gtex_tpm: pd.DataFrame
    gtex_counts: pd.DataFrame
    islets: pd.DataFrame
    hpa_lines: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame:
        """The table that the mapping files call ``name``."""
        found: pd.DataFrame = getattr(self, name)
        return found


def normalise(table: pd.DataFrame, genes: pd.Index) -> pd.DataFrame:
    """Columns scaled so that ``genes`` (those that every source measures) sum to a million."""
    return table / table.reindex(genes).sum() * 1e6


def gene_factor(x: Array, y: Array, prior: float = OFFSET_PRIOR) -> Array:
    """Factor, gene by gene, that takes table ``x`` to table ``y`` (both genes x matched columns, CPM).

    The weighted mean of ln(y / x), a column weighing more where the gene is expressed, and ``prior`` columns of no
    difference added. Genes that either lacks get 1.
    """
    level = np.sqrt(np.maximum(x, 0) * np.maximum(y, 0))
    weight = np.where(np.isnan(level), 0.0, level / (level + 1.0))
    ratio = np.log((np.nan_to_num(y) + 0.1) / (np.nan_to_num(x) + 0.1))
    centre = np.nansum(weight * ratio) / max(np.nansum(weight), 1e-9)
    ratio = np.clip(ratio - centre, -4.0, 4.0)
    factor: Array = np.exp((weight * ratio).sum(axis=1) / (weight.sum(axis=1) + prior))
    return factor


def load_sources(genes: GeneTable) -> Sources:
    """Read the bulk tables and bring them to one scale."""
    raw = {
        "hpa": genes.ensembl_rows(read_matrix("tissues/hpa_tissue_tpm.tsv.gz")),
        "gtex_tpm": genes.ensembl_rows(read_matrix("tissues/gtex_tissue_tpm.tsv.gz")),
        "gtex_counts": genes.ensembl_rows(read_matrix("tissues/gtex_subtissue_counts.tsv.gz")),
        "hpa_lines": genes.ensembl_rows(read_matrix("cell_lines/hpa_cell_line_tpm.tsv.gz")),
    }
    islets = next(s for s in read_count_sets() if s.name == "islets")
    donors = genes.ensembl_rows(islets.counts)
    raw["islets"] = (donors / donors.sum()).mean(axis=1).to_frame("all donors")
    shared = genes.ids[genes.table["chromosome"] != "MT"]
    for table in raw.values():
        shared = shared[table.reindex(shared).notna().all(axis=1).to_numpy()]
    cpm = {name: normalise(table, shared) for name, table in raw.items()}

    length = gene_factor(*_matched(cpm["gtex_tpm"], cpm["gtex_counts"], "gtex_tpm", "gtex_counts"))
    mitochondrial = (genes.table["chromosome"] == "MT").to_numpy()
    length[mitochondrial] = _mitochondrial_factor(genes, cpm["gtex_tpm"], shared)[mitochondrial]
    for name in ("gtex_tpm", "hpa", "hpa_lines"):
        cpm[name] = normalise(cpm[name].mul(length, axis=0), shared)
    offset = gene_factor(*_matched(cpm["hpa"], cpm["gtex_tpm"], "hpa", "gtex_tpm"))
    for name in ("hpa", "hpa_lines"):
        cpm[name] = normalise(cpm[name].mul(offset, axis=0), shared)
    for lost, guide in OVERLAPPED:
        lost_id, guide_id = genes.by_symbol[lost], genes.by_symbol[guide]
        pancreas = cpm["gtex_counts"]["Pancreas"]
        enriched = cpm["islets"].loc[guide_id, "all donors"] / pancreas[guide_id]
        cpm["islets"].loc[lost_id] = pancreas[lost_id] * enriched
    mixed = [c for c in cpm["gtex_counts"].columns if c not in FEMALE_ONLY | MALE_ONLY and not c.startswith("Cells")]
    reference = cpm["gtex_counts"][mixed].mean(axis=1)
    cpm["gtex_counts"] = active_levels(cpm["gtex_counts"], genes)
    for name in ("gtex_tpm", "hpa", "islets"):
        cpm[name] = active_levels(cpm[name], genes, None if name == "gtex_tpm" else reference)
    return Sources(**cpm)


def _mitochondrial_factor(genes: GeneTable, tpm: pd.DataFrame, shared: pd.Index) -> Array:
    """Counts over TPM of GTEx, gene by gene, from its samples of bladder and skin.

    The sub-tissue counts leave mitochondrial genes out. Beside nuclear genes they are too many in TPM: they are short.
    """
    ratios = []
    mitochondrial = (genes.table["chromosome"] == "MT").to_numpy()
    for source in read_count_sets():
        for group, column in GTEX_SAMPLES.items():
            if not group.startswith(f"{source.name}:"):
                continue
            samples = genes.ensembl_rows(source.counts.loc[:, (source.group == group).to_numpy()])
            cpm = normalise(samples.mean(axis=1).to_frame("mean"), shared)["mean"]
            ratios.append(np.log((cpm.to_numpy() + 0.1) / (tpm[column].to_numpy() + 0.1)))
    factor: Array = np.exp(np.mean(ratios, axis=0))
    # Of genes that overlap each other (ATP6 and ATP8, ND4 and ND4L) the samples' pipeline counts nothing: they follow
    # from their length, which in mitochondria is the transcript's.
    uncounted = ~(factor > LEAST_FACTOR)
    length = genes.table["length"].to_numpy(dtype=float)
    per_base = np.median(factor[mitochondrial & ~uncounted] / length[mitochondrial & ~uncounted])
    return np.where(uncounted, per_base * length, factor)


def between_laboratories(sources: Sources) -> Array:
    """What HPA and GTEx say differently of the tissues that both know: genes x tissues (ln), gene-wise mean removed."""
    hpa, gtex = _by_term(sources.hpa, "hpa"), _by_term(sources.gtex_tpm, "gtex_tpm")
    terms = [term for term in hpa.columns if term in gtex.columns]
    gap = (log_expression(hpa[terms]) - log_expression(gtex[terms])).fillna(0.0).to_numpy()
    centred: Array = gap - gap.mean(axis=1, keepdims=True)
    return centred


def _matched(x: pd.DataFrame, y: pd.DataFrame, x_name: str, y_name: str) -> tuple[Array, Array]:
    """Columns of the two tables for every UBERON term that both map to, averaged within a term."""
    by_term_x, by_term_y = _by_term(x, x_name), _by_term(y, y_name)
    terms = [term for term in by_term_x if term in by_term_y]
    return by_term_x[terms].to_numpy(), by_term_y[terms].to_numpy()


def _by_term(table: pd.DataFrame, name: str) -> pd.DataFrame:
    rows = mapping("tissues")
    rows = rows[(rows["source"] == name) & (rows["uberon_id"] != "")]
    return pd.DataFrame({term: table[part["column"]].mean(axis=1) for term, part in parts(rows, "uberon_id")})


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


def fit_tissues(genes: GeneTable, sources: Sources) -> tuple[Profiles, Shrinkage]:
    """One profile a UBERON term of ``mappings/tissues.tsv``."""
    hpa = log_expression(_by_term(sources.hpa, "hpa"))
    gtex = _merge(
        log_expression(_by_term(sources.gtex_counts, "gtex_counts")),
        log_expression(_by_term(sources.gtex_tpm, "gtex_tpm")),
    )
    islets = log_expression(_by_term(sources.islets, "islets"))
    both = hpa.columns.intersection(gtex.columns)
    centre = _mean_of_known(np.stack([hpa[both].mean(axis=1), gtex[both].mean(axis=1)]))
    shrinkage = Shrinkage.measure(
        hpa[both].sub(hpa[both].mean(axis=1), axis=0).to_numpy(),
        gtex[both].sub(gtex[both].mean(axis=1), axis=0).to_numpy(),
    )
    hpa, islets = (_shrunk(table, centre, shrinkage) for table in (hpa, islets))
    studies = {"GTEx": gtex, "HPA": hpa, "GSE50244": islets}
    terms = sorted(set().union(*(table.columns for table in studies.values())))
    stack = np.stack([table.reindex(columns=terms).to_numpy() for table in studies.values()])
    weights = np.array([WEIGHT_GTEX, 1.0, 1.0])[:, None, None]
    theta = pd.DataFrame(_mean_of_known(stack, weights), index=genes.ids, columns=terms)
    filled = {term: float(theta[term].isna().mean()) for term in terms}
    theta = fill_from_neighbours(theta, theta)
    labels = mapping("tissues").drop_duplicates("uberon_id").set_index("uberon_id")["uberon_label"].to_dict()
    behind = {t: tuple(name for name, table in studies.items() if t in table.columns) for t in terms}
    return Profiles(theta, {t: labels[t] for t in terms}, behind, filled), shrinkage


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
