"""h5ad files: the raw counts of samples or cells, wherever they stand in the file. Nothing else of it is read."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.samples.cell_file_parts import check_parts
from synthome.samples.content import FileContent, Values, kind_of
from synthome.samples.gene_names import gene_likeness

if TYPE_CHECKING:
    import h5py

__all__ = ["is_hdf5", "read_h5ad"]

_MAGIC = b"\x89HDF\r\n\x1a\n"
_MOST_DENSE = 60_000_000
"""Values of a matrix that is not sparse: half a gigabyte. Larger ones are made sparse, block by block."""
_MOST_STORED = 60_000_000
"""Most values above zero: 20,000 cells in which 3,000 genes are seen."""
_MOST_VALUES = 1_000_000_000
"""Largest matrix that is looked through for its values above zero. A few bytes of a file may stand for any number."""
_MOST_NOTED = 100_000_000
"""Most values of the tables of cells and genes."""
_LOOKED_AT = 50
"""Cells that the kind of values is judged by."""
_ID_COLUMNS = ("gene_ids", "gene_id", "ensembl_id", "ensembl", "feature_id", "feature_name", "gene_symbols", "symbol")
_KINDS_OF_COLUMN = frozenset(
    ("array", "string-array", "categorical", "nullable-integer", "nullable-boolean", "nullable-string-array")
)
_MOST_GROUPS = 100
"""A column with more values tells cells apart and pools nothing."""


def is_hdf5(content: bytes) -> bool:
    """Whether it is the kind of file that h5ad files are."""
    return content.startswith(_MAGIC)


def read_h5ad(content: bytes, file_name: str) -> FileContent:
    """Counts, names and groupings of an AnnData file; ``SampleFileError`` where it is none, or without counts."""
    import h5py  # with anndata a second to import, which other files need not wait for

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old files, about what has changed since they were written
        try:
            with h5py.File(io.BytesIO(content), "r") as file:
                _check_tables(file, file_name)
                check_parts(file, file_name)
                values, table, where = _counts(file, file_name)
                observations, variables = _table(file["obs"]), _table(file[table], _ID_COLUMNS)
            genes, column = _genes(variables)
            groupings = dict(_groupings(observations))
        except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, IndexError) as error:
            message = (
                f"{file_name} is no h5ad file that can be read ({type(error).__name__}). Write it again with anndata."
            )
            raise SampleFileError(message) from None
    cells = tuple(map(str, observations.index))
    if values.shape != (len(cells), len(genes)):
        message = f"The matrix of {file_name} does not fit its cells and genes. Write it again with anndata."
        raise SampleFileError(message)
    notes = (f"Counts are taken from {where}.", f"Genes are named by {column}.")
    return FileContent(genes, cells, values, "counts", notes, groupings)


# Tables of cells and genes ------------------------------------------------------------------------------------------


def _check_tables(file: h5py.File, file_name: str) -> None:
    """Refuse other files of that kind, and tables of cells or genes that nobody could hold."""
    if "matrix" in file and "obs" not in file:
        message = (
            f"{file_name} is Cell Ranger's own format. In Python, scanpy.read_10x_h5 reads it; bring what write_h5ad "
            "makes of that."
        )
        raise SampleFileError(message)
    sizes: list[int] = []
    for name in ("obs", "var", "raw/var"):
        table = file.get(name)
        if table is None:
            continue
        if "_index" not in table.attrs:
            message = f"{file_name} was written by a version of anndata before 0.7. Write it again with a newer one."
            raise SampleFileError(message)
        table.visititems(lambda _, part: sizes.append(int(getattr(part, "size", 0) or 0)))
    if sum(sizes) > _MOST_NOTED:
        message = f"The tables of cells and genes of {file_name} are too large. Bring fewer cells at once."
        raise SampleFileError(message)


def _table(table: h5py.Group, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The columns of a table whose way of being written is known, or of these only ``columns``."""
    from anndata.io import read_elem

    names = [name for name in table.attrs["column-order"] if columns is None or name in columns]
    known = [name for name in names if table[name].attrs.get("encoding-type", "") in _KINDS_OF_COLUMN]
    read = {name: read_elem(table[name]) for name in known}
    return pd.DataFrame(read, index=pd.Index(read_elem(table[table.attrs["_index"]])).astype(str))


def _genes(names: pd.DataFrame) -> tuple[tuple[str, ...], str]:
    """The names that are most surely those of genes."""
    offered = {"their index": tuple(map(str, names.index))}
    offered |= {f"the column {c}": tuple(names[c].astype(str)) for c in _ID_COLUMNS if c in names.columns}
    best = max(offered, key=lambda column: gene_likeness(offered[column]))
    return offered[best], best


def _groupings(observations: pd.DataFrame) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns of few values, each of more than one cell: cells can be pooled by them."""
    most = min(_MOST_GROUPS, len(observations) // 2)
    columns: Mapping[str, pd.Series] = {str(name): observations[name] for name in observations.columns}
    for name, column in columns.items():
        if pd.api.types.is_float_dtype(column):
            continue
        texts = column.astype(str)
        if 1 <= texts.nunique() <= most:
            yield name, tuple(texts)


# The matrix ---------------------------------------------------------------------------------------------------------


def _counts(file: h5py.File, file_name: str) -> tuple[Values, str, str]:
    """The first matrix of counts, the table of its genes, and where it stood; the last one where none is of counts."""
    offered = [
        ("layers/counts", "var", "layers['counts']"),
        ("layers/raw_counts", "var", "layers['raw_counts']"),
        ("raw/X", "raw/var", "raw.X"),
        ("X", "var", "X"),
    ]
    found: tuple[Values, str, str] | None = None
    for place, table, where in offered:
        if place in file:
            found = (_read(file[place], file_name), table, where)
            if kind_of(found[0][:_LOOKED_AT]) in ("counts", "expected counts"):
                return found
    if found is None:
        message = f"{file_name} holds no matrix: X is empty. Bring a file with counts."
        raise SampleFileError(message)
    return found


def _read(matrix: h5py.Group | h5py.Dataset, file_name: str) -> Values:
    """Cells by rows: sparse where it is sparse or large."""
    from anndata.io import read_elem

    if matrix.attrs.get("encoding-type") in ("csr_matrix", "csc_matrix"):
        _check_stored(max(matrix[part].size for part in ("data", "indices", "indptr")), file_name)
        stored = read_elem(matrix)
        stored.check_format(full_check=True)  # places outside the matrix would be written to
        return sparse.csr_matrix(stored)
    if matrix.size <= _MOST_DENSE:
        return np.asarray(matrix[:], dtype=np.float64)
    if matrix.size > _MOST_VALUES:
        message = f"{file_name} holds {matrix.size / 1e9:,.1f} billion values. Bring fewer cells, in a sparse matrix."
        raise SampleFileError(message)
    step = max(_MOST_DENSE // (10 * matrix.shape[1]), 1)
    blocks: list[sparse.csr_matrix] = []
    for start in range(0, matrix.shape[0], step):
        blocks.append(sparse.csr_matrix(matrix[start : start + step]))
        _check_stored(sum(block.nnz for block in blocks), file_name)
    return sparse.vstack(blocks, format="csr")


def _check_stored(stored: int, file_name: str) -> None:
    if stored > _MOST_STORED:
        message = (
            f"{file_name} holds more than {_MOST_STORED // 1_000_000} million values above zero. Bring fewer cells at "
            "once, or counts that are added up by type of cell."
        )
        raise SampleFileError(message)
