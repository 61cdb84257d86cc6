"""The general rules by which the search meets what people type, each on a case or two."""

from __future__ import annotations

import pytest

from synthome.ontology import Ontology, TermIndex
from synthome.ontology.curated import read_curated


def first(index: TermIndex, text: str, *ontologies: Ontology) -> str:
    found = index.search(text, ontologies, 5)
    return found[0].term.id if found else ""


@pytest.mark.parametrize(
    ("typed", "ontology", "term_id"),
    [
        ("oesophagus", "UBERON", "UBERON:0001043"),
        ("anaemia", "MONDO", "MONDO:0002280"),
        ("vertebrae", "UBERON", "UBERON:0002412"),
        ("ganglia", "UBERON", "UBERON:0000045"),
        ("leukaemias", "MONDO", "MONDO:0005059"),
        ("tumours", "MONDO", "MONDO:0005070"),
        ("type II pneumocyte", "CL", "CL:0002063"),
    ],
)
def test_british_spelling_latin_plurals_and_roman_numbers_find_the_usual_name(
    typed: str, ontology: Ontology, term_id: str, index: TermIndex
) -> None:
    assert first(index, typed, ontology) == term_id


@pytest.mark.parametrize(
    ("typed", "ontology", "term_id"),
    [
        ("cancer of the breast", "MONDO", "MONDO:0007254"),
        ("disease of the liver", "MONDO", "MONDO:0005154"),
        ("cell, T", "CL", "CL:0000084"),
        ("lower lobe of lung left", "UBERON", "UBERON:0008953"),
    ],
)
def test_the_same_words_in_another_order_are_the_name_before_longer_names_that_begin_so(
    typed: str, ontology: Ontology, term_id: str, index: TermIndex
) -> None:
    assert first(index, typed, ontology) == term_id


@pytest.mark.parametrize(
    ("typed", "term_id"),
    [("CD38+ naive B cell", "CL:0002101"), ("CD11b+ dendritic cells", "CL:0002465"), ("CD4+ αβ T cell", "CL:0000624")],
)
def test_a_plus_behind_a_marker_means_positive(typed: str, term_id: str, index: TermIndex) -> None:
    assert first(index, typed, "CL") == term_id


@pytest.mark.parametrize(
    ("typed", "term_id"),
    [("pc3", "CVCL_0035"), ("HT29", "CVCL_0320"), ("K562s", "CVCL_0004"), ("hek", "CVCL_0045"), ("293T", "CVCL_0063")],
)
def test_a_famous_line_comes_before_a_rare_one_that_is_spelled_more_alike(
    typed: str, term_id: str, index: TermIndex
) -> None:
    assert first(index, typed, "CVCL") == term_id


def test_lines_of_the_national_cancer_institute_are_found_without_its_name(index: TermIndex) -> None:
    assert first(index, "H1299", "CVCL") == "CVCL_0060"
    match = index.search("H2126", ["CVCL"], 1)[0]
    assert (match.term.label, match.matched) == ("NCI-H2126", "H2126")


def test_an_id_of_chembl_finds_the_compound(index: TermIndex) -> None:
    match = index.search("CHEMBL25", ["CHEBI"])[0]
    assert (match.term.id, match.matched, match.kind) == ("CHEBI:15365", "CHEMBL25", "id")
    assert "CHEMBL25" in match.term.xrefs
    assert not [m for m in index.search("CHEMBL25", ["UBERON"]) if m.kind == "id"]


@pytest.mark.parametrize(
    ("typed", "ontology", "term_id"),
    [
        ("TP53", "ENSEMBL", "ENSG00000141510"),
        ("p53", "ENSEMBL", "ENSG00000141510"),
        ("ENSG00000141510.18", "ENSEMBL", "ENSG00000141510"),
        ("HER2", "ENSEMBL", "ENSG00000141736"),
        ("sars-cov-2", "NCBITaxon", "2697049"),
        ("ncbitaxon:2697049", "NCBITaxon", "2697049"),
        ("adult", "HsapDv", "HsapDv:0000258"),
        ("han chinese", "HANCESTRO", "HANCESTRO:0027"),
    ],
)
def test_genes_organisms_stages_and_ancestries_are_found(
    typed: str, ontology: Ontology, term_id: str, index: TermIndex
) -> None:
    assert first(index, typed, ontology) == term_id


def test_a_symbol_that_a_gene_had_before_still_finds_it(index: TermIndex) -> None:
    match = index.search("CTGF", ["ENSEMBL"], 1)[0]
    assert (match.term.label, match.matched, match.kind) == ("CCN2", "CTGF", "synonym")


@pytest.mark.parametrize(
    ("pasted", "ontology", "term_id"),
    [
        ("cell line: A549; treatment: TGF-beta; time: 72h", "CVCL", "CVCL_0023"),
        ("HepG2 cells treated with dexamethasone", "CVCL", "CVCL_0027"),
        ("HepG2 cells treated with dexamethasone", "CHEBI", "CHEBI:41879"),
        ("MCF7_estradiol_rep2", "CVCL", "CVCL_0031"),
    ],
)
def test_words_of_a_description_that_name_something_by_chance_are_passed_over(
    pasted: str, ontology: Ontology, term_id: str, index: TermIndex
) -> None:
    assert first(index, pasted, ontology) == term_id


def test_a_line_with_curated_names_shows_them_with_their_scope(index: TermIndex) -> None:
    curated = read_curated().names["CVCL_0063"]
    term = index.term("CVCL_0063")
    assert term is not None
    assert {(scope, name) for scope, name in curated} <= {(s.scope, s.text) for s in term.synonyms}


def test_warming_changes_no_answer_and_makes_the_first_slip_no_slower_than_the_next(index: TermIndex) -> None:
    before = [match.term.id for match in index.search("alzhiemer")]
    index.warm()
    assert [match.term.id for match in index.search("alzhiemer")] == before


def test_diseases_of_animals_and_susceptibilities_come_after_diseases_of_people(index: TermIndex) -> None:
    for typed, first_ones in (("alzheimer", 6), ("asthma", 3)):
        labels = [match.term.label for match in index.search(typed, ["MONDO"], first_ones)]
        assert len(labels) == first_ones
        assert not [label for label in labels if "susceptibility" in label or label.endswith(", pig")]
