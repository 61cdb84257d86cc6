"""Files of samples as people have them: whatever wrote them, the same counts are read; and what cannot be is told."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.samples import FileContent, pooled, read_file, unpacking

GENES = ["ACTB", "GAPDH", "TP53", "NA", "ALB", "MT-CO1"]
COUNTS = np.array([[10, 0, 3, 1, 2_500_000, 7], [0, 12, 0, 0, 5, 1]])
NAMES = ("liver 1", "heart")


def table(separator: str = ",", end: str = "\n", corner: str = "gene", *, by_rows: bool = True) -> str:
    """The counts above as text, genes in rows or samples in rows."""
    grid = [[corner, *NAMES], *([gene, *map(str, row)] for gene, row in zip(GENES, COUNTS.T, strict=True))]
    if not by_rows:
        grid = [list(column) for column in zip(*grid, strict=True)]
    return end.join(separator.join(row) for row in grid) + end


def counts(content: FileContent) -> np.ndarray:
    order = [content.genes.index(gene) for gene in GENES]
    return np.asarray(content.values)[:, order]


def zipped(content: bytes, name: str = "folder/counts.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._counts.csv", b"clutter")
        archive.writestr(name, content)
    return buffer.getvalue()


COMPRESSIONS: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, bz2.compress, lzma.compress, zipped]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from(ENCODINGS),
    st.sampled_from(COMPRESSIONS),
    st.sampled_from(["gene", "", "Gene Symbol"]),
)
def test_the_same_counts_are_read_however_they_are_written(
    separator: str, end: str, by_rows: bool, encoding: str, compress: Callable[[bytes], bytes], corner: str
) -> None:
    text = table(separator, end, corner, by_rows=by_rows)
    content = read_file(compress(text.encode(encoding)), "counts.csv.gz")
    assert content.samples == NAMES
    assert (counts(content) == COUNTS).all()
    assert content.kind == "counts"


def read(text: str, name: str = "counts.txt") -> FileContent:
    return read_file(text.encode(), name)


def test_a_table_of_r_lacks_its_corner() -> None:
    lines = table(" ").replace("liver 1", '"liver 1"').split("\n")
    lines[0] = lines[0].removeprefix("gene ")
    content = read("\n".join(lines))
    assert content.samples == NAMES
    assert (counts(content) == COUNTS).all()


def test_quoted_names_may_hold_the_separator() -> None:
    content = read(table().replace("liver 1", '"liver, left lobe"'))
    assert content.samples == ("liver, left lobe", "heart")


def test_decimal_commas_of_european_tables_are_numbers() -> None:
    rows = "\n".join(f"{gene};{i},25;{i * 1000},5" for i, gene in enumerate(GENES * 1))
    content = read(f"gene;a;b\n{rows}\n")
    assert np.asarray(content.values)[1].tolist() == [0.5, 1000.5, 2000.5, 3000.5, 4000.5, 5000.5]


def test_what_featurecounts_writes_is_read_without_its_coordinates() -> None:
    lines = ["# Program:featureCounts v2.0.3", "Geneid\tChr\tStart\tEnd\tStrand\tLength\tout/liver.sorted.bam"]
    lines += [f"{gene}\tchr1;chr1\t1;5\t4;9\t+;+\t{100 + i}\t{i * 3}" for i, gene in enumerate(GENES)]
    content = read("\n".join(lines), "counts.txt")
    assert content.samples == ("liver",)
    assert counts(content).tolist() == [[0, 3, 6, 9, 12, 15]]
    assert any("Length" in note for note in content.notes)


@pytest.mark.parametrize(
    ("header", "row", "program"),
    [
        ("Name\tLength\tEffectiveLength\tTPM\tNumReads", "{gene}\t100\t90.5\t3.25\t{count}", "Salmon"),
        ("target_id\tlength\teff_length\test_counts\ttpm", "{gene}\t100\t90.5\t{count}\t3.25", "kallisto"),
        (
            "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM",
            "{gene}\tT1,T2\t100\t90.5\t{count}\t3.25\t1.5",
            "RSEM",
        ),
    ],
)
def test_the_counts_of_programs_that_write_one_sample_are_taken(header: str, row: str, program: str) -> None:
    lines = [header, *(row.format(gene=gene, count=i + 0.5) for i, gene in enumerate(GENES))]
    content = read("\n".join(lines), "patient 7.sf")
    assert content.samples == ("patient 7",)
    assert np.asarray(content.values).tolist() == [[0.5, 1.5, 2.5, 3.5, 4.5, 5.5]]
    assert any(program in note for note in content.notes)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("ACTB\t10\nGAPDH\t3\n__no_feature\t99\n__ambiguous\t5\n", "HTSeq"),
        ("N_unmapped\t9\t9\t9\nN_multimapping\t1\t1\t1\nACTB\t10\t4\t6\nGAPDH\t3\t1\t2\n", "STAR"),
    ],
)
def test_rows_that_are_no_genes_are_left_out_and_told(text: str, program: str) -> None:
    content = read(text, "sample1.counts")
    assert content.genes == ("ACTB", "GAPDH")
    assert content.samples == ("sample1",)
    assert np.asarray(content.values).tolist() == [[10, 3]]
    assert any(program in note for note in content.notes)
    assert any("rows that count reads of no gene" in note for note in content.notes)


def test_a_gct_file_is_read_without_its_preamble() -> None:
    lines = ["#1.3", "6\t2\t1\t1", "id\tDescription\tliver 1\theart", "tissue\tna\tliver\theart"]
    lines += [f"{gene}\twords of {gene}\t{a}\t{b}" for gene, (a, b) in zip(GENES, COUNTS.T, strict=True)]
    content = read("\n".join(lines), "x.gct")
    assert content.samples == NAMES
    assert (counts(content) == COUNTS).all()


def test_a_second_column_of_names_is_left_out_and_ids_are_preferred() -> None:
    lines = ["symbol,gene_id,a,b"]
    lines += [f"{gene},ENSG{i:011d}.{i},{i},{i + 1}" for i, gene in enumerate(GENES, 1)]
    content = read("\n".join(lines))
    assert content.genes[0] == "ENSG00000000001.1"
    assert any("symbol" in note for note in content.notes)


def test_samples_of_the_same_name_are_told_apart() -> None:
    assert read(table().replace("heart", "liver 1")).samples == ("liver 1", "liver 1 (2)")


def test_rows_that_are_numbered_are_samples_without_names() -> None:
    frame = pd.DataFrame(COUNTS, columns=GENES)
    content = read(frame.to_csv())
    assert (counts(content) == COUNTS).all()
    assert content.samples == ("0", "1") or content.samples == ("sample 1", "sample 2")


# What the values are ------------------------------------------------------------------------------------------------


def values_of(values: np.ndarray) -> FileContent:
    genes = ["ACTB", *(f"ENSG{i:011d}" for i in range(1, values.shape[1]))]
    return read(pd.DataFrame(values, columns=genes, index=["a", "b"][: len(values)]).to_csv())


RANDOM = np.random.default_rng(1)
LEVELS = RANDOM.lognormal(2, 2, (2, 2000))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (RANDOM.poisson(LEVELS), "counts"),
        (RANDOM.poisson(LEVELS).astype(float), "counts"),
        (RANDOM.poisson(LEVELS) + (RANDOM.random((2, 2000)) < 0.3) * 0.37, "expected counts"),
        (LEVELS / LEVELS.sum(axis=1, keepdims=True) * 1e6, "tpm"),
        (LEVELS * 3.3, "tpm"),
        (np.log2(LEVELS + 1), "log"),
        (RANDOM.normal(size=(2, 2000)), "log"),
    ],
)
def test_kinds_of_values_are_told_apart(values: np.ndarray, kind: str) -> None:
    assert values_of(values).kind == kind


# h5ad ---------------------------------------------------------------------------------------------------------------


def h5ad(data: anndata.AnnData, tmp_path: Path) -> FileContent:
    path = tmp_path / "x.h5ad"
    data.write_h5ad(path)
    return read_file(path.read_bytes(), "x.h5ad")


def cells(matrix: object) -> anndata.AnnData:
    obs = pd.DataFrame(
        {"cell_type": ["T cell", "B cell", "T cell", "B cell"], "barcode": list("abcd"), "n": [1.5, 2.5, 3.5, 4.5]},
        index=["c1", "c2", "c3", "c4"],
    )
    return anndata.AnnData(matrix, obs=obs, var=pd.DataFrame(index=GENES))


MATRIX = np.array([[5, 0, 1, 0, 9, 2], [0, 3, 0, 0, 1, 0], [2, 0, 0, 1, 0, 0], [0, 0, 4, 0, 0, 6]], dtype=np.float32)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_cells_of_an_h5ad_file_are_read_and_can_be_pooled(form: Callable[[np.ndarray], object], tmp_path: Path) -> None:
    content = h5ad(cells(form(MATRIX)), tmp_path)
    assert content.samples == ("c1", "c2", "c3", "c4")
    assert set(content.groupings) == {"cell_type"}
    together = pooled(content, "cell_type")
    assert together.samples == ("B cell", "T cell")
    assert np.asarray(together.values).tolist() == [(MATRIX[1] + MATRIX[3]).tolist(), (MATRIX[0] + MATRIX[2]).tolist()]
    assert "B cell (2)" in together.notes[-1]


def test_counts_are_found_where_x_holds_logarithms(tmp_path: Path) -> None:
    wide = np.random.default_rng(2).poisson(3, (4, 60)).astype(np.float32)
    logs = anndata.AnnData(np.log1p(wide), var=pd.DataFrame(index=[f"ENSG{i:011d}" for i in range(60)]))
    logs.layers["counts"] = wide
    content = h5ad(logs, tmp_path)
    assert (np.asarray(content.values) == wide).all()
    assert any("layers['counts']" in note for note in content.notes)
    del logs.layers["counts"]
    assert h5ad(logs, tmp_path).kind == "log"
    logs.raw = anndata.AnnData(wide, var=logs.var)
    assert (np.asarray(h5ad(logs, tmp_path).values) == wide).all()


def test_genes_are_named_by_the_column_that_holds_names_of_genes(tmp_path: Path) -> None:
    data = cells(MATRIX)
    data.var = pd.DataFrame({"feature_name": GENES}, index=[f"f{i}" for i in range(6)])
    assert h5ad(data, tmp_path).genes == tuple(GENES)


def test_there_must_be_such_a_column_to_pool_by(tmp_path: Path) -> None:
    with pytest.raises(SampleFileError, match="there is cell_type"):
        pooled(h5ad(cells(MATRIX), tmp_path), "donor")


# What cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"   \n\n", "is empty"),
        (b"just one line", "one line alone"),
        (b"one\ntwo\nthree\n", "no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old excel", "Excel workbook"),
        (zipped(b"", "xl/workbook.xml"), "Excel workbook"),
        (bytes(range(256)) * 20, "no text"),
        (gzip.compress(table().encode())[:-20], "damaged"),
        (b"\x89HDF\r\n\x1a\n nothing", "no h5ad file"),
        (b"a,b,c\n1,2,3\n4,5,6\n", "No names of genes"),
        (table().replace("2500000", "many").encode(), "“ALB” under “liver 1” is “many”"),
        (table().replace("2500000", "").encode(), "“ALB” under “liver 1” is empty"),
        (b"gene,a\nACTB,0\nGAPDH,0\n", "All values"),
        (b"gene,a\nACTB,inf\nGAPDH,0\n", "no finite numbers"),
        (b"gene,description\nACTB,actin\nGAPDH,glyceraldehyde\n", "no column of numbers"),
        (b"gene,a,b\nACTB,1,2\nGAPDH,1,2,3,4\n", "no even table"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(SampleFileError, match=words) as caught:
        read_file(content, "my counts.csv")
    assert "my counts" in str(caught.value)


def test_an_archive_of_several_tables_asks_for_one() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "y")
    with pytest.raises(SampleFileError, match=r"2 files \(a.csv, b.csv\)"):
        read_file(buffer.getvalue(), "both.zip")


@pytest.mark.parametrize("compress", COMPRESSIONS[1:])
def test_what_unpacks_without_end_is_stopped(
    compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(SampleFileError, match="larger than"):
        read_file(compress(b"0" * 100_000), "bomb.gz")
