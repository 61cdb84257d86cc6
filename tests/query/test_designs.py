"""Designs keep what was typed and become queries."""

from __future__ import annotations

import json

import pytest

from synthome.errors import QueryError
from synthome.query import BULK, SINGLE_CELL, example_query
from synthome.query.designs import Design, DesignCondition, describe, design_from_json, design_from_query

LABELS = {"UBERON:0002107": "liver", "CVCL_0023": "A-549", "CL:0000084": "T cell"}.get

LIVER = DesignCondition({"tissue_ontology_id": "UBERON:0002107", "sex": "female"}, 3)


def test_a_slip_is_kept_in_the_design_and_told_by_the_query() -> None:
    design = Design((LIVER.with_value("perturbation_dose", "10µM"),))
    assert design.conditions[0].values["perturbation_dose"] == "10µM"
    with pytest.raises(QueryError) as caught:
        design.to_query()
    assert caught.value.errors[0].path == "inputs.0.metadata.perturbation_dose"
    assert caught.value.errors[0].suggestion == "10 um"


def test_an_empty_design_asks_for_a_condition() -> None:
    with pytest.raises(QueryError, match="add one"):
        Design().to_query()


def test_an_emptied_value_is_unset() -> None:
    assert "sex" not in LIVER.with_value("sex", "").values
    assert "sex" not in LIVER.with_value("sex", None).values


def test_a_duplicate_stands_beside_its_original_under_its_own_identity() -> None:
    other = DesignCondition(name="other")
    named = DesignCondition(LIVER.values, 3, "mine")
    design = Design((named, other)).duplicate(named.uid)
    assert [c.name for c in design.conditions] == ["mine", "mine copy", "other"]
    assert len({c.uid for c in design.conditions}) == 3
    assert design.conditions[1].values == named.values


def test_removing_takes_one_condition_and_leaves_the_rest() -> None:
    other = DesignCondition()
    assert Design((LIVER, other)).remove(LIVER.uid).conditions == (other,)


def test_names_are_given_or_described_and_all_different() -> None:
    design = Design((LIVER, LIVER, DesignCondition(name=" Mine "), DesignCondition()))
    assert design.names(LABELS) == ("Liver, female", "Liver, female (2)", "Mine", "Any sample")


def test_a_description_names_what_tells_most_first() -> None:
    values = {
        "sex": "male",
        "age_years": "65",
        "cell_line_ontology_id": "CVCL_0023",
        "tissue_ontology_id": "UBERON:9999999",
        "sample_type": "cell line",
    }
    assert describe(values, LABELS) == "A-549, UBERON:9999999, male, 65 years"


def test_single_cell_takes_the_strategy_that_it_answers() -> None:
    design = Design((LIVER,), sampling_strategy="sample generation").for_model(SINGLE_CELL)
    assert design.sampling_strategy == "mean estimation"
    assert design.to_query().sampling_strategy == "mean estimation"


def test_a_design_survives_json_with_names_and_faults() -> None:
    design = Design(
        (LIVER.with_value("sex", "femal"), DesignCondition(num_samples=None, name="β-cells")),
        SINGLE_CELL,
        "mean estimation",
        20_000,
        True,
        7,
        "Mine",
    )
    again = design_from_json(json.loads(json.dumps(design.to_json())))
    assert again.to_json() == design.to_json()


@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL])
def test_a_query_and_its_design_ask_the_same(model_id: str) -> None:
    query = example_query(model_id)
    assert design_from_query(query, model_id).to_query() == query
    assert design_from_json(json.dumps(query.to_contract())).to_query() == query


@pytest.mark.parametrize("body", ["{", "[]", {}, {"inputs": [3]}, {"inputs": [{"metadata": 3}]}, None])
def test_what_is_no_design_is_refused_in_words(body: object) -> None:
    with pytest.raises(QueryError) as caught:
        design_from_json(body)
    assert str(caught.value)
