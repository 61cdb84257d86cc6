"""Labelled real samples, each beside weights that its study played no part in.

Bulk: the profiles are fitted without the study in any form (``bulk_tables.STUDIES``), and so are the directions in
which samples differ. That cannot be done for HPA, on which every fit rests, so none of its tables is judged. Samples of
TCGA's tumours played a part only in how samples vary and in two diseases' signatures, Cheung's lymphoblastoid lines
only in how samples vary; both are left out there too. Level differences between the sexes stay the shipped ones.

Single cells: profiles fitted without either study of blood, the directions in which cells differ without the study.

A sample is told right by a term that is its own, an ancestor or a descendant of its own, since the models have not
learned every term, and a study's label is often broader or narrower than what the model has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.weights import Learned, LearnedTerm, Weights, load_weights
from synthome.ontology import default_index
from training.bulk_tables import load_sources
from training.cell_library import read_library
from training.cell_lines import fit_cell_lines
from training.cell_types import bulk_cell_types, single_cell_types
from training.save import codes
from training.scorecard.blood_cells import LABELS
from training.scorecard.evidence import Evidence
from training.scorecard.sample_sets import weights_without
from training.sex import sex_specific
from training.single_cell import fit_cell_variability, unmeasured_genes
from training.sources import mapping, parts, read_matrix
from training.tissues import Profiles, fit_tissues

__all__ = ["Labelled", "bulk_samples", "cells", "related"]

Counts = npt.NDArray[np.int64]
DEPTH = 10_000_000
CELLS = 40
"""Cells of a type that are looked at."""
POOL = 20
POOLS = 10


@dataclass(frozen=True)
class Labelled:
    """Samples of one kind. ``counts`` is samples x genes, 0 where the study does not measure a gene.

    ``right`` are the learned terms of ``kind`` that tell them right; ``sexes`` those recorded, empty where not.
    ``material`` is ``healthy``, ``tumour``, ``culture``, ``average`` (of a tissue's donors), ``cell`` or ``pool``.
    """

    group: str
    study: str
    material: str
    weights: Weights
    counts: Counts
    kind: str
    right: frozenset[str]
    sexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    group: str
    study: str
    material: str
    kind: str
    terms: tuple[str, ...]


GROUPS = (
    _Group("gtex_skin: Skin - Not Sun Exposed (Suprapubic)", "GTEx", "healthy", "tissue", ("UBERON:0000014",)),
    _Group("gtex_skin: Skin - Sun Exposed (Lower leg)", "GTEx", "healthy", "tissue", ("UBERON:0000014",)),
    _Group("gtex_skin: Cells - Transformed fibroblasts", "GTEx", "culture", "cell_type", ("CL:0000057",)),
    _Group("gtex_bladder: Bladder", "GTEx", "healthy", "tissue", ("UBERON:0001255",)),
    _Group("tcga_CHOL: 11", "TCGA", "healthy", "tissue", ("UBERON:0002107",)),
    _Group("tcga_STAD: 11", "TCGA", "healthy", "tissue", ("UBERON:0000945",)),
    _Group("islets: islets", "GSE50244", "healthy", "tissue", ("UBERON:0000006",)),
    _Group("lcl_cheung: lcl_cheung", "Cheung", "culture", "cell_line", ()),
    _Group("tcga_STAD: 01", "TCGA", "tumour", "tissue", ("UBERON:0000945",)),
    _Group("tcga_CHOL: 01", "TCGA", "tumour", "tissue", ("UBERON:0002107", "UBERON:0002110")),
    _Group("tcga_ACC: 01", "TCGA", "tumour", "tissue", ("UBERON:0002369",)),
)
"""Groups of samples, what the model is to be fitted without, and what they are. Of Cheung's lines any lymphoblastoid
one is right, of a tumour of the bile ducts liver or gallbladder."""
_PREFIX = MappingProxyType({"GTEx": "gtex", "TCGA": "tcga", "GSE50244": "islets", "Cheung": "lcl_cheung"})


@lru_cache(maxsize=1)
def bulk_samples(evidence: Evidence) -> tuple[Labelled, ...]:
    """All groups of :data:`GROUPS`, and the averages of GTEx's tissues."""
    return (*(_labelled(evidence, group) for group in GROUPS), *_averages(evidence))


def related(terms: Iterable[str], among: Iterable[str]) -> frozenset[str]:
    """Those of ``among`` that are one of ``terms``, or an ancestor or descendant of one."""
    graph = default_index().graph
    own = set(terms)
    above = own.union(*(graph.ancestors(term) for term in own))
    return frozenset(term for term in among if term in above or own & set(graph.ancestors(term)))


def _labelled(evidence: Evidence, group: _Group) -> Labelled:
    weights = _bulk_weights(evidence, group.study)
    source = evidence.count_sets[group.group.split(":")[0]]
    counts = _whole(evidence.genes.ensembl_rows(source.counts_of(group.group)).to_numpy().T)
    chosen = (source.group == group.group).to_numpy()
    right = related(group.terms, weights.learned[group.kind].ids)
    if group.kind == "cell_line":
        rows = mapping("cell_lines")
        right = frozenset(rows.loc[rows["source"] == "lcl_pickrell", "cvcl_id"])
    sexes = tuple(source.sex[chosen])
    return Labelled(group.group, group.study, group.material, weights, counts, group.kind, right, sexes)


def _averages(evidence: Evidence) -> Iterator[Labelled]:
    """Tissues of GTEx as the average of their donors, counted at ten million."""
    weights = _bulk_weights(evidence, "GTEx")
    table = evidence.genes.ensembl_rows(read_matrix("tissues/gtex_subtissue_counts.tsv.gz"))
    rows = mapping("tissues")
    rows = rows[(rows["source"] == "gtex_counts") & (rows["uberon_id"] != "")]
    generator = np.random.default_rng(71)
    for column, same in parts(rows, "column"):
        right = related(same["uberon_id"], weights.learned["tissue"].ids)
        if right:
            share = np.nan_to_num(table[column].to_numpy())
            counts = generator.poisson(share / share.sum() * DEPTH)[None]
            yield Labelled(column, "GTEx", "average", weights, counts, "tissue", right)


def _whole(counts: npt.NDArray[np.float64]) -> Counts:
    return np.rint(np.nan_to_num(counts)).astype(np.int64)


@lru_cache(maxsize=4)
def _bulk_weights(evidence: Evidence, study: str) -> Weights:
    """The bulk model fitted without a study; Cheung's lines have no part in profiles anyway."""
    weights = weights_without(evidence, _PREFIX[study])
    if study == "Cheung":
        return weights
    genes = evidence.genes
    sources = load_sources(genes, frozenset({study}))
    tissues = fit_tissues(genes, sources)
    library = read_library(genes, tissues, np.logical_or(*sex_specific(genes)))
    families = {
        "tissue": tissues,
        "cell_type": bulk_cell_types(library, sources, tissues.theta),
        "cell_line": fit_cell_lines(genes, sources, tissues.theta, library.factor),
    }
    return replace(weights, learned=_learned(families, weights))


def _learned(families: Mapping[str, Profiles], weights: Weights) -> Mapping[str, Learned]:
    """Profiles as weights hold them, without the latents of terms, which recognition does not use."""
    latents = len(weights.biological)
    return MappingProxyType(
        {
            name: Learned(
                tuple(LearnedTerm(term, found.labels[term], found.studies[term]) for term in map(str, found.theta)),
                codes(found.theta.to_numpy()),
                np.zeros((found.theta.shape[1], latents), dtype=np.float32),
            )
            for name, found in families.items()
        }
    )


@lru_cache(maxsize=1)
def cells(evidence: Evidence) -> tuple[Labelled, ...]:
    """Single blood cells and pools of cells of a type, both studies."""
    learned = _without_blood(evidence)
    return tuple(part for study in LABELS for part in _of_study(evidence, study, learned))


def _without_blood(evidence: Evidence) -> Mapping[str, Learned]:
    genes, shipped = evidence.genes, load_weights("single_cell")
    library = read_library(genes, fit_tissues(genes, load_sources(genes)), np.logical_or(*sex_specific(genes)))
    others = [found for name, found in evidence.single_cells.items() if name not in LABELS]
    types = single_cell_types(library, unmeasured_genes(genes, others)).cell_type
    return MappingProxyType({**shipped.learned, **_learned({"cell_type": types}, shipped)})


def _of_study(evidence: Evidence, study: str, learned: Mapping[str, Learned]) -> Iterator[Labelled]:
    genes, found = evidence.genes, evidence.single_cells[study]
    others = [cells for name, cells in evidence.single_cells.items() if name != study]
    telling = np.logical_or(*sex_specific(genes))
    loadings = fit_cell_variability(genes, others).biological * ~telling[:, None]
    weights = replace(load_weights("single_cell"), learned=learned, biological=loadings.T.copy())
    generator = np.random.default_rng(72)
    for label, term in LABELS[study].items():
        right = related([term], learned["cell_type"].ids)
        own = np.flatnonzero((found.labels == label).to_numpy())
        drawn = generator.choice(own, min(CELLS, len(own)), replace=False)
        pools = [generator.choice(own, POOL, replace=len(own) < POOL) for _ in range(POOLS)]
        for material, sets in (("cell", drawn[:, None]), ("pool", np.array(pools))):
            sums = [np.asarray(found.counts[:, one].sum(axis=1)).ravel() for one in sets]
            counts = _whole(genes.ensembl_rows(pd.DataFrame(np.array(sums).T, index=found.genes)).to_numpy().T)
            yield Labelled(f"{study}: {label}", study, material, weights, counts, "cell_type", right)
