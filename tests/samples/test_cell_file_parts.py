"""An h5ad file shows what it holds: nothing of other files, and matrices no larger than its cells and genes."""

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
from synthome.samples import read_file
from synthome.samples.content import dense

N_CELLS, N_GENES = 6, 40
COUNTS = np.random.default_rng(1).poisson(3, (N_CELLS, N_GENES)).astype(np.float32)
Change = Callable[[h5py.File, Path], None]


def changed(tmp_path: Path, change: Change, matrix: object = COUNTS) -> bytes:
    """A file of cells, written by anndata, after ``change``; beside it lies a file that is not for showing."""
    obs = pd.DataFrame({"donor": ["d1", "d2"] * 3}, index=[f"c{place}" for place in range(N_CELLS)])
    var = pd.DataFrame(index=[f"ENSG{place:011d}" for place in range(N_GENES)])
    path, secret = tmp_path / "cells.h5ad", tmp_path / "secret.h5"
    anndata.AnnData(matrix, obs=obs, var=var).write_h5ad(path)
    with h5py.File(secret, "w") as file:
        file["X"] = np.full((N_CELLS, N_GENES), 7, dtype=np.float32)
    with h5py.File(path, "a") as file:
        change(file, secret)
    return path.read_bytes()


def as_array(part: h5py.Dataset) -> None:
    part.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def stored_outside(file: h5py.File, secret: Path) -> None:
    del file["X"]
    as_array(file.create_dataset("X", (N_CELLS, N_GENES), np.uint8, external=[(str(secret), 0, N_CELLS * N_GENES)]))


def linked(file: h5py.File, secret: Path) -> None:
    del file["X"]
    file["X"] = h5py.ExternalLink(str(secret), "/X")


def virtual(file: h5py.File, secret: Path) -> None:
    del file["X"]
    layout = h5py.VirtualLayout((N_CELLS, N_GENES), np.float32)
    layout[:] = h5py.VirtualSource(str(secret), "X", (N_CELLS, N_GENES))
    as_array(file.create_virtual_dataset("X", layout))


def as_written(file: h5py.File, secret: Path) -> None:
    pass


def soft(file: h5py.File, secret: Path) -> None:
    file.move("X", "elsewhere")
    file["X"] = h5py.SoftLink("/elsewhere")


def column_outside(file: h5py.File, secret: Path) -> None:
    file["obs"].attrs["column-order"] = ["donor", "leak"]
    as_array(file["obs"].create_dataset("leak", (N_CELLS,), np.uint8, external=[(str(secret), 0, N_CELLS)]))


@pytest.mark.parametrize(
    ("change", "part"),
    [(stored_outside, "X"), (linked, "X"), (virtual, "X"), (soft, "X"), (column_outside, "obs/leak")],
)
def test_a_file_cannot_show_what_stands_in_other_files(change: Change, part: str, tmp_path: Path) -> None:
    with pytest.raises(SampleFileError, match=f"“{part}” of cells.h5ad stands in another place"):
        read_file(changed(tmp_path, change), "cells.h5ad")


def test_groups_that_hold_each_other_are_looked_at_once(tmp_path: Path) -> None:
    def circle(file: h5py.File, secret: Path) -> None:
        file["layers"]["again"] = file["layers"]

    assert (np.asarray(read_file(changed(tmp_path, circle), "cells.h5ad").values) == COUNTS).all()


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix])
@pytest.mark.parametrize("shape", [(10**12, N_GENES), (N_CELLS, 10**12)])
def test_a_matrix_larger_than_its_names_is_refused_before_memory_is_taken_for_it(
    form: Callable[[np.ndarray], object], shape: tuple[int, int], tmp_path: Path
) -> None:
    def inflated(file: h5py.File, secret: Path) -> None:
        file["X"].attrs["shape"] = np.array(shape)

    with pytest.raises(SampleFileError, match="does not fit its cells and genes"):
        read_file(changed(tmp_path, inflated, form(COUNTS)), "cells.h5ad")


@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix])
def test_sparse_matrices_as_anndata_writes_them_fit(form: Callable[[np.ndarray], object], tmp_path: Path) -> None:
    content = read_file(changed(tmp_path, as_written, form(COUNTS)), "cells.h5ad")
    assert (dense(content.values) == COUNTS).all()


def test_a_column_that_is_no_text_is_told_as_a_fault_of_the_file(tmp_path: Path) -> None:
    def bytes_of_no_text(file: h5py.File, secret: Path) -> None:
        file["obs"].attrs["column-order"] = ["donor", "odd"]
        file["obs"]["odd"] = np.array([b"\xae\xff"] * N_CELLS)
        as_array(file["obs"]["odd"])

    with pytest.raises(SampleFileError, match="UnicodeDecodeError"):
        read_file(changed(tmp_path, bytes_of_no_text), "cells.h5ad")
