"""Signatures of ligands (cytokines, growth factors) given to cells, by the Ensembl id of their gene.

Two kinds. *Treated cells*: NicheNet's validation sets. Their published log fold changes are control minus treated (all
known targets of BMP4, TGFB1 and IL4 go the wrong way), and those of time series have lost their sign; the signs in
``mappings/ligands.tsv`` were set by known targets, and sets whose sign cannot be told are left out. *Interferons*: no
treated cells are at hand, but the genes that virus-infected airway cells and the blood of lupus patients move alike are
the answer to interferon, since infection and blood share little else.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from synthome.models.embedded.signatures import SignatureTerm
from training.adaptive_shrinkage import Contrast, shrink
from training.genes import GeneTable
from training.infections import shared_values
from training.signatures import Signature
from training.sources import mapping, read_table

__all__ = ["fit_ligands"]

Array = npt.NDArray[np.float64]
TREATED = "NicheNet validation sets"
BETWEEN_EXPERIMENTS = np.sqrt(2.0)
"""Factor on the error of a single experiment: experiments differ as much as replicates let them."""
INTERFERON_STUDIES = ("GSE147507", "STARGEO")
LUPUS = "MONDO:0007915"
LEAST_LUPUS_CHANGE = 0.1
LEAST_ERROR = 1e-3
RELIABILITY_OF_SIBLING = 0.8
"""Share of the reliability left to type III interferon, which is answered like type I."""


def fit_ligands(genes: GeneTable, diseases: list[Signature], without: frozenset[str] = frozenset()) -> list[Signature]:
    """One signature a ligand of ``mappings/ligands.tsv``.

    Parameters
    ----------
    genes : GeneTable
        The models' genes.
    diseases : list of Signature
        What :func:`training.diseases.fit_diseases` gave: lupus tells the answer to interferon.
    without : frozenset of str
        Settings (first column of the mapping) to leave out.

    Returns
    -------
    list of Signature
        In the order of the mapping.
    """
    rows = mapping("ligands")
    rows = rows[(rows["gene_id"] != "") & ~rows["setting"].isin(without)]
    interferon, agreement = _interferon(genes, next(s for s in diseases if s.term.id == LUPUS))
    out = []
    for row in rows.to_dict("records"):
        inferred = row["setting"].startswith("interferon")
        if inferred:
            values, reliability = interferon, agreement
            measured = int((values != 0).sum())
            studies: tuple[str, ...] = INTERFERON_STUDIES
            if row["setting"] != "interferon I":
                reliability *= RELIABILITY_OF_SIBLING
        else:
            contrast = _treated(genes, row["setting"], float(row["sign"]))
            values, reliability = shrink(contrast)
            measured, studies = int(contrast.measured.sum()), (TREATED,)
        term = SignatureTerm(
            row["gene_id"],
            row["symbol"],
            studies,
            reliability,
            measured,
            context=row["cells_id"],
            aliases=tuple(a for a in row["aliases"].split("|") if a),
            note=row["note"],
        )
        out.append(Signature(term, values))
    return out


def _treated(genes: GeneTable, setting: str, sign: float) -> Contrast:
    """Treated against untreated cells, ln units; the error follows from the published q value.

    Benjamini and Hochberg's q of the gene at rank k of m is at least p m / k, so p = q k / m is an upper bound.
    """
    rows = read_table("perturbations/ligands_lfc.tsv.gz")
    rows = rows[rows["setting"] == setting]
    table = pd.DataFrame({"lfc": rows["lfc"].astype(float), "q": rows["qval"].astype(float)}).set_axis(rows["gene"])
    table = table.sort_values("q", kind="stable")
    table["p"] = np.minimum(table["q"] * np.arange(1, len(table) + 1) / len(table), 1.0)
    table.index = table.index.to_series().map(genes.by_symbol).to_numpy()
    table = table[table.index.notna()]
    table = table[~table.index.duplicated()].reindex(genes.ids)
    effect = sign * table["lfc"].to_numpy() * np.log(2.0)
    z = stats.norm.isf(np.clip(table["p"].to_numpy(), 1e-300, 1.0) / 2.0)
    known = np.isfinite(effect) & (effect != 0) & (z > 0)
    error = np.full(len(effect), np.nan)
    error[known] = BETWEEN_EXPERIMENTS * np.maximum(np.abs(effect[known]) / z[known], LEAST_ERROR)
    return Contrast(effect, error, 1, (TREATED,))


def _interferon(genes: GeneTable, lupus: Signature) -> tuple[Array, float]:
    """The shared answer to viruses where lupus moves the gene alike; and how the two agree on those genes."""
    virus = shared_values(genes)
    blood = np.where(np.abs(lupus.values) > LEAST_LUPUS_CHANGE, lupus.values, 0.0)
    values = np.where(np.sign(blood) == np.sign(virus), virus, 0.0)
    both = (blood != 0) & (virus != 0)
    agreement = float(np.corrcoef(blood[both], virus[both])[0, 1])
    return values, max(agreement, 0.0)
