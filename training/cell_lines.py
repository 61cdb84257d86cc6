"""Cell line profiles: HPA's panel on the models' scale, and K-562 also as GTEx saw it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthome.models.embedded.scale import LEAST_THETA, log_expression
from training.genes import GeneTable
from training.sources import mapping, parts
from training.tissues import Profiles, Sources, fill_from_neighbours

__all__ = ["donor_sex", "fit_cell_lines"]

FEMALE_LINE_XIST = 0.25
"""Part of women's XIST level (CPM) given to lines of women in which nobody measured it: cancers often lose it."""
STUDY = {"hpa_lines": "HPA", "gtex_counts": "GTEx"}


def donor_sex() -> dict[str, str]:
    """Sex of the donor of each line, by Cellosaurus id."""
    rows = mapping("cell_lines")
    rows = rows[rows["cvcl_id"] != ""].drop_duplicates("cvcl_id")
    return dict(zip(rows["cvcl_id"], rows["sex"], strict=True))


def fit_cell_lines(genes: GeneTable, sources: Sources, reference: pd.DataFrame) -> Profiles:
    """One profile a Cellosaurus record. A line is one culture, so nothing is shrunk.

    Genes that HPA's table lacks are filled from the most similar ``reference`` profiles; XIST from the donor's sex.
    """
    rows = mapping("cell_lines")
    rows = rows[rows["source"].isin(STUDY) & (rows["cvcl_id"] != "")]
    sex = donor_sex()
    female_level = np.log(np.exp(reference.loc[genes.by_symbol["XIST"]].median()) * FEMALE_LINE_XIST)
    out, behind, labels = {}, {}, {}
    for term, same in parts(rows, "cvcl_id"):
        columns = [
            log_expression(sources.table(source)[[column]])[column]
            for source, column in zip(same["source"], same["column"], strict=True)
        ]
        profile = pd.concat(columns, axis=1).mean(axis=1)
        for symbol in ("XIST", "TSIX"):
            gene = genes.by_symbol[symbol]
            if np.isnan(profile[gene]):
                profile[gene] = female_level if sex[term] == "female" else LEAST_THETA
        out[term] = profile
        behind[term] = tuple(STUDY[s] for s in same["source"])
        labels[term] = same["cvcl_label"].iloc[0]
    theta = pd.DataFrame(out, index=genes.ids)
    filled = {term: float(theta[term].isna().mean()) for term in theta.columns}
    return Profiles(fill_from_neighbours(theta, reference), labels, behind, filled)
