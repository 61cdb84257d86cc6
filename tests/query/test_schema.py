"""What a query may say, and what is said of one that it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthome.errors import QueryError, UnknownModelError
from synthome.query import BULK, KEYS, MODEL_RULES, SINGLE_CELL, Query, example_query, read_query
from synthome.query.units import DOSE_UNITS, TIME_UNITS
from synthome.query.values import MAX_TEXT, value_fault

BASE: dict[str, Any] = {
    "sampling_strategy": "mean estimation",
    "inputs": [{"metadata": {"tissue_ontology_id": "UBERON:0002107"}, "num_samples": 2}],
}


def faults(body: object, model_id: str | None = None) -> dict[str, str]:
    """The messages that ``body`` earns, by path."""
    with pytest.raises(QueryError) as caught:
        read_query(body, model_id)
    return {error.path: error.message for error in caught.value.errors}


def with_metadata(**metadata: object) -> dict[str, Any]:
    return {**BASE, "inputs": [{"metadata": metadata, "num_samples": 1}]}


def test_every_key_of_the_contract_is_there_and_no_other() -> None:
    assert set(KEYS) == {
        "age_years",
        "cell_line_ontology_id",
        "cell_type_ontology_id",
        "developmental_stage",
        "disease_ontology_id",
        "ethnicity",
        "genotype",
        "race",
        "sample_type",
        "sex",
        "tissue_ontology_id",
        "perturbation_dose",
        "perturbation_ontology_id",
        "perturbation_time",
        "perturbation_type",
        "study",
        "library_selection",
        "library_layout",
        "platform",
    }


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_each_key_is_accepted(key: str) -> None:
    query = read_query(with_metadata(**{key: KEYS[key].example}))
    assert query.inputs[0].metadata.given() == {key: KEYS[key].example}


@pytest.mark.parametrize("key", [key for key, spec in KEYS.items() if spec.choices])
def test_every_choice_of_a_closed_key_is_accepted_and_its_capitals_are_not(key: str) -> None:
    for choice in KEYS[key].choices:
        assert value_fault(key, choice) is None
        swapped = choice.swapcase()
        if swapped not in KEYS[key].choices:
            fault = value_fault(key, swapped)
            assert fault is not None
            assert fault.suggestion is not None
            assert fault.suggestion.lower() == choice.lower()


def test_a_wrong_choice_is_told_with_key_value_allowed_and_closest() -> None:
    message = faults(with_metadata(sex="femal"))["inputs.0.metadata.sex"]
    assert message == "sex: 'femal' is not allowed; male or female; did you mean female?"


@pytest.mark.parametrize(
    ("key", "value", "suggestion"),
    [
        ("perturbation_dose", "10µM", "10 um"),
        ("perturbation_dose", "10 uM", "10 um"),
        ("perturbation_dose", "5ng/mL", "5 ng/ml"),
        ("perturbation_dose", ".5 mM", "0.5 mm"),
        ("perturbation_dose", "ten um", None),
        ("perturbation_dose", "10 parsec", None),
        ("perturbation_dose", "-1 um", None),
        ("perturbation_time", "24h", "24 hours"),
        ("perturbation_time", "2 wk", "2 weeks"),
        ("perturbation_time", "soon", None),
        ("age_years", "65 years", "65"),
        ("age_years", "-3", None),
        ("age_years", "300", None),
        ("tissue_ontology_id", "UBERON_0002107", "UBERON:0002107"),
        ("tissue_ontology_id", "http://purl.obolibrary.org/obo/UBERON_0002107", "UBERON:0002107"),
        ("tissue_ontology_id", "CL:0000236", None),
        ("cell_line_ontology_id", "CVCL:0023", "CVCL_0023"),
        ("perturbation_ontology_id", "NCBITaxon:9606", "9606"),
        ("perturbation_ontology_id", "chebi 16681", "CHEBI:16681"),
        ("study", "prjna123456", "PRJNA123456"),
        ("ethnicity", " Han  Chinese ", "Han Chinese"),
        ("genotype", "x" * (MAX_TEXT + 1), None),
        ("sample_type", "🧬", None),
        ("tissue_ontology_id", "liver\tfemale\t10\nbrain\tmale\t5", None),
    ],
)
def test_a_slip_is_refused_with_what_was_likely_meant(key: str, value: str, suggestion: str | None) -> None:
    fault = value_fault(key, value)
    assert fault is not None
    assert fault.suggestion == suggestion
    assert fault.message.startswith(f"{key}: '")
    assert fault.allowed in fault.message
    if suggestion is not None:
        assert value_fault(key, suggestion) is None


@pytest.mark.parametrize("value", ["UBERON:0002107\n", "UBERON:000210७", "uberon:0002107", "UBERON:2107"])
def test_a_term_id_fits_only_as_the_contract_writes_it(value: str) -> None:
    assert value_fault("tissue_ontology_id", value) is not None


def test_a_long_value_is_not_repeated_whole() -> None:
    message = faults(with_metadata(sex="m" * 10_000))["inputs.0.metadata.sex"]
    assert len(message) < 250
    assert "10,000 characters" in message


def test_an_unknown_key_is_an_error_with_a_suggestion_at_every_level() -> None:
    told = faults(
        {
            "sampling_strategy": "mean estimation",
            "totl_count": 5,
            "inputs": [{"metadata": {"tissue_ontology": "x"}, "num_samples": 1, "nmu_samples": 2}],
        }
    )
    assert "did you mean total_count?" in told["totl_count"]
    assert "did you mean tissue_ontology_id?" in told["inputs.0.metadata.tissue_ontology"]
    assert "did you mean num_samples?" in told["inputs.0.nmu_samples"]


def test_the_former_name_of_the_strategy_is_recognised() -> None:
    told = faults({"mode": "mean estimation", "inputs": BASE["inputs"]})
    assert "did you mean sampling_strategy?" in told["mode"]
    assert "is required" in told["sampling_strategy"]


@pytest.mark.parametrize("number", [0, -1, 10**9, 2.5, "ten", None, True, [], float("nan"), float("inf")])
def test_a_wrong_number_of_samples_is_refused(number: object) -> None:
    body = {**BASE, "inputs": [{"metadata": {}, "num_samples": number}]}
    assert "num_samples" in faults(body)["inputs.0.num_samples"]


def test_samples_are_limited_over_all_conditions_together() -> None:
    body = {**BASE, "inputs": [{"metadata": {}, "num_samples": 6_000}] * 2}
    assert "12,000 samples altogether" in faults(body)["inputs"]


def test_conditions_are_limited() -> None:
    assert "201 conditions" in faults({**BASE, "inputs": [{"metadata": {}, "num_samples": 1}] * 201})["inputs"]


@pytest.mark.parametrize("inputs", [[], None, {}, "liver"])
def test_a_query_without_conditions_is_refused(inputs: object) -> None:
    assert "one or more conditions" in faults({**BASE, "inputs": inputs})["inputs"]


@pytest.mark.parametrize("body", [None, [], "x", 3, {}, {"inputs": [[]]}, {"inputs": [{}]}])
def test_what_is_no_query_at_all_is_told_so(body: object) -> None:
    assert faults(body)


def test_single_cell_answers_mean_estimation_only() -> None:
    body = {**BASE, "sampling_strategy": "sample generation"}
    assert read_query(body, BULK).sampling_strategy == "sample generation"
    assert "gem-1-sc answers 'mean estimation' only" in faults(body, SINGLE_CELL)["sampling_strategy"]


def test_the_defaults_of_the_library_size_are_the_contract_s() -> None:
    assert MODEL_RULES[BULK].default_total_count == 10_000_000
    assert MODEL_RULES[SINGLE_CELL].default_total_count == 10_000
    assert read_query(BASE).total_count is None


def test_a_number_for_an_age_is_kept_in_the_contract_s_spelling() -> None:
    assert read_query(with_metadata(age_years=65)).inputs[0].metadata.age_years == "65"
    assert read_query(with_metadata(age_years=0.5)).inputs[0].metadata.age_years == "0.5"


@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL])
def test_the_example_of_each_model_is_a_valid_query_for_it(model_id: str) -> None:
    query = example_query(model_id)
    assert read_query(query.to_contract(), model_id) == query


def test_there_is_no_example_for_another_model() -> None:
    with pytest.raises(UnknownModelError, match="gem-1-bulk and gem-1-sc"):
        example_query("gem-2")


# Any valid query -----------------------------------------------------------------------------------------------------

number = st.integers(0, 9999).map(str) | st.decimals(0, 999, places=2, allow_nan=False).map(str)
free_text = st.text(min_size=1, max_size=MAX_TEXT).map(lambda t: t.strip()).filter(lambda t: t and t.isprintable())
VALUES: dict[str, st.SearchStrategy[str]] = {
    "tissue_ontology_id": st.from_regex(r"\AUBERON:[0-9]{7}\Z"),
    "cell_type_ontology_id": st.from_regex(r"\ACL:[0-9]{7}\Z"),
    "cell_line_ontology_id": st.from_regex(r"\ACVCL_[0-9A-Z]{4}\Z"),
    "disease_ontology_id": st.from_regex(r"\AMONDO:[0-9]{7}\Z"),
    "age_years": st.integers(0, 120).map(str),
    "perturbation_ontology_id": st.from_regex(r"\A(ENSG[0-9]{11}|CHEBI:[0-9]{1,7}|CHEMBL[0-9]{1,8}|[0-9]{1,8})\Z"),
    "perturbation_dose": st.tuples(number, st.sampled_from(list(DOSE_UNITS))).map(" ".join),
    "perturbation_time": st.tuples(number, st.sampled_from(list(TIME_UNITS))).map(" ".join),
    "study": st.from_regex(r"\APRJ(NA|EB|DB)[0-9]{1,9}\Z"),
}


def value(key: str) -> st.SearchStrategy[str]:
    return st.sampled_from(KEYS[key].choices) if KEYS[key].choices else VALUES.get(key, free_text)


conditions = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries({}, optional={key: value(key) for key in KEYS}),
        "num_samples": st.integers(1, 500),
    }
)
queries = st.fixed_dictionaries(
    {
        "sampling_strategy": st.sampled_from(["sample generation", "mean estimation"]),
        "inputs": st.lists(conditions, min_size=1, max_size=5),
    },
    optional={
        "total_count": st.integers(1_000, 1_000_000_000),
        "deterministic_latents": st.booleans(),
        "seed": st.integers(0, 2**53 - 1),
    },
)


@given(queries)
@settings(max_examples=200, deadline=None)
def test_any_valid_query_survives_json_without_loss(body: dict[str, Any]) -> None:
    query = read_query(body, BULK)
    again = read_query(json.loads(json.dumps(query.to_contract())), BULK)
    assert again == query
    assert Query.model_validate_json(query.model_dump_json()) == query
    assert [c["metadata"] for c in query.to_contract()["inputs"]] == [c["metadata"] for c in body["inputs"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "sampling_strategy": json_values,
            "inputs": json_values
            | st.lists(
                st.fixed_dictionaries(
                    {
                        "metadata": st.dictionaries(st.sampled_from(list(KEYS)) | st.text(max_size=9), json_values),
                        "num_samples": json_values,
                    }
                )
            ),
            "total_count": json_values,
            "seed": json_values,
            "deterministic_latents": json_values,
        },
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_sent_is_read_or_told_never_a_crash(body: dict[str, Any]) -> None:
    try:
        read_query(body, BULK)
    except QueryError as error:
        assert error.errors
        assert all(fault.message for fault in error.errors)
