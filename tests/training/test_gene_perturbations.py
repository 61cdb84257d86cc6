from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.gene_perturbations import _centred, _specific_change, fit_knockdown, fit_overexpression


def test_what_every_knock_down_does_is_not_the_effect_of_one():
    scores = pd.DataFrame({"A": [1.0, 0.5], "B": [1.0, 0.0]}, index=["stress", "own"])
    centred = _centred(scores, scores.index, scores.columns)
    np.testing.assert_allclose(centred.loc["stress"], 0.0)
    assert centred.loc["own", "A"] > 0


def test_a_change_no_larger_than_the_common_one_is_no_effect():
    assert _specific_change(pd.DataFrame({"change": [0.1], "common": [0.12]})) == 0.0
    assert _specific_change(pd.DataFrame({"change": [0.3], "common": [0.1]})) == pytest.approx(0.2)
    assert _specific_change(pd.DataFrame({"change": [-0.3], "common": [0.1]})) == pytest.approx(-0.4)


@pytest.mark.refit
def test_two_thousand_genes_have_signatures_that_leave_the_target_to_the_model(genes):
    overexpressed, knocked_down = fit_overexpression(genes), fit_knockdown(genes)
    assert len({s.term.id for s in (*overexpressed, *knocked_down)}) >= 2_000
    for signature in (*overexpressed, *knocked_down):
        assert pd.Series(signature.values, genes.ids)[signature.term.id] == 0
    assert min(np.min(s.values) for s in knocked_down) == 0


@pytest.mark.refit
def test_knocking_down_hspa5_raises_its_fellow_chaperones(genes):
    target = genes.by_symbol["HSPA5"]
    signature = next(s for s in fit_knockdown(genes) if s.term.id == target)
    values = pd.Series(signature.values, genes.table["symbol"])
    assert set(values.nlargest(6).index) >= {"SDF2L1", "HSP90B1", "PDIA4"}
    assert signature.term.reliability > 0.5
