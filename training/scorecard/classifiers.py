"""Classifiers trained on synthetic samples and tested on real ones, beside those trained on real ones of another study.

Cells: six types of blood cells, trained on one study (or on made cells) and tested on the other, in pools of twenty
cells. Genes are chosen and scaled within each set, without its labels, so that a study's constant offsets drop out.

Bulk: six kinds of sample of which real ones are at hand. No kind is in two studies, so "trained on real" means other
samples of the same study here, which flatters it; ranks within a sample stand in for levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from training.scorecard.asking import generated, log2_cpm
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import BLOOD_STUDIES, Evidence
from training.scorecard.scores import Score

__all__ = ["measure", "recall"]

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]
WITHIN = 0.10
"""Accuracy that a classifier trained on synthetic samples may lose."""
POOL, POOLS = 20, 25
"""Cells of a pool, and pools of a type."""
POOL_PSEUDO_CPM = 10.0
"""Added to the CPM of a pool before logarithms: its few counts tell nothing of lower levels."""
MADE_CELLS = 200
MADE_BULK = 25
GENES = 2_000


@dataclass(frozen=True, slots=True)
class CellType:
    """A type that both studies label, and the term under which it is asked for."""

    term: str
    labels: Mapping[str, tuple[str, ...]]


CELL_TYPES = (
    CellType("CL:0000895", {"pbmc_facs_zheng": ("CD4+/CD45RA+/CD25- Naive T",), "pbmc3k": ("Naive CD4 T",)}),
    CellType("CL:0000897", {"pbmc_facs_zheng": ("CD4+/CD45RO+ Memory",), "pbmc3k": ("Memory CD4 T",)}),
    CellType(
        "CL:0000625",
        {"pbmc_facs_zheng": ("CD8+ Cytotoxic T", "CD8+/CD45RA+ Naive Cytotoxic"), "pbmc3k": ("CD8 T",)},
    ),
    CellType("CL:0000236", {"pbmc_facs_zheng": ("CD19+ B",), "pbmc3k": ("B",)}),
    CellType("CL:0000623", {"pbmc_facs_zheng": ("CD56+ NK",), "pbmc3k": ("NK",)}),
    CellType("CL:0001054", {"pbmc_facs_zheng": ("CD14+ Monocyte",), "pbmc3k": ("CD14+ Mono",)}),
)
BULK = {
    "islets: islets": {"tissue_ontology_id": "UBERON:0000006"},
    "gtex_bladder: Bladder": {"tissue_ontology_id": "UBERON:0001255"},
    "gtex_skin: Cells - Transformed fibroblasts": {"cell_type_ontology_id": "CL:0000057"},
    "gtex_skin: Skin - Not Sun Exposed (Suprapubic)": {"tissue_ontology_id": "UBERON:0036149"},
    "tcga_CHOL: 11": {"tissue_ontology_id": "UBERON:0002107"},
    "tcga_STAD: 11": {"tissue_ontology_id": "UBERON:0000945"},
}


def measure(evidence: Evidence) -> list[Score]:
    """Both directions between the two studies of blood, and bulk."""
    return [*_cells(evidence), _bulk(evidence)]


def _cells(evidence: Evidence) -> list[Score]:
    real = {name: _pools(evidence, name) for name in BLOOD_STUDIES}
    made = _made_cells(evidence)
    labels = np.repeat(np.arange(len(CELL_TYPES)), POOLS)
    scores = []
    for test, other in (tuple(BLOOD_STUDIES), tuple(BLOOD_STUDIES)[::-1]):
        known = np.isfinite(real[test][0]) & np.isfinite(real[other][0])
        tested = _scaled(real[test][:, known])
        trained, synthetic = (
            recall(_most_variable(table[:, known]), labels, _scaled(table[:, known]), tested)
            for table in (real[other], made)
        )
        scores.append(
            _score(
                f"blood cells, tested on {BLOOD_STUDIES[test]}",
                synthetic,
                (f"trained on {BLOOD_STUDIES[other]}", float(trained.mean())),
                f"{len(CELL_TYPES)} types, pools of {POOL} cells",
                "A computer that has learned blood cell types from made cells alone recognises real ones.",
            )
        )
    return scores


def _score(name: str, by_class: Array, real: tuple[str, float], n: str, meaning: str) -> Score:
    chance = 1 / len(by_class)
    floor = round(real[1] - WITHIN, 4)
    ends = mean_interval(by_class)
    return Score(name, float(by_class.mean()), n, meaning, ends, {"chance": chance}, ("chance",), real, at_least=floor)


def recall(genes: npt.NDArray[np.intp], labels: Labels, train: Array, test: Array) -> Array:
    """Share of each class that logistic regression on ``genes`` finds again; rows of both tables follow ``labels``."""
    model = LogisticRegression(C=0.01, max_iter=500).fit(train[:, genes], labels)
    return _by_class(model.predict(test[:, genes]), labels)


def _pools(evidence: Evidence, name: str) -> Array:
    """log2 CPM of pools of cells drawn at random within a type: pools x genes, NaN where not measured."""
    cells = evidence.single_cells[name]
    generator = np.random.default_rng(41)
    sums = []
    for cell_type in CELL_TYPES:
        of_type = np.flatnonzero(cells.labels.isin(cell_type.labels[name]).to_numpy())
        for _ in range(POOLS):
            drawn = generator.choice(of_type, POOL, replace=len(of_type) < POOL)
            sums.append(np.asarray(cells.counts[:, drawn].sum(axis=1)).ravel())
    table = evidence.genes.ensembl_rows(pd.DataFrame(np.array(sums).T, index=cells.genes))
    return log2_cpm(table, POOL_PSEUDO_CPM).T


def _made_cells(evidence: Evidence) -> Array:
    """log2 CPM of pools of made cells, drawn in the same way."""
    conditions = [{"cell_type_ontology_id": cell_type.term} for cell_type in CELL_TYPES]
    prediction = generated(evidence.cells, conditions, MADE_CELLS, seed=43, total_count=1_000_000)
    counts = prediction.expression.to_numpy()
    generator = np.random.default_rng(42)
    sums = []
    for i in range(len(CELL_TYPES)):
        of_type = np.flatnonzero(prediction.condition == i)
        sums += [counts[generator.choice(of_type, POOL, replace=False)].sum(axis=0) for _ in range(POOLS)]
    return log2_cpm(np.array(sums).T, POOL_PSEUDO_CPM).T


def _scaled(table: Array) -> Array:
    """Each gene to mean 0 and variance 1 within the set; what hardly varies stays small."""
    out: Array = (table - table.mean(axis=0)) / (table.std(axis=0) + 0.1)
    return out


def _most_variable(table: Array) -> npt.NDArray[np.intp]:
    return np.sort(np.argsort(-table.var(axis=0), kind="stable")[:GENES])


def _bulk(evidence: Evidence) -> Score:
    groups = list(BULK)
    tables = [_real(evidence, group) for group in groups]
    made = generated(evidence.bulk, [BULK[g] for g in groups], MADE_BULK, seed=44).expression.to_numpy()
    known = np.all([np.isfinite(t[0]) for t in tables], axis=0)
    ranks = _ranks(np.concatenate(tables)[:, known])
    labels = np.repeat(np.arange(len(groups)), [len(t) for t in tables])
    made_ranks = _ranks(made[:, known])
    genes = _most_variable(made_ranks)
    model = LogisticRegression(C=1.0, max_iter=500).fit(
        made_ranks[:, genes], np.repeat(np.arange(len(groups)), MADE_BULK)
    )
    synthetic = _by_class(model.predict(ranks[:, genes]), labels)
    folds = StratifiedKFold(4, shuffle=True, random_state=2)
    real = cross_val_predict(LogisticRegression(C=1.0, max_iter=500), ranks[:, genes], labels, cv=folds)
    return _score(
        "bulk samples",
        synthetic,
        ("trained on other samples of the same studies", float(_by_class(real, labels).mean())),
        f"{len(groups)} kinds, {len(labels)} real samples",
        "A computer that has learned tissues from made samples alone recognises real ones. The model has seen GTEx, "
        "the islets and TCGA's normals as averages.",
    )


def _real(evidence: Evidence, group: str) -> Array:
    source = evidence.count_sets[group.split(":")[0]]
    out: Array = evidence.genes.ensembl_rows(source.counts_of(group)).to_numpy().T
    return out


def _ranks(counts: Array) -> Array:
    """Rank of each gene within its sample, 0 to 1, on samples x genes."""
    out: Array = stats.rankdata(counts, axis=1) / counts.shape[1]
    return out


def _by_class(found: Labels, labels: Labels) -> Array:
    """Share of each class that was found again."""
    return np.array([(found[labels == k] == k).mean() for k in np.unique(labels)])
