"""Signatures of diseases: what cases express differently from controls, by MONDO term.

Main source: STARGEO's meta-analyses of 49 diseases. Two things of it have to be known. Its ``effect`` is a difference
of log values, but most series held logarithms already and were logged again, others not, so each disease has a scale
of its own. And where few series agree by luck its errors are far too small. Hence

- errors are moderated (:func:`training.adaptive_shrinkage.moderated_error`); in diseases without signal z is then a
  standard normal value, so no further empirical null is needed;
- a change is estimated twice, from the effect and from z, each shrunk, and the two are averaged. The scale of both
  follows from what the error of a well-expressed gene must be: ``sqrt(2) s 2 / sqrt(n)``, with s how much samples of
  that kind vary in RNA-seq (donors of tissue, or tumours), n the samples, and between-series variance as large as
  sampling variance. For the effect it is the median ratio, one number a disease, kept within what one or two
  logarithms allow; for z it holds gene by gene. TCGA's tumours, RNA-seq and not in STARGEO, agree better with the mean
  than with either over eight tumours;
- all are multiplied by one factor: the slope of TCGA's stomach adenocarcinoma on STARGEO's adenocarcinomas of other
  organs, since arrays compress changes. It is cautious: another organ agrees less than the same one.

Series and samples in ``mappings/diseases.tsv`` are those of STARGEO's published run logs (about right: it was rerun).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.signatures import SignatureTerm
from training.adaptive_shrinkage import INTERQUARTILE_OF_NORMAL, Contrast, moderated_error, shrink
from training.genes import GeneTable
from training.infections import shared_answer_in
from training.signatures import Signature
from training.sources import mapping, parts, read_count_sets, read_matrix, read_table
from training.studies import Study, residuals, slope_and_error, study_of

__all__ = ["SOURCES", "fit_diseases"]

Array = npt.NDArray[np.float64]
SOURCES = {
    "stargeo": "STARGEO",
    "tcga": "TCGA",
    "islets": "GSE50244",
    "virus": "GSE147507",
}
"""What stands behind each source of ``mappings/diseases.tsv``; ``without`` takes these names."""
HETEROGENEITY = np.sqrt(2.0)
"""Factor on errors, for variance between series as large as sampling variance."""
ONE_LOG, TWO_LOGS = np.log(2.0), 10.0
"""Least and largest ln units in one of STARGEO's: log2, and log2 of log2(x) + 4 or so at the highest log2(x) seen."""
ADENOCARCINOMAS = ("DOID:219", "DOID:1612", "DOID:1793")
REFERENCE = "STAD"
LEAST_LEVEL = 5.0
"""Mean CPM above which a gene's error tells the scale."""
RELIABLE = 0.1
"""Reliability under which ``UNRELIABLE_NOTE`` is written."""
UNRELIABLE_NOTE = "no reliable change was found"
LEAST_RESIDUAL_DEGREES = 7
"""Degrees of freedom from which a group of samples tells how much they vary."""
ISLET_COUNTS = "samples/islets_fadista_counts_77.tsv.gz"


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one source says of a disease: shrunk changes (ln units), their reliability, and the genes it measured."""

    changes: Array
    reliability: float
    measured: npt.NDArray[np.bool_]


def fit_diseases(genes: GeneTable, without: frozenset[str] = frozenset()) -> list[Signature]:
    """One signature a MONDO term of ``mappings/diseases.tsv``.

    Parameters
    ----------
    genes : GeneTable
        The models' genes.
    without : frozenset of str
        Values of :data:`SOURCES` to leave out. TCGA's stomach cancer still sets the scale.

    Returns
    -------
    list of Signature
        In the order of the ids. Diseases with evidence of several sources combine them by precision.
    """
    rows = mapping("diseases")
    rows = rows[~rows["source"].map(SOURCES).isin(without)]
    studies = {source.name: study_of(genes, source) for source in read_count_sets()}
    spread = {kind: _spread(list(studies.values()), kind) for kind in ("tissue", "tumour")}
    level = _level(list(studies.values()))
    table = {part: _stargeo(genes, part) for part in ("z", "effect")}
    raw = {
        row.column: _from_meta_analysis(
            table, str(row.column), int(str(row.series)), int(str(row.samples)), spread[str(row.kind)], level
        )
        for row in mapping("diseases").itertuples()
        if row.source == "stargeo"
    }
    factor = _array_compression([raw[d] for d in ADENOCARCINOMAS], _tumour_against_normal(studies, REFERENCE))
    out = []
    for mondo_id, same in parts(rows, "mondo_id"):
        found = []
        for row in same.itertuples():
            if row.source == "stargeo":
                found.append(replace(raw[str(row.column)], changes=factor * raw[str(row.column)].changes))
            else:
                found.append(_from_fold_changes(str(row.source), str(row.column), genes, studies))
        out.append(_signature(mondo_id, same, found))
    return out


def _signature(mondo_id: str, rows: pd.DataFrame, found: Sequence[_Finding]) -> Signature:
    """The mean of what the sources say of one disease, each weighing as its squared reliability."""
    weight = np.array([max(one.reliability, 1e-3) ** 2 for one in found])
    known = np.stack([one.measured for one in found]) * weight[:, None]
    values = (np.stack([one.changes for one in found]) * known).sum(axis=0) / np.maximum(known.sum(axis=0), 1e-12)
    reliability = max(one.reliability for one in found)
    notes = [note for note in rows["note"] if note]
    if reliability < RELIABLE:
        notes.insert(0, UNRELIABLE_NOTE)
    first = rows.iloc[0]
    term = SignatureTerm(
        mondo_id,
        first["mondo_label"],
        tuple(dict.fromkeys(rows["source"].map(SOURCES))),
        reliability,
        int((known.sum(axis=0) > 0).sum()),
        context=first["tissue_id"],
        aliases=tuple(alias for cell in rows["aliases"] for alias in cell.split("|") if alias),
        note="; ".join(notes),
    )
    return Signature(term, values)


def _stargeo(genes: GeneTable, part: str) -> pd.DataFrame:
    table = read_matrix(f"diseases/stargeo_random_{part}.tsv.gz")
    ids = table.index.to_series().map(genes.by_entrez)
    table = table[ids.notna().to_numpy()].set_axis(ids.dropna().to_numpy())
    return table[~table.index.duplicated()].reindex(genes.ids)


def _from_meta_analysis(
    table: dict[str, pd.DataFrame], disease: str, series: int, samples: int, spread: Array, level: Array
) -> _Finding:
    """Changes before the correction for arrays."""
    effect, z = table["effect"][disease].to_numpy(), table["z"][disease].to_numpy()
    usable = np.isfinite(z) & (z != 0) & (effect != 0)
    error = np.full(len(z), np.nan)
    error[usable] = np.abs(effect[usable] / z[usable])
    error = moderated_error(effect, error, series - 1)
    expected = HETEROGENEITY * spread * 2.0 / np.sqrt(samples)
    telling = np.isfinite(error) & (level > LEAST_LEVEL)
    scale = float(np.clip(np.median(expected[telling]) / np.median(error[telling]), ONE_LOG, TWO_LOGS))
    by_effect, reliability = shrink(Contrast(effect, error, series, ("STARGEO",)))
    known = np.isfinite(error)
    by_z, _ = shrink(Contrast(effect / error, np.where(known, 1.0, np.nan), series, ("STARGEO",)))
    return _Finding((scale * by_effect + expected * by_z) / 2.0, reliability, known)


def _array_compression(predicted: Sequence[_Finding], contrast: Contrast) -> float:
    """Mean slope of RNA-seq changes on those from arrays."""
    slopes = []
    for one in predicted:
        both = one.measured & contrast.measured
        slopes.append(float(np.polyfit(one.changes[both], contrast.effect[both], 1)[0]))
    return float(np.mean(slopes))


def _spread(studies: Sequence[Study], kind: str) -> Array:
    """Standard deviation of ln CPM between samples of one kind; variances halfway to the typical gene's."""
    total: Array = np.zeros(1)
    degrees: Array = np.zeros(1)
    for study in studies:
        for left in residuals(study):
            if left.degrees < LEAST_RESIDUAL_DEGREES or (left.material == "tumour") != (kind == "tumour"):
                continue
            total = total + np.where(left.measured, left.extra + left.counting, 0.0) * left.degrees
            degrees = degrees + left.measured * left.degrees
    variance = np.divide(total, degrees, out=np.full(np.shape(total), np.nan), where=np.asarray(degrees) > 0)
    typical = np.nanmedian(variance)
    spread: Array = np.sqrt((np.where(np.isfinite(variance), variance, typical) + typical) / 2.0)
    return spread


def _level(studies: Sequence[Study]) -> Array:
    """Mean CPM of each gene over the sets of samples; zero where none measures it."""
    means = np.stack([np.exp(study.log_cpm).mean(axis=1) for study in studies if study.material != "line"])
    known = np.isfinite(means)
    level: Array = np.where(known, means, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return level


def _from_fold_changes(source: str, column: str, genes: GeneTable, studies: dict[str, Study]) -> _Finding:
    """What a source of log fold changes proper says."""
    if source == "virus":
        values, reliability = shared_answer_in(genes, column)
        return _Finding(values, reliability, values != 0)
    contrast = (
        _tumour_against_normal(studies, column) if source == "tcga" else _type_2_diabetes(studies["islets"], column)
    )
    values, reliability = shrink(contrast)
    return _Finding(values, reliability, contrast.measured)


def _tumour_against_normal(studies: dict[str, Study], name: str) -> Contrast:
    """Tumours (type 01) against the normal tissue beside them (type 11) of one TCGA study."""
    study = studies[f"tcga_{name}"]
    tumour, normal = (
        study.log_cpm[:, study.group == study.group_names.index(f"{study.name}: {t}")] for t in ("01", "11")
    )
    effect = tumour.mean(axis=1) - normal.mean(axis=1)
    error = np.sqrt(sum(part.var(axis=1, ddof=1) / part.shape[1] for part in (tumour, normal)))
    error = HETEROGENEITY * moderated_error(effect, error, normal.shape[1] - 1)
    return Contrast(effect, error, 1, ("TCGA",))


def _type_2_diabetes(islets: Study, column: str) -> Contrast:
    """Islets of donors with type 2 diabetes against others, linear in sex, age and body mass index.

    How well a donor's islets were kept moves thousands of genes together, so errors are widened until the middle half
    of z is as wide as that of a standard normal variable (empirical null, Efron 2004).
    """
    donors = read_matrix(ISLET_COUNTS).columns
    about = read_table("samples/islets_fadista_meta.tsv")
    about = about.set_index(about.columns[0]).loc[donors]
    covariates = about[["age", "bmi"]].apply(pd.to_numeric, errors="coerce")
    covariates = (covariates - covariates.mean()).fillna(0.0)
    case = (about[column] == "T2D").astype(float)
    female = np.nan_to_num(islets.female, nan=0.5)
    design = np.column_stack([np.ones(len(about)), case, female - female.mean(), covariates])
    effect, error, degrees = slope_and_error(islets.log_cpm, design)
    error = moderated_error(effect, error, degrees)
    low, high = np.nanquantile(effect / error, [0.25, 0.75])
    error = HETEROGENEITY * max(1.0, (high - low) / INTERQUARTILE_OF_NORMAL) * error
    return Contrast(effect, error, 1, ("GSE50244",))
