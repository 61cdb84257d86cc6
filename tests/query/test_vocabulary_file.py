"""Files of valid values: every shape that they may have, and what is said of the rest."""

from __future__ import annotations

import json

import pytest

from synthome.errors import VocabularyFileError
from synthome.query import BULK, SINGLE_CELL
from synthome.query import vocabulary_file as module
from synthome.query.vocabulary_file import ValueList, VocabularyFile, read_vocabulary_file

LIVER, BRAIN = "UBERON:0002107", "UBERON:0000955"


def read(name: str, body: object) -> VocabularyFile:
    return read_vocabulary_file(name, json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        [LIVER, BRAIN],
        [{"id": LIVER}, {"id": BRAIN}],
        [{"value": LIVER, "count": 3}, {"value": BRAIN, "count": 9}],
        [{"id": 1, "value": LIVER}, {"id": 2, "value": BRAIN}],
        {LIVER: LIVER, BRAIN: ""},
        {"values": [LIVER, BRAIN]},
        {"tissue_ontology_id": [LIVER, BRAIN]},
        {"Tissue": [LIVER, BRAIN]},
        {"fields": {"tissue": {"values": [LIVER, BRAIN]}}},
        [{"field": "tissue_ontology_id", "values": [LIVER, BRAIN]}],
        ["uberon_0002107", "http://purl.obolibrary.org/obo/UBERON_0000955"],
    ],
)
def test_each_shape_gives_the_same_list(body: object) -> None:
    file = read("values.json", body)
    assert file.lists == (ValueList("tissue_ontology_id", {LIVER: "", BRAIN: ""}),)
    assert file.not_understood == ()


@pytest.mark.parametrize(
    "body",
    [
        [{"id": LIVER, "label": "liver"}],
        [{"id": LIVER, "name": "liver"}],
        {LIVER: "liver"},
        {LIVER: {"label": "liver", "samples": 31}},
        {"tissue_ontology_id": {LIVER: "liver"}},
    ],
)
def test_labels_are_kept_beside_their_values(body: object) -> None:
    assert read("tissue.json", body).lists == (ValueList("tissue_ontology_id", {LIVER: "liver"}),)


@pytest.mark.parametrize(
    ("name", "key", "model_id"),
    [
        ("tissue_ontology_id.json", "tissue_ontology_id", None),
        ("gem-1-bulk_Tissue (1).json", "tissue_ontology_id", BULK),
        ("vocab-gem_1_sc-tissues.JSON", "tissue_ontology_id", SINGLE_CELL),
        ("gem-1-sc_reference-conditioning.tissue.json", "tissue_ontology_id", SINGLE_CELL),
        ("download.json", "tissue_ontology_id", None),
    ],
)
def test_the_name_of_the_file_says_field_and_model_and_else_the_values_say_the_field(
    name: str, key: str, model_id: str | None
) -> None:
    assert read(name, [LIVER]).lists == (ValueList(key, {LIVER: ""}, model_id),)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("perturbation_type", "perturbation_type"),
        ("perturbations", "perturbation_ontology_id"),
        ("perturbation_dose", "perturbation_dose"),
        ("age", "age_years"),
        ("sample-types", "sample_type"),
        ("developmental_stage", "developmental_stage"),
        ("genes", "perturbation_ontology_id"),
    ],
)
def test_fields_are_known_by_what_they_are_called(name: str, key: str) -> None:
    assert [each.key for each in read(f"{name}.json", ["x", "y"]).lists] == [key]


def test_a_file_per_model_holds_each_field_under_its_model() -> None:
    body = {
        "gem-1-bulk": {"sex": ["male", "female"], "tissue": [LIVER]},
        "gem-1-sc_predict-metadata": {"sex": ["female"]},
    }
    assert read("all.json", body).lists == (
        ValueList("sex", {"male": "", "female": ""}, BULK),
        ValueList("tissue_ontology_id", {LIVER: ""}, BULK),
        ValueList("sex", {"female": ""}, SINGLE_CELL),
    )


def test_a_model_beside_its_fields_is_understood_too() -> None:
    file = read("v.json", {"model_id": "gem-1-sc", "vocabulary": {"sex": ["male"]}})
    assert file.lists == (ValueList("sex", {"male": ""}, SINGLE_CELL),)


def test_values_in_words_are_kept_to_the_letter_and_numbers_as_a_query_spells_them() -> None:
    assert list(read("ethnicity.json", ["Han Chinese", "han chinese"]).lists[0].values) == [
        "Han Chinese",
        "han chinese",
    ]
    assert list(read("age_years.json", [65, 65.5, "70.0"]).lists[0].values) == ["65", "65.5", "70"]


def test_what_is_not_understood_is_told_beside_what_is() -> None:
    file = read("v.json", {"sex": ["male", "male", None, "", True], "elephants": [1]})
    assert file.lists == (ValueList("sex", {"male": ""}),)
    assert file.not_understood == (
        "4 entries of sex are no values, or stand there twice.",
        "'elephants' is no metadata field.",
    )


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"PK\x03\x04", b"[" * 100_000, b"field,value\nsex,male"])
def test_what_is_no_json_is_refused_with_where_to_get_it(content: bytes) -> None:
    with pytest.raises(
        VocabularyFileError, match=r"is no JSON\. Take the file as app\.synthesize\.bio/docs/vocab gives it"
    ):
        read_vocabulary_file("v.json", content)


@pytest.mark.parametrize("body", [[], {}, None, 3, "male", ["quux", "frob"], {"a": {"b": [1]}}, [[["x"]]]])
def test_a_file_of_which_nothing_is_understood_says_so(body: object) -> None:
    with pytest.raises(VocabularyFileError, match=r"Nothing in 'v\.json' is understood"):
        read("v.json", body)


def test_a_file_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_VALUES", 10)
    with pytest.raises(VocabularyFileError, match="more than 10 values"):
        read("race.json", [f"value {n}" for n in range(11)])
    with pytest.raises(VocabularyFileError, match="larger than 20 MB"):
        read_vocabulary_file("race.json", b" " * (module.MAX_FILE_BYTES + 1))
