"""Files of one sample as the usual programs write them: which of their columns holds the counts."""

from __future__ import annotations

from dataclasses import dataclass

from synthome.samples.text_table import Grid

__all__ = ["DESCRIBING", "ProgramOutput", "program_of"]

DESCRIBING = frozenset(
    """
    length effectivelength effective_length eff_length chr chrom chromosome seqname start end strand width
    exon_number entrez entrezid entrez_id entrezgene entrezgene_id ncbi_id gene_length transcript_length
    num_transcripts gc gc_content percentage_gene_gc_content
    """.split()  # noqa: SIM905 - a column of words would take a page
)
"""Columns of numbers that describe genes and are no samples."""


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """Which program wrote a file, the columns of its gene names and counts, and what is told of the latter."""

    program: str
    genes: int
    counts: int
    taken: str = "its counts are taken"


_COUNT_COLUMNS = {"numreads": "Salmon", "est_counts": "kallisto", "expected_count": "RSEM"}
_UNSTRANDED = "its counts for unstranded RNA-seq are taken"


def program_of(grid: Grid) -> ProgramOutput | None:
    """The program whose output for one sample this is; ``None`` where it is a table like any other."""
    names = [name.lower() for name in grid.header]
    for column, program in _COUNT_COLUMNS.items():
        if column in names:
            return ProgramOutput(program, 0, names.index(column))
    if "unstranded" in names and "stranded_first" in names:
        return ProgramOutput("STAR in the way of the Genomic Data Commons", 0, names.index("unstranded"), _UNSTRANDED)
    if grid.has_header or len(grid.header) not in (2, 4):
        return None
    rows = grid.cells[0].astype(str)
    if len(grid.header) == 2 and rows.str.startswith("__").any():
        return ProgramOutput("HTSeq", 0, 1)
    if len(grid.header) == 4 and rows.str.startswith("N_").any():
        return ProgramOutput("STAR", 0, 1, _UNSTRANDED)
    return None
