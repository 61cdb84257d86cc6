"""A text file as a grid of cells: its encoding, what separates cells, its header, its decimal mark."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from synthome.errors import SampleFileError

__all__ = ["Grid", "read_grid"]

_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
_LOOKED_AT = 30
"""Lines that the separator is judged by."""
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?$")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}(?!\d)|\d+,\d{4,}")
_MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "-", "#N/A"]
_GCT = "#1."


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells under their header. ``header`` holds a name a column; ``has_header`` is whether the file gave them.

    Columns of ``cells`` are numbered; those that hold nothing but numbers are numeric, missing cells NaN.
    """

    header: tuple[str, ...]
    cells: pd.DataFrame
    has_header: bool
    notes: tuple[str, ...]


def read_grid(content: bytes, file_name: str) -> Grid:
    """The grid in ``content``; ``SampleFileError`` where there is none."""
    text = _decoded(content, file_name)
    text, notes = _without_preamble(text)
    first = [line for line in text[:2_000_000].splitlines()[:_LOOKED_AT] if line.strip()]
    if len(first) < 2:
        message = f"{file_name} has {len(first)} lines; a table needs a header and a line for each gene or sample."
        raise SampleFileError(message)
    separator = _separator(first)
    if separator is None:
        message = (
            f"{file_name} is no table: its lines hold one cell each. Save it with columns separated by commas or tabs."
        )
        raise SampleFileError(message)
    rows = [_split(line, separator) for line in first]
    header, has_header = _header(rows)
    cells = _cells(text, separator, has_header, len(header), _decimal(rows, separator), file_name)
    return Grid(tuple(header), cells, has_header, (f"Cells are separated by {_SEPARATORS[separator]}.", *notes))


def _decoded(content: bytes, file_name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text[:10_000]:
        message = f"{file_name} is no text. Bring a table as CSV or TSV, or an h5ad file; Excel can save as CSV."
        raise SampleFileError(message)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_preamble(text: str) -> tuple[str, list[str]]:
    """Without the comment lines at the top, and without what a GCT file says of itself."""
    if text.startswith(_GCT):
        sizes = text.split("\n", 2)[1].split("\t")
        body = text.split("\n", 2)[2]
        above = int(sizes[3]) if len(sizes) > 3 and sizes[3].strip().isdigit() else 0
        header, *lines = body.split("\n")
        return "\n".join([header, *lines[above:]]), ["It is a GCT file."]
    start = 0
    while text.startswith("#", start):
        start = text.find("\n", start) + 1 or len(text)
    return text[start:].lstrip("\n"), []


def _separator(lines: Sequence[str]) -> str | None:
    """What splits lines into the same number of cells, most of them; the first of several in the order above."""
    best, most = None, 0.0
    for separator in _SEPARATORS:
        widths = [len(_split(line, separator)) for line in lines]
        usual = max(set(widths[1:]), key=widths[1:].count)
        if usual < 2:
            continue
        share = sum(width in (usual, usual - 1) for width in widths) / len(widths)
        if share > most + 0.05:
            best, most = separator, share
    return best


def _split(line: str, separator: str) -> list[str]:
    if '"' not in line:  # as good, and without csv's limit on the length of a cell
        return line.split() if separator == " " else line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=separator == " "), [])
    except csv.Error:
        return [line]


def _header(rows: Sequence[list[str]]) -> tuple[list[str], bool]:
    """The names of the columns: the first line, unless that is one of numbers like the others.

    R leaves the corner of a table empty, so that its first line is one cell short.
    """
    first, second = rows[0], rows[1]
    width = max(len(row) for row in rows[1:])
    names = [""] * (width - len(first)) + first if len(first) == len(second) - 1 else first
    if len(first) > 1 and all(_NUMBER.match(cell.strip()) for cell in first[1:]) and not _counts_up(first[1:]):
        return [f"column {place + 1}" for place in range(width)], False
    return [name.strip() for name in names], True


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether samples are called 1, 2, 3."""
    return [cell.strip() for cell in cells] == [str(place + 1) for place in range(len(cells))]


def _decimal(rows: Sequence[list[str]], separator: str) -> str:
    if separator == ",":
        return "."
    cells = [cell for row in rows[1:] for cell in row[1:]]
    commas = sum(_DECIMAL_COMMA.fullmatch(cell.strip()) is not None for cell in cells)
    return "," if commas and not any("." in cell for cell in cells if _NUMBER.match(cell.strip())) else "."


def _missing(width: int) -> dict[Any, list[str]]:
    """What stands for a missing value, in every column but that of names: a gene is called NA."""
    return dict.fromkeys(range(1, width), _MISSING)


def _cells(text: str, separator: str, has_header: bool, width: int, decimal: str, file_name: str) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=r"\s+" if separator == " " else separator,
            header=None,
            names=range(width),
            skiprows=1 if has_header else 0,
            index_col=False,
            decimal=decimal,
            keep_default_na=False,
            na_values=_missing(width),
            low_memory=False,
            skip_blank_lines=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        message = f"{file_name} is no even table ({reason}). Look at that line, or save the table again."
        raise SampleFileError(message) from None
