"""Genes that are not the model's: of animals, of transcripts with their gene, and those that it was never shown."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from synthome.errors import SampleFileError
from synthome.ontology import default_index
from synthome.query import BULK
from synthome.runs import average_expression_of, genes_of
from synthome.samples import FileContent, SampleTable, map_genes

FOUND = 3000


@cache
def genes() -> pd.DataFrame:
    return genes_of(BULK)


def mapped(names: list[str], counts: list[int] | None = None, *, average: pd.Series | None = None) -> SampleTable:
    values = np.array([counts if counts is not None else [2] * len(names)])
    return map_genes(FileContent(tuple(names), ("a",), values, "counts"), genes(), default_index(), average=average)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"ENSMUSG{i:011d}.2" for i in range(900)], "genes of the mouse"),
        ([f"ENSRNOG{i:011d}" for i in range(900)], "genes of an animal"),
        ([symbol.capitalize() for symbol in genes_of(BULK)["symbol"] if symbol][:900], "mouse or rat"),
    ],
)
def test_genes_of_animals_are_refused_though_their_names_are_known(names: list[str], words: str) -> None:
    with pytest.raises(SampleFileError, match=words):
        mapped(names)


def test_symbols_in_small_letters_are_read() -> None:
    symbols = [symbol.lower() for symbol in genes()["symbol"].drop_duplicates() if symbol][:900]
    assert mapped(symbols).report.n_mapped == 900


def test_transcripts_that_name_their_gene_are_added_up() -> None:
    names = [f"ENST{i:011d}.1|{gene}.4|OTT|X-201|X|99|protein_coding|" for i, gene in enumerate(genes().index[:FOUND])]
    table = mapped([*names, names[0].replace("ENST00000000000", "ENST00000099999")])
    assert table.counts[0, :3].tolist() == [4, 2, 2]
    assert table.report.duplicates == (genes().index[0],)


def test_genes_that_the_model_lacks_are_told_apart_from_names_that_nobody_knows() -> None:
    report = mapped([*genes().index[:FOUND], "ENSG99999999999.3", "not-a-gene"]).report
    assert report.unused == ("ENSG99999999999.3",)
    assert report.unknown == ("not-a-gene",)
    assert "1 is not in the model, 1 name is unknown" in report.sentence()


def test_what_is_missing_is_weighed_by_an_average_sample() -> None:
    average = average_expression_of(BULK)
    assert (average.index == genes().index).all()
    whole = mapped(list(genes().index), average=average).report
    assert whole.share_missing == 0
    highest = average.idxmax()
    without = mapped([gene for gene in genes().index if gene != highest], average=average).report
    assert without.share_missing == pytest.approx(average.max() / average.sum())
    assert without.missing == (highest,)


def test_a_sample_that_is_mostly_ribosomal_rna_is_read_where_its_genes_are_there() -> None:
    table = mapped([*genes().index, "RNA45SN1"], [1] * len(genes()) + [10**6])
    assert table.report.share_unmapped > 0.9
    with pytest.raises(SampleFileError, match="98 % of the counts"):
        mapped([*genes().index[:FOUND], "not-a-gene"], [1] * FOUND + [150_000])
