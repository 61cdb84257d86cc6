"""How many samples are used at once, what they are called where only their file has a name, and damaged symbols."""

from __future__ import annotations

import numpy as np
import pytest

from synthome.errors import SampleFileError
from synthome.ontology import default_index
from synthome.query import BULK
from synthome.runs import genes_of
from synthome.samples import MAX_SAMPLES, FileContent, map_genes, pooled, read_file

GENES = genes_of(BULK)


def cells(n_cells: int) -> FileContent:
    values = np.ones((n_cells, len(GENES)), dtype=np.float64)
    names = tuple(f"c{place}" for place in range(n_cells))
    donors = tuple("AB"[place % 2] for place in range(n_cells))
    return FileContent(tuple(GENES.index), names, values, "counts", groupings={"donor": donors})


def test_more_samples_than_are_used_at_once_are_refused_and_none_is_left_out_silently() -> None:
    with pytest.raises(SampleFileError, match=f"{MAX_SAMPLES + 1:,} samples; {MAX_SAMPLES} are used at once"):
        map_genes(cells(MAX_SAMPLES + 1), GENES, default_index())
    assert map_genes(cells(MAX_SAMPLES), GENES, default_index()).counts.shape == (MAX_SAMPLES, len(GENES))


def test_any_number_of_cells_can_be_used_once_they_are_added_up() -> None:
    table = map_genes(pooled(cells(MAX_SAMPLES + 50), "donor"), GENES, default_index())
    assert table.samples == ("A", "B")
    assert (table.counts == (MAX_SAMPLES + 50) / 2).all()


@pytest.mark.parametrize(
    ("file_name", "sample"),
    [
        ("P1ReadsPerGene.out.tab", "P1"),
        ("P1_ReadsPerGene.out.tab", "P1"),
        ("P1.htseq.counts.txt", "P1"),
        ("P1.genes.results", "P1"),
        ("P1.quant.sf", "P1.quant"),
        ("ReadsPerGene.out.tab", "sample 1"),
    ],
)
def test_a_sample_is_called_like_its_file_without_what_programs_add(file_name: str, sample: str) -> None:
    assert read_file(b"ACTB\t10\nGAPDH\t3\n__no_feature\t1\n", file_name).samples == (sample,)


@pytest.mark.parametrize(
    ("symbol", "written"),
    [
        ("MARCHF1", "1-Mar"),
        ("MARCHF1", "Mar-01"),
        ("MARCHF1", "2023-03-01"),
        ("MARCHF3", "03. Mrz"),
        ("MARCHF3", "3-mars"),
        ("SEPTIN2", "02-Sep-2023"),
        ("SEPTIN2", "2. Sep"),
        ("SEPTIN9", "9-sept"),
    ],
)
def test_symbols_that_spreadsheets_of_any_tongue_turned_into_dates_are_found(symbol: str, written: str) -> None:
    place = list(GENES["symbol"]).index(symbol)
    names = [written if row == place else gene for row, gene in enumerate(GENES.index)]
    values = np.ones((1, len(GENES)))
    values[0, place] = 42
    table = map_genes(FileContent(tuple(names), ("a",), values, "counts"), GENES, default_index())
    assert table.counts[0, place] == 42
    assert any(written in note for note in table.report.notes)
