"""Predictions as files: CSV for spreadsheets and R, a pickle for Python."""

from __future__ import annotations

import csv
import io
import math
import pickle
from collections.abc import Iterable, Iterator
from typing import IO

import pandas as pd

from synthome.prediction import Prediction

__all__ = [
    "as_cell",
    "expression_csv",
    "expression_csv_rows",
    "latents_csv_rows",
    "metadata_csv",
    "results_pickle",
    "table_csv",
    "write_results_pickle",
]

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""What spreadsheets take for the start of a formula, the full-width forms of = + - @ among it."""


def as_cell(value: object) -> object:
    """``value`` as it may stand in a CSV cell that a spreadsheet opens.

    Text that would start a formula gets a single quote before it; numbers, also those written as text, stay as they
    are, and missing values become empty cells. See "CSV Injection" of the Open Web Application Security Project.

    >>> as_cell("=1+1"), as_cell("-5.2"), as_cell(-3), as_cell(" @SUM(A1)"), as_cell(None)
    ("'=1+1", '-5.2', -3, "' @SUM(A1)", '')
    """
    if not isinstance(value, str):
        missing = value is None or value is pd.NA or value != value  # NaN alone differs from itself
        return "" if missing else value
    if value.startswith(_FORMULA_STARTS) or value.lstrip().startswith(_FORMULA_STARTS):
        return value if _is_number(value) else f"'{value}"
    return value


def table_csv(header: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    """A table as CSV in UTF-8, every cell as :func:`as_cell` has it, those of the header too."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([as_cell(cell) for cell in header])
    writer.writerows([as_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def _is_number(text: str) -> bool:
    """Whether ``text`` is a plain decimal number and nothing else."""
    if not text.isascii() or text != text.strip() or "_" in text:
        return False
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def expression_csv_rows(prediction: Prediction) -> Iterator[bytes]:
    """The lines of :func:`expression_csv` one by one, for an answer that is sent while it is written."""
    yield f"{_line(['sample', *prediction.expression.columns])}\n".encode()
    counts = prediction.expression.to_numpy()
    for name, row in zip(prediction.sample_names, counts, strict=True):
        yield f"{_line([name])},{','.join(map(str, row.tolist()))}\n".encode()


def expression_csv(prediction: Prediction) -> bytes:
    """Counts as CSV in UTF-8: a row a sample, its name first, then a column for each Ensembl gene id."""
    return b"".join(expression_csv_rows(prediction))


def metadata_csv(prediction: Prediction) -> bytes:
    """Metadata as CSV in UTF-8: sample, condition, and every key that a condition gives, as the contract writes it."""
    columns = [prediction.sample_names, prediction.conditions]
    columns += [tuple(prediction.metadata[key]) for key in prediction.metadata.columns]
    lines = [_line(["sample", "condition", *prediction.metadata.columns])]
    lines += [_line(row) for row in zip(*columns, strict=True)]
    return "".join(f"{line}\n" for line in lines).encode()


def results_pickle(prediction: Prediction) -> bytes:
    """The result as users of the contract pickle it: a dictionary of plain DataFrames, rows numbered from 0.

    Returns
    -------
    bytes
        ``pickle.loads`` gives ``{"metadata": …, "expression": …, "latents": …}`` as ``pysynthbio.predict_query``
        does: counts of the integer type that Python's ``int`` means on this machine, each latent a list of floats.
        It needs pandas and nothing of Synthome.
    """
    return pickle.dumps(_frames(prediction), protocol=5)


def write_results_pickle(prediction: Prediction, sink: IO[bytes]) -> None:
    """:func:`results_pickle` written to a file, without all of it in memory once more."""
    pickle.dump(_frames(prediction), sink, protocol=5)


def latents_csv_rows(prediction: Prediction) -> Iterator[bytes]:
    """Latents as CSV in UTF-8: sample, then a column for each number, such as ``biological_1``."""
    latents = prediction.latents
    lengths = {name: max((len(cell) for cell in latents[name]), default=0) for name in latents.columns}
    yield f"{_line(['sample', *(f'{name}_{n + 1}' for name, most in lengths.items() for n in range(most))])}\n".encode()
    for place, sample in enumerate(prediction.sample_names):
        cells: list[object] = [sample]
        for name, most in lengths.items():
            given = list(latents[name].iloc[place])
            cells += given + [None] * (most - len(given))
        yield f"{_line(cells)}\n".encode()


def _frames(prediction: Prediction) -> dict[str, pd.DataFrame]:
    return {
        "metadata": prediction.metadata.reset_index(drop=True),
        "expression": prediction.expression.reset_index(drop=True).astype(int),
        "latents": prediction.latents.reset_index(drop=True),
    }


def _line(cells: Iterable[object]) -> str:
    """One line without its end. Written as CRLF ends because only then does ``csv`` quote a lone carriage return."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([as_cell(cell) for cell in cells])
    return buffer.getvalue().removesuffix("\r\n")
