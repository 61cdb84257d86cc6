"""Reading a file of samples: what wrote it, which way round it stands, what its values are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.samples.cell_file import is_hdf5, read_h5ad
from synthome.samples.content import FileContent, is_sparse, kind_of
from synthome.samples.gene_names import gene_likeness, is_no_gene
from synthome.samples.known_programs import DESCRIBING, ProgramOutput, program_of
from synthome.samples.sample_names import sample_names, title_of
from synthome.samples.text_table import Grid, read_grid
from synthome.samples.unpacking import unpacked

__all__ = ["MAX_FILE_BYTES", "read_file"]

MAX_FILE_BYTES = 200_000_000
"""Largest file that is read, as it is uploaded."""
_MANY = 500
"""Names along an axis from which they are taken for genes where no name tells."""
_NUMBERED = frozenset(("", "x", "unnamed: 0", "index", "row", "rownames", "nr", "no", "no.", "#"))
"""What a column that numbers the rows is called."""
_SAMPLES = _NUMBERED | {"sample", "samples", "sample_id", "sampleid", "id", "name", "run", "cell", "barcode", "patient"}
"""What a column of samples is called."""


def read_file(content: bytes, file_name: str) -> FileContent:
    """The samples in a file: CSV, TSV or other text, also compressed; the outputs of the usual programs; h5ad.

    Raises
    ------
    SampleFileError
        The file cannot be read, or holds no table of counts; says where and what to do.
    """
    if len(content) > MAX_FILE_BYTES:
        message = (
            f"{file_name} has {len(content) / 1e6:,.0f} MB; {MAX_FILE_BYTES // 1_000_000} MB are read at most. "
            "Bring fewer samples at once."
        )
        raise SampleFileError(message)
    if not content.strip():
        message = f"{file_name} is empty. Bring a table with genes and samples."
        raise SampleFileError(message)
    content, name = unpacked(content, file_name)
    read = read_h5ad(content, name) if is_hdf5(content) else _read_text(content, name)
    _check_values(read, name)
    return replace(read, kind=kind_of(read.values))


def _read_text(content: bytes, file_name: str) -> FileContent:
    grid = read_grid(content, file_name)
    program = program_of(grid)
    grid = _of_genes(grid)
    return _one_sample(grid, program, file_name) if program is not None else _many_samples(grid, file_name)


def _of_genes(grid: Grid) -> Grid:
    """The grid without rows that count reads of no gene."""
    names = grid.cells[0]
    if pd.api.types.is_numeric_dtype(names):
        return grid
    no_gene = names.astype(str).map(is_no_gene)
    if not no_gene.any():
        return grid
    note = f"{int(no_gene.sum()):,} rows that count reads of no gene were left out."
    kept = grid.cells[~no_gene].reset_index(drop=True)
    return replace(grid, cells=kept, notes=(*grid.notes, note))


def _one_sample(grid: Grid, program: ProgramOutput, file_name: str) -> FileContent:
    names = _texts(grid.cells[program.genes])
    column = grid.header[program.counts] if grid.has_header else "counts"
    values = _numbers(grid.cells[[program.counts]], [column], names, file_name)
    notes = (f"It is an output of {program.program}; {program.taken}.",)
    return FileContent(tuple(names), (title_of(file_name),), values.T, "counts", (*grid.notes, *notes))


def _many_samples(grid: Grid, file_name: str) -> FileContent:
    text = [place for place in _not_numeric(grid.cells) if _is_text(grid.cells.iloc[:, place])]
    by_rows = max(text or [0], key=lambda place: gene_likeness(_texts(grid.cells[place])))
    rows = _texts(grid.cells[by_rows])
    in_rows, in_header = gene_likeness(rows), gene_likeness(grid.header)
    if in_rows == in_header == 0:
        in_rows, in_header = int(len(rows) >= _MANY), int(len(grid.header) >= _MANY)
    if in_rows == in_header == 0:
        message = (
            f"No names of genes were found in {file_name}: neither its first column ({_some(rows)}) nor its first line "
            f"({_some(grid.header[1:])}) holds Ensembl ids or gene symbols. Name the genes, one a row."
        )
        raise SampleFileError(message)
    if in_rows >= in_header:
        return _genes_in_rows(grid, by_rows, rows, file_name)
    return _genes_in_columns(grid, text, file_name)


def _genes_in_rows(grid: Grid, by_rows: int, rows: list[str], file_name: str) -> FileContent:
    described = [p for p in _columns(grid) if p != by_rows and _describes(grid, p)]
    places = [p for p in _columns(grid) if p != by_rows and p not in described]
    samples = sample_names([grid.header[p] for p in places])
    if len(places) == 1 and (not grid.has_header or grid.header[places[0]] == ""):
        samples = (title_of(file_name),)
    values = _numbers(grid.cells[places], samples, rows, file_name)
    notes = ["Genes stand in rows, samples in columns.", *_left_out([grid.header[p] for p in described])]
    return FileContent(tuple(rows), samples, values.T, "counts", (*grid.notes, *notes))


def _genes_in_columns(grid: Grid, text: Sequence[int], file_name: str) -> FileContent:
    name_column = next(iter(text), None)
    places = [p for p in _columns(grid) if p not in text]
    genes = [grid.header[p] for p in places]
    if name_column is None and genes[0].lower() in _SAMPLES:  # samples called by numbers
        name_column, places, genes = places[0], places[1:], genes[1:]
    samples = sample_names(_texts(grid.cells[name_column]) if name_column is not None else [""] * len(grid.cells))
    values = _numbers(grid.cells[places], genes, list(samples), file_name)
    notes = ["Samples stand in rows, genes in columns.", *_left_out([grid.header[p] for p in text if p != name_column])]
    return FileContent(tuple(genes), samples, values, "counts", (*grid.notes, *notes))


def _columns(grid: Grid) -> range:
    return range(len(grid.header))


def _not_numeric(cells: pd.DataFrame) -> list[int]:
    """The columns that hold something else than numbers. Their types are asked for at once: there may be thousands."""
    return [place for place, kind in enumerate(cells.dtypes) if not pd.api.types.is_numeric_dtype(kind)]


def _describes(grid: Grid, place: int) -> bool:
    """Whether a column beside the genes describes them, or numbers the rows, and is no sample."""
    column, name = grid.cells[place], grid.header[place].lower()
    if not pd.api.types.is_numeric_dtype(column):
        return _is_text(column) or name in DESCRIBING
    return name in DESCRIBING or (name in _NUMBERED and _runs(column))


def _is_text(column: pd.Series) -> bool:
    """Whether a column is one of words; one of numbers with a few slips is not."""
    numbers = pd.to_numeric(column, errors="coerce").notna().sum()
    return bool(numbers < 0.5 * column.notna().sum())


def _runs(column: pd.Series) -> bool:
    """Whether a column counts up by one."""
    return len(column) > 1 and bool((column.diff().iloc[1:] == 1).all())


def _texts(column: pd.Series) -> list[str]:
    return column.fillna("").astype(str).str.strip().tolist()


def _numbers(
    cells: pd.DataFrame, columns: Sequence[str], rows: Sequence[str], file_name: str
) -> npt.NDArray[np.float64]:
    """The cells as numbers; ``SampleFileError`` names the first that is none."""
    if not cells.shape[1]:
        message = f"{file_name} holds no column of numbers beside the names of genes. Bring a table of counts."
        raise SampleFileError(message)
    slips = _not_numeric(cells)
    numeric = cells.copy() if slips else cells
    for place in slips:
        numeric.isetitem(place, pd.to_numeric(cells.iloc[:, place], errors="coerce").to_numpy())
    wrong = np.argwhere(numeric.isna().to_numpy())
    if len(wrong):
        row, column = wrong[0]
        value = cells.iloc[row, column]
        shown = "empty" if pd.isna(value) or value == "" else f"“{str(value)[:40]}”"
        more = f"; {len(wrong) - 1:,} more cells are like it" if len(wrong) > 1 else ""
        message = (
            f"In {file_name}, the cell of “{str(rows[row])[:40]}” under “{str(columns[column])[:40]}” is {shown} "
            f"and no count{more}. Put a number there; 0 where nothing was counted."
        )
        raise SampleFileError(message)
    return np.asarray(numeric.to_numpy(dtype=np.float64))


def _left_out(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    listed = ", ".join(name or "(no name)" for name in names[:8]) + (" and others" if len(names) > 8 else "")
    return [f"Columns that hold no counts were left out: {listed}."]


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"“{name[:20]}”" for name in names[:3]) or "nothing"


def _check_values(content: FileContent, file_name: str) -> None:
    if not content.genes or not content.samples:
        message = f"{file_name} holds no table of genes and samples. Bring one with a row for each gene."
        raise SampleFileError(message)
    totals = np.asarray(abs(content.values).sum(axis=1)).ravel()
    if not np.isfinite(totals).all():
        message = f"{file_name} holds values that are no finite numbers. Bring the raw counts."
        raise SampleFileError(message)
    if not totals.any():
        message = f"All values of {file_name} are 0. Bring a table with counts."
        raise SampleFileError(message)
    _check_signs(content, file_name)


def _check_signs(content: FileContent, file_name: str) -> None:
    """Name a count below zero. Fractional values below zero are logarithms, which are refused as such later."""
    if content.values.min() >= 0:
        return
    given = content.values.data if is_sparse(content.values) else content.values
    if (given == np.floor(given)).all():
        low = content.values.tocoo() if is_sparse(content.values) else sparse.coo_matrix(content.values)
        first = int(np.flatnonzero(low.data < 0)[0])
        gene, sample = content.genes[low.col[first]], content.samples[low.row[first]]
        message = (
            f"In {file_name}, “{gene[:40]}” of “{sample[:40]}” is {low.data[first]:g}. Counts are never below zero: "
            "bring the raw counts, as they were before anything was subtracted."
        )
        raise SampleFileError(message)
