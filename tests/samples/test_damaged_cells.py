"""h5ad files that are damaged or built to do harm: told, and never read beyond what a computer holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.samples import FileContent, cell_file, read_file
from synthome.samples.content import dense

GENES = [f"ENSG{number:011d}" for number in range(60)]
COUNTS = np.random.default_rng(4).poisson(2, (6, 60)).astype(np.float32)


def read(tmp_path: Path, change: Callable[[h5py.File], None], matrix: object = None) -> FileContent:
    """Read a sound file to which ``change`` did something."""
    path = tmp_path / "cells.h5ad"
    cells = [f"c{number}" for number in range(len(COUNTS))]
    obs = pd.DataFrame({"kind": ["T", "B"] * 3, "batch": ["1", "1", "1", "2", "2", "2"]}, index=cells)
    given = sparse.csr_matrix(COUNTS) if matrix is None else matrix
    anndata.AnnData(given, obs=obs, var=pd.DataFrame(index=GENES)).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        change(file)
    return read_file(path.read_bytes(), "cells.h5ad")


def as_written(file: h5py.File) -> None:
    """Nothing is done to it."""


def places_outside(file: h5py.File) -> None:
    file["X/indices"][...] = 10**8


def rows_outside(file: h5py.File) -> None:
    file["X/indptr"][3] = 10**9


def without_names(file: h5py.File) -> None:
    del file["obs/_index"]


def unknown_matrix(file: h5py.File) -> None:
    file["X"].attrs["encoding-type"] = "from the future"


def cut_genes(file: h5py.File) -> None:
    names = file["var/_index"][:-1]
    attributes = dict(file["var/_index"].attrs)
    del file["var/_index"]
    file["var"].create_dataset("_index", data=names).attrs.update(attributes)


@pytest.mark.parametrize("change", [places_outside, rows_outside, without_names, unknown_matrix, cut_genes])
def test_a_damaged_file_is_told(tmp_path: Path, change: Callable[[h5py.File], None]) -> None:
    with pytest.raises(SampleFileError, match="Write it again with anndata"):
        read(tmp_path, change)


def test_a_column_of_cells_that_nobody_can_read_is_passed_over(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file["obs/batch"].attrs["encoding-type"] = "from the future"

    content = read(tmp_path, change)
    assert set(content.groupings) == {"kind"}
    assert (dense(content.values) == COUNTS).all()


def test_files_of_old_versions_are_told(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["obs"]
        file["obs"] = np.array([(b"c0", 1)], dtype=[("index", "S2"), ("n", "i4")])

    with pytest.raises(SampleFileError, match=r"before 0\.7"):
        read(tmp_path, change)


def test_the_format_of_cell_ranger_is_told(tmp_path: Path) -> None:
    path = tmp_path / "filtered_feature_bc_matrix.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("matrix/data", data=[1, 2])
    with pytest.raises(SampleFileError, match="Cell Ranger"):
        read_file(path.read_bytes(), path.name)


def test_values_below_zero_are_named(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file["X/data"][0] = -3

    with pytest.raises(SampleFileError, match="of “c0” is -3"):
        read(tmp_path, change)


def test_zeros_without_end_are_not_unpacked(tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        del file["X"]
        zeros = file.create_dataset("X", shape=(10**6, 60_000), dtype="f4", chunks=(1, 60_000), compression="gzip")
        zeros.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})

    with pytest.raises(SampleFileError, match=r"60\.0 billion values"):
        read(tmp_path, change)


def test_more_values_than_memory_holds_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_file, "_MOST_STORED", 100)
    with pytest.raises(SampleFileError, match="Bring fewer cells at once"):
        read(tmp_path, as_written)


def test_a_large_matrix_that_is_not_sparse_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_file, "_MOST_DENSE", 120)
    content = read(tmp_path, as_written, COUNTS)
    assert sparse.issparse(content.values)
    assert (dense(content.values) == COUNTS).all()
