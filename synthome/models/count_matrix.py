"""The counts of an answer, put into one matrix as they come: at no time do they stand in memory twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthome.errors import AnswerError

__all__ = ["CountMatrix", "Counts", "as_counts"]

Counts = npt.NDArray[np.int32] | npt.NDArray[np.int64]

_MOST_32 = np.iinfo(np.int32).max


def as_counts(values: object) -> Counts:
    """``values`` as whole, non-negative counts, in 32 bits where they fit; ``AnswerError`` for anything else.

    >>> as_counts([3, 0, 7.0]).tolist()
    [3, 0, 7]
    """
    try:
        counts = np.asarray(values)
    except (ValueError, OverflowError):
        counts = np.empty((), dtype=object)
    if counts.ndim != 1 or (counts.size and counts.dtype.kind not in "iuf"):
        message = "The counts of a sample are no list of numbers. Try again; if it stays so, report it to the service."
        raise AnswerError(message)
    least, most = (counts.min(), counts.max()) if counts.size else (0, 0)
    # A comparison with NaN is false, so this refuses NaN too.
    if not (least >= 0 and most < 2**63):
        message = "The answer holds counts that are negative or no numbers. Report it to the service."
        raise AnswerError(message)
    if counts.dtype.kind == "f" and not np.array_equal(counts, np.floor(counts)):
        message = "The answer holds fractional counts where whole ones were agreed. Report it to the service."
        raise AnswerError(message)
    if most <= _MOST_32:
        return counts.astype(np.int32, copy=False)
    return counts.astype(np.int64, copy=False)


class CountMatrix:
    """A matrix for ``samples`` rows, made whole at the first of them; 32 bits a count until one needs 64.

    ``rows`` are filled so far, in the order of the samples. ``genes`` is the length of a row; where it is not known
    beforehand, it is that of the first row.
    """

    def __init__(self, samples: int, genes: int | None = None) -> None:
        self.samples = samples
        self.genes = genes
        self.rows = 0
        self._matrix: Counts | None = None

    def add(self, counts: Counts, rows: int = 1) -> None:
        """Fill the next ``rows`` with ``counts``, one row after the other, all of them equally long."""
        self.check_room(rows)
        width = len(counts) // rows
        if self.genes is None:
            self.genes = width
        if width * rows != len(counts) or width != self.genes:
            message = (
                f"Sample {self.rows + 1} of the answer has {width:,} counts for {self.genes:,} genes. Try again; if "
                "it stays so, report it to the service."
            )
            raise AnswerError(message)
        if self._matrix is None:
            self._matrix = np.empty((self.samples, width), dtype=np.int32)
        if counts.dtype.itemsize > self._matrix.dtype.itemsize:
            self._matrix = self._matrix.astype(np.int64)
        self._matrix[self.rows : self.rows + rows] = counts.reshape(rows, width)
        self.rows += rows

    def check_room(self, rows: int) -> None:
        """Refuse more rows than were asked for."""
        if self.rows + rows > self.samples:
            message = f"{self.samples} samples were asked for and more came. Try again; if it stays so, report it."
            raise AnswerError(message)

    def whole(self, genes: int) -> Counts:
        """The matrix, samples x ``genes``, once every row is there."""
        if self.rows != self.samples or self._matrix is None:
            message = f"{self.samples} samples were asked for and {self.rows} came. Try again, or ask for fewer."
            raise AnswerError(message)
        if self.genes != genes:
            message = f"Sample 1 of the answer has {self.genes:,} counts for {genes:,} genes. Try again."
            raise AnswerError(message)
        return self._matrix
