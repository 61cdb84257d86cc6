"""What the refitted signatures of diseases, infections and ligands say, gene by gene, against textbook knowledge."""

from __future__ import annotations

import os

import numpy as np
import pytest

from training.diseases import fit_diseases
from training.infections import fit_infections
from training.ligands import fit_ligands

pytestmark = pytest.mark.refit


@pytest.fixture(scope="module")
def fitted(genes):
    if os.environ.get("SYNTHOME_REFIT") != "1":
        pytest.skip("refits for a minute; set SYNTHOME_REFIT=1 to run it")
    diseases = fit_diseases(genes)
    signatures = [*diseases, *fit_infections(genes), *fit_ligands(genes, diseases)]
    return genes, {signature.term.id: signature for signature in signatures}


KNOWN = {
    "MONDO:0005083": ("DEFB4A KRT16 S100A9 SERPINB4", "BTC"),
    "MONDO:0002367": ("CA9 NDUFA4L2 VEGFA", "UMOD CALB1"),
    "MONDO:0005101": ("DUOX2 S100A8 CXCL1", "AQP8 CLDN8"),
    "MONDO:0007915": ("IFI27 IFI44L RSAD2", ""),
    "MONDO:0005036": ("CST1 COL10A1", "CCKBR"),
    "2697049": ("IFIT1 MX1 IFNL1 CXCL10", ""),
    "11250": ("IFIT1 MX1 ISG15 IFNB1", ""),
    "11320": ("IFNL1 CXCL10", ""),
    "11216": ("IFIT1 MX1 ISG15 IFNB1", ""),
    "ENSG00000125378": ("NOG SMAD6 BAMBI", ""),
    "ENSG00000105329": ("PMEPA1", ""),
    "ENSG00000113520": ("ALOX15 CCL22 MAOA", "CD14"),
    "ENSG00000171855": ("IFIT1 MX1 IFI44L", ""),
}


@pytest.mark.parametrize("term", sorted(KNOWN))
def test_known_genes_move_the_right_way(fitted, term):
    genes, signatures = fitted
    for symbols, sign in zip(KNOWN[term], (1, -1), strict=True):
        for symbol in symbols.split():
            assert sign * signatures[term].values[genes.ids.get_loc(genes.by_symbol[symbol])] > 0.05, symbol


def test_values_are_finite_of_credible_size_and_reliabilities_lie_between_0_and_1(fitted):
    genes, signatures = fitted
    for signature in signatures.values():
        assert signature.values.shape == (len(genes.ids),)
        assert np.isfinite(signature.values).all()
        assert np.abs(signature.values).max() < 12
        assert 0 <= signature.term.reliability <= 1


def test_diseases_without_evidence_say_so_and_hardly_move(fitted):
    _, signatures = fitted
    for term in ("MONDO:0005260", "MONDO:0004979", "MONDO:0005311"):
        assert "no reliable change" in signatures[term].term.note
        assert np.quantile(np.abs(signatures[term].values), 0.99) < 0.02


def test_a_virus_left_out_is_gone_and_the_rest_stays(fitted):
    genes, _ = fitted
    left = {s.term.id for s in fit_infections(genes, frozenset({"Series8"}))}
    assert left == {"11250", "11320", "2697049"}
