from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import synthome.ontology
from synthome.ontology import Ontology, TermIndex
from synthome.ontology.names import fold, squash

FOLDER = Path(synthome.ontology.__file__).parent / "curated"
FIVE: tuple[Ontology, ...] = ("UBERON", "CL", "MONDO", "CHEBI", "CVCL")
COLUMNS = {
    "names.tsv": ("id", "label", "name", "scope"),
    "common.tsv": ("id", "label", "tier"),
    "organisms.tsv": ("taxon_id", "label", "names"),
    "gene_aliases.tsv": ("ensembl_id", "symbol", "alias"),
}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def ontology_of(term_id: str) -> str:
    return re.split("[:_]", term_id)[0]


def key(name: str) -> str:
    return squash(fold(name))


@pytest.mark.parametrize("name", COLUMNS)
def test_every_row_has_every_column_and_no_stray_spaces(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    assert tuple(lines[0].split("\t")) == COLUMNS[name]
    for line in lines:
        fields = line.split("\t")
        assert len(fields) == len(COLUMNS[name]), line
        assert fields == [" ".join(field.split()) for field in fields], line
        assert all(fields[:2]), line


@pytest.mark.parametrize("name", ["names.tsv", "common.tsv"])
def test_every_term_is_current_and_has_the_label_that_reviewers_read(name: str, index: TermIndex) -> None:
    labels = {row["id"]: row["label"] for row in rows(name)}
    terms = index.terms(labels)
    assert set(labels) == set(terms)
    assert {term.id: term.label for term in terms.values()} == labels
    assert [term.id for term in terms.values() if term.obsolete] == []
    further = {"HsapDv"} if name == "names.tsv" else set()
    assert {ontology_of(term_id) for term_id in labels} == set(FIVE) | further


def test_names_are_sorted_and_stand_once() -> None:
    order = [(row["id"], row["name"]) for row in rows("names.tsv")]
    assert order == sorted(order)
    assert repeated((term_id, key(name)) for term_id, name in order) == []


def test_scopes_are_those_of_synonyms() -> None:
    assert {row["scope"] for row in rows("names.tsv")} <= {"EXACT", "NARROW", "BROAD", "RELATED"}


def test_no_name_is_given_to_two_terms_of_an_ontology() -> None:
    owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows("names.tsv"):
        owners[ontology_of(row["id"]), key(row["name"])].add(row["id"])
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_no_name_repeats_its_label_or_is_nothing_but_punctuation() -> None:
    assert [row for row in rows("names.tsv") if key(row["name"]) in ("", key(row["label"]))] == []


def test_common_terms_are_sorted_and_stand_once_in_a_tier_from_1_to_3() -> None:
    common = rows("common.tsv")
    ids = [row["id"] for row in common]
    assert ids == sorted(set(ids))
    assert {row["tier"] for row in common} == {"1", "2", "3"}


def test_few_terms_of_an_ontology_are_in_the_first_tier() -> None:
    first = Counter(ontology_of(row["id"]) for row in rows("common.tsv") if row["tier"] == "1")
    assert all(20 <= first[ontology] <= 65 for ontology in FIVE), first


def test_organisms_are_sorted_by_number_and_no_two_share_a_name() -> None:
    organisms = rows("organisms.tsv")
    numbers = [int(row["taxon_id"]) for row in organisms]
    assert numbers == sorted(set(numbers))
    names = [key(name) for row in organisms for name in (row["label"], *filter(None, row["names"].split("|")))]
    assert repeated(names) == []
    assert {9606, 10090, 2697049} <= set(numbers)


def test_gene_aliases_are_sorted_and_each_means_one_gene() -> None:
    aliases = rows("gene_aliases.tsv")
    order = [(row["ensembl_id"], row["alias"]) for row in aliases]
    assert order == sorted(order)
    assert repeated(key(row["alias"]) for row in aliases) == []


def test_genes_have_well_formed_ids_and_symbols_one_to_one() -> None:
    genes = {(row["ensembl_id"], row["symbol"]) for row in rows("gene_aliases.tsv")}
    assert [gene for gene in genes if re.fullmatch(r"ENSG[0-9]{11}", gene[0]) is None] == []
    assert [gene for gene in genes if re.fullmatch(r"[A-Z][A-Z0-9-]*|C[0-9XY]+orf[0-9]+", gene[1]) is None] == []
    assert repeated(ensembl_id for ensembl_id, _ in genes) == []
    assert repeated(symbol for _, symbol in genes) == []


def repeated(values) -> list[object]:  # type: ignore[no-untyped-def]  # any iterable of hashable values
    return [value for value, count in Counter(values).items() if count > 1]
