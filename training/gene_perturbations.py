"""What follows when a gene is overexpressed (L1000) or knocked down (CRISPRi, Perturb-seq in K-562 and RPE1).

The target gene itself is left at zero in every signature: the model sets it at run time, by the kind of perturbation.
The two kinds are not each other's mirror: of the genes that overexpression moves, those listed as up after the
knock-down of the same gene went down no more often than others. So neither answers for the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.signatures import SignatureTerm
from training.genes import GeneTable
from training.signatures import LEAST_CHANGE, Signature
from training.sources import read_matrix, read_table

__all__ = ["fit_knockdown", "fit_overexpression"]

SIGNIFICANT = 4.05
"""Least size of z that L1000's table of significant genes holds."""
CHANGE_AT_SIGNIFICANCE = 0.1
"""ln units of a gene that is just significant; with z to the power 0.75 it meets what L1000's compounds give."""
Z_POWER = 0.75
IMPUTED_SHARE = 0.7
"""Genes that L1000 infers from the landmarks count less than those that it measures."""
OVEREXPRESSION_RELIABILITY = (-0.035, 0.028)
"""Intercept, and slope on ln(1 + significant genes), of the reliability of L1000's compounds (r 0.8): genes have no
second source of their own."""

LINES: Mapping[str, str] = {"K-562": "k562", "RPE1": "rpe1"}
KNOCKDOWN_SIZE = 1.6
"""ln units of the first gene of both lists, were it of a knock-down that replicates perfectly."""
LEAST_SCORE = 0.05
"""Mean centred score of the two lines from which a gene counts as raised."""
LEAST_RELIABILITY, MOST_RELIABILITY = 0.01, 0.8

Array = npt.NDArray[np.float64]


def fit_overexpression(genes: GeneTable) -> list[Signature]:
    """One signature a gene that L1000 overexpressed with a significant response, in the order of Ensembl ids."""
    rows = read_table("perturbations/l1000_overexpression_z.tsv.gz")
    rows = rows.assign(
        target=rows["perturbagen"].map(genes.by_entrez),
        gene=rows["entrez_gene_id"].map(genes.by_entrez),
        z=rows["z_score"].astype(float),
    )
    targets = rows["target"].nunique()
    rows = rows.dropna(subset=["target", "gene"])
    size = CHANGE_AT_SIGNIFICANCE * (rows["z"].abs() / SIGNIFICANT) ** Z_POWER * np.sign(rows["z"])
    rows["change"] = size * np.where(rows["status"] == "imputed", IMPUTED_SHARE, 1.0)
    rows["common"] = rows.groupby("gene")["change"].transform("sum") / targets
    measured = read_table("perturbations/l1000_genes.tsv.gz")["entrez_gene_id"].map(genes.by_entrez).nunique()
    return [
        Signature(
            SignatureTerm(
                id=str(target),
                label=_label(genes, str(target)),
                studies=("L1000",),
                reliability=_reliability(len(moved)),
                measured=measured,
                time="96 hours",
                note="Only significant genes are known; the target itself is set by the model.",
            ),
            _values(genes, str(target), _specific_changes(moved)),
        )
        for target, moved in rows.groupby("target")
    ]


def _specific_changes(moved: pd.DataFrame) -> pd.Series:
    """Change of each gene of one target's rows."""
    genes = moved.groupby("gene")
    return pd.Series({str(gene): _specific_change(rows) for gene, rows in genes}, dtype=np.float64)


def _specific_change(rows: pd.DataFrame) -> float:
    """Change beyond what overexpression of any gene does on average; zero where it is less than that."""
    change, common = float(rows["change"].mean()), float(rows["common"].mean())
    return change - common if abs(change) > abs(common) else 0.0


def _reliability(significant: int) -> float:
    intercept, slope = OVEREXPRESSION_RELIABILITY
    return max(LEAST_RELIABILITY, intercept + slope * float(np.log1p(significant)))


def fit_knockdown(genes: GeneTable) -> list[Signature]:
    """One signature a gene knocked down in both lines, in the order of Ensembl ids; only genes that go up are known."""
    one, other = (_scores(genes, file) for file in LINES.values())
    targets = one.columns.intersection(other.columns).sort_values()
    listed = one.index.union(other.index)
    one, other = (_centred(table, listed, targets) for table in (one, other))
    agreement = one.corrwith(other).clip(LEAST_RELIABILITY, MOST_RELIABILITY)
    both = (one + other) / 2
    changes = KNOCKDOWN_SIZE * np.sqrt(agreement) * both.where(both >= LEAST_SCORE, 0.0)
    return [
        Signature(
            SignatureTerm(
                id=target,
                label=_label(genes, target),
                studies=tuple(f"Perturb-seq {line}" for line in LINES),
                reliability=float(agreement[target]),
                measured=len(listed),
                context="CVCL_0004",
                time="144 hours",
                note="Only genes that go up are known, by rank; the target itself is set by the model.",
            ),
            _values(genes, target, changes[target]),
        )
        for target in targets
    ]


def _scores(genes: GeneTable, file: str) -> pd.DataFrame:
    """Genes x targets: one over the root of the rank among the 300 genes that go up most, zero if not among them."""
    table = read_matrix(f"perturbations/perturbseq_{file}_up_ranked.tsv.gz")["up_ranked_genes"]
    columns = {}
    for symbol, text in table.items():
        ranked = pd.Series(np.arange(1.0, 1.0 + len(text.split())) ** -0.5, text.split())
        ranked.index = ranked.index.map(genes.by_symbol)
        columns[genes.by_symbol[str(symbol)]] = ranked[ranked.index.notna()].groupby(level=0).max()
    return pd.DataFrame(columns).fillna(0.0)


def _centred(scores: pd.DataFrame, listed: pd.Index, targets: pd.Index) -> pd.DataFrame:
    """Without what knocking down any gene does: the mean over all targets of the line."""
    filled = scores.reindex(index=listed, fill_value=0.0)
    return filled.sub(filled.mean(axis=1), axis=0)[targets]


def _label(genes: GeneTable, gene: str) -> str:
    return str(genes.table.loc[gene, "symbol"]) or gene


def _values(genes: GeneTable, target: str, changes: pd.Series) -> Array:
    """One value a gene of the models: zero at the target and where a change is too small to be stored."""
    values: Array = np.array(changes.astype(float).reindex(genes.ids, fill_value=0.0), dtype=np.float64)
    values[np.abs(values) < LEAST_CHANGE] = 0.0
    values[genes.ids.get_loc(target)] = 0.0
    return values
