"""DESeq2's model of counts against R's DESeq2 on the same counts, and what happens on the way."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthome.analysis.differential import Comparison, comparison_between, deseq
from synthome.analysis.differential.comparison import ComparisonError, DifferentialTable
from synthome.errors import PredictionCancelled
from synthome.prediction import Prediction
from tests.predictions import make_prediction

REFERENCE = Path(__file__).parent / "data" / "deseq2_reference.csv.gz"


@cache
def counts() -> Prediction:
    """Eight samples of each of two groups, 2,000 genes of which a quarter differ, some a little; one outlying count."""
    made = make_prediction([8, 8], n_genes=2000, dispersion=0.1, library_size=2_000_000, markers=False, seed=7)
    rng = np.random.default_rng(8)
    values = made.expression.to_numpy().astype(float)
    values[8:, :500] *= np.exp2(rng.normal(0, 1, 500))
    values = rng.poisson(values)
    values[3, 1000] = 60_000
    return replace(made, expression=pd.DataFrame(values.astype(np.int32), columns=made.expression.columns))


def comparison(prediction: Prediction) -> Comparison:
    return comparison_between(prediction.conditions, "Group 2", "Group 1")


@cache
def result() -> DifferentialTable:
    return deseq(counts(), comparison(counts()))


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return pd.read_csv(REFERENCE, index_col=0)


def test_fold_changes_are_those_of_r(reference: pd.DataFrame) -> None:
    ours, theirs = result().rows["log2_fold_change"], reference["log2FoldChange"]
    tested = theirs.notna().to_numpy()
    assert (ours.notna().to_numpy() == tested).all()
    assert np.corrcoef(ours[tested], theirs[tested])[0, 1] >= 0.999
    np.testing.assert_allclose(result().rows["base_mean"], reference["baseMean"], rtol=1e-6)


def test_calls_at_five_per_cent_are_those_of_r(reference: pd.DataFrame) -> None:
    ours = (result().rows["adjusted_p_value"] <= 0.05).to_numpy()
    theirs = (reference["padj"] <= 0.05).to_numpy()
    assert theirs.sum() > 200
    assert (ours == theirs).mean() >= 0.98
    assert (ours & theirs).sum() / (ours | theirs).sum() >= 0.95


def test_a_positive_fold_change_is_higher_in_the_group() -> None:
    shares = counts().expression.to_numpy() / counts().expression.to_numpy().sum(axis=1, keepdims=True)
    ratio = np.log2((shares[8:].mean(axis=0) + 1e-7) / (shares[:8].mean(axis=0) + 1e-7))
    called = (result().rows["adjusted_p_value"] <= 0.001).to_numpy()
    assert (np.sign(ratio[called]) == np.sign(result().rows["log2_fold_change"].to_numpy()[called])).all()


def test_genes_without_counts_have_no_values_and_a_base_mean_of_zero() -> None:
    values = counts().expression.copy()
    values.iloc[:, :3] = 0
    table = deseq(replace(counts(), expression=values), comparison(counts())).rows
    assert table["p_value"].iloc[:3].isna().all()
    assert (table["base_mean"].iloc[:3] == 0).all()
    assert len(table) == 2000


def test_progress_rises_to_one_and_says_what_is_estimated() -> None:
    told: list[tuple[float, str]] = []
    deseq(counts(), comparison(counts()), progress=lambda fraction, activity: told.append((fraction, activity)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len({activity for _, activity in told}) >= 4


def test_a_comparison_can_be_stopped_on_the_way() -> None:
    told: list[float] = []
    with pytest.raises(PredictionCancelled):
        deseq(
            counts(),
            comparison(counts()),
            progress=lambda fraction, _: told.append(fraction),
            cancelled=lambda: len(told) >= 5,
        )
    assert max(told) < 0.9


def test_counts_without_a_gene_that_all_samples_have_say_what_to_do_instead() -> None:
    values = counts().expression.copy()
    values.iloc[0, :1000] = 0
    values.iloc[1, 1000:] = 0
    with pytest.raises(ComparisonError, match="quick look"):
        deseq(replace(counts(), expression=values), comparison(counts()))


if __name__ == "__main__":
    counts().expression.T.to_csv(sys.argv[1])
