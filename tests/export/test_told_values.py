"""What real samples were told to be, as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd

from synthome.export.told_values import classifier_probs_csv
from synthome.prediction import Prediction
from tests.predictions import make_prediction

LABELS = {"UBERON:0002107": "liver", "CL:0000182": "=hepatocyte"}


def told(names: tuple[str, ...], *rows: dict[str, dict[str, float]]) -> Prediction:
    return replace(make_prediction([1] * len(rows), names=names), classifier_probs=pd.DataFrame(rows))


def lines(prediction: Prediction) -> list[list[str]]:
    return list(csv.reader(io.StringIO(classifier_probs_csv(prediction, LABELS.get).decode())))


def test_every_value_that_was_weighed_is_a_row_the_most_probable_first() -> None:
    rows = lines(told(("A", "B"), {"sex": {"male": 0.25, "female": 0.75}}, {"sex": {"male": 1.0}}))
    assert rows == [
        ["sample", "what", "value", "label", "probability"],
        ["A", "sex", "female", "female", "0.75"],
        ["A", "sex", "male", "male", "0.25"],
        ["B", "sex", "male", "male", "1"],
    ]


def test_a_term_has_its_label_beside_it_and_nothing_starts_a_formula() -> None:
    rows = lines(told(("=1+1",), {"tissue": {"UBERON:0002107": 1.0}, "cell_type": {"CL:0000182": 1.0}}))
    assert rows[1] == ["'=1+1", "tissue", "UBERON:0002107", "liver", "1"]
    assert rows[2][3] == "'=hepatocyte"


def test_a_thing_that_was_weighed_of_another_sample_only_makes_no_row() -> None:
    rows = lines(told(("A", "B"), {"sex": {"male": 1.0}}, {"tissue": {"UBERON:0002107": 1.0}}))
    assert [row[:2] for row in rows[1:]] == [["A", "sex"], ["B", "tissue"]]


def test_without_probabilities_there_is_a_header_alone() -> None:
    assert lines(make_prediction([1])) == [["sample", "what", "value", "label", "probability"]]
