"""What each source says of each drug, on one scale: unit standard deviation over the genes that it measures.

- L1000: consensus z of 978 landmark genes. A replicate-weighted sum, so each drug is scaled by its own spread.
- Tahoe: mean rank over 47 cancer lines. Its leading component separates ribosomal genes from long ones, on plates and
  not by drug (two salts of one drug lie at opposite ends): it is taken away.
- NeurIPS: rank scores in B, T, NK and myeloid cells, as normal scores, averaged.

From each source the mean of its drugs is taken away: it is correlated with no other source (r within 0.03).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from training.compound_names import CompoundNames
from training.genes import GeneTable
from training.sources import read_matrix

__all__ = ["SOURCES", "DrugResponses", "read_responses"]

SourceName = Literal["L1000", "Tahoe", "NeurIPS"]
SOURCES: tuple[SourceName, ...] = ("L1000", "Tahoe", "NeurIPS")
BLOOD_CELLS = ("b", "t", "nk", "myeloid")
MOST_RANKED = 4.0


@dataclass(frozen=True, slots=True)
class DrugResponses:
    """Responses of one source.

    ``profiles``: genes of the models x drugs, unit standard deviation and mean zero a drug, NaN where not measured.
    Columns are compound ids; a drug without one keeps its name after ``name:`` and serves for comparison only.
    ``activity``: how much a drug does by the source itself: the logarithm of the standard deviation of z in L1000, the
    mean correlation between cell types in NeurIPS, zero in Tahoe, which tells nothing of it.
    """

    name: SourceName
    profiles: pd.DataFrame
    activity: pd.Series


def read_responses(genes: GeneTable, names: CompoundNames) -> dict[SourceName, DrugResponses]:
    """Every source by its name."""
    z = read_matrix("perturbations/l1000_drug_z.tsv.gz")
    z = z.rename(columns=genes.by_entrez).T.reindex(genes.ids)
    z = _by_compound(z, names.l1000)
    spread = np.sqrt((z**2).mean())
    tahoe = genes.ensembl_rows(read_matrix("perturbations/tahoe_drug_meanrank.tsv.gz"))
    tahoe = _by_compound(tahoe.dropna(axis=1, how="all"), names.tahoe)
    tahoe = _without_leading_component(tahoe)
    blood = [read_matrix(f"perturbations/neurips2023_{cell}_rankscore.tsv.gz") for cell in BLOOD_CELLS]
    scores = [_by_compound(_normal_scores(genes.ensembl_rows(table)), names.neurips) for table in blood]
    neurips = sum(scores[1:], start=scores[0])
    found: dict[SourceName, DrugResponses] = {}
    tables: tuple[tuple[SourceName, pd.DataFrame, pd.Series], ...] = (
        ("L1000", z / spread, np.log(spread)),
        ("Tahoe", tahoe, pd.Series(0.0, tahoe.columns)),
        ("NeurIPS", neurips, _agreement(scores)),
    )
    for name, profiles, activity in tables:
        specific = _scaled(profiles.sub(profiles.mean(axis=1), axis=0))
        found[name] = DrugResponses(name, specific if name == "L1000" else _bounded(specific), activity)
    return found


def _agreement(tables: list[pd.DataFrame]) -> pd.Series:
    """Mean correlation of a drug's profile between any two of the cell types, without what all drugs share."""
    specific = [table.sub(table.mean(axis=1), axis=0) for table in tables]
    pairs = pd.concat([one.corrwith(other) for one, other in combinations(specific, 2)], axis=1)
    return pairs.sum(axis=1, skipna=False) / comb(len(specific), 2)


def _by_compound(table: pd.DataFrame, ids: Mapping[str, str]) -> pd.DataFrame:
    """One column a compound: the mean of its salts, in the order in which they first come."""
    keys = pd.Index([ids.get(str(name), "") or f"name:{name}" for name in table.columns])
    return table.T.groupby(keys, sort=False).mean().T


def _normal_scores(table: pd.DataFrame) -> pd.DataFrame:
    measured = table.notna().sum()
    return pd.DataFrame(stats.norm.ppf((table.rank() - 0.5) / measured), table.index, table.columns)


def _scaled(profiles: pd.DataFrame) -> pd.DataFrame:
    centred = profiles - profiles.mean()
    return centred / centred.std()


def _bounded(profiles: pd.DataFrame) -> pd.DataFrame:
    """Ranks do not know how far the first gene is ahead: no more than the furthest of 20,000 normal values."""
    return profiles.clip(-MOST_RANKED, MOST_RANKED)


def _without_leading_component(table: pd.DataFrame) -> pd.DataFrame:
    centred = table.sub(table.mean(axis=1), axis=0)
    filled = centred.fillna(0.0).to_numpy()
    left, values, right = np.linalg.svd(filled, full_matrices=False)
    leading = pd.DataFrame(values[0] * np.outer(left[:, 0], right[0]), index=table.index, columns=table.columns)
    return centred - leading
