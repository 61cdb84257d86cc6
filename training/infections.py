"""Signatures of viral infections of airway cells, by NCBI taxon, from GSE147507 (Blanco-Melo 2020).

The table has log2 fold changes without errors. The error of a contrast at a level of expression is the robust spread
of its fold changes among genes of that level in uninfected cells: most genes do not answer, and those hardly expressed
scatter most. Series of one virus differ in cells and dose, so their mean is a random-effects one. What all viruses
share, mostly the answer to interferon, is learned from the series that a virus has no part in and is what its own
estimate is shrunk towards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.signatures import SignatureTerm
from training.adaptive_shrinkage import Contrast, posterior_means
from training.genes import GeneTable
from training.signatures import Signature
from training.sources import mapping, parts, read_matrix

__all__ = ["fit_infections", "shared_answer_in", "shared_values", "virus_contrast"]

Array = npt.NDArray[np.float64]
TABLE = "perturbations/virus_log2fc.tsv.gz"
STUDY = "GSE147507"
UNINFECTED = {"A549": ["A549"], "Calu-3": ["A549", "HBEC3-KT"], "NHBE": ["HBEC3-KT"], "lung": ["lung"]}
"""HPA columns whose mean stands for the level of genes in uninfected cells."""
LEVEL_BINS = 25
"""Parts of equally many genes, by level, that have one error each."""
LEAST_ERROR = 0.1
"""Least error of a log fold change (ln) of one contrast of three against three cultures."""
NORMAL_PER_MAD = 1.4826
"""Standard deviation of a normal variable beside its median absolute deviation."""


def virus_contrast(genes: GeneTable, name: str) -> Contrast:
    """One column of the table on the models' genes, ln units, with errors by level of expression.

    Genes whose fold change is exactly zero were not detected there and count as not measured.
    """
    table = genes.ensembl_rows(read_matrix(TABLE)[[name]])
    effect = table[name].to_numpy() * np.log(2.0)
    effect[effect == 0.0] = np.nan
    rows = mapping("infections").set_index("contrast")
    cells = str(rows.loc[name, "cells"])
    source = "tissues/hpa_tissue_tpm.tsv.gz" if cells == "lung" else "cell_lines/hpa_cell_line_tpm.tsv.gz"
    level = genes.ensembl_rows(read_matrix(source)[UNINFECTED[cells]]).mean(axis=1).fillna(0.0).to_numpy()
    return Contrast(effect, _error_by_level(effect, level), 1, (STUDY,))


def _error_by_level(effect: Array, level: Array) -> Array:
    """Robust spread of ``effect`` among genes of like ``level``, never rising with it; NaN where not measured."""
    known = np.flatnonzero(np.isfinite(effect))
    order = known[np.argsort(level[known], kind="stable")]
    error = np.full(len(effect), np.nan)
    largest = np.inf
    for part in np.array_split(order, LEVEL_BINS):
        values = effect[part]
        spread = NORMAL_PER_MAD * float(np.median(np.abs(values - np.median(values))))
        largest = min(largest, max(spread, LEAST_ERROR))
        error[part] = largest
    return error


def _shared(genes: GeneTable, without_series: frozenset[str] = frozenset()) -> Contrast:
    """What cells do whichever virus infects them: the random-effects mean over viruses of their means over series."""
    rows = mapping("infections")
    rows = rows[(rows["cells"] != "lung") & ~rows["series"].isin(without_series)]
    virus = rows["contrast"].str.split("@").str[0].str.split("_").str[1]
    means = [
        _random_effects([virus_contrast(genes, name) for name in same["contrast"]])
        for _, same in parts(rows.assign(virus=virus), "virus")
    ]
    return _random_effects(means)


def shared_values(genes: GeneTable) -> Array:
    """What is to be expected (ln) of airway cells infected by any virus; zero where nothing is known."""
    return posterior_means(_shared(genes))


def shared_answer_in(genes: GeneTable, name: str) -> tuple[Array, float]:
    """The shared answer to viruses as strong as one noisy contrast shows it, and its correlation with that contrast."""
    shared = shared_values(genes)
    contrast = virus_contrast(genes, name)
    known = contrast.measured
    weight = 1.0 / contrast.error[known] ** 2
    slope = _slope(shared[known], contrast.effect[known], weight)
    return slope * shared, max(_correlation(shared[known], contrast.effect[known], weight), 0.0)


def _slope(x: Array, y: Array, weight: Array) -> float:
    """Weighted regression of ``y`` on ``x`` through the origin, between 0 and 1."""
    return float(np.clip((weight * x * y).sum() / (weight * x**2).sum(), 0.0, 1.0))


def _random_effects(contrasts: Sequence[Contrast]) -> Contrast:
    """DerSimonian and Laird's mean (1986), gene by gene."""
    if len(contrasts) == 1:
        return contrasts[0]
    known = np.stack([c.measured for c in contrasts])
    effect = np.where(known, np.stack([c.effect for c in contrasts]), 0.0)
    variance = np.where(known, np.stack([c.error for c in contrasts]), 1.0) ** 2
    weight = known / variance
    total = np.maximum(weight.sum(axis=0), 1e-12)
    mean = (weight * effect).sum(axis=0) / total
    count = known.sum(axis=0)
    scatter = (weight * (effect - mean) ** 2).sum(axis=0)
    unit = np.maximum(total - (weight**2).sum(axis=0) / total, 1e-12)
    between = np.where(count > 1, np.maximum(scatter - (count - 1), 0.0) / unit, 0.0)
    weight = known / (variance + between)
    total = weight.sum(axis=0)
    measured = count > 0
    safe = np.where(measured, total, 1.0)
    mean = np.where(measured, (weight * effect).sum(axis=0) / safe, np.nan)
    studies = tuple(dict.fromkeys(study for c in contrasts for study in c.studies))
    return Contrast(mean, np.where(measured, 1.0 / np.sqrt(safe), np.nan), len(contrasts), studies)


def fit_infections(genes: GeneTable, without: frozenset[str] = frozenset()) -> list[Signature]:
    """One signature a virus.

    Parameters
    ----------
    genes : GeneTable
        The models' genes.
    without : frozenset of str
        Series (``Series7``) to leave out; a virus that has no other is left out.

    Returns
    -------
    list of Signature
        ``reliability`` is how well a series is foretold by the others, in correlation over genes, averaged.
    """
    rows = mapping("infections")
    rows = rows[(rows["taxon_id"] != "") & ~rows["series"].isin(without)]
    taxa = mapping("infection_taxa").set_index("taxon_id")
    out = []
    for taxon, same in parts(rows, "taxon_id"):
        values, measured = _estimate(genes, same, without)
        cells = [cell for cell in same["cells_id"] if cell]
        term = SignatureTerm(
            taxon,
            str(taxa.loc[taxon, "taxon_label"]),
            tuple(f"{STUDY} {series}" for series in same["series"]),
            _reliability(genes, same, without),
            int(measured.sum()),
            context=max(sorted(set(cells)), key=cells.count) if cells else "",
            time=str(taxa.loc[taxon, "time"]),
            aliases=tuple(a for a in str(taxa.loc[taxon, "aliases"]).split("|") if a),
            note=_note(same),
        )
        out.append(Signature(term, values))
    return out


def _note(rows: pd.DataFrame) -> str:
    cells = ", ".join(sorted(set(rows["cells"])))
    return f"Mean over {len(rows)} experiments in {cells} at several doses; airway cells only, no immune cells"


def _estimate(genes: GeneTable, rows: pd.DataFrame, without: frozenset[str]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Shrunk changes: the shared response as far as the virus shows it, plus what its own series add."""
    own = _random_effects([virus_contrast(genes, name) for name in rows["contrast"]])
    shared = _shared(genes, without | frozenset(rows["series"]))
    prior = np.where(shared.measured, posterior_means(shared), 0.0)
    known = own.measured
    weight = 1.0 / own.error[known] ** 2
    expected = _slope(prior[known], own.effect[known], weight) * prior
    rest = Contrast(own.effect - expected, own.error, own.series, own.studies)
    return expected + posterior_means(rest), known | shared.measured


def _reliability(genes: GeneTable, rows: pd.DataFrame, without: frozenset[str]) -> float:
    """Mean correlation of each series with what the others foretell, genes weighing by their precision."""
    found = []
    for series, left_out in parts(rows, "series"):
        others = rows[rows["series"] != series]
        hidden = without | {series}
        if len(others):
            guess, _ = _estimate(genes, others, hidden)
        else:
            guess = posterior_means(_shared(genes, hidden))
        for name in left_out["contrast"]:
            truth = virus_contrast(genes, name)
            known = truth.measured
            found.append(_correlation(guess[known], truth.effect[known], 1.0 / truth.error[known] ** 2))
    return float(np.clip(np.mean(found), 0.0, 1.0))


def _correlation(x: Array, y: Array, weight: Array) -> float:
    x, y = x - np.average(x, weights=weight), y - np.average(y, weights=weight)
    power = np.sqrt((weight * x**2).sum() * (weight * y**2).sum())
    return float((weight * x * y).sum() / power) if power > 0 else 0.0
