"""Lists of a hosted model's values: kept for a workspace, and what they say of a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthome.errors import RunNotFoundError, VocabularyFileError
from synthome.query import BULK, SINGLE_CELL
from synthome.query.vocabulary_file import ValueList, VocabularyFile
from synthome.runs import vocabulary_for
from synthome.runs.listed_vocabulary import ListedVocabulary, ValueLists
from synthome.runs.vocabulary_store import VocabularyStore, about_model

LIVER, BRAIN, LOBULE, CORTEX = "UBERON:0002107", "UBERON:0000955", "UBERON:0004647", "UBERON:0000956"


def hosted(lists: ValueLists) -> ListedVocabulary:
    vocabulary = vocabulary_for(BULK, "hosted", lists=lists)
    assert isinstance(vocabulary, ListedVocabulary)
    return vocabulary


def file(name: str, *lists: ValueList) -> VocabularyFile:
    return VocabularyFile(name, lists)


@pytest.fixture
def store(tmp_path: Path) -> VocabularyStore:
    return VocabularyStore(tmp_path, 10_000)


def test_a_listed_value_is_known_and_says_why() -> None:
    support = hosted({"tissue_ontology_id": {LIVER: "liver", BRAIN: ""}}).support("tissue_ontology_id", LIVER)
    assert (support.status, support.confidence) == ("known", 1.0)
    assert support.reason == "In the hosted model's list of 2 values for tissue."


def test_an_unlisted_term_is_refused_with_its_nearest_listed_kin() -> None:
    support = hosted({"tissue_ontology_id": {BRAIN: "", LIVER: "", CORTEX: ""}}).support("tissue_ontology_id", LOBULE)
    assert support.status == "refused"
    assert support.relatives[0] == LIVER


def test_an_unlisted_word_is_refused_with_the_spelling_that_is_listed() -> None:
    vocabulary = hosted({"race": {"Asian": "", "White": ""}})
    assert vocabulary.support("race", "asian").relatives == ("Asian",)
    assert vocabulary.support("race", "Asian").status == "known"
    assert vocabulary.support("race", "Asien").relatives[0] == "Asian"


def test_an_unlisted_age_is_refused_with_the_closest_ages() -> None:
    support = hosted({"age_years": {"20": "", "60": "", "70": "", "unknown": ""}}).support("age_years", "64")
    assert (support.status, support.relatives) == ("refused", ("60", "70", "20"))


def test_a_list_of_units_accepts_every_number_of_them() -> None:
    vocabulary = hosted({"perturbation_dose": {"um": "", "nm": ""}})
    assert vocabulary.support("perturbation_dose", "10 um").status == "known"
    assert vocabulary.support("perturbation_dose", "10 mg/kg").status == "refused"


def test_without_a_list_of_its_key_a_value_stays_unchecked_and_a_misspelt_one_refused() -> None:
    vocabulary = hosted({"tissue_ontology_id": {LIVER: ""}})
    assert vocabulary.support("sex", "male").status == "unchecked"
    assert vocabulary.support("sex", "elephant").status == "refused"
    assert vocabulary.learned("tissue_ontology_id") == {}


def test_lists_speak_for_the_hosted_service_alone() -> None:
    lists = {"tissue_ontology_id": {BRAIN: ""}}
    assert vocabulary_for(BULK, "self-hosted", lists=lists).support("tissue_ontology_id", LIVER).status == "unchecked"
    assert vocabulary_for(BULK, "embedded", lists=lists).support("tissue_ontology_id", LIVER).status == "known"
    assert vocabulary_for(BULK, "hosted", lists={}).support("tissue_ontology_id", LIVER).status == "unchecked"


def test_files_are_merged_by_model_and_field(store: VocabularyStore) -> None:
    genes = ValueList("perturbation_ontology_id", {"ENSG00000141510": "TP53"}, BULK)
    store.add("w", file("genes.json", genes))
    store.add("w", file("compounds.json", ValueList("perturbation_ontology_id", {"CHEBI:16681": ""}, BULK)))
    store.add("w", about_model(file("sex.json", ValueList("sex", {"male": ""})), SINGLE_CELL))
    store.add("w", about_model(file("race.json", ValueList("race", {"Asian": ""})), "both"))
    assert store.lists("w", BULK) == {
        "perturbation_ontology_id": {"CHEBI:16681": "", "ENSG00000141510": "TP53"},
        "race": {"Asian": ""},
    }
    assert set(store.lists("w", "gem-1-sc_reference-conditioning")) == {"sex", "race"}
    assert store.lists("other", BULK) == {}


def test_a_file_of_the_same_name_replaces_the_earlier_one_and_can_be_removed(store: VocabularyStore) -> None:
    store.add("w", file("sex.json", ValueList("sex", {"male": ""})))
    before = store.version("w")
    kept = store.add("w", file("sex.json", ValueList("sex", {"female": ""})))
    assert store.lists("w", BULK) == {"sex": {"female": ""}}
    assert store.version("w") != before
    store.remove("w", kept.uid)
    assert (store.files("w"), store.lists("w", BULK)) == ([], {})


def test_what_is_kept_outlives_the_process(store: VocabularyStore, tmp_path: Path) -> None:
    kept = store.add("w", file("sex.json", ValueList("sex", {"male": "Male"}, BULK)))
    assert VocabularyStore(tmp_path, 10_000).files("w") == [kept]


def test_a_workspace_keeps_no_more_than_it_may(store: VocabularyStore) -> None:
    long = ValueList("race", {f"value {n}": "" for n in range(1000)})
    with pytest.raises(VocabularyFileError, match="does not fit"):
        store.add("w", file("race.json", long))
    assert store.files("w") == []


def test_a_broken_file_is_left_out_and_a_name_cannot_leave_the_folder(store: VocabularyStore, tmp_path: Path) -> None:
    store.add("w", file("sex.json", ValueList("sex", {"male": ""})))
    (tmp_path / "w" / "broken.json").write_text("{")
    assert len(store.files("w")) == 1
    for name in ("../w", "a/b", ""):
        with pytest.raises(RunNotFoundError):
            store.files(name)
        with pytest.raises(RunNotFoundError):
            store.remove("w", name)
