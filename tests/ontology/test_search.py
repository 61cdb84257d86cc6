"""What people type finds what they mean, in the shipped ontologies."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthome.ontology import ONTOLOGIES, Ontology, TermIndex

FIRST: tuple[tuple[str, str], ...] = (
    ("liv", "UBERON:0002107"),
    ("liver", "UBERON:0002107"),
    ("blood", "UBERON:0000178"),
    ("cerebral cortex", "UBERON:0000956"),
    ("neocortex", "UBERON:0001950"),
    ("t cell", "CL:0000084"),
    ("T cells", "CL:0000084"),
    ("T-lymphocyte", "CL:0000084"),
    ("b cell", "CL:0000236"),
    ("monocyte", "CL:0000576"),
    ("pbmc", "CL:2000001"),
    ("PBMCs", "CL:2000001"),
    ("aspirin", "CHEBI:15365"),
    ("dexamethasone", "CHEBI:41879"),
    ("rapamycin", "CHEBI:9168"),
    ("17β-estradiol", "CHEBI:16469"),
    ("hela", "CVCL_0030"),
    ("hepg2", "CVCL_0027"),
    ("a549", "CVCL_0023"),
    ("mcf7", "CVCL_0031"),
    ("HCT116", "CVCL_0291"),
    ("hct 116", "CVCL_0291"),
    ("Hela S3", "CVCL_0058"),
    ("HeLa cells", "CVCL_0030"),
    ("breast cancer", "MONDO:0007254"),
    ("alzheimer", "MONDO:0004975"),
    ("Alzheimer's disease", "MONDO:0004975"),
    ("nsclc", "MONDO:0005233"),
    ("lung adenocarcinoma", "MONDO:0005061"),
)


@pytest.mark.parametrize(("text", "term_id"), FIRST)
def test_the_term_that_is_meant_comes_first_among_all_ontologies(text: str, term_id: str, index: TermIndex) -> None:
    assert index.search(text)[0].term.id == term_id


@pytest.mark.parametrize(
    ("text", "ontology", "term_id"),
    [
        ("he", "CVCL", "CVCL_0030"),
        ("hep", "CVCL", "CVCL_0027"),
        ("k5", "CVCL", "CVCL_0004"),
        ("bra", "UBERON", "UBERON:0000955"),
        ("mac", "CL", "CL:0000235"),
        ("t c", "CL", "CL:0000084"),
        ("alz", "MONDO", "MONDO:0004975"),
        ("dex", "CHEBI", "CHEBI:41879"),
    ],
)
def test_two_or_three_letters_find_the_common_term_within_the_first_three(
    text: str, ontology: Ontology, term_id: str, index: TermIndex
) -> None:
    assert term_id in [match.term.id for match in index.search(text, [ontology], limit=3)]


@pytest.mark.parametrize(
    "text",
    [
        "UBERON:0002107",
        "uberon_0002107",
        "UBERON 0002107",
        "http://purl.obolibrary.org/obo/UBERON_0002107",
        "liver (UBERON:0002107)",
        "UBERON:0002107, left lobe",
    ],
)
def test_an_id_in_any_form_finds_its_term_first(text: str, index: TermIndex) -> None:
    match = index.search(text)[0]
    assert (match.term.id, match.kind) == ("UBERON:0002107", "id")


def test_a_begun_id_lists_the_terms_whose_ids_go_on_like_it(index: TermIndex) -> None:
    found = [match.term.id for match in index.search("UBERON:00021")]
    assert found == sorted(found)
    assert len(found) == 10
    assert all(term_id.startswith("UBERON:00021") for term_id in found)


def test_a_secondary_id_finds_the_term_that_replaced_it(index: TermIndex) -> None:
    match = index.search("CHEBI:1")[0]
    assert (match.term.id, match.matched) == ("CHEBI:18357", "CHEBI:1")


def test_an_id_of_another_ontology_than_those_asked_for_is_not_found(index: TermIndex) -> None:
    assert "UBERON:0002107" not in [match.term.id for match in index.search("UBERON:0002107", ["CL"])]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("macrophage", "label"),
        ("T lymphocyte", "synonym"),
        ("macroph", "prefix"),
        ("histioc", "prefix"),
        ("cell reticular", "token"),
    ],
)
def test_a_match_says_how_it_was_found_and_which_name_matched(text: str, kind: str, index: TermIndex) -> None:
    match = index.search(text, ["CL"])[0]
    assert match.kind == kind
    assert match.matched in {match.term.label, *(synonym.text for synonym in match.term.synonyms)}


@pytest.mark.parametrize(
    ("pasted", "term_id"),
    [
        ("liver, left lobe, FFPE, 10um", "UBERON:0001115"),
        ("human liver tissue", "UBERON:0002107"),
        ("whole blood", "UBERON:0000178"),
        ("primary human hepatocytes", "CL:0000182"),
        ("skin biopsy from forearm of patient with psoriasis", "MONDO:0005083"),
    ],
)
def test_of_pasted_text_the_longest_stretch_that_is_a_name_counts(pasted: str, term_id: str, index: TermIndex) -> None:
    assert index.search(pasted)[0].term.id == term_id


@pytest.mark.parametrize(
    ("typed", "term_id"),
    [
        ("livr", "UBERON:0002107"),
        ("lver", "UBERON:0002107"),
        ("monocite", "CL:0000576"),
        ("dexametasone", "CHEBI:41879"),
        ("alzhiemer disease", "MONDO:0004975"),
        ("hepatocelular carcinoma", "MONDO:0007256"),
    ],
)
def test_a_slip_of_the_finger_still_finds_the_term(typed: str, term_id: str, index: TermIndex) -> None:
    match = index.search(typed)[0]
    assert (match.term.id, match.kind) == (term_id, "fuzzy")
    assert index.suggest_closest(typed)[0].term.id == term_id


@pytest.mark.parametrize("ontology", ONTOLOGIES)
def test_only_the_ontologies_asked_for_are_searched(ontology: Ontology, index: TermIndex) -> None:
    for text in ("ca", "cell", "liver cells", "l"):
        assert {match.term.ontology for match in index.search(text, [ontology])} <= {ontology}


def test_shorter_names_come_before_those_that_are_made_from_them(index: TermIndex) -> None:
    labels = [match.term.label for match in index.search("liver", ["UBERON"])]
    assert labels[0] == "liver"
    assert all(label.startswith("liver ") for label in labels[1:])


def test_no_term_is_found_twice_and_none_that_is_obsolete(index: TermIndex) -> None:
    for text in ("ca", "liver", "t cell", "hela cells", "carcinoma of lung", "e"):
        found = [match.term for match in index.search(text, limit=50)]
        assert len({term.id for term in found}) == len(found)
        assert not any(term.obsolete for term in found)


def test_as_many_are_found_as_asked_for_and_none_where_none_is(index: TermIndex) -> None:
    for text in ("li", "carci", "lung can"):
        assert len(index.search(text, limit=25)) == 25
        assert index.search(text, limit=0) == []


@pytest.mark.parametrize(
    "text", ["", " ", "*", '"', "🙂", "\0", "-", "AND", "OR", "NOT", '"*', "()", "^", "'s", "NEAR()"]
)
def test_signs_and_operators_are_taken_as_text(text: str, index: TermIndex) -> None:
    for match in index.search(text):
        assert text.strip("()").casefold() in match.matched.casefold()


@pytest.mark.parametrize(
    "text", ['"liver"', "liver*", "(liver)", "liver\0", "  liver\n", "LIVER", "🙂 liver", "liver;--"]
)
def test_signs_around_a_name_do_not_hide_it(text: str, index: TermIndex) -> None:
    assert index.search(text)[0].term.id == "UBERON:0002107"


def test_ten_thousand_characters_are_searched_by_their_beginning(index: TermIndex) -> None:
    assert index.search("liver " * 1700)[0].term.id == "UBERON:0002107"
    assert index.search("x" * 10_000) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_at_all_is_answered(text: str, index: TermIndex) -> None:
    assert len(index.search(text, limit=5)) <= 5
    assert len(index.suggest_closest(text)) <= 3
