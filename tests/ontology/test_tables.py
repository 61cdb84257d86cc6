"""Genes, organisms and pairs of names as they are read when the snapshot is built."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from synthome.errors import OntologyError
from synthome.ontology import Synonym
from synthome.ontology.tables import read_genes, read_organisms, read_pairs

GENES = """ensgene\tentrez\tsymbol\tchr\tstart\tend\tstrand\tbiotype
ENSG00000141510\t7157.0\tTP53\t17\t7661779\t7687550\t-1\tprotein_coding
ENSG00000118523\t1490\tCCN2\t6\t131948176\t131951372\t-1\tprotein_coding
ENSG00000999991\t1490\tCCN2\tHSCHR6\t1\t2\t1\tprotein_coding
ENSG00000999992\tNA\tAC012345.1\t3\t1\t2\t1\tlncRNA
ENSG00000999993\tNA\tTP53P1\t1\t1\t2\t1\tprocessed_pseudogene
ENSG00000999994\tNA\tMIR21\t17\t59841266\t59841337\t1\tmiRNA
"""
FORMER = "gene\tsample\nCTGF|1490\t3\nTP53|7157\t5\n?|7157\t0\nXYZ|99\t1\n"


@pytest.fixture
def genes(tmp_path: Path) -> Path:
    path = tmp_path / "genes.tsv.gz"
    path.write_bytes(gzip.compress(GENES.encode()))
    return path


def test_genes_have_a_symbol_a_place_and_are_no_pseudogenes(genes: Path) -> None:
    terms = {term.label: term for term in read_genes(genes, None)}
    assert sorted(terms) == ["CCN2", "MIR21", "TP53"]
    assert terms["CCN2"].id == "ENSG00000118523"
    assert terms["MIR21"].definition == "microRNA gene, chromosome 17:59,841,266-59,841,337, plus strand (GRCh38)"
    assert terms["TP53"].definition.endswith("chromosome 17:7,661,779-7,687,550, minus strand (GRCh38)")


def test_a_symbol_that_a_gene_had_before_is_a_related_name_of_it(genes: Path, tmp_path: Path) -> None:
    former = tmp_path / "former.tsv"
    former.write_text(FORMER)
    terms = {term.label: term for term in read_genes(genes, former)}
    assert terms["CCN2"].synonyms == (Synonym("CTGF", "RELATED"),)
    assert terms["TP53"].synonyms == ()


def test_organisms_are_known_by_their_number_and_the_models_viruses_are_among_them() -> None:
    organisms = {term.id: term for term in read_organisms()}
    assert {"2697049", "11320", "11250", "11216", "9606"} <= organisms.keys()
    assert all(number.isdigit() and term.ontology == "NCBITaxon" for number, term in organisms.items())
    assert "SARS-CoV-2" in {synonym.text for synonym in organisms["2697049"].synonyms}


def test_pairs_are_gathered_by_key_and_none_without_a_table(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("chebi_id\tchembl_id\nCHEBI:1\tCHEMBL1\nCHEBI:1\tCHEMBL2\n")
    assert read_pairs(path, "chebi_id", "chembl_id") == {"CHEBI:1": ["CHEMBL1", "CHEMBL2"]}
    assert read_pairs(None, "chebi_id", "chembl_id") == {}


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"none\.tsv cannot be read"):
        read_pairs(tmp_path / "none.tsv", "a", "b")
