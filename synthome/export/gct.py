"""GCT 1.3, the table that Morpheus and GSEA read: genes in rows, what is known of the samples above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from synthome.analysis.normalisation import FloatArray
from synthome.export.tables import as_cell

__all__ = ["gct_rows", "gct_text", "tsv_line"]


def gct_text(
    values: FloatArray, genes: pd.DataFrame, sample_names: Sequence[str], columns: Mapping[str, Sequence[object]]
) -> bytes:
    """``values`` as GCT 1.3, with four decimals.

    The format is the Broad Institute's: version, sizes (rows, columns, row annotations, column annotations), names,
    column annotations, then one line a gene.

    Parameters
    ----------
    values : float array, g x n
    genes : DataFrame, g rows
        Index: Ensembl id. Its columns annotate the rows.
    sample_names : sequence of str, n
    columns : mapping
        What annotates the samples: a name, and a value a sample.
    """
    return b"".join(gct_rows(values, genes, sample_names, columns))


def gct_rows(
    values: FloatArray, genes: pd.DataFrame, sample_names: Sequence[str], columns: Mapping[str, Sequence[object]]
) -> Iterator[bytes]:
    """The lines of :func:`gct_text` one by one, for a file that is written while they are made."""
    n_genes, n_samples = values.shape
    yield f"#1.3\n{n_genes}\t{n_samples}\t{genes.shape[1]}\t{len(columns)}\n".encode()
    yield f"{tsv_line(['id', *genes.columns, *sample_names])}\n".encode()
    for key, cells in columns.items():
        yield f"{tsv_line([key, *['na'] * genes.shape[1], *cells])}\n".encode()
    for gene, about, row in zip(genes.index, genes.to_numpy(), values, strict=True):
        levels = "\t".join([f"{value:.4f}" for value in row.tolist()])
        yield f"{tsv_line([gene, *about])}\t{levels}\n".encode()


def tsv_line(cells: Iterable[object]) -> str:
    """Cells between tabs; what would break the line becomes a space, what would start a formula is quoted."""
    return "\t".join(" ".join(str(as_cell(cell)).split()) for cell in cells)
