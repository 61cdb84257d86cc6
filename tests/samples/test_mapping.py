"""From a file's names to the model's genes, and the report of what became of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthome.errors import SampleFileError
from synthome.models import embedded_model
from synthome.models.embedded import EmbeddedModel
from synthome.ontology import default_index
from synthome.query import BULK
from synthome.samples import FileContent, SampleTable, map_genes
from synthome.samples.content import Kind

MODEL = embedded_model(BULK)
assert isinstance(MODEL, EmbeddedModel)
GENES = MODEL.genes
SYMBOLS = GENES["symbol"].where(~GENES["symbol"].duplicated(keep=False) & (GENES["symbol"] != ""), GENES.index)
COUNTS = np.random.default_rng(1).poisson(5, (2, len(GENES))).astype(float)


def content(names: list[str], values: np.ndarray = COUNTS, kind: Kind = "counts") -> FileContent:
    return FileContent(tuple(names), ("a", "b")[: len(values)], values, kind)


def mapped(names: list[str], values: np.ndarray = COUNTS, **options: int) -> SampleTable:
    return map_genes(content(names, values), GENES, default_index(), **options)


STYLES = {
    "ids": "{gene}",
    "ids with versions": "{gene}.12",
    "symbols": "{symbol}",
    "TCGA's": "{symbol}|1234",
    "id and symbol": "{gene}_{symbol}",
    "symbol and id": "{symbol}_{gene}.3",
}


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(STYLES)), st.booleans(), st.integers(0, 2**32))
def test_names_of_every_style_and_order_come_down_to_the_same_genes(style: str, small: bool, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(GENES))
    names = [STYLES[style].format(gene=GENES.index[i], symbol=SYMBOLS.iloc[i]) for i in order]
    table = mapped([name.lower() for name in names] if small else names, COUNTS[:, order])
    assert (table.counts == COUNTS).all()
    assert table.report.unknown == table.report.missing == table.report.duplicates == ()
    assert table.counts.dtype == np.int32


def test_former_symbols_aliases_and_symbols_that_became_dates_are_found() -> None:
    place = {symbol: position for position, symbol in enumerate(SYMBOLS)}
    names = list(SYMBOLS)
    for now, written in (("MARCHF1", "1-Mar"), ("SEPTIN2", "2-Sep"), ("TENT5A", "FAM46A"), ("EMSY", "C11orf30")):
        names[place[now]] = written
    table = mapped(names)
    assert (table.counts == COUNTS).all()
    assert any("1-Mar" in note for note in table.report.notes)


def test_unknown_missing_and_repeated_genes_are_reported() -> None:
    names = [*GENES.index[:-2], "NOSUCHGENE", GENES.index[0]]
    table = mapped(names)
    report = table.report
    assert report.unknown == ("NOSUCHGENE",)
    assert set(report.missing) == set(GENES.index[-2:])
    assert report.duplicates == (GENES.index[0],)
    assert (table.counts[:, 0] == COUNTS[:, 0] + COUNTS[:, -1]).all()
    assert (table.counts[:, -2:] == 0).all()
    assert report.sentence() == (
        f"{len(GENES) - 1:,} of {len(GENES):,} genes of the file were found; 1 name is unknown, "
        "with less than 1 % of the counts."
    )


def test_expected_counts_are_rounded_and_told() -> None:
    table = map_genes(content(list(GENES.index), COUNTS + 0.6, "expected counts"), GENES, default_index())
    assert (table.counts == COUNTS + 1).all()
    assert "Fractional counts were rounded." in table.report.notes


def test_values_per_million_are_used_only_where_that_is_wanted() -> None:
    per_million = COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e6
    given_ = content(list(GENES.index), per_million, "tpm")
    with pytest.raises(SampleFileError, match="per million"):
        map_genes(given_, GENES, default_index())
    table = map_genes(given_, GENES, default_index(), scale_to=10_000_000)
    np.testing.assert_allclose(table.counts.sum(axis=1), 10_000_000, rtol=1e-3)
    assert any("10,000,000" in note for note in table.report.notes)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"ENST{i:011d}.2" for i in range(2000)], "transcripts"),
        ([f"ENSMUSG{i:011d}" for i in range(2000)], "mouse"),
        ([str(i) for i in range(2000)], "Entrez"),
        ([f"probe_{i}" for i in range(2000)], "“probe_0”"),
        (list(GENES.index[:100]), "Only 100 of the model's genes"),
    ],
)
def test_files_of_which_too_little_is_known_are_refused_with_the_likely_reason(names: list[str], words: str) -> None:
    with pytest.raises(SampleFileError, match=words):
        mapped(names, COUNTS[:, : len(names)])


def test_logarithms_are_refused() -> None:
    with pytest.raises(SampleFileError, match="logarithms"):
        map_genes(content(list(GENES.index), np.log2(COUNTS + 1), "log"), GENES, default_index())


def test_a_sample_without_counts_is_named() -> None:
    values = COUNTS.copy()
    values[1] = 0
    with pytest.raises(SampleFileError, match="“b”"):
        mapped(list(GENES.index), values)


def test_a_count_that_no_sample_has_is_refused() -> None:
    values = COUNTS.copy()
    values[0, 0] = 2.0**33
    with pytest.raises(SampleFileError, match="2,147,483,647"):
        mapped(list(GENES.index), values)


def test_symbols_of_the_model_are_those_it_names_its_genes_by() -> None:
    assert pd.Index(SYMBOLS).is_unique
