"""Sample-level counts as residuals: what is left of log expression once group, sex and library size are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.scale import PSEUDO_CPM
from training.genes import GeneTable
from training.sources import CountSet

__all__ = ["Residuals", "Study", "residuals", "slope_and_error", "study_of"]

Array = npt.NDArray[np.float64]
LEAST_MEDIAN = 100.0
"""Library sizes are compared over genes with at least this mean CPM."""
LEAST_SAMPLES = 4
"""Samples of a group that says how samples of one kind differ."""


@dataclass(frozen=True, slots=True)
class Study:
    """One sample-level set on the models' genes.

    ``log_cpm`` is genes x samples, ln(CPM + c), libraries scaled by the median ratio to the study's mean (DESeq's size
    factors, Anders and Huber 2010); NaN where the study lacks a gene. ``counting`` is the variance that counting alone
    gives those values. ``group`` numbers the samples of one kind, ``female`` is 1, 0 or NaN, ``age`` years or NaN.
    """

    name: str
    material: str
    log_cpm: Array
    counting: Array
    group: npt.NDArray[np.intp]
    group_names: tuple[str, ...]
    female: Array
    age: Array

    @property
    def measured(self) -> npt.NDArray[np.bool_]:
        """Which genes the study measures."""
        return np.isfinite(self.log_cpm[:, 0])

    def material_of(self, group: str) -> str:
        """Material of one of ``group_names``: cultures among tissues are lines, type 11 beside tumours is normal."""
        if "fibroblasts" in group:
            return "line"
        return "normal" if self.material == "tumour" and group.endswith(": 11") else self.material


def study_of(genes: GeneTable, source: CountSet) -> Study:
    """``source`` on the models' genes, without mitochondrial ones."""
    counts = genes.ensembl_rows(source.counts).to_numpy()
    counts[(genes.table["chromosome"] == "MT").to_numpy()] = np.nan
    total = np.nansum(counts, axis=0)
    cpm = counts / total * 1e6
    level = cpm.mean(axis=1)
    steady = np.nan_to_num(level) > LEAST_MEDIAN
    ratio = np.median(cpm[steady] / level[steady][:, None], axis=0)
    size = total * ratio / np.exp(np.log(ratio).mean())
    cpm = counts / size * 1e6
    pseudo = PSEUDO_CPM * size / 1e6
    mean_counts = (counts / size).mean(axis=1)[:, None] * size
    counting = mean_counts / (mean_counts + pseudo) ** 2
    names, group = np.unique(source.group.to_numpy().astype(str), return_inverse=True)
    female = np.asarray(source.sex.map({"female": 1.0, "male": 0.0}), dtype=np.float64)
    age = source.age.to_numpy(dtype=np.float64)
    log_cpm = np.log(cpm + PSEUDO_CPM)
    return Study(source.name, source.material, log_cpm, counting, group, tuple(names.tolist()), female, age)


@dataclass(frozen=True, slots=True)
class Residuals:
    """Deviations of samples from their own kind.

    ``values`` is genes x samples (zero where not measured), ``degrees`` the degrees of freedom left, ``level`` the mean
    CPM of each gene, ``counting`` the mean counting variance, ``extra`` the variance beyond counting.
    """

    name: str
    material: str
    values: Array
    degrees: int
    level: Array
    counting: Array
    extra: Array
    measured: npt.NDArray[np.bool_]


def residuals(study: Study) -> list[Residuals]:
    """One set of residuals for every group of ``study`` with ``LEAST_SAMPLES`` or more."""
    out = []
    for index, name in enumerate(study.group_names):
        chosen = study.group == index
        if chosen.sum() < LEAST_SAMPLES:
            continue
        y = np.nan_to_num(study.log_cpm[:, chosen])
        female = np.nan_to_num(study.female[chosen], nan=0.5)
        design = np.column_stack([np.ones(chosen.sum()), female - female.mean()])
        rank = int(np.linalg.matrix_rank(design))
        fit = y @ np.linalg.pinv(design).T @ design.T
        degrees = int(chosen.sum()) - rank
        values = y - fit
        counting = np.nan_to_num(study.counting[:, chosen]).mean(axis=1)
        extra = np.maximum((values**2).sum(axis=1) / degrees - counting, 0.0)
        level = np.maximum(np.exp(y.mean(axis=1)) - PSEUDO_CPM, 0.0)
        material = study.material_of(name)
        out.append(Residuals(name, material, values, degrees, level, counting, extra, study.measured))
    return out


def slope_and_error(y: Array, design: Array) -> tuple[Array, Array, int]:
    """Slope of each gene of ``y`` on the second column of ``design``, its error, and the degrees of freedom behind it.

    Least squares on all columns; ``y`` is genes x samples, ``design`` samples x covariates.
    """
    degrees = len(design) - design.shape[1]
    solution = y @ np.linalg.pinv(design).T
    residual = ((y - solution @ design.T) ** 2).sum(axis=1) / degrees
    error = np.sqrt(residual * np.linalg.inv(design.T @ design)[1, 1])
    return solution[:, 1], error, degrees
