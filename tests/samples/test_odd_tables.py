"""Tables with the oddities of what wrote them: the same counts, and nothing is taken for a sample that is none."""

from __future__ import annotations

import numpy as np
import pytest

from synthome.errors import SampleFileError
from synthome.samples import FileContent, read_file

GENES = [f"ENSG{number:011d}" for number in range(1, 41)]
COUNTS = np.random.default_rng(3).negative_binomial(1, 0.0005, (3, 40))
SAMPLES = ("s1", "s2", "s3")


def rows(separator: str, end: str = "") -> list[str]:
    lines = [["gene", *SAMPLES], *([gene, *map(str, row)] for gene, row in zip(GENES, COUNTS.T, strict=True))]
    return [separator.join(line) + end for line in lines]


def numbered(separator: str) -> list[str]:
    """With a first column without a name that counts the rows, as pandas and tibbles are written."""
    header, *lines = rows(separator)
    return [f"{separator}{header}", *(f"{place}{separator}{line}" for place, line in enumerate(lines))]


def grouped(separator: str, mark: str, quote: str = "") -> list[str]:
    """With a mark between thousands."""
    lines = [["gene", *SAMPLES]]
    for gene, row in zip(GENES, COUNTS.T, strict=True):
        lines.append([gene, *(f"{quote}{count:,}{quote}".replace(",", mark) for count in row)])
    return [separator.join(line) for line in lines]


def read(lines: list[str], name: str = "counts.txt") -> FileContent:
    return read_file("\n".join(lines).encode(), name)


@pytest.mark.parametrize(
    "lines",
    [
        ["sep=;", *rows(";")],
        rows(",", end=","),
        [rows(",")[0], *rows(",", end=",")[1:]],
        numbered(","),
        ["#" + rows("\t")[0], *rows("\t")[1:]],
        ["# made on a Monday", "# by us, all of us", *rows(",")],
        ["", "  ", *rows("\t")],
        [line.replace(" ", "     ") for line in rows(" ")],
        [f"   {line}" for line in rows(" ")],
        grouped("\t", ","),
        grouped(";", "."),
        grouped(",", ",", quote='"'),
        [*rows("\t"), "__no_feature\t9\t9\t9", "__ambiguous\t1\t2\t3"],
        [f"{line}\t{'biotype' if line.startswith('gene') else 'protein_coding'}" for line in rows("\t")],
    ],
    ids=range(14),
)
def test_the_counts_are_read_and_nothing_else(lines: list[str]) -> None:
    content = read(lines)
    assert content.samples == SAMPLES
    assert content.genes == tuple(GENES)
    assert (np.asarray(content.values) == COUNTS).all()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_though_nothing_marks_it(encoding: str) -> None:
    content = read_file("\n".join(rows("\t")).encode(encoding), "counts.txt")
    assert (np.asarray(content.values) == COUNTS).all()


@pytest.mark.parametrize("corner", ["gene", "", "Gene Symbol", "ensembl_gene_id"])
def test_samples_may_be_called_by_numbers(corner: str) -> None:
    content = read([f"{corner}\t101\t205\t309", *rows("\t")[1:]])
    assert content.samples == ("101", "205", "309")
    assert (np.asarray(content.values) == COUNTS).all()


def test_samples_in_rows_may_be_called_by_numbers() -> None:
    lines = [",".join(["sample", *GENES])]
    lines += [",".join([str(name), *map(str, row)]) for name, row in zip((101, 205, 309), COUNTS, strict=True)]
    content = read(lines)
    assert content.samples == ("101", "205", "309")
    assert content.genes == tuple(GENES)


def test_a_table_without_a_header_is_no_sample_short() -> None:
    content = read(rows("\t")[1:])
    assert (np.asarray(content.values) == COUNTS).all()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_fractions_of_three_digits_are_no_thousands(separator: str) -> None:
    lines = [separator.join(["gene", *SAMPLES])]
    lines += [
        separator.join([gene, *(f"{count / 1000:.3f}" for count in row)])
        for gene, row in zip(GENES, COUNTS.T, strict=True)
    ]
    for mark in (".", ","):
        content = read([line.replace(".", mark) for line in lines])
        assert np.allclose(np.asarray(content.values), COUNTS / 1000)


def test_the_genomic_data_commons_writes_one_sample_with_six_columns_of_numbers() -> None:
    lines = [
        "# gene-model: GENCODE v36",
        "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second\ttpm_unstranded\tfpkm_unstranded",
        "N_unmapped\t\t\t5\t5\t5\t\t",
        "N_multimapping\t\t\t5\t5\t5\t\t",
        *(
            f"{gene}.7\tA\tprotein_coding\t{count}\t1\t2\t1.5\t1.25"
            for gene, count in zip(GENES, COUNTS[0], strict=True)
        ),
    ]
    content = read(lines, "P1.rna_seq.augmented_star_gene_counts.tsv")
    assert content.samples == ("P1",)
    assert (np.asarray(content.values) == COUNTS[:1]).all()
    assert any("2 rows that count reads of no gene" in note for note in content.notes)


def test_names_of_samples_lose_what_programs_add_and_keep_their_slashes() -> None:
    header = "gene\tout/liver.sorted.bam\tTumour/Normal\tC:\\runs\\heart.Aligned.sortedByCoord.out.bam"
    assert read([header, *rows("\t")[1:]]).samples == ("liver", "Tumour/Normal", "heart")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"RDX3\nX\n\x00\x00", "R workspace"),
        (b"%PDF-1.7\n%\xe2", "PDF"),
        (b"@SRR1 1 length=76\nACGT\n+\nFFFF\n", "Count them by gene first"),
        (b"gene\ta\nACTB\t5\nGAPDH\t-2\n", "“GAPDH” of “a” is -2"),
        (b"gene\ta\tb\nACTB\t5\t1\nGAPDH\t2\t3\t4\n", "line 3 has 4 cells, and there are 3 columns"),
        (b"gene," + b"x," * 100_001 + b"\nACTB" + b",1" * 100_001 + b"\n", "100,000 are read at most"),
    ],
)
def test_what_is_no_table_of_counts_is_told_as_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(SampleFileError, match=words):
        read_file(content, "mine.txt")


def test_more_values_than_memory_holds_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthome.samples.text_table._MOST_CELLS", 100)
    with pytest.raises(SampleFileError, match="Bring fewer samples at once"):
        read(rows("\t"))
