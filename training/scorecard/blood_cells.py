"""Blood cells of studies that played no part in the fit: sorted cells (Zheng 2017) and the sample pbmc3k.

The single-cell profiles are fitted anew without either. Raw sets give them only the level of the few genes that no
atlas of the library measures; those come from the three cancer lines alone here, and are judged with the rest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthome.models.embedded.scale import cpm_of
from training.bulk_tables import load_sources
from training.cell_library import read_library
from training.cell_types import single_cell_types
from training.scorecard.agreement import Agreement, agreement
from training.scorecard.asking import log2_cpm
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import BLOOD_STUDIES, Evidence
from training.scorecard.scores import Score
from training.scorecard.unseen_atlas import nearest_other
from training.sex import sex_specific
from training.single_cell import mean_cpm, unmeasured_genes
from training.tissues import fit_tissues

__all__ = ["LABELS", "measure"]

PSEUDO_CPM = 10.0
"""Summed cells of a rare type hold few counts: below ten per million there is little to compare."""
LEAST_CPM = 30.0
"""CPM that a gene must reach in some type of a study to be compared."""
LABELS = {
    "pbmc_facs_zheng": {
        "CD14+ Monocyte": "CL:0001054",
        "CD19+ B": "CL:0000236",
        "CD34+": "CL:0008001",
        "CD4+/CD25 T Reg": "CL:0000815",
        "CD4+/CD45RA+/CD25- Naive T": "CL:0000895",
        "CD4+/CD45RO+ Memory": "CL:0000897",
        "CD56+ NK": "CL:0000623",
        "CD8+ Cytotoxic T": "CL:0000794",
        "CD8+/CD45RA+ Naive Cytotoxic": "CL:0000900",
    },
    "pbmc3k": {
        "Naive CD4 T": "CL:0000895",
        "Memory CD4 T": "CL:0000897",
        "CD14+ Mono": "CL:0001054",
        "B": "CL:0000236",
        "CD8 T": "CL:0000625",
        "FCGR3A+ Mono": "CL:0000875",
        "NK": "CL:0000623",
        "DC": "CL:0000451",
        "Platelet": "CL:0000233",
    },
}


def measure(evidence: Evidence) -> list[Score]:
    """Profiles and identity of the types of both studies."""
    fitted = _without_blood(evidence)
    real = {name: _profiles(evidence, name) for name in LABELS}
    scores, found = [], []
    for name, truth in real.items():
        predicted = _log2(fitted.loc[truth.index, truth.columns])
        own, nearest = _compared(predicted, truth), _compared(predicted, truth, relatives=True)
        other = next(table for n, table in real.items() if n != name)
        shared = [term for term in truth.columns if term in other.columns]
        ceiling = _compared(other[shared], truth[shared])
        label = BLOOD_STUDIES[name]
        found.append(own.found)
        scores += [_centred(label, own, nearest, ceiling), _error(label, own, nearest, ceiling, truth)]
    right = np.concatenate(found)
    return [
        Score(
            "identity, top-1",
            float(right.mean()),
            f"{len(right)} types of two studies",
            "Share of blood cell types whose most similar prediction, among the types of that study, is their own.",
            mean_interval(right),
            {"chance": float(np.mean([1 / len(table.columns) for table in real.values()]))},
            ("chance",),
            at_least=0.8,
        ),
        *scores,
    ]


def _centred(name: str, own: Agreement, nearest: Agreement, ceiling: Agreement) -> Score:
    return Score(
        f"centred r, {name}",
        float(own.r.mean()),
        f"{len(own.r)} types",
        "How well the model tells, gene by gene, in what a type of blood cell differs from the average of the types.",
        mean_interval(own.r),
        {"global mean": 0.0, "nearest relative": float(nearest.r.mean())},
        ("global mean", "nearest relative"),
        ("other study, shared types", float(ceiling.r.mean())),
    )


def _error(name: str, own: Agreement, nearest: Agreement, ceiling: Agreement, truth: pd.DataFrame) -> Score:
    levels = truth.to_numpy()
    others = (levels.sum(axis=1, keepdims=True) - levels) / (levels.shape[1] - 1)
    of_mean = float(np.sqrt(((levels - others) ** 2).mean(axis=0)).mean())
    return Score(
        f"error in log2, {name}",
        float(own.error.mean()),
        f"{len(own.error)} types",
        "Typical distance of predicted from measured expression, each gene's offset taken from the other types.",
        mean_interval(own.error),
        {"global mean": of_mean, "nearest relative": float(nearest.error.mean())},
        ("global mean", "nearest relative"),
        ("other study, shared types", float(ceiling.error.mean())),
        higher_is_better=False,
    )


def _without_blood(evidence: Evidence) -> pd.DataFrame:
    """CPM of the single-cell model's cell types, fitted without the two studies of blood: genes x CL terms."""
    genes = evidence.genes
    tissues = fit_tissues(genes, load_sources(genes))
    library = read_library(genes, tissues, np.logical_or(*sex_specific(genes)))
    others = [cells for name, cells in evidence.single_cells.items() if name not in LABELS]
    theta = single_cell_types(library, unmeasured_genes(genes, others)).cell_type.theta
    return pd.DataFrame(cpm_of(theta.to_numpy()), theta.index, theta.columns)


def _profiles(evidence: Evidence, name: str) -> pd.DataFrame:
    """log2 CPM of the summed cells of each label, for genes expressed in some of them: genes x CL terms."""
    labels = LABELS[name]
    cpm = mean_cpm(evidence.genes, evidence.single_cells[name])[list(labels)].set_axis(list(labels.values()), axis=1)
    return _log2(cpm[cpm.notna().all(axis=1) & (cpm.max(axis=1) > LEAST_CPM)])


def _log2(cpm: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(log2_cpm(cpm, PSEUDO_CPM), cpm.index, cpm.columns)


def _compared(predicted: pd.DataFrame, truth: pd.DataFrame, *, relatives: bool = False) -> Agreement:
    """``predicted`` beside ``truth`` on the genes that both have; its nearest relatives in its place, if so asked."""
    table = predicted[truth.columns].reindex(truth.index).dropna()
    real = truth.loc[table.index]
    answered_by = nearest_other(list(truth.columns)) if relatives else None
    return agreement(table.to_numpy(), real.to_numpy(), answered_by)
