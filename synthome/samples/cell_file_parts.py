"""What an h5ad file is checked for before any value of it is read: that it holds all it shows, and no more than fits.

HDF5 lets a file show the bytes of other files as its own, by links, external storage and virtual datasets. A file from
a stranger would so be shown any file of the computer that reads it; and one written in parts shows zeros for values
that did not come with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthome.errors import SampleFileError

if TYPE_CHECKING:
    import h5py

__all__ = ["check_parts"]

_READ = ("X", "layers", "raw", "obs", "var")


def check_parts(file: h5py.File, file_name: str) -> None:
    """Refuse a file whose parts stand elsewhere, or whose sparse matrices do not fit its cells and genes.

    Raises
    ------
    SampleFileError
        Says which part it is, and how to write the file so that it can be read.
    """
    waiting = [(file, name) for name in file if name in _READ]
    seen: set[object] = set()
    while waiting:
        group, name = waiting.pop()
        _check_here(group, name, file_name)
        part = group[name]
        if part.id in seen:  # groups may hold each other
            continue
        seen.add(part.id)
        if hasattr(part, "keys"):
            waiting += [(part, inner) for inner in part]
    for place, table in (("X", "var"), ("raw/X", "raw/var"), *((f"layers/{name}", "var") for name in _layers(file))):
        if place in file and "indptr" in getattr(file[place], "keys", list)():
            _check_sparse(file[place], _size(file["obs"]), _size(file[table]), file_name)


def _check_here(group: h5py.Group, name: str, file_name: str) -> None:
    link = type(group.get(name, getlink=True)).__name__
    part = group[name] if link == "HardLink" else None
    if part is not None and not getattr(part, "external", None) and not getattr(part, "is_virtual", False):
        return
    where = f"{group.name.rstrip('/')}/{name}".lstrip("/")
    message = (
        f"The part “{where[:60]}” of {file_name} stands in another place or file, which is not read. "
        "In Python, read it where all its files are, and write it again with anndata's write_h5ad."
    )
    raise SampleFileError(message)


def _check_sparse(matrix: h5py.Group, n_cells: int, n_genes: int, file_name: str) -> None:
    """Compare what a matrix says of itself with its names: memory is taken by what it says."""
    by_cells = matrix.attrs.get("encoding-type") != "csc_matrix"
    fits = tuple(int(length) for length in matrix.attrs["shape"]) == (n_cells, n_genes)
    if not fits or matrix["indptr"].size != (n_cells if by_cells else n_genes) + 1:
        message = f"The matrix of {file_name} does not fit its cells and genes. Write it again with anndata."
        raise SampleFileError(message)


def _layers(file: h5py.File) -> tuple[str, ...]:
    return tuple(file["layers"]) if "layers" in file else ()


def _size(table: h5py.Group) -> int:
    """How many rows a table of cells or genes has."""
    return int(table[table.attrs["_index"]].size)
