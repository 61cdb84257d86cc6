"""What a comparison of synthetic samples warns of: only what is so."""

from __future__ import annotations

import pandas as pd

from synthome.analysis.differential import cautions, comparison_between
from tests.predictions import make_prediction

METADATA = pd.DataFrame(
    {
        "tissue_ontology_id": ["liver"] * 3 + ["heart"] * 3,
        "sex": ["male"] * 3 + ["female"] * 3,
        "age_years": ["40", "50", "60"] * 2,
        "perturbation_ontology_id": [None] * 3 + ["CHEBI:41879"] * 3,
        "perturbation_dose": [None] * 3 + ["1 um"] * 3,
    }
)


def told(metadata: pd.DataFrame, by: str = "condition", *, noiseless: bool = False, size: int = 3) -> list[str]:
    prediction = make_prediction([size, size], metadata=metadata)
    labels = prediction.conditions if by == "condition" else [str(value) for value in metadata[by]]
    first, second = dict.fromkeys(labels)
    return cautions(prediction, comparison_between(labels, second, first), by, noiseless=noiseless)


def test_that_replicates_are_draws_of_a_model_is_always_said_and_nothing_else_without_cause() -> None:
    (sentence,) = told(METADATA[["tissue_ontology_id", "age_years"]])
    assert "draws of a model" in sentence


def test_conditions_that_differ_in_several_factors_name_them_a_perturbation_once() -> None:
    sentence = told(METADATA)[-1]
    assert sentence == "The groups differ in tissue, sex and perturbation at once; a gene may follow any of these."


def test_groups_of_a_key_name_what_else_sets_them_apart() -> None:
    sentence = told(METADATA[["tissue_ontology_id", "sex", "age_years"]], "sex")[-1]
    assert sentence == "The groups differ in tissue too, not in sex alone; a gene may follow either."


def test_a_factor_whose_values_both_groups_have_is_no_cause_of_a_warning() -> None:
    mixed = METADATA[["sex", "age_years"]].assign(tissue_ontology_id=["liver", "heart"] * 3)
    assert len(told(mixed, "sex")) == 1


def test_mean_estimates_and_pairs_of_samples_are_warned_of() -> None:
    sentences = told(METADATA[["sex"]].iloc[[0, 1, 3, 4]].reset_index(drop=True), noiseless=True, size=2)
    assert any("mean estimates" in sentence for sentence in sentences)
    assert any("two samples" in sentence for sentence in sentences)
