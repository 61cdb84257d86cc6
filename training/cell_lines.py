"""Cell line profiles: HPA's panel, K-562 also as GTEx saw it, lymphoblastoid lines, and three lines from UMI counts.

Lymphoblastoid lines (Pickrell 2010) are GTEx's average lymphoblastoid line, moved by what tells each of them from the
others in their own study, less what counting alone explains: the study's technology falls out. Three lung cancer lines
were sequenced cell by cell (CellBench): they take the gene-wise factor between single cells and bulk that the atlases
give, and what their protocol then still sees otherwise than the ten most similar lines of HPA's panel do, shrunk by how
much such lines differ among each other anyway.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import LEAST_THETA, log_expression
from training.bulk_tables import STUDIES, Sources
from training.genes import GeneTable
from training.sex import sex_specific
from training.single_cell import mean_cpm
from training.sources import mapping, parts, read_count_sets, read_single_cells
from training.studies import study_of
from training.tissues import Profiles, fill_from_neighbours

__all__ = ["donor_sex", "fit_cell_lines", "origins"]

Array = npt.NDArray[np.float64]
STUDY = STUDIES | {"lcl_pickrell": "Lymphoblastoid lines", "celseq2": "CellBench"}
"""Study behind each source of ``mappings/cell_lines.tsv``."""
LYMPHOBLASTOID = "Cells - EBV-transformed lymphocytes"
"""GTEx's column of lymphoblastoid lines."""
PEERS = 10
"""Lines of the panel, the most similar ones, beside which a protocol's offset is found."""


def _mapped() -> pd.DataFrame:
    rows = mapping("cell_lines")
    return rows[rows["cvcl_id"] != ""]


def donor_sex() -> dict[str, str]:
    """Sex of the donor of each line, by Cellosaurus id."""
    rows = _mapped().drop_duplicates("cvcl_id")
    return dict(zip(rows["cvcl_id"], rows["sex"], strict=True))


def origins() -> dict[str, tuple[str, str]]:
    """Tissue (UBERON) and disease (MONDO) that each line is from, by Cellosaurus id; empty where none or uncertain."""
    rows = _mapped().drop_duplicates("cvcl_id")
    return dict(zip(rows["cvcl_id"], zip(rows["tissue_id"], rows["disease_id"], strict=True), strict=True))


def fit_cell_lines(genes: GeneTable, sources: Sources, reference: pd.DataFrame, factor: pd.Series) -> Profiles:
    """One profile a Cellosaurus record. A line is one culture, so nothing is shrunk but counting noise.

    Parameters
    ----------
    genes, sources
        The models' genes and the bulk tables.
    reference : DataFrame
        Genes x tissues, log expression: genes that a line's sources lack are filled from the most similar ones.
    factor : Series
        Gene-wise ratio of bulk to single cells (``Library.factor``).
    """
    panel = _panel(sources)
    lymphoblastoid = _lymphoblastoid(genes, sources)
    carried = _carried_over(genes, panel, factor)
    theta = pd.concat([panel, lymphoblastoid, carried], axis=1)
    theta = _with_xist(genes, theta[sorted(theta.columns)].reindex(genes.ids))
    rows = _mapped()
    rows = rows[rows["cvcl_id"].isin(theta.columns)]
    labels = {term: same["cvcl_label"].iloc[0] for term, same in parts(rows, "cvcl_id")}
    behind = {term: tuple(STUDY[s] for s in same["source"]) for term, same in parts(rows, "cvcl_id")}
    filled = {term: float(theta[term].isna().mean()) for term in theta.columns}
    return Profiles(fill_from_neighbours(theta, reference), labels, behind, filled)


def _panel(sources: Sources) -> pd.DataFrame:
    """HPA's lines and GTEx's K-562, genes x lines; the mean where both know a line."""
    rows = _mapped()
    rows = rows[rows["source"].isin(("hpa_lines", "gtex_counts"))]
    out = {}
    for term, same in parts(rows, "cvcl_id"):
        columns = [
            log_expression(sources.table(source)[[column]])[column]
            for source, column in zip(same["source"], same["column"], strict=True)
            if column in sources.table(source)
        ]
        out[term] = pd.concat(columns, axis=1).mean(axis=1)
    return pd.DataFrame(out)


def _lymphoblastoid(genes: GeneTable, sources: Sources) -> pd.DataFrame:
    """The deepest lymphoblastoid lines, genes x lines; none where GTEx is left out, whose level they take."""
    if LYMPHOBLASTOID not in sources.gtex_counts:
        return pd.DataFrame(index=genes.ids)
    source = next(s for s in read_count_sets() if s.name == "lcl_pickrell")
    study = study_of(genes, source)
    mean = study.log_cpm.mean(axis=1, keepdims=True)
    deviation = study.log_cpm - mean
    signal = np.maximum((deviation**2).mean(axis=1, keepdims=True) - study.counting.mean(axis=1, keepdims=True), 0.0)
    deviation *= signal / np.maximum(signal + study.counting, 1e-9)
    level = log_expression(sources.gtex_counts[[LYMPHOBLASTOID]]).to_numpy()
    # Of genes that one sex expresses the level is that sex's; reads of Y in women are of the genes' copies on X.
    male, female = sex_specific(genes)
    for telling, expressing in ((male, study.female == 0), (female, study.female == 1)):
        own = study.log_cpm[telling]
        own = own - own[:, expressing].mean(axis=1, keepdims=True)
        deviation[telling] = np.where(expressing, own, LEAST_THETA - level[telling])
    theta = pd.DataFrame(np.maximum(level + np.nan_to_num(deviation), LEAST_THETA), genes.ids, source.counts.columns)
    rows = _mapped()
    rows = rows[rows["source"] == "lcl_pickrell"]
    return theta[rows["column"]].set_axis(rows["cvcl_id"].to_numpy(), axis=1)


def _carried_over(genes: GeneTable, panel: pd.DataFrame, factor: pd.Series) -> pd.DataFrame:
    """The three CellBench lines as bulk RNA-seq would see them, genes x lines."""
    cells = next(s for s in read_single_cells() if s.name == "celseq2")
    rows = _mapped()
    rows = rows[rows["source"] == "celseq2"]
    cpm = mean_cpm(genes, cells)[rows["column"]].set_axis(rows["cvcl_id"].to_numpy(), axis=1)
    cpm = cpm.mul(factor, axis=0)
    theta = log_expression(cpm / cpm.sum() * 1e6)
    offset = _protocol_offset(theta, panel)
    offset[np.logical_or(*sex_specific(genes))] = 0.0
    # What was not seen in some million reads stays unseen.
    moved = theta.sub(offset, axis=0).where(theta > LEAST_THETA, LEAST_THETA)
    return moved.clip(lower=LEAST_THETA)


def _protocol_offset(theta: pd.DataFrame, panel: pd.DataFrame) -> Array:
    """What a protocol adds to each gene of its lines ``theta``, found beside the most similar lines of ``panel``.

    The difference of the two means holds the protocol's offset (variance the same for all genes) and biology (variance
    as between the panel's lines); the offset's expectation given both, by empirical Bayes.
    """
    mean = theta.mean(axis=1)
    known = (mean.notna() & panel.notna().all(axis=1)).to_numpy()
    centre = panel[known].mean(axis=1)
    similarity = panel[known].sub(centre, axis=0).corrwith(mean[known] - centre)
    peers = panel[similarity.sort_values(ascending=False, kind="stable").index[:PEERS]]
    difference = (mean - peers.mean(axis=1)).to_numpy()
    biology = peers.var(axis=1, ddof=1).to_numpy() * (1 / theta.shape[1] + 1 / PEERS)
    expressed = known & ((mean > 0) | (peers.mean(axis=1) > 0)).to_numpy()
    protocol = max(float((difference[expressed] ** 2 - biology[expressed]).mean()), 0.0)
    offset: Array = np.where(known, difference * protocol / (protocol + biology + 1e-9), 0.0)
    return np.nan_to_num(offset)


def _with_xist(genes: GeneTable, theta: pd.DataFrame) -> pd.DataFrame:
    """XIST and TSIX where nobody measured them: none in men's lines, in women's the mean of those measured.

    Women's lines of healthy donors keep an inactive X (lymphoblastoid lines tell how much XIST that is); cancers often
    lose it, so theirs are averaged apart.
    """
    sex, origin = donor_sex(), origins()
    out = theta.copy()
    for symbol in ("XIST", "TSIX"):
        row = pd.Series(theta.loc[genes.by_symbol[symbol]])
        for term in row.index[row.isna()]:
            alike = [
                t for t in row.index if sex[t] == sex[term] == "female" and bool(origin[t][1]) == bool(origin[term][1])
            ]
            measured = row[alike].dropna()
            out.loc[genes.by_symbol[symbol], term] = measured.mean() if len(measured) else LEAST_THETA
    return out
