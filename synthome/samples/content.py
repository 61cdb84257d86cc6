"""What stands in a file of samples: names and values as they are given, and what kind of values they seem to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from synthome.errors import SampleFileError

__all__ = ["MAX_SAMPLES", "FileContent", "Kind", "Values", "dense", "is_sparse", "kind_of", "pooled"]

MAX_SAMPLES = 100
"""Most samples that are used at once; of cells there may be more in a file, to be pooled."""

Kind = Literal["counts", "expected counts", "tpm", "log"]
Values = Any
"""A NumPy array or a SciPy CSR matrix, samples x genes; both are indexed by rows in the same way."""

_PER_MILLION = 1e6
_NEAR = 0.02
"""How near to a million a library must be for its values to be per million."""
_HIGHEST_LOG = 25.0
"""No log2 of a count is higher: 33 million counts of one gene."""
_ENOUGH_GENES = 50
"""Of fewer genes, all may happen to be low."""
_WHOLE_SHARE = 0.05
"""Least share of whole numbers among the values above zero of expected counts; TPM have hardly any."""
_BLOCK = 1_000_000
"""Values looked at in one go."""
_LEAST_DEPTH = 2e6
"""Fractional values that add up to more than twice a million are counts that reads were shared out for."""


@dataclass(frozen=True, slots=True, eq=False)
class FileContent:
    """Values of n samples over g names of genes, as given.

    Attributes
    ----------
    genes, samples : tuples of str, g and n
    values : NumPy array or SciPy CSR matrix, n x g
    kind : str
        ``counts``: whole numbers; ``expected counts``: fractional ones, as RSEM, Salmon and kallisto estimate;
        ``tpm``: per million, TPM, CPM or FPKM; ``log``: logarithms.
    notes : tuple of str
        What was done while reading, a sentence each.
    groupings : mapping of str to tuple of str, n each
        Columns by which cells can be pooled; empty where there are none.
    """

    genes: tuple[str, ...]
    samples: tuple[str, ...]
    values: Values
    kind: Kind
    notes: tuple[str, ...] = ()
    groupings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def is_sparse(values: Values) -> bool:
    """Whether it is a SciPy matrix."""
    return bool(sparse.issparse(values))


def dense(values: Values) -> npt.NDArray[np.float64]:
    """``values`` as a NumPy array."""
    array: npt.NDArray[np.float64] = values.toarray() if is_sparse(values) else np.asarray(values)
    return array


def kind_of(values: Values) -> Kind:
    """What kind of values these seem to be.

    >>> kind_of(np.array([[3, 0, 7]])), kind_of(np.array([[-1.2, 3.0]])), kind_of(np.array([[250_000.5, 749_999.5]]))
    ('counts', 'log', 'tpm')
    """
    found = _Found.of(values.data if is_sparse(values) else values)
    if not found.nonzero or found.least < 0:
        return "log" if found.nonzero else "counts"
    if found.whole == found.nonzero:
        return "counts"
    depth = float(np.median(np.asarray(values.sum(axis=1)).ravel()))
    if found.most < _HIGHEST_LOG and values.shape[1] >= _ENOUGH_GENES:
        return "log"
    if abs(depth / _PER_MILLION - 1) < _NEAR:
        return "tpm"
    return "expected counts" if found.whole >= _WHOLE_SHARE * found.nonzero or depth > _LEAST_DEPTH else "tpm"


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is among values: how many are not zero, how many of these are whole, and their range."""

    nonzero: int
    whole: int
    least: float
    most: float

    @classmethod
    def of(cls, values: npt.NDArray[Any]) -> _Found:
        """Count block by block: the values of a large file stand in memory once, and that is enough."""
        nonzero, whole, least, most = 0, 0, np.inf, -np.inf
        given = values.reshape(-1)
        for start in range(0, given.size, _BLOCK):
            block = given[start : start + _BLOCK]
            nonzero += int(np.count_nonzero(block))
            whole += int(np.count_nonzero((block == np.floor(block)) & (block != 0)))
            least, most = min(least, float(block.min())), max(most, float(block.max()))
        return cls(nonzero, whole, least, most)


def pooled(content: FileContent, by: str) -> FileContent:
    """The cells of each value of the column ``by`` added up, as samples named by the values.

    Raises
    ------
    SampleFileError
        There is no such column, or the values are no counts.
    """
    if by not in content.groupings:
        message = f"The file has no column '{by}' to pool cells by; there is {', '.join(content.groupings) or 'none'}."
        raise SampleFileError(message)
    if content.kind not in ("counts", "expected counts"):
        message = "Only counts can be added up; this file holds other values. Bring the raw counts."
        raise SampleFileError(message)
    labels = np.asarray(content.groupings[by], dtype=object)
    names, place = np.unique(labels, return_inverse=True)
    belongs = sparse.csr_matrix((np.ones(len(labels)), (place, np.arange(len(labels)))))
    sums = dense(belongs @ content.values)
    sizes = np.bincount(place)
    note = f"Cells were added up by {by}: {', '.join(f'{n} ({s:,})' for n, s in zip(names[:12], sizes, strict=False))}."
    return FileContent(content.genes, tuple(map(str, names)), sums, content.kind, (*content.notes, note))
