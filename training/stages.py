"""Developmental stage: what is different in fetal cells and tissues.

All fetal atlases are of nuclei and of one laboratory, the adult ones mostly of whole cells: a difference that all cell
types share may be technology. Two kinds of difference can still be told:

- *Specific*: what a cell type (or tissue) shows beyond the median of all cell types (or tissues). How large such
  differences get where the stage is the same is seen in adults: cell types of the atlas of adult nuclei beside whole
  cells, and adult atlases beside bulk tissues. The share of differences of a size that this null does not explain is
  what is kept.
- *Switched on*: genes that are silent in adult cells and adult bulk tissues. A technology scales what is there; it does
  not switch genes on, and what nuclei show of such genes in adults is set against what they show in fetuses. Those on
  in fetal cells of nearly all types make the general signature. Genes that go silent with age cannot be told from
  genes that nuclei lack, so it holds none.

Differences are of ln(CPM + 5), which is less than the change of ln(CPM + c) where a gene is low.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import cpm_of
from synthome.models.embedded.signatures import SignatureTerm
from training.atlas_mixtures import cell_shares
from training.cell_library import Library
from training.signatures import Signature
from training.sources import mapping, parts
from training.tissues import Profiles

__all__ = ["Evidence", "Replication", "fit_stages", "replication"]

Array = npt.NDArray[np.float64]
STUDY = "Cell Profile Library"
FETAL = "fetal"
DAMPING_CPM = 5.0
"""Added to CPM before logarithms."""
EXPRESSED_CPM = 10.0
"""CPM that a gene exceeds on one of two sides for their difference to count."""
SILENT_CPM = 5.0
"""CPM that a gene stays below where it counts as silent."""
SILENCE = np.log(SILENT_CPM + DAMPING_CPM)
LEAST_SWITCH = 0.5
"""Least rise (ln units) in three quarters of the cell types for a gene to count as switched on."""
EDGES = np.arange(0.25, 6.0, 0.25)
"""Sizes of differences (ln units) at which tails are compared."""
AMBIENT = 0.01
"""Part of its highest level in a fetal cell type below which a gene's typical level may be ambient RNA."""
ALL_CELLS = 0.1
"""Part of a fetal tissue's mixture in which all its cell types weigh alike."""
COUNTERPART = {"UBERON:0001893": "UBERON:0000956", "UBERON:0000160": "UBERON:0002108"}
"""Adult tissue beside which a fetal atlas is read where none of its own name was learned."""
WITHOUT_ADULT = frozenset({"UBERON:0001987"})
"""Placenta: it is never adult."""
NOTE = (
    "Fetal atlases are of nuclei of one laboratory; only genes measured there can change, HBG1, IGF2 and H19 are not."
)
FETAL_ALONE = "The profile of this cell type was learned from fetal atlases alone: it is fetal as it is."
NOT_COMPARED = "Its fetal and adult data are on different scales and cannot be compared: nothing is changed."


@dataclass(frozen=True, slots=True)
class Evidence:
    """Share of differences, by size and direction, that exceeds what is seen where there is no difference."""

    up: Array
    down: Array

    @classmethod
    def measure(cls, differences: Array, null: Array) -> Evidence:
        """Compare two samples of differences (any shapes, NaN left out), sizes in ln units."""
        return cls(*(_excess(sign * differences, sign * null) for sign in (1.0, -1.0)))

    def __call__(self, differences: Array) -> Array:
        """``differences`` times their share; NaN gives no difference."""
        sizes = np.concatenate([[0.0], EDGES])
        share = np.where(
            differences > 0,
            np.interp(differences, sizes, np.concatenate([[0.0], self.up])),
            np.interp(-differences, sizes, np.concatenate([[0.0], self.down])),
        )
        kept: Array = np.nan_to_num(differences * share)
        return kept


def _excess(differences: Array, null: Array) -> Array:
    """One minus the ratio of the tails beyond each size, never falling with size; nothing where there is no null."""
    x, y = (np.sort(values[np.isfinite(values)]) for values in (differences, null))
    tail = 1 - np.searchsorted(x, EDGES) / max(len(x), 1)
    beside = 1 - np.searchsorted(y, EDGES) / max(len(y), 1)
    share = np.where(tail > 0, 1 - beside / np.maximum(tail, 1e-12), 0.0)
    excess: Array = np.maximum.accumulate(np.clip(share, 0.0, 1.0))
    return excess


def fit_stages(library: Library, tissues: Profiles) -> list[Signature]:
    """Signatures ``fetal``, ``fetal|CL:…`` and ``fetal|UBERON:…``; those of one context hold the general one.

    Cell types that fetal atlases alone know have a signature of zeros: their profile is fetal as it is.
    """
    entries = _entries(library)
    fetal, adult = _by_term(entries, library, FETAL), _with_parts(_by_term(entries, library, "adult"))
    both = [term for term in fetal.columns if term in adult.columns]
    nuclei = entries.loc[:, _adult_nuclei(entries, library)].quantile(0.75, axis=1)
    quiet = ((adult.median(axis=1) < SILENCE) & (nuclei < SILENCE)).to_numpy()
    switched = (adult.median(axis=1) < SILENCE).to_numpy() & _silent_in_bulk(tissues) & _widespread(fetal)
    general = np.where(switched, _rise(fetal[both], adult[both], nuclei), 0.0)
    own = _beyond_median(fetal[both], adult[both])
    evidence = Evidence.measure(own.to_numpy(), _adult_nuclei_beside_cells(entries, library))
    confirmed = replication(entries, library, evidence)
    of_cells = {term: confirmed.slope * evidence(own[term].to_numpy()) + general for term in both}
    of_tissues = _tissue_changes(library, tissues, quiet, general)
    measured = int((fetal[both] - adult[both]).notna().any(axis=1).sum())
    labels = mapping("cell_types").drop_duplicates("cl_id").set_index("cl_id")["cl_label"].to_dict()
    out = [_signature(FETAL, "fetal", general, measured, confirmed.r)]
    for term, values in of_cells.items():
        out.append(_signature(f"{FETAL}|{term}", f"fetal {labels[term]}", values, measured, confirmed.r, term))
    adult_otherwise = _known_in_adults(library)
    for term in sorted(set(fetal.columns) - set(both)):
        zeros = np.zeros(len(fetal))
        note, reliability = (NOT_COMPARED, 0.0) if term in adult_otherwise else (FETAL_ALONE, 1.0)
        out.append(_signature(f"{FETAL}|{term}", f"fetal {labels[term]}", zeros, measured, reliability, term, note))
    aliases = {adult_term: own_term for own_term, adult_term in COUNTERPART.items()}
    for term, change in of_tissues.items():
        other = (f"{FETAL}|{aliases[term]}",) if term in aliases else ()
        label = f"fetal {tissues.labels[term]}"
        out.append(_signature(f"{FETAL}|{term}", label, change, measured, confirmed.r, term, aliases=other))
    return out


def _known_in_adults(library: Library) -> set[str]:
    """Cell types that some adult atlas or bulk culture knows, on whatever scale, or one of whose parts it knows."""
    known = set(library.about.loc[library.about["stage"] == "adult", "cl_id"]) | set(
        mapping("cell_types_bulk")["cl_id"]
    )
    wholes = mapping("cell_type_parts")
    return known | set(wholes.loc[wholes["part_id"].isin(known), "cl_id"])


def _signature(
    term_id: str,
    label: str,
    values: Array,
    measured: int,
    reliability: float,
    context: str = "",
    note: str = NOTE,
    aliases: tuple[str, ...] = (),
) -> Signature:
    term = SignatureTerm(term_id, label, (STUDY,), reliability, measured, context, aliases=aliases, note=note)
    return Signature(term, values)


def _damped(cpm: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.log(cpm.to_numpy() + DAMPING_CPM), index=cpm.index, columns=cpm.columns)


def _entries(library: Library) -> pd.DataFrame:
    """ln(CPM + 5) of each cell type in each atlas, genes x (cl_id, dataset)."""
    about = library.about[library.about["cl_id"] != ""]
    damped = _damped(library.umi)
    groups = about.groupby(["cl_id", "dataset"])["profile"]
    return pd.DataFrame({key: damped[list(profiles)].mean(axis=1) for key, profiles in groups}, index=damped.index)


def _atlases(library: Library, stage: str) -> set[str]:
    about = library.about
    linear = set(about.loc[(about["stage"] == stage) & (about["scale"] == "linear"), "dataset"])
    return linear or set(about.loc[about["stage"] == stage, "dataset"])


def _by_term(entries: pd.DataFrame, library: Library, stage: str) -> pd.DataFrame:
    """Mean over the atlases of a stage that are on a linear scale, genes x CL terms."""
    chosen = entries.loc[:, entries.columns.get_level_values(1).isin(_atlases(library, stage))]
    return _mean_over_atlases(chosen)


def _mean_over_atlases(entries: pd.DataFrame) -> pd.DataFrame:
    return entries.T.groupby(level=0).mean().T


def _with_parts(by_term: pd.DataFrame) -> pd.DataFrame:
    """General cell types as the mean of their parts, where they are not known themselves."""
    out = dict(by_term.items())
    for term, rows in parts(mapping("cell_type_parts"), "cl_id"):
        present = [part for part in rows["part_id"] if part in by_term.columns]
        if term not in by_term.columns and present:
            out[term] = by_term[present].mean(axis=1)
    return pd.DataFrame(out)


def _expressed(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    least = np.log(EXPRESSED_CPM + DAMPING_CPM)
    expressed: pd.DataFrame = (first > least) | (second > least)
    return expressed


def _beyond_median(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """What each cell type shows beyond the median difference of the two, NaN where neither expresses the gene."""
    difference = first - second
    return difference.sub(difference.median(axis=1), axis=0).where(_expressed(first, second))


def _adult_nuclei(entries: pd.DataFrame, library: Library) -> npt.NDArray[np.bool_]:
    """Which entries are of an adult atlas of nuclei on a linear scale."""
    about = library.about
    nuclei = set(about.loc[about["material"] == "nucleus", "dataset"]) & _atlases(library, "adult")
    chosen: npt.NDArray[np.bool_] = entries.columns.get_level_values(1).isin(nuclei)
    return chosen


def _adult_nuclei_beside_cells(entries: pd.DataFrame, library: Library) -> Array:
    """Differences of adult nuclei from adult cells of the same types, beyond the median cell type."""
    of_nuclei = _adult_nuclei(entries, library)
    of_adults = entries.columns.get_level_values(1).isin(_atlases(library, "adult"))
    nuclei = _mean_over_atlases(entries.loc[:, of_nuclei])
    cells = _with_parts(_mean_over_atlases(entries.loc[:, of_adults & ~of_nuclei]))
    shared = [term for term in nuclei.columns if term in cells.columns]
    return _beyond_median(nuclei[shared], cells[shared]).to_numpy()


def _silent_in_bulk(tissues: Profiles) -> npt.NDArray[np.bool_]:
    """Genes silent in three quarters of the adult tissues."""
    silent: npt.NDArray[np.bool_] = np.quantile(cpm_of(tissues.theta.to_numpy()), 0.75, axis=1) < SILENT_CPM
    return silent


def _widespread(fetal: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Genes whose median level over fetal cell types is more than the ambient RNA of the highest one would give."""
    cpm = np.exp(fetal.to_numpy()) - DAMPING_CPM
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # genes that no fetal atlas measures
        widespread: npt.NDArray[np.bool_] = np.nanmedian(cpm, axis=1) > AMBIENT * np.nanmax(cpm, axis=1)
    return widespread


def _rise(fetal: pd.DataFrame, adult: pd.DataFrame, nuclei: pd.Series) -> Array:
    """Rise over adult cells and over adult nuclei that three quarters of the cell types show, zero where small."""
    above = fetal - adult.clip(lower=nuclei.fillna(0.0), axis=0)
    rise = np.nan_to_num(above.quantile(0.25, axis=1).to_numpy())
    return np.where(rise > LEAST_SWITCH, rise, 0.0)


def _tissue_changes(
    library: Library, tissues: Profiles, quiet: npt.NDArray[np.bool_], general: Array
) -> Mapping[str, Array]:
    """What fetal atlases show beside the adult bulk tissue and adult atlases do not, by tissue.

    Genes that are silent in the adult tissue are compared as they are, all others beyond the median tissue.
    """
    changes: dict[str, dict[str, pd.Series]] = {FETAL: {}, "adult": {}}
    silent = {}
    for dataset, rows in parts(library.about[library.about["scale"] == "linear"], "dataset"):
        tissue = COUNTERPART.get(rows["uberon_id"].iloc[0], rows["uberon_id"].iloc[0])
        if tissue not in tissues.theta.columns or tissue in WITHOUT_ADULT:
            continue
        bulk = pd.Series(cpm_of(tissues.theta[tissue].to_numpy()), index=library.bulk.index)
        change = _beside_bulk(library.bulk[rows["profile"]], bulk)
        changes[rows["stage"].iloc[0]][dataset] = change.rename(tissue)
        silent[dataset] = quiet & (bulk < SILENT_CPM)
    tables = {stage: pd.DataFrame(by_atlas) for stage, by_atlas in changes.items()}
    quiets = {stage: pd.DataFrame({str(d): silent[str(d)] for d in table}) for stage, table in tables.items()}
    beyond = {stage: table.sub(table.median(axis=1), axis=0) for stage, table in tables.items()}
    on = Evidence.measure(*(tables[stage].fillna(0.0).where(quiets[stage]).to_numpy() for stage in (FETAL, "adult")))
    other = Evidence.measure(*(beyond[stage].mask(quiets[stage]).to_numpy() for stage in (FETAL, "adult")))
    out = {}
    for dataset, change in changes[FETAL].items():
        own = np.where(silent[dataset], on(change.to_numpy()), other(beyond[FETAL][dataset].to_numpy()))
        out[str(change.name)] = np.where(own == 0.0, general, own)
    return out


def _beside_bulk(cells: pd.DataFrame, bulk: pd.Series) -> pd.Series:
    """ln ratio of a mixture of cells and of ``bulk``, for genes that either has.

    The mixture is for nine tenths the one that comes nearest to the adult tissue. It leaves out cells that only the
    fetal tissue has, so for a tenth all cell types weigh alike.
    """
    known = cells.notna().all(axis=1)
    x, y = cells[known], bulk[known] / bulk[known].sum() * 1e6
    mixture = x @ ((1 - ALL_CELLS) * cell_shares(x.to_numpy(), y.to_numpy()) + ALL_CELLS / x.shape[1])
    change = np.log((mixture + DAMPING_CPM) / (y + DAMPING_CPM)).where(np.maximum(mixture, y) > EXPRESSED_CPM)
    return pd.Series(change, index=known.index[known]).reindex(cells.index)


@dataclass(frozen=True, slots=True)
class Replication:
    """What an independent comparison confirms of the specific changes: correlation, and slope on the changes."""

    r: float
    slope: float


def replication(entries: pd.DataFrame, library: Library, evidence: Evidence) -> Replication:
    """Changes seen in the other fetal tissues beside whole adult cells, against fetal and adult nuclei of one tissue.

    The two sides share neither an atlas nor the contrast of nuclei with cells; both are taken beyond the mean of the
    cell types that they have in common.
    """
    about = library.about
    tissue = about.loc[about["dataset"].isin(entries.columns[_adult_nuclei(entries, library)].get_level_values(1))]
    here = set(about.loc[about["uberon_id"].isin(tissue["uberon_id"]), "dataset"])
    of_atlas = entries.columns.get_level_values(1)
    sides = []
    for inside in (True, False):
        kept = entries.loc[:, of_atlas.isin(here) == inside]
        fetal, adult = (_with_parts(_by_term(kept, library, stage)) for stage in (FETAL, "adult"))
        both = fetal.columns.intersection(adult.columns)
        sides.append((fetal[both] - adult[both]).where(_expressed(fetal[both], adult[both])))
    shared = sides[0].columns.intersection(sides[1].columns)
    truth, found = (side[shared].sub(side[shared].mean(axis=1), axis=0).to_numpy() for side in sides)
    known = np.isfinite(truth) & np.isfinite(found)
    x, y = evidence(found)[known], truth[known]
    return Replication(float(np.corrcoef(x, y)[0, 1]), float(np.clip((x @ y) / (x @ x), 0.0, 1.0)))
