"""Ambient RNA taken out of atlas profiles: what all cells of an atlas show and the same cells elsewhere do not.

Droplets and wells hold RNA of burst cells, so every profile of an atlas carries a little of its abundant cells (albumin
in the T cells of liver, haemoglobin everywhere). Two observations tell it from expression. It is a floor: a gene of the
ambient RNA is seen at about one level in most cell types of the atlas. And it is foreign: the same or the most similar
cell types of other atlases, prepared elsewhere, lack the gene. What is seen of a foreign gene in one cell type is
lowered by the atlas' median level times the cell type's share of ambient RNA (the median, over its foreign genes, of
its level beside the atlas'), but never below what the other atlases show; other genes stay as they are. Atlases of one
preparation (``pool`` in ``mappings/atlases.tsv``) share their ambient RNA and do not vouch for each other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["ambient_share", "without_ambient"]

Array = npt.NDArray[np.float64]
PROFILES = 4
"""Cell types that an atlas must have to show a floor."""
NEIGHBOURS = 5
"""Other atlases asked for a cell type, each by its most similar profile."""
SAME_TERM = 2.0
"""Added to the correlation of profiles of the same cell type, so that those are asked first."""
FOREIGN_CPM = 1.0
"""CPM in the most similar cell types of other atlases below which a gene is foreign."""
FLOOR_CPM = 5.0
"""Median CPM of an atlas above which a foreign gene tells the share of ambient RNA."""
LEAST_FOREIGN = 10
"""Such genes that are needed to tell it."""
MOST_SHARE = 3.0
"""Largest share of ambient RNA, beside that of the atlas' median cell type."""
MOSTLY_MEASURED = 0.8
"""Part of the profiles that must measure a gene for it to count in their similarity."""
SIMILARITY_PSEUDO = 10.0
"""CPM added before the logarithm, so that genes of few counts do not decide which profiles are alike."""


def without_ambient(umi: pd.DataFrame, about: pd.DataFrame) -> pd.DataFrame:
    """``umi`` (genes x profiles, CPM, NaN where not measured) without ambient RNA, in CPM again.

    ``about`` has one row a profile: dataset, pool, cl_id. Atlases of fewer than four profiles stay as they are.
    """
    levels = umi.to_numpy()
    out = levels.copy()
    pools, datasets = about["pool"].to_numpy(), about["dataset"].to_numpy()
    similarity = _similarity(levels, about["cl_id"].to_numpy())
    for pool in np.unique(pools):
        elsewhere = np.flatnonzero(pools != pool)
        usual = _quantile(levels[:, elsewhere], 0.25)
        for dataset in np.unique(datasets[pools == pool]):
            columns = np.flatnonzero(datasets == dataset)
            if len(columns) < PROFILES:
                continue
            floor = _quantile(levels[:, columns], 0.5)
            for column in columns:
                nearest = _one_an_atlas(elsewhere, similarity[column], datasets)
                expected = _quantile(levels[:, nearest], 0.5)
                # A gene that the nearest atlases left out is judged by all others.
                expected = np.where(np.isfinite(expected), expected, usual)
                out[:, column] = _lowered(levels[:, column], floor, np.nan_to_num(expected, nan=np.inf))
    return pd.DataFrame(out / np.nansum(out, axis=0) * 1e6, index=umi.index, columns=umi.columns)


def ambient_share(profile: Array, floor: Array, foreign: npt.NDArray[np.bool_]) -> float:
    """A profile's share of ambient RNA beside ``floor``: the median over ``foreign`` genes, none where they are few."""
    telling = foreign & (floor > FLOOR_CPM)
    if telling.sum() < LEAST_FOREIGN:
        return 0.0
    return min(float(np.median(profile[telling] / floor[telling])), MOST_SHARE)


def _lowered(profile: Array, floor: Array, expected: Array) -> Array:
    foreign = np.isfinite(profile) & np.isfinite(floor) & (expected < FOREIGN_CPM)
    ambient = np.where(foreign, ambient_share(profile, floor, foreign) * floor, 0.0)
    lowered: Array = np.maximum(profile - ambient, np.minimum(profile, expected))
    return np.where(foreign, lowered, profile)


def _similarity(levels: Array, terms: npt.NDArray[np.object_]) -> Array:
    """Correlation of the profiles over the genes that most measure, more where the cell type is the same."""
    known = np.isfinite(levels).mean(axis=1) > MOSTLY_MEASURED
    logs = np.log(np.nan_to_num(levels[known]) + SIMILARITY_PSEUDO)
    logs -= logs.mean(axis=1, keepdims=True)
    logs /= np.linalg.norm(logs, axis=0)
    same = (terms[:, None] == terms[None, :]) & (terms != "")[:, None]
    similarity: Array = logs.T @ logs + SAME_TERM * same
    return similarity


def _one_an_atlas(
    candidates: npt.NDArray[np.intp], similarity: Array, datasets: npt.NDArray[np.object_]
) -> npt.NDArray[np.intp]:
    """The most similar candidate of each of the five nearest atlases."""
    order = candidates[np.argsort(-similarity[candidates], kind="stable")]
    _, first = np.unique(datasets[order], return_index=True)
    return order[np.sort(first)[:NEIGHBOURS]]


def _quantile(levels: Array, share: float) -> Array:
    """Lower quantile of what is known along rows; NaN where nothing is."""
    ordered = np.sort(levels, axis=1)
    known = np.isfinite(levels).sum(axis=1)
    at = np.maximum(np.floor((known - 1) * share), 0).astype(int)
    quantile: Array = np.where(known > 0, ordered[np.arange(len(ordered)), at], np.nan)
    return quantile
