"""The single-cell atlases on one scale: as they are, in UMI space, and as bulk RNA-seq would see them.

Some atlases come as means of log counts; their values are mapped, rank by rank, onto the distribution that the
atlases on a linear scale share (``compressed`` in ``mappings/atlases.tsv``). Ambient RNA is taken out
(:mod:`training.ambient`). For bulk each gene is multiplied by what separates the two technologies: every atlas of a
tissue is mixed, by non-negative least squares, into that tissue's bulk profile, and the gene-wise ratio of bulk to
mixture is averaged over tissues (cells and nuclei apart).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import cpm_of
from training.ambient import without_ambient
from training.atlas_mixtures import cell_shares
from training.bulk_tables import gene_factor
from training.genes import GeneTable
from training.sources import mapping, read_matrix
from training.tissues import Profiles

__all__ = ["Library", "read_library"]

Array = npt.NDArray[np.float64]
WEIGHTS = {"linear": 1.0, "compressed": 0.4}
"""Weight of an atlas by its scale: of a compressed one the ranks alone are its own."""
RANKS = np.linspace(0, 1, 4001)
"""Grid on which the distribution of levels is averaged over profiles."""


@dataclass(frozen=True, slots=True)
class Library:
    """Profiles of the atlases: ``umi`` and ``bulk`` are genes x profiles (CPM; NaN where an atlas lacks a gene).

    ``about`` has one row a profile: dataset, cell_type, cl_id, cl_label, uberon_id, uberon_label, stage, scale,
    material, pool, weight. ``factor`` is the gene-wise ratio of bulk to whole cells.
    """

    umi: pd.DataFrame
    bulk: pd.DataFrame
    about: pd.DataFrame
    factor: pd.Series


def read_library(
    genes: GeneTable,
    tissues: Profiles,
    telling_of_sex: npt.NDArray[np.bool_],
    without: frozenset[str] = frozenset(),
) -> Library:
    """Read, decompress, take ambient RNA out, and carry over to bulk.

    The atlases' donors are a mixture of unknown share, so genes that only one sex expresses are left open.
    ``without`` names atlases (``dataset`` of ``mappings/atlases.tsv``) of which nothing is used; ``ValueError`` where
    there is no such atlas.
    """
    raw = genes.ensembl_rows(read_matrix("cell_types/cell_profile_library_cpm.tsv.gz"))
    about = mapping("cell_types").merge(mapping("atlases"), on="dataset", how="left", suffixes=("", "_atlas"))
    unknown = without - set(mapping("atlases")["dataset"])
    if unknown:
        message = f"No atlas {', '.join(sorted(unknown))} to leave out; their names are in mappings/atlases.tsv"
        raise ValueError(message)
    about = about[~about["dataset"].isin(without)]
    about["profile"] = about["dataset"] + "::" + about["cell_type"]
    about = about[about["profile"].isin(raw.columns) & (about["uberon_id"].notna())].reset_index(drop=True)
    umi = raw[about["profile"]]
    linear = ((about["scale"] == "linear") & (about["material"] == "cell")).to_numpy()
    umi = _decompressed(umi, (about["scale"] == "compressed").to_numpy(), linear)
    umi = umi / umi.sum() * 1e6
    umi.loc[telling_of_sex] = np.nan
    umi = without_ambient(umi, about)
    bulk = umi.copy()
    factors = {}
    for material in ("cell", "nucleus"):
        same = (about["material"] == material).to_numpy()
        factors[material] = pd.Series(_technology_factor(umi, about, same, tissues), index=umi.index)
        bulk.loc[:, same] = umi.loc[:, same].mul(factors[material], axis=0)
    bulk = bulk / bulk.sum() * 1e6
    about["weight"] = about["scale"].map(WEIGHTS)
    return Library(umi, bulk, about, factors["cell"])


def _decompressed(
    profiles: pd.DataFrame, compressed: npt.NDArray[np.bool_], linear: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Compressed columns with their ranks kept and the linear columns' mean distribution over ranks."""
    target = np.mean([np.quantile(column.dropna(), RANKS) for _, column in profiles.loc[:, linear].items()], axis=0)
    out = profiles.copy()
    for name in profiles.columns[compressed]:
        known = profiles[name].dropna()
        rank = (known.rank(method="average") - 0.5) / len(known)
        # A gene that was never seen stays unseen.
        out.loc[known.index, name] = np.where(known > 0, np.interp(rank, RANKS, target), 0.0)
    return out


def _technology_factor(
    umi: pd.DataFrame, about: pd.DataFrame, chosen: npt.NDArray[np.bool_], tissues: Profiles
) -> npt.NDArray[np.float64]:
    """Gene-wise ratio of bulk to single-cell expression over all tissues that both know."""
    mixtures, bulks = [], []
    for _, rows in about[chosen & about["uberon_id"].isin(tissues.theta.columns)].groupby("dataset"):
        columns = umi[rows["profile"]]
        bulk = pd.Series(cpm_of(tissues.theta[rows["uberon_id"].iloc[0]].to_numpy()), index=umi.index)
        known = columns.notna().all(axis=1).to_numpy()
        x, y = columns.to_numpy()[known], bulk.to_numpy()[known]
        y = y / y.sum() * 1e6
        mixture = np.full(len(umi), np.nan)
        mixture[known] = x @ cell_shares(x, y)
        whole = np.full(len(umi), np.nan)
        whole[known] = y
        mixtures.append(mixture)
        bulks.append(whole)
    return gene_factor(np.stack(mixtures, axis=1), np.stack(bulks, axis=1))
