"""Genes that somebody pasted are found, and those that are not are named."""

from __future__ import annotations

import pytest

from synthome.ontology import default_index
from synthome.runs import genes_of
from synthome.samples import FoundGenes, find_genes


def found(text: str) -> FoundGenes:
    return find_genes(text, genes_of("gem-1-bulk"), default_index())


@pytest.mark.parametrize(
    "text", ["ALB TP53", "alb, tp53", "ALB\nTP53\n", "ENSG00000163631;ENSG00000141510.18", "'ALB' (TP53)"]
)
def test_a_list_is_read_however_it_is_written(text: str) -> None:
    assert found(text).genes == ("ENSG00000163631", "ENSG00000141510")


def test_each_gene_comes_once_in_the_order_of_the_list() -> None:
    assert found("TP53 ALB TP53 ENSG00000163631").genes == ("ENSG00000141510", "ENSG00000163631")


def test_a_former_symbol_finds_its_gene_and_says_so() -> None:
    result = found("CCDC132")
    assert result.genes == ("ENSG00000004766",)
    assert result.renamed == (("CCDC132", "VPS50"),)


def test_an_unknown_name_is_told_with_a_likeness() -> None:
    assert found("GAPDHH qqqqqqq").unknown == (("GAPDHH", "GAPDH"), ("qqqqqqq", ""))


def test_nothing_finds_nothing() -> None:
    assert found(" ,; \n") == FoundGenes(())
