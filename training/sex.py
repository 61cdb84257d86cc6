"""What sex changes: the Y chromosome, XIST, genes that escape X inactivation, and little else.

Bulk tables mix women and men. For the genes that only one sex expresses the mixture is taken apart, so that a profile
holds the level of the sex that expresses them; the effect then takes it away from the other. For all other genes the
effect is the difference seen between women and men of the same kind in the sample-level sets, pooled and shrunk by
empirical Bayes, sex chromosomes and autosomes apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.genes import MALE_SPECIFIC_SYMBOLS, GeneTable
from training.sources import mapping, parts
from training.studies import Study

__all__ = ["SexEffect", "active_levels", "fit_sex", "sex_specific", "sexes_of_terms"]

Array = npt.NDArray[np.float64]
ABSENT = -14.0
"""Added to log expression to leave nothing of a gene of the Y chromosome in women: e^14 is a million."""
PSEUDOAUTOSOMAL_END = 2_781_479
"""End of the first pseudoautosomal region on Y, GRCh38 (base pairs)."""
PSEUDOAUTOSOMAL_START = 56_887_903
"""Start of the second."""
FEMALE_ONLY = frozenset(
    {"Cervix - Ectocervix", "Cervix - Endocervix", "Fallopian Tube", "Ovary", "Uterus", "Vagina", "cervix"}
    | {"cervix, uterine", "endometrium", "fallopian tube", "ovary", "vagina", "breast", "placenta"}
    | {"Cells - Leukemia cell line (CML)"}
)
"""Columns of the tissue tables without Y expression (HPA's breast is of women, its placenta the mother's)."""
MALE_ONLY = frozenset({"Prostate", "Testis", "prostate", "testis", "epididymis", "seminal vesicle"})
MALE_ATLASES = frozenset({"Testis_Guo", "Prostate_Henry"})
FEMALE_ATLASES = frozenset({"Decidua_HCA"})
MALE_SHARE = 0.65
"""Share of men among GTEx donors."""
LEAST_MALE_SHARE, MOST_MALE_SHARE = 0.2, 0.95
"""Limits of the share of men read from a column of unknown donors."""
DAMPING_CPM = 0.1
"""Added to CPM before levels of Y genes are compared."""
LEAST_DONORS = 3
"""Women, and men, that a group must hold to tell how they differ."""
BETWEEN_SETS = 0.01
"""Variance (ln units squared) added to that of every difference, so that no set decides alone."""
LEAST_FALL = np.log(200.0)
"""ln units by which XIST and TSIX are lower in men, at the least."""


@dataclass(frozen=True, slots=True)
class SexEffect:
    """``male`` and ``female``: what is added to a profile's log expression for either sex, one value a gene."""

    male: Array
    female: Array
    telling: npt.NDArray[np.bool_]
    """Genes that only one sex expresses."""


def sex_specific(genes: GeneTable) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Genes that only men express (Y outside the pseudoautosomal regions), and those that only women do."""
    table = genes.table
    on_y = (table["chromosome"] == "Y") & table["start"].between(PSEUDOAUTOSOMAL_END, PSEUDOAUTOSOMAL_START)
    return on_y.to_numpy(), table["symbol"].isin(["XIST", "TSIX"]).to_numpy()


def active_levels(cpm: pd.DataFrame, genes: GeneTable, reference: pd.Series | None = None) -> pd.DataFrame:
    """``cpm`` (genes x tissues of mixed donors) with sex-specific genes at the level of the sex that expresses them.

    The share of men behind a column follows from its Y genes beside ``reference`` (their mean in GTEx's mixed tissues);
    a column of one sex says nothing about the other sex's genes (NaN).
    """
    male, female = sex_specific(genes)
    out = cpm.copy()
    markers = [genes.by_symbol[s] for s in MALE_SPECIFIC_SYMBOLS]
    for column in cpm.columns:
        share = MALE_SHARE
        if column in MALE_ONLY:
            share = 1.0
        elif column in FEMALE_ONLY:
            share = 0.0
        elif reference is not None:
            ratio = np.median((cpm.loc[markers, column] + DAMPING_CPM) / (reference[markers] + DAMPING_CPM))
            share = float(np.clip(MALE_SHARE * ratio, LEAST_MALE_SHARE, MOST_MALE_SHARE))
        out.loc[male, column] = cpm.loc[male, column] / share if share > 0 else np.nan
        out.loc[female, column] = cpm.loc[female, column] / (1 - share) if share < 1 else np.nan
    return out


def sexes_of_terms(table: str, column: str) -> dict[str, str]:
    """Terms of a mapping table that only donors of one sex stand behind, and that sex."""
    rows = mapping(table)
    rows = rows[rows[column] != ""]
    source = "column" if table == "tissues" else "dataset"
    of = dict.fromkeys(MALE_ONLY | MALE_ATLASES, "male") | dict.fromkeys(FEMALE_ONLY | FEMALE_ATLASES, "female")
    out = {}
    for term, same in parts(rows, column):
        sexes = {of.get(name, "") for name in same[source]}
        if len(sexes) == 1 and "" not in sexes:
            out[term] = sexes.pop()
    return out


def fit_sex(genes: GeneTable, studies: Sequence[Study]) -> SexEffect:
    """Effects of sex: all or nothing where only one sex expresses a gene, elsewhere the shrunk difference."""
    estimate, variance = _pooled_difference(genes, studies)
    on_x = (genes.table["chromosome"] == "X").to_numpy()
    effect = np.zeros(len(genes.ids))
    for chosen in (on_x, ~on_x):
        effect[chosen] = _shrink(estimate[chosen], variance[chosen])
    male_only, female_only = sex_specific(genes)
    male, female = -effect / 2, effect / 2
    male[male_only], female[male_only] = 0.0, ABSENT
    female[female_only], male[female_only] = 0.0, -np.maximum(estimate[female_only], LEAST_FALL)
    return SexEffect(male, female, male_only | female_only)


def _pooled_difference(genes: GeneTable, studies: Sequence[Study]) -> tuple[Array, Array]:
    """Women less men (ln), and its variance, over the groups that hold both, each weighing by its precision."""
    weight, total = np.zeros(len(genes.ids)), np.zeros(len(genes.ids))
    for study in studies:
        if study.material == "tumour":
            continue  # tumours lose Y and the inactive X
        for index in range(len(study.group_names)):
            chosen = (study.group == index) & np.isfinite(study.female)
            female = study.female[chosen] == 1
            if min(female.sum(), (~female).sum()) < LEAST_DONORS:
                continue
            y = study.log_cpm[:, chosen]
            difference = y[:, female].mean(axis=1) - y[:, ~female].mean(axis=1)
            within = (
                y[:, female].var(axis=1, ddof=1) / female.sum() + y[:, ~female].var(axis=1, ddof=1) / (~female).sum()
            )
            precision = np.where(study.measured, 1.0 / (within + BETWEEN_SETS), 0.0)
            weight += precision
            total += precision * np.nan_to_num(difference)
    return total / np.maximum(weight, 1e-9), 1.0 / np.maximum(weight, 1e-9)


def _shrink(estimate: Array, variance: Array) -> Array:
    """Posterior means under a mixture of no effect and a normal one, fitted by expectation maximisation.

    Most genes do not differ between the sexes: a single normal prior would leave a little noise on all of them and take
    much from the few that do.
    """
    share, spread = 0.05, max(float(np.quantile(estimate**2, 0.99)), 1e-3)
    for _ in range(200):
        differing, alike = share * _normal(estimate, variance + spread), (1 - share) * _normal(estimate, variance)
        probability = differing / (differing + alike + 1e-300)
        share = float(np.clip(probability.mean(), 1e-4, 0.5))
        posterior = estimate * spread / (spread + variance)
        second = posterior**2 + spread * variance / (spread + variance)
        spread = max(float((probability * second).sum() / max(probability.sum(), 1e-9)), 1e-4)
    return probability * estimate * spread / (spread + variance)


def _normal(x: Array, variance: Array) -> Array:
    return np.exp(-0.5 * x**2 / variance) / np.sqrt(2 * np.pi * variance)
