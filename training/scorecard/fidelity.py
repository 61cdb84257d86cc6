"""Faithfulness: whether the models give back what they were fitted to. It says nothing of generalisation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthome.models.embedded import EmbeddedModel
from training.genes import GeneTable
from training.scorecard.asking import expected_cpm, generated, log2_cpm, symbol_ids
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.sources import mapping, read_matrix

__all__ = ["measure"]

SAMPLES = 3
TISSUE, CELL_TYPE, CELL_LINE = "tissue_ontology_id", "cell_type_ontology_id", "cell_line_ontology_id"
MARKERS = (
    ("ALB", TISSUE, "UBERON:0002107"),
    ("INS", TISSUE, "UBERON:0000006"),
    ("GFAP", TISSUE, "UBERON:0002240"),
    ("UMOD", TISSUE, "UBERON:0001225"),
    ("SFTPC", TISSUE, "UBERON:0002048"),
    ("TG", TISSUE, "UBERON:0002046"),
    ("KLK3", TISSUE, "UBERON:0002367"),
    ("PRM1", TISSUE, "UBERON:0000473"),
    ("HBG1", CELL_LINE, "CVCL_0004"),
    ("ALB", CELL_LINE, "CVCL_0027"),
    ("GFAP", CELL_TYPE, "CL:0000127"),
    ("INS", CELL_TYPE, "CL:0000169"),
    ("MS4A1", CELL_TYPE, "CL:0000788"),
)


def measure(evidence: Evidence) -> list[Score]:
    """Marker genes, and made samples beside the GTEx sub-tissues that the model was fitted on."""
    return [_markers(evidence.bulk), *_retrieval(evidence.genes, evidence.bulk)]


def _markers(model: EmbeddedModel) -> Score:
    ids = symbol_ids(model.genes)
    wrong = []
    for key in (TISSUE, CELL_TYPE, CELL_LINE):
        terms = sorted(model.vocabulary().learned(key))
        cpm = pd.DataFrame(expected_cpm(model, [{key: term} for term in terms]), model.genes.index, terms)
        for symbol, of, term in MARKERS:
            if of != key:
                continue
            best = str(cpm.loc[ids[symbol]].idxmax())
            if best != term:
                wrong.append(f"{symbol} peaks in {model.vocabulary().label(best)}")
    meaning = "Genes that a textbook names for a tissue, cell type or line are highest there among all learned terms"
    return Score(
        "textbook markers that peak where they should",
        1 - len(wrong) / len(MARKERS),
        f"{len(MARKERS)} markers",
        meaning + (f"; not so: {', '.join(wrong)}." if wrong else "."),
        at_least=0.9,
    )


def _retrieval(genes: GeneTable, model: EmbeddedModel) -> list[Score]:
    """Generated samples of each GTEx tissue whose nearest real profile is their own."""
    rows = mapping("tissues")
    breadth = rows["uberon_id"].map(rows["uberon_id"].value_counts())
    rows = rows[(rows["source"] == "gtex_counts") & (rows["uberon_id"] != "")].assign(breadth=breadth)
    # The narrowest term of each sub-tissue: "skin of leg" rather than "skin".
    rows = rows.sort_values(["breadth", "uberon_id"]).drop_duplicates("column")
    real = genes.ensembl_rows(read_matrix("tissues/gtex_subtissue_counts.tsv.gz"))[rows["column"]]
    known = real.notna().all(axis=1).to_numpy()
    made = generated(model, [{TISSUE: term} for term in rows["uberon_id"]], SAMPLES, seed=7)
    a, b = log2_cpm(made.expression.to_numpy().T[known]), log2_cpm(real[known])
    similarity = np.corrcoef((a - a.mean(axis=1, keepdims=True)).T, (b - b.mean(axis=1, keepdims=True)).T)
    nearest = rows["column"].to_numpy()[similarity[: a.shape[1], a.shape[1] :].argmax(axis=1)]
    own = np.repeat(rows["column"].to_numpy(), SAMPLES)
    organ, own_organ = (np.array([name.split(" - ")[0] for name in names]) for names in (nearest, own))
    n = f"{len(rows)} sub-tissues, {len(own)} samples"
    return [
        _share("samples nearest to their own GTEx sub-tissue", nearest == own, n, 1 / len(rows), "sub-tissue"),
        _share("samples nearest to their own organ", organ == own_organ, n, 1 / len(set(own_organ)), "organ"),
    ]


def _share(name: str, right: np.ndarray, n: str, chance: float, what: str) -> Score:
    by_tissue = right.reshape(-1, SAMPLES).mean(axis=1)
    meaning = f"A made sample looks most like the real {what} that it is meant to be. The model was fitted on these."
    return Score(name, float(right.mean()), n, meaning, mean_interval(by_tissue), {"chance": chance}, ("chance",))
