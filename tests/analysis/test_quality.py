"""Depth, composition and likeness of samples; and which of them are told to be unusual."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.likeness import sample_correlation
from synthome.analysis.quality import Quality, quality, unusual_samples
from synthome.export.quality import quality_csv
from synthome.prediction import Prediction
from tests.predictions import make_prediction

MADE = make_prediction([10, 10])


def with_counts(counts: np.ndarray, **genes: object) -> Prediction:
    expression = pd.DataFrame(counts, columns=MADE.expression.columns)
    return replace(MADE, expression=expression, genes=MADE.genes.assign(**genes))


def test_depth_genes_and_shares_are_those_of_the_counts() -> None:
    counts = np.zeros((20, 1500), dtype=np.int32)
    counts[:, :60] = 1
    counts[:, 0] = 40
    chromosome = ["MT"] + ["1"] * 1499
    found = quality(with_counts(counts, chromosome=chromosome))
    assert set(found.library_size) == {99}
    assert set(found.detected) == {60}
    assert set(found.mitochondrial.round(6)) == {round(40 / 99, 6)}
    assert set(found.top.round(6)) == {round((40 + 49) / 99, 6)}


def test_mitochondrial_genes_are_known_by_their_symbol_where_the_chromosome_is_not() -> None:
    symbols = ["MT-ND1", *MADE.genes["symbol"][1:]]
    found = quality(with_counts(np.ones((20, 1500), dtype=np.int32), symbol=symbols, chromosome=""))
    np.testing.assert_allclose(found.mitochondrial, 1 / 1500)


def test_a_sample_without_counts_has_shares_of_zero() -> None:
    counts = MADE.expression.to_numpy().copy()
    counts[4] = 0
    found = quality(with_counts(counts))
    assert (found.library_size[4], found.detected[4], found.top[4]) == (0, 0, 0.0)


def test_correlation_of_samples_is_numpys() -> None:
    values = log_cpm(MADE.expression)
    columns = np.arange(0, 1500, 3)
    np.testing.assert_allclose(sample_correlation(values, columns), np.corrcoef(values[:, columns]), atol=1e-9)


def test_nothing_is_unusual_in_samples_that_are_alike() -> None:
    assert unusual_samples(quality(MADE), MADE.sample_names) == []


def test_a_shallow_sample_is_told_with_its_number_and_the_usual_one() -> None:
    counts = MADE.expression.to_numpy().copy()
    counts[3] = np.random.default_rng(1).binomial(counts[3], 0.05)
    told = unusual_samples(quality(with_counts(counts)), MADE.sample_names)
    depth = next(sentence for sentence in told if "library size" in sentence)
    assert depth.startswith(MADE.sample_names[3])
    assert "is low" in depth
    assert all(sentence.startswith(MADE.sample_names[3]) for sentence in told)


def test_the_table_has_one_named_row_a_sample() -> None:
    table = quality(MADE).table(MADE.sample_names)
    assert list(table.index) == list(MADE.sample_names)
    assert (table["library_size"] == MADE.expression.sum(axis=1).to_numpy()).all()


def test_a_sample_is_judged_among_its_own_condition() -> None:
    rare = make_prediction([16, 4])
    found = replace(quality(rare), detected=np.array([1000] * 16 + [500] * 4))
    assert len(unusual_samples(found, rare.sample_names)) == 4
    assert unusual_samples(found, rare.sample_names, rare.condition) == []


def test_conditions_of_three_samples_are_not_judged() -> None:
    few = make_prediction([3, 3])
    found = replace(quality(few), detected=np.array([1000, 1000, 10, 1000, 1000, 1000]))
    assert unusual_samples(found, few.sample_names, few.condition) == []


def test_a_sample_unlike_its_condition_is_told() -> None:
    counts = MADE.expression.to_numpy().copy()
    counts[5] = np.random.default_rng(2).permutation(counts[5])
    told = unusual_samples(quality(with_counts(counts)), MADE.sample_names, MADE.condition)
    assert any(
        sentence.startswith(f"{MADE.sample_names[5]}: correlation with its condition is low") for sentence in told
    )


def test_what_is_not_known_is_neither_zero_nor_unusual() -> None:
    found = quality(with_counts(MADE.expression.to_numpy()))
    assert np.isnan(found.mitochondrial).all()
    assert not any("mitochondrial" in sentence for sentence in unusual_samples(found, MADE.sample_names))


def test_the_file_names_samples_and_conditions_and_leaves_the_unknown_empty() -> None:
    named = make_prediction([2, 1], names=["=Liver", "Brain"])
    rows = list(csv.DictReader(io.StringIO(quality_csv(quality(named), named).decode())))
    assert [row["condition"] for row in rows] == ["'=Liver", "'=Liver", "Brain"]
    assert [row["sample"] for row in rows] == ["'=Liver 01", "'=Liver 02", "Brain 01"]
    assert int(rows[0]["library_size"]) == named.expression.iloc[0].sum()
    assert {row["mitochondrial_share"] for row in rows} == {""}
    assert rows[2]["correlation_with_condition"] == ""
    assert 0.9 < float(rows[0]["correlation_with_condition"]) < 1


@pytest.mark.parametrize("n", [4, 5, 10, 20, 100])
def test_of_samples_that_differ_by_chance_hardly_any_is_called_unusual(n: int) -> None:
    conditions = 1000
    made = make_prediction([n * conditions], n_genes=2, dispersion=0)
    values = np.random.default_rng(n).normal(1_000, 100, n * conditions).round().astype(np.int64)
    found = Quality(*([np.ones(n * conditions)] * 5))
    told = unusual_samples(replace(found, detected=values), made.sample_names, np.repeat(np.arange(conditions), n))
    assert len(told) < 0.025 * conditions
