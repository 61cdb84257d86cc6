"""An unseen atlas: tissues fitted without GTEx in any form, beside GTEx.

HPA's consensus table, which is the maximum of HPA and GTEx, plays no part in any fit. Figures are medians over tissues:
the same name does not always mean the same tissue in two atlases (salivary gland is a major gland in HPA and the minor
glands in GTEx). Means stand beside them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import PSEUDO_CPM, cpm_of
from synthome.ontology import default_index
from training.bulk_tables import by_term
from training.leave_out import tissues_without
from training.scorecard.agreement import Agreement, agreement
from training.scorecard.bootstrap import mean_interval, median_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.sources import mapping, read_matrix

__all__ = ["measure", "nearest_other", "one_of_each_twin"]

Array = npt.NDArray[np.float64]
NEAREST, GLOBAL, CHANCE = "nearest relative", "global mean", "chance"
PLAIN = "HPA's table as it is"


def measure(evidence: Evidence) -> list[Score]:
    """Centred r, error, retrieval and markers over the tissues that both HPA and GTEx have."""
    genes = evidence.genes
    fitted = tissues_without(genes, frozenset({"GTEx"})).theta
    gtex = genes.ensembl_rows(read_matrix("tissues/gtex_tissue_tpm.tsv.gz"))
    real = by_term(gtex / gtex.sum() * 1e6, "gtex_tpm")
    terms = one_of_each_twin([t for t in real.columns if t in fitted.columns])
    coding = (genes.table["biotype"] == "protein_coding") & (genes.table["chromosome"] != "MT")
    rows = (coding & real[terms].notna().all(axis=1)).to_numpy()
    truth = np.log2(real.loc[rows, terms].to_numpy() + 1)
    predicted = np.log2(cpm_of(fitted.loc[rows, terms].to_numpy()) + 1)
    own = agreement(predicted, truth)
    nearest = agreement(predicted, truth, nearest_other(terms))
    hpa = genes.ensembl_rows(read_matrix("tissues/hpa_tissue_tpm.tsv.gz"))
    as_it_is = by_term(hpa / hpa.sum() * 1e6, "hpa").loc[rows, terms].fillna(0.0).to_numpy()
    plain = agreement(np.log2(as_it_is + 1), truth)
    return _scores(own, nearest, plain, truth, _two_pipelines(evidence, real, terms, rows))


def _scores(own: Agreement, nearest: Agreement, plain: Agreement, truth: Array, ceiling: Agreement) -> list[Score]:
    tissues = len(own.r)
    n = f"{tissues} tissues"
    others = (truth.sum(axis=1, keepdims=True) - truth) / (tissues - 1)
    of_mean = float(np.median(np.sqrt(((truth - others) ** 2).mean(axis=0))))
    same = "same GTEx samples, other pipeline"
    return [
        Score(
            "centred r",
            float(np.median(own.r)),
            n,
            "How well the model tells, gene by gene, in what a tissue differs from the average tissue "
            f"(mean {own.r.mean():.3f}).",
            median_interval(own.r),
            {GLOBAL: 0.0, NEAREST: float(np.median(nearest.r)), PLAIN: float(np.median(plain.r))},
            (GLOBAL, NEAREST),
            (same, float(np.median(ceiling.r))),
            at_least=0.80,
        ),
        Score(
            "error in log2",
            float(np.median(own.error)),
            n,
            "Typical distance of a gene's predicted from its measured expression; 1 is a factor of two. Each gene's "
            "constant offset between the atlases is taken from the other tissues "
            f"(mean {own.error.mean():.3f}).",
            median_interval(own.error),
            {GLOBAL: of_mean, NEAREST: float(np.median(nearest.error)), PLAIN: float(np.median(plain.error))},
            (GLOBAL, NEAREST),
            (same, float(np.median(ceiling.error))),
            at_most=0.62,
            higher_is_better=False,
        ),
        Score(
            "tissue retrieval, top-1",
            float(own.found.mean()),
            n,
            "Share of GTEx tissues whose most similar predicted tissue is their own.",
            mean_interval(own.found),
            {CHANCE: 1 / tissues, NEAREST: float(nearest.found.mean()), PLAIN: float(plain.found.mean())},
            (CHANCE, NEAREST),
            (same, float(ceiling.found.mean())),
            at_least=0.93,
        ),
        Score(
            "markers, AUROC of the top 100",
            float(np.median(own.marker_auroc)),
            n,
            "How surely the hundred genes that mark a tissue in GTEx come first in the prediction; 0.5 is guessing "
            f"(mean {own.marker_auroc.mean():.3f}).",
            median_interval(own.marker_auroc),
            {
                GLOBAL: 0.5,
                NEAREST: float(np.median(nearest.marker_auroc)),
                PLAIN: float(np.median(plain.marker_auroc)),
            },
            (GLOBAL, NEAREST),
            (same, float(np.median(ceiling.marker_auroc))),
            at_least=0.97,
        ),
        Score(
            "slope of real on predicted differences",
            float(own.slope.mean()),
            n,
            "1 where differences between tissues have their true size; above 1 they are drawn towards the average, as "
            "they should be where evidence is thin, below 1 they are exaggerated.",
            mean_interval(own.slope),
        ),
    ]  # fmt: skip


def one_of_each_twin(terms: list[str]) -> list[str]:
    """Terms that rest on different columns of HPA's table.

    Of those that share one (brain and cerebral cortex) that which rests on the fewest columns of GTEx, then the first.
    """
    rows = mapping("tissues")
    breadth = rows.loc[rows["source"] == "gtex_tpm", "uberon_id"].value_counts()
    rows = rows[(rows["source"] == "hpa") & rows["uberon_id"].isin(terms)]
    rows = rows.assign(breadth=rows["uberon_id"].map(breadth)).sort_values(["breadth", "uberon_id"])
    return sorted(set(rows.drop_duplicates("column")["uberon_id"]))


def nearest_other(terms: list[str]) -> npt.NDArray[np.intp]:
    """For each term the place of its nearest relative among the others."""
    graph = default_index().graph
    out = []
    for term in terms:
        others = [other for other in terms if other != term]
        out.append(terms.index(graph.nearest(term, others, limit=1)[0].id))
    return np.array(out, dtype=np.intp)


def _two_pipelines(evidence: Evidence, tpm: pd.DataFrame, terms: list[str], rows: npt.NDArray[np.bool_]) -> Agreement:
    """GTEx as counts beside GTEx as TPM: what an atlas that saw the same samples would score."""
    table = evidence.genes.ensembl_rows(read_matrix("tissues/gtex_subtissue_counts.tsv.gz"))
    counts = by_term(table / table.sum() * 1e6, "gtex_counts")
    both = [term for term in terms if term in counts.columns]
    known = rows & counts[both].notna().all(axis=1).to_numpy()
    a, b = (np.log2(t.loc[known, both].to_numpy() + 2 * PSEUDO_CPM) for t in (counts, tpm))
    return agreement(a, b)
