"""h5ad files: the raw counts of samples or cells, wherever they stand in the file."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.samples.content import FileContent, Values, is_sparse, kind_of
from synthome.samples.gene_names import gene_likeness

__all__ = ["is_hdf5", "read_h5ad"]

_MAGIC = b"\x89HDF\r\n\x1a\n"
_MOST_DENSE = 60_000_000
"""Values of a matrix that is not sparse: half a gigabyte. Larger ones are made sparse."""
_ID_COLUMNS = ("gene_ids", "gene_id", "ensembl_id", "ensembl", "feature_id", "feature_name", "gene_symbols", "symbol")
_MOST_GROUPS = 100
"""A column with more values tells cells apart and pools nothing."""


def is_hdf5(content: bytes) -> bool:
    """Whether it is the kind of file that h5ad files are."""
    return content.startswith(_MAGIC)


def read_h5ad(content: bytes, file_name: str) -> FileContent:
    """Counts, names and groupings of an AnnData file; ``SampleFileError`` where it is none, or without counts."""
    import anndata  # a second to import, which other files need not wait for

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of old files, about what has changed since they were written
        path = Path(folder) / "samples.h5ad"
        path.write_bytes(content)
        try:
            data = anndata.read_h5ad(path)
        except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
            message = (
                f"{file_name} is no h5ad file that can be read ({type(error).__name__}). Write it again with anndata."
            )
            raise SampleFileError(message) from None
    values, names, where = _counts(data, file_name)
    genes, column = _genes(names)
    notes = [f"Counts are taken from {where}.", f"Genes are named by {column}."]
    return FileContent(
        genes, tuple(map(str, data.obs_names)), values, "counts", tuple(notes), dict(_groupings(data.obs))
    )


def _counts(data: Any, file_name: str) -> tuple[Values, pd.DataFrame, str]:
    """The first matrix of counts, the table of its genes, and where it stood."""
    found: list[tuple[Any, pd.DataFrame, str]] = []
    found += [
        (data.layers[name], data.var, f"layers['{name}']") for name in ("counts", "raw_counts") if name in data.layers
    ]
    if data.raw is not None:
        found.append((data.raw.X, data.raw.var, "raw.X"))
    if data.X is not None:
        found.append((data.X, data.var, "X"))
    for matrix, names, where in found:
        values = _compact(matrix)
        if kind_of(values[:50]) in ("counts", "expected counts"):
            return values, names, where
    if not found:
        message = f"{file_name} holds no matrix: X is empty. Bring a file with counts."
        raise SampleFileError(message)
    return _compact(found[-1][0]), found[-1][1], found[-1][2]


def _compact(matrix: Any) -> Values:
    """Cells by rows: sparse where it is sparse or large."""
    if is_sparse(matrix):
        return sparse.csr_matrix(matrix)
    dense = np.asarray(matrix)
    return sparse.csr_matrix(dense) if dense.size > _MOST_DENSE else dense.astype(np.float64)


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
