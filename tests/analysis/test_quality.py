"""Depth, composition and likeness of samples; and which of them are told to be unusual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from synthome.analysis import log_cpm
from synthome.analysis.likeness import sample_correlation
from synthome.analysis.quality import quality, unusual_samples
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
