"""Cell type profiles from mean profiles of 40 single-cell atlases, for bulk and for single cells.

For the single-cell model profiles stay as they are, in UMI space; for the bulk model they are carried over to bulk
(:mod:`training.cell_library`). Profiles of one cell type are averaged over atlases and shrunk by what a second atlas
confirms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import PSEUDO_CPM, log_expression
from training.bulk_tables import STUDIES, Sources
from training.cell_library import Library
from training.sources import mapping, parts
from training.tissues import LEAST_EXPRESSED, Profiles, Shrinkage, fill_from_neighbours

__all__ = ["SingleCellProfiles", "bulk_cell_types", "single_cell_types"]

Array = npt.NDArray[np.float64]
OFFSET_PRIOR = 2.0
"""Cell types' worth of belief that an atlas has no offset of its own."""
ROUNDS = 6
"""Rounds of alternating least squares."""
ABUNDANT_CPM = 300.0
"""CPM from which a gene that most atlases lack was left out for its abundance."""
LEAST_ATLASES = 3
"""Atlases of adult whole cells, on a linear scale, under which a gene counts as rarely measured."""
MOST_OFFSET = 0.7
"""Largest offset of an atlas (ln): more is biology that all its cells share, or ambient RNA, which is not a factor."""
FETAL_WEIGHT = 0.25
"""Weight of a fetal atlas where an adult one knows the cell type."""
BULK_WEIGHT = 2.0
"""Weight of a bulk profile of a cell type beside one atlas."""


@dataclass(frozen=True, slots=True)
class _Entries:
    """Log expression by cell type and atlas: ``theta`` is entries x genes, NaN where not measured."""

    theta: Array
    terms: npt.NDArray[np.str_]
    atlases: npt.NDArray[np.str_]
    weights: Array


def _entries(theta: pd.DataFrame, about: pd.DataFrame) -> _Entries:
    """Mean within each atlas; a fetal atlas weighs little where an adult one knows the cell type."""
    rows, terms, atlases, weights = [], [], [], []
    mapped = about[about["cl_id"] != ""]
    adult = set(mapped.loc[mapped["stage"] == "adult", "cl_id"])
    for (term, atlas), same in mapped.groupby(["cl_id", "dataset"]):
        rows.append(theta[same["profile"]].mean(axis=1).to_numpy())
        terms.append(term)
        atlases.append(atlas)
        fetal = term in adult and same["stage"].iloc[0] == "fetal"
        weights.append(float(same["weight"].iloc[0]) * (FETAL_WEIGHT if fetal else 1.0))
    return _Entries(np.stack(rows), np.array(terms), np.array(atlases), np.array(weights))


def _without_atlas_offsets(entries: _Entries) -> _Entries:
    """Gene-wise offsets of whole atlases taken out.

    log expression = cell type + atlas, fitted by alternating least squares; an atlas' offset is shrunk by two entries'
    worth of none, so that an atlas whose cell types no other has keeps what it says.
    """
    atlases = np.unique(entries.atlases)
    terms, term_of = np.unique(entries.terms, return_inverse=True)
    known = np.isfinite(entries.theta)
    offset = np.zeros_like(entries.theta)
    for _ in range(ROUNDS):
        weight = known * entries.weights[:, None]
        free = np.where(known, entries.theta - offset, 0.0) * weight
        total, mass = np.zeros((len(terms), free.shape[1])), np.zeros((len(terms), free.shape[1]))
        np.add.at(total, term_of, free)
        np.add.at(mass, term_of, weight)
        mean = (total / np.maximum(mass, 1e-9))[term_of]
        for atlas in atlases:
            same = entries.atlases == atlas
            gap = np.where(known[same], entries.theta[same] - mean[same], 0.0).sum(axis=0)
            offset[same] = np.clip(gap / (known[same].sum(axis=0) + OFFSET_PRIOR), -MOST_OFFSET, MOST_OFFSET)
    return _Entries(entries.theta - offset, entries.terms, entries.atlases, entries.weights)


def _averages(entries: _Entries, genes: pd.Index) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Weighted mean over atlases, and the atlases behind each cell type."""
    out, behind = {}, {}
    for term in np.unique(entries.terms):
        same = entries.terms == term
        weight = np.isfinite(entries.theta[same]) * entries.weights[same][:, None]
        total = weight.sum(axis=0)
        mean = (np.nan_to_num(entries.theta[same]) * weight).sum(axis=0) / np.maximum(total, 1e-9)
        out[str(term)] = np.where(total > 0, mean, np.nan)
        behind[str(term)] = tuple(sorted(entries.atlases[same].tolist()))
    return pd.DataFrame(out, index=genes), behind


def _shrunk(theta: pd.DataFrame, counts: dict[str, int], shrinkage: Shrinkage) -> pd.DataFrame:
    """Deviations from the mean cell type shrunk, less where more atlases stand behind a term.

    What one atlas does not see may have escaped it (few cells, few reads); what two do not see stays unseen.
    """
    centre = theta.mean(axis=1).to_numpy()
    out = {}
    for term in theta.columns:
        deviation = theta[term].to_numpy() - centre
        silent = (theta[term].to_numpy() <= np.log(PSEUDO_CPM + LEAST_EXPRESSED)) & (counts[term] > 1)
        out[term] = np.where(silent, theta[term], centre + shrinkage.share(deviation, counts[term]) * deviation)
    return pd.DataFrame(out, index=theta.index)


def _atlas_shrinkage(entries: _Entries) -> Shrinkage:
    """What one atlas' deviations of a cell type are worth to another; atlases on a linear scale only."""
    full = entries.weights >= 1.0
    theta, terms = entries.theta[full], entries.terms[full]
    known = np.isfinite(theta)
    centre = np.where(known, theta, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    pairs = [(i, j) for i in range(len(terms)) for j in range(len(terms)) if terms[i] == terms[j] and i != j]
    first, second = (np.stack([theta[p[k]] - centre for p in pairs]) for k in (0, 1))
    return Shrinkage.measure(first, second)


def _with_parts(
    theta: pd.DataFrame, behind: dict[str, tuple[str, ...]]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """General cell types as the mean of their listed parts (``mappings/cell_type_parts.tsv``)."""
    out, studies = dict(theta.items()), dict(behind)
    for term, rows in parts(mapping("cell_type_parts"), "cl_id"):
        present = [p for p in rows["part_id"] if p in theta.columns]
        if present:
            out[term] = theta[present].mean(axis=1)
            studies[term] = tuple(sorted({s for p in present for s in behind.get(p, ())}))
    return pd.DataFrame(out), studies


def _learned(theta: pd.DataFrame, about: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]], Shrinkage]:
    """Shrunk averages over atlases (genes x cell types), the atlases behind each, and the shrinkage."""
    entries = _without_atlas_offsets(_entries(theta, about))
    shrinkage = _atlas_shrinkage(entries)
    averages, behind = _averages(entries, theta.index)
    counts = {term: len(atlases) for term, atlases in behind.items()}
    return _shrunk(averages, counts, shrinkage), behind, shrinkage


def _labels() -> dict[str, str]:
    named = mapping("cell_types").set_index("cl_id")["cl_label"].to_dict()
    named |= mapping("cell_type_parts").set_index("cl_id")["cl_label"].to_dict()
    return named | mapping("cell_types_bulk").set_index("cl_id")["cl_label"].to_dict()


def bulk_cell_types(library: Library, sources: Sources, reference: pd.DataFrame) -> Profiles:
    """Profiles of cell types as bulk RNA-seq would see them; genes that no atlas has come from ``reference``."""
    averages, behind, _ = _learned(log_expression(library.bulk), library.about)
    direct = mapping("cell_types_bulk")
    direct = direct[[c in sources.table(s).columns for s, c in zip(direct["source"], direct["column"], strict=True)]]
    for source, column, term in zip(direct["source"], direct["column"], direct["cl_id"], strict=True):
        profile = log_expression(sources.table(source)[[column]])[column]
        atlases = behind.get(term, ())
        if atlases:
            mixed = (averages[term] * len(atlases) + profile * BULK_WEIGHT) / (len(atlases) + BULK_WEIGHT)
            profile = mixed.fillna(averages[term]).fillna(profile)
        averages[term] = profile
        behind[term] = (*atlases, STUDIES[source])
    averages, behind = _with_parts(averages, behind)
    averages = averages[sorted(averages.columns)]
    filled = {term: float(averages[term].isna().mean()) for term in averages.columns}
    averages = fill_from_neighbours(averages, reference)
    labels = _labels()
    return Profiles(averages, {t: labels[t] for t in averages.columns}, behind, filled)


def _rarely_measured(library: Library) -> npt.NDArray[np.bool_]:
    """Genes that fewer than ``LEAST_ATLASES`` adult, linear atlases of whole cells measure."""
    about = library.about
    whole = (about["scale"] == "linear") & (about["material"] == "cell") & (about["stage"] == "adult")
    known = library.umi.loc[:, whole.to_numpy()].notna().T.groupby(about.loc[whole, "dataset"].to_numpy()).any().sum()
    return (known < LEAST_ATLASES).to_numpy()


@dataclass(frozen=True, slots=True)
class SingleCellProfiles:
    """Profiles in UMI space.

    ``in_tissue`` holds deviations of a cell type in one tissue from the cell type, under ``CL:0000084|UBERON:0002106``;
    ``tissue`` the average cell of each tissue's atlases.
    """

    cell_type: Profiles
    in_tissue: Profiles
    tissue: Profiles


def single_cell_types(library: Library, unmeasured: pd.Series) -> SingleCellProfiles:
    """Profiles of cell types as single-cell RNA-seq sees them.

    Genes that no atlas has take ``unmeasured`` (log expression), those that only this term's atlases lack the mean of
    all other cell types.
    """
    theta = log_expression(library.umi)
    averages, behind, shrinkage = _learned(theta, library.about)
    averages, behind = _with_parts(averages, behind)
    averages = averages[sorted(averages.columns)]
    rarely = _rarely_measured(library)
    # The library's authors left the most abundant genes (ACTB, EEF1A1, MALAT1) out of most atlases: what the remaining
    # ones, of nuclei, say of them does not hold for cells. A gene otherwise left out was hardly ever seen.
    abundant = rarely & (unmeasured.to_numpy() > np.log(ABUNDANT_CPM))
    averages.loc[abundant] = np.nan
    theta.loc[abundant] = np.nan
    centre = averages.mean(axis=1).where(~rarely, unmeasured).fillna(unmeasured)
    filled = {term: float(averages[term].isna().mean()) for term in averages.columns}
    averages = averages.apply(lambda column: column.fillna(centre))
    labels = _labels()
    cell_type = Profiles(averages, {t: labels[t] for t in averages.columns}, behind, filled)
    mapped = library.about[library.about["cl_id"] != ""]
    return SingleCellProfiles(
        cell_type, _in_tissue(theta, mapped, cell_type, shrinkage), _of_tissues(theta, mapped, centre)
    )


def _in_tissue(theta: pd.DataFrame, mapped: pd.DataFrame, cell_type: Profiles, shrinkage: Shrinkage) -> Profiles:
    """Shrunk deviations of cell types in one tissue, where they were learned in others too."""
    deviations, behind, labels = {}, {}, {}
    for key, rows in parts(mapped.assign(key=mapped["cl_id"] + "|" + mapped["uberon_id"]), "key"):
        term = key.split("|")[0]
        if set(rows["dataset"]) == set(cell_type.studies[term]):
            continue  # the cell type was learned in this tissue alone
        mean = theta[rows["profile"]].mean(axis=1)
        deviation = (mean - cell_type.theta[term]).fillna(0.0).to_numpy()
        deviations[key] = float(rows["weight"].max()) * shrinkage.share(deviation) * deviation
        behind[key] = tuple(sorted(rows["dataset"].unique()))
        labels[key] = f"{cell_type.labels[term]} in {rows['uberon_label'].iloc[0]}"
    return _profiles(deviations, theta.index, labels, behind)


def _of_tissues(theta: pd.DataFrame, mapped: pd.DataFrame, centre: pd.Series) -> Profiles:
    """The average cell of each tissue's atlases; genes that they lack come from ``centre``."""
    means, behind, labels = {}, {}, {}
    for tissue, rows in parts(mapped, "uberon_id"):
        means[tissue] = theta[rows["profile"]].mean(axis=1).fillna(centre)
        behind[tissue] = tuple(sorted(rows["dataset"].unique()))
        labels[tissue] = rows["uberon_label"].iloc[0]
    return _profiles(means, theta.index, labels, behind)


def _profiles(
    columns: Mapping[str, Array | pd.Series],
    genes: pd.Index,
    labels: dict[str, str],
    behind: dict[str, tuple[str, ...]],
) -> Profiles:
    return Profiles(pd.DataFrame(columns, index=genes), labels, behind, dict.fromkeys(columns, 0.0))
