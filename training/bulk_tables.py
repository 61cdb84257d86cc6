"""Bulk tables of all laboratories on one scale: counts per million as GTEx counts them.

GTEx is at hand both as TPM and as counts of the same tissues; the gene-wise ratio of the two is the length of each gene
as GTEx's pipeline sees it. HPA's TPM are multiplied by that, and by what then remains between HPA and GTEx gene by gene
(a source offset, shrunk towards none where few tissues express the gene). TCGA's normals, counts already, are brought
to GTEx by their own offset.

Studies can be left out, and nothing of them is then used: no table, no length, no offset, no level of the genes that
one sex expresses. Without GTEx the scale is HPA's TPM; TCGA's normals and the islets are brought to it by the offset
between HPA and TCGA, the only counts of tissues that HPA has too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.genes import GeneTable
from training.sex import FEMALE_ONLY, MALE_ONLY, active_levels
from training.sources import mapping, parts, read_count_sets, read_matrix

__all__ = ["STUDIES", "Sources", "by_term", "gene_factor", "load_sources", "normalise"]

Array = npt.NDArray[np.float64]
OFFSET_PRIOR = 2.0
"""Tissues' worth of belief that two sources agree on a gene, set against the tissues that say otherwise."""
OVERLAPPED = (("INS", "IAPP"),)
"""Genes whose reads the islet study lost to an overlapping transcript, each with a gene of the same cells to go by."""
LEAST_FACTOR = 0.01
"""Counts over TPM under which the samples' pipeline is taken to count nothing of a gene."""
DAMPING_CPM = 0.1
"""Added to CPM before ratios of two tables are taken."""
MOST_LOG_RATIO = 4.0
"""Largest ln ratio, beside the typical gene's, that one column may claim of a gene."""
STUDIES = {
    "hpa": "HPA",
    "gtex_tpm": "GTEx",
    "gtex_counts": "GTEx",
    "islets": "GSE50244",
    "tcga_normals": "TCGA",
    "hpa_lines": "HPA",
}
"""Study behind each table of :class:`Sources`."""
NORMALS = {"tcga_CHOL: 11": "CHOL normals", "tcga_STAD: 11": "STAD normals"}
"""Groups of TCGA samples taken from healthy tissue beside a tumour, and what the mappings call them."""
GTEX_SAMPLES = {
    "gtex_bladder: Bladder": "urinary bladder",
    "gtex_skin: Skin - Not Sun Exposed (Suprapubic)": "skin",
}
"""Groups of GTEx samples, and the column of GTEx's TPM table for their tissue."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Bulk tables as genes x columns in CPM of the models' scale, NaN where a source lacks the gene.

    The table of a study that was left out has no columns.
    """

    hpa: pd.DataFrame
    gtex_tpm: pd.DataFrame
    gtex_counts: pd.DataFrame
    islets: pd.DataFrame
    tcga_normals: pd.DataFrame
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
    difference added. Genes that either lacks get 1, and so do all where no column matches.
    """
    level = np.sqrt(np.maximum(x, 0) * np.maximum(y, 0))
    weight = np.where(np.isnan(level), 0.0, level / (level + 1.0))
    ratio = np.log((np.nan_to_num(y) + DAMPING_CPM) / (np.nan_to_num(x) + DAMPING_CPM))
    centre = np.nansum(weight * ratio) / max(np.nansum(weight), 1e-9)
    ratio = np.clip(ratio - centre, -MOST_LOG_RATIO, MOST_LOG_RATIO)
    factor: Array = np.exp((weight * ratio).sum(axis=1) / (weight.sum(axis=1) + prior))
    return factor


def by_term(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns of a table as ``mappings/tissues.tsv`` maps them to UBERON terms, averaged within a term."""
    rows = mapping("tissues")
    rows = rows[(rows["source"] == name) & (rows["uberon_id"] != "") & rows["column"].isin(table.columns)]
    terms = {term: table[part["column"]].mean(axis=1) for term, part in parts(rows, "uberon_id")}
    return pd.DataFrame(terms, index=table.index)


def load_sources(genes: GeneTable, without: frozenset[str] = frozenset()) -> Sources:
    """Read the bulk tables and bring them to one scale.

    ``without`` names studies to leave out, of the values of :data:`STUDIES`; ``ValueError`` where there is no such
    study.
    """
    known = sorted(set(STUDIES.values()))
    if not without <= set(known):
        message = f"No bulk study {', '.join(sorted(without - set(known)))} to leave out; there are {', '.join(known)}"
        raise ValueError(message)
    raw = {
        name: _READERS[name](genes) if study not in without else pd.DataFrame(index=genes.ids)
        for name, study in STUDIES.items()
    }
    shared = genes.ids[genes.table["chromosome"] != "MT"]
    for table in raw.values():
        shared = shared[table.reindex(shared).notna().all(axis=1).to_numpy()]
    cpm = {name: normalise(table, shared) for name, table in raw.items()}
    if "GTEx" in without:
        _bring_to_hpa(cpm, shared)
    else:
        _bring_to_gtex(cpm, shared, genes)
        _restore_overlapped(cpm, genes)
    _raise_to_active_levels(cpm, genes)
    return Sources(**cpm)


def _read(name: str) -> Callable[[GeneTable], pd.DataFrame]:
    return lambda genes: genes.ensembl_rows(read_matrix(name))


def _mean_composition(genes: GeneTable, groups: dict[str, str]) -> pd.DataFrame:
    """Mean over the samples of each group, under the name of its column."""
    out = {}
    for source in read_count_sets():
        for group, column in groups.items():
            if group.startswith(f"{source.name}:"):
                counts = genes.ensembl_rows(source.counts_of(group))
                out[column] = (counts / counts.sum()).mean(axis=1)
    return pd.DataFrame(out)


_READERS: dict[str, Callable[[GeneTable], pd.DataFrame]] = {
    "hpa": _read("tissues/hpa_tissue_tpm.tsv.gz"),
    "gtex_tpm": _read("tissues/gtex_tissue_tpm.tsv.gz"),
    "gtex_counts": _read("tissues/gtex_subtissue_counts.tsv.gz"),
    "islets": lambda genes: _mean_composition(genes, {"islets: islets": "all donors"}),
    "tcga_normals": lambda genes: _mean_composition(genes, NORMALS),
    "hpa_lines": _read("cell_lines/hpa_cell_line_tpm.tsv.gz"),
}


def _bring_to_gtex(cpm: dict[str, pd.DataFrame], shared: pd.Index, genes: GeneTable) -> None:
    length = gene_factor(*_matched(cpm, "gtex_tpm", "gtex_counts"))
    mitochondrial = (genes.table["chromosome"] == "MT").to_numpy()
    length[mitochondrial] = _mitochondrial_factor(genes, cpm["gtex_tpm"], shared)[mitochondrial]
    for name in ("gtex_tpm", "hpa", "hpa_lines"):
        cpm[name] = normalise(cpm[name].mul(length, axis=0), shared)
    offset = gene_factor(*_matched(cpm, "hpa", "gtex_tpm"))
    for name in ("hpa", "hpa_lines"):
        cpm[name] = normalise(cpm[name].mul(offset, axis=0), shared)
    offset = gene_factor(*_matched(cpm, "tcga_normals", "gtex_counts"))
    cpm["tcga_normals"] = normalise(cpm["tcga_normals"].mul(offset, axis=0), shared)


def _bring_to_hpa(cpm: dict[str, pd.DataFrame], shared: pd.Index) -> None:
    offset = gene_factor(*_matched(cpm, "tcga_normals", "hpa"))
    for name in ("tcga_normals", "islets"):
        cpm[name] = normalise(cpm[name].mul(offset, axis=0), shared)


def _matched(cpm: dict[str, pd.DataFrame], x: str, y: str) -> tuple[Array, Array]:
    """Columns of the two tables for every UBERON term that both map to, averaged within a term."""
    by_term_x, by_term_y = by_term(cpm[x], x), by_term(cpm[y], y)
    terms = [term for term in by_term_x if term in by_term_y]
    return by_term_x[terms].to_numpy(), by_term_y[terms].to_numpy()


def _mitochondrial_factor(genes: GeneTable, tpm: pd.DataFrame, shared: pd.Index) -> Array:
    """Counts over TPM of GTEx, gene by gene, from its samples of bladder and skin.

    The sub-tissue counts leave mitochondrial genes out. Beside nuclear genes they are too many in TPM: they are short.
    """
    mitochondrial = (genes.table["chromosome"] == "MT").to_numpy()
    samples = normalise(_mean_composition(genes, GTEX_SAMPLES), shared)
    ratios = [np.log((samples[c].to_numpy() + DAMPING_CPM) / (tpm[c].to_numpy() + DAMPING_CPM)) for c in samples]
    factor: Array = np.exp(np.mean(ratios, axis=0))
    # Of genes that overlap each other (ATP6 and ATP8, ND4 and ND4L) the samples' pipeline counts nothing: they follow
    # from their length, which in mitochondria is the transcript's.
    uncounted = ~(factor > LEAST_FACTOR)
    length = genes.table["length"].to_numpy(dtype=float)
    per_base = np.median(factor[mitochondrial & ~uncounted] / length[mitochondrial & ~uncounted])
    return np.where(uncounted, per_base * length, factor)


def _restore_overlapped(cpm: dict[str, pd.DataFrame], genes: GeneTable) -> None:
    for lost, guide in OVERLAPPED:
        lost_id, guide_id = genes.by_symbol[lost], genes.by_symbol[guide]
        pancreas = cpm["gtex_counts"]["Pancreas"]
        for column in map(str, cpm["islets"]):
            enriched = cpm["islets"].loc[guide_id, column] / pancreas[guide_id]
            cpm["islets"].loc[lost_id, column] = pancreas[lost_id] * enriched


def _raise_to_active_levels(cpm: dict[str, pd.DataFrame], genes: GeneTable) -> None:
    """Genes that one sex expresses at that sex's level, found beside GTEx's, or else HPA's, tissues."""
    standard = next(name for name in ("gtex_counts", "hpa") if len(cpm[name].columns))
    mixed = [c for c in cpm[standard].columns if c not in FEMALE_ONLY | MALE_ONLY and not c.startswith("Cells")]
    reference = cpm[standard][mixed].mean(axis=1)
    for name in ("gtex_counts", "gtex_tpm", "hpa", "islets", "tcga_normals"):
        cpm[name] = active_levels(cpm[name], genes, None if STUDIES[name] == "GTEx" else reference)
