"""A model with the shipped profiles and effects made for tests, so that what happens to an effect can be foreseen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synthome.models.embedded.model import EmbeddedModel
from synthome.models.embedded.signatures import SignatureTerm, load_effects
from synthome.models.embedded.weights import load_weights
from synthome.ontology import default_index
from training.signatures import Signature, perturbation_directions, save_effects

PSORIASIS, GUTTATE, ASTHMA = "MONDO:0005083", "MONDO:0023297", "MONDO:0004979"
DEXAMETHASONE, PREDNISOLONE, GLUCOCORTICOID = "CHEBI:41879", "CHEBI:8378", "CHEBI:24261"
SARS_COV_2, SKIN, A549 = "2697049", "UBERON:0002097", "CVCL_0023"
CHANGED = {"psoriasis": "KRT16", "compound": "TSC22D3", "virus": "ISG15", "loss": "SDF2L1", "gain": "CDKN1A"}


class MadeEffects:
    """Writes made signatures: each moves the gene of its name by a known amount."""

    def __init__(self, genes: list[str], symbols: list[str]) -> None:
        self.gene = dict(zip(symbols, genes, strict=True))
        self._row = {symbol: row for row, symbol in enumerate(symbols)}
        self._number = len(genes)

    def signature(self, term: SignatureTerm, **changes: float) -> Signature:
        values = np.zeros(self._number)
        for symbol, change in changes.items():
            values[self._row[symbol]] = change
        return Signature(term, values)

    def write(self, folder: Path) -> None:
        sign, gene = self.signature, self.gene
        compound = {"dose": "10 um", "time": "24 hours"}
        families = {
            "disease": [
                sign(SignatureTerm(PSORIASIS, "psoriasis", ("A", "B"), 0.8, 9, SKIN), KRT16=2.0, ALB=0.5, CD3E=1.0)
            ],
            "compound": [
                sign(SignatureTerm(DEXAMETHASONE, "dexamethasone", ("L",), 0.6, 9, **compound), TSC22D3=1.0),
                sign(
                    SignatureTerm(PREDNISOLONE, "prednisolone", ("L",), 0.4, 9, aliases=("CHEMBL131",), **compound),
                    TSC22D3=0.5,
                ),
            ],
            "knockdown": [sign(SignatureTerm(gene["HSPA5"], "HSPA5", ("P",), 0.5, 9), SDF2L1=1.0)],
            "overexpression": [
                sign(SignatureTerm(gene["TP53"], "TP53", ("L",), 0.5, 9), CDKN1A=1.0),
                sign(SignatureTerm(gene["TNF"], "TNF", ("L",), 0.5, 9), NFKBIA=1.0),
            ],
            "infection": [
                sign(SignatureTerm(SARS_COV_2, "SARS-CoV-2", ("V",), 0.7, 9, A549, "2 moi", "24 hours"), ISG15=3.0)
            ],
            "ligand": [sign(SignatureTerm(gene["TGFB1"], "TGFB1", ("N",), 0.5, 9), SERPINE1=1.0)],
            "stage": [
                sign(SignatureTerm("fetal", "fetal", ("F",), 0.3, 9), H19=1.0),
                sign(SignatureTerm("fetal|UBERON:0002107", "fetal liver", ("F",), 0.6, 9), AFP=3.0),
            ],
            "sample_type": [sign(SignatureTerm("cell line", "cell line", ("H",), 0.5, 9), MKI67=1.0)],
            "age": [sign(SignatureTerm("decade", "a decade of age", ("I",), 0.2, 9), CDKN2A=0.2)],
        }
        directions = perturbation_directions(families["compound"] + families["infection"] + families["knockdown"])
        save_effects(families, directions, {"version": "made"}, folder)


def model_with_made_effects(model_id: str, file: str, folder: Path) -> EmbeddedModel:
    """The model ``model_id`` on its shipped profiles, with made effects."""
    weights = load_weights(file)
    MadeEffects(list(weights.genes.index), list(weights.genes["symbol"])).write(folder)
    return EmbeddedModel(model_id, weights, load_effects(folder), default_index())
