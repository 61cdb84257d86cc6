"""The text of a sample sheet as a table: whatever it is separated by, however ragged it is.

Nothing is dropped in silence: what had to be mended while reading is told in :attr:`Table.notes`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from synthome.errors import SheetError

__all__ = ["MAX_CELL", "MAX_CHARACTERS", "MAX_COLUMNS", "MAX_ROWS", "Table", "decode", "read_table"]

MAX_CHARACTERS = 1_000_000
"""Most characters of a sheet."""
MAX_ROWS = 5_000
"""Most rows of a sheet, its header apart."""
MAX_COLUMNS = 100
"""Most columns of a sheet."""
MAX_CELL = 10_000
"""Most characters of a cell: more are an unclosed quotation mark, or no description of a sample."""

_DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas"}
"""What separates cells, and its name; where two separate equally well, the first is taken."""
_ONE_COLUMN = "\x1f"
"""Separates nothing: it does not occur in what is read."""
_END = "\ue000"
"""A row of its own after the sheet; swallowed where a quotation mark was never closed."""
_LOOKED_AT = 200
"""Lines that the delimiter is judged by."""
_SERIES = "!Sample_"
"""How lines about samples begin in a GEO series matrix."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ue000]")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one width under the names of their columns.

    ``lines`` are the rows' numbers as a spreadsheet counts them, the header and blank rows included. ``separated_by``
    names what stood between cells, empty where there is one column alone.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    has_header: bool
    separated_by: str = ""
    notes: tuple[str, ...] = ()

    def column(self, place: int) -> tuple[str, ...]:
        """The cells of a column, top to bottom."""
        return tuple(row[place] for row in self.rows)


def decode(content: bytes) -> str:
    """The text of a file, in whatever encoding spreadsheets write.

    >>> decode("Müller".encode("utf-8-sig")), decode("Müller".encode("cp1252")), decode("a".encode("utf-16"))
    ('Müller', 'Müller', 'a')
    """
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        message = "This is an Excel workbook. Save it as CSV, or copy its cells and paste them."
        raise SheetError(message)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_table(text: str, is_header: Callable[[tuple[str, ...]], bool], header: bool | None = None) -> Table:
    """The table that ``text`` holds.

    ``header`` says whether the first row names the columns; where it is ``None``, ``is_header`` judges by its cells,
    and by whether numbers stand under words. ``SheetError`` where there is no table, or more of one than fits.
    """
    if len(text) > MAX_CHARACTERS:
        message = f"The sheet has {len(text):,} characters; {MAX_CHARACTERS:,} at most. Paste fewer columns or rows."
        raise SheetError(message)
    text = _UNPRINTABLE.sub(" ", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise SheetError("There is nothing to read: paste the rows of your sheet, with their header.")
    delimiter = _delimiter(text, is_header)
    numbered = _numbered_rows(text, delimiter)
    samples = [row for _, row in numbered if row[0].startswith(_SERIES)]
    if len(samples) > 1:
        return _series(samples, len(numbered) - len(samples))
    _check_size(numbered)
    numbered, title = _without_title(numbered, is_header)
    if header is None:
        header = is_header(numbered[0][1]) or _words_over_numbers([row for _, row in numbered])
    if header and len(numbered) == 1:
        message = "There is only a row of column names. Paste the rows beneath it too, one a sample."
        raise SheetError(message)
    table = _table(numbered, header, _DELIMITERS.get(delimiter, ""))
    return replace(table, notes=(*title, *table.notes))


def _series(samples: list[tuple[str, ...]], others: int) -> Table:
    """The lines of a GEO series matrix that describe samples, one a column there, turned into one row a sample."""
    width = max(len(row) for row in samples)
    turned = zip(*(row + ("",) * (width - len(row)) for row in samples), strict=True)
    header = tuple(name.removeprefix(_SERIES) for name in next(turned))
    numbered = [(1, header), *((number, row) for number, row in enumerate(turned, start=2) if any(row))]
    _check_size(numbered)
    if len(numbered) == 1:
        raise SheetError(
            "There are names of what samples have, but no samples. Paste whole lines of the series matrix."
        )
    table = _table(numbered, header=True, separated_by="")
    notes = ["Read as a GEO series matrix: each of its columns is a sample."]
    if others:
        notes.append(f"Its {others:,} other lines, which describe no sample, are left out.")
    return replace(table, notes=(*notes, *table.notes))


def _delimiter(text: str, is_header: Callable[[tuple[str, ...]], bool]) -> str:
    """What separates the most rows into equally many cells, the first row if possible among them."""
    lines = [line for line in text.split("\n") if line.strip()][:_LOOKED_AT]
    if not any(mark in lines[0] for mark in _DELIMITERS) and is_header((lines[0].strip().strip('"'),)):
        return _ONE_COLUMN

    def fitness(delimiter: str) -> tuple[bool, bool, float]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=delimiter)]
        except csv.Error:  # a cell of endless length, told when all is read
            return False, False, 0.0
        width, times = Counter(widths).most_common(1)[0]
        return width > 1, width == widths[0], times / len(widths)

    best = max(_DELIMITERS, key=fitness)
    return best if any(best in line for line in lines) else _ONE_COLUMN


def _without_title(
    numbered: _Numbered, is_header: Callable[[tuple[str, ...]], bool]
) -> tuple[_Numbered, tuple[str, ...]]:
    """The rows from the header on, and a note of the line above it, where a spreadsheet has a title there."""
    if len(numbered) < 3 or sum(map(bool, numbered[0][1])) > 1 or is_header(numbered[0][1]):
        return numbered, ()
    if len(numbered[1][1]) < 2 or not is_header(numbered[1][1]):
        return numbered, ()
    title = "".join(numbered[0][1])
    return numbered[1:], (f"Row {numbered[0][0]}, “{title[:60]}”, is taken for a title and left out.",)


_Numbered = list[tuple[int, tuple[str, ...]]]


def _numbered_rows(text: str, delimiter: str) -> _Numbered:
    """Rows that hold something, each with its number."""
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter))
    except csv.Error:
        message = (
            f"Row {len(rows) + 1}: more than {csv.field_size_limit():,} characters in one cell. "
            "Look there for a quotation mark that is never closed."
        )
        raise SheetError(message) from None
    if rows[-1] != [_END]:
        message = (
            f"Row {len(rows)}, column {len(rows[-1])}: a quotation mark opens here and is never closed. "
            "Close it, or take it out."
        )
        raise SheetError(message)
    numbered = []
    for number, row in enumerate(rows[:-1], start=1):
        for place, cell in enumerate(row, start=1):
            if len(cell) > MAX_CELL:
                message = (
                    f"Row {number}, column {place}: {len(cell):,} characters in one cell; {MAX_CELL:,} at most. "
                    "Shorten it, or look for a quotation mark that closes too late."
                )
                raise SheetError(message)
        cells = tuple(" ".join(cell.split()) for cell in row)
        if any(cells):
            numbered.append((number, cells))
    if not numbered:
        raise SheetError("There are separators but no words between them. Paste the rows of your sheet.")
    return numbered


def _check_size(numbered: _Numbered) -> None:
    if len(numbered) > MAX_ROWS + 1:
        message = (
            f"The sheet has {len(numbered):,} rows; {MAX_ROWS:,} at most. Keep one row a condition and give the number "
            "of samples in a column “replicates”."
        )
        raise SheetError(message)
    for number, row in numbered:
        if len(row) > MAX_COLUMNS:
            message = f"Row {number} has {len(row):,} columns; {MAX_COLUMNS} at most. Paste the columns that matter."
            raise SheetError(message)


def _words_over_numbers(rows: list[tuple[str, ...]]) -> bool:
    """Whether some column has words in the first row and numbers in all the others."""
    if len(rows) < 2:
        return False
    for place, first in enumerate(rows[0]):
        below = [row[place] for row in rows[1:] if place < len(row) and row[place]]
        if first and not _NUMBER.fullmatch(first) and below and all(_NUMBER.fullmatch(cell) for cell in below):
            return True
    return False


def _table(numbered: _Numbered, header: bool, separated_by: str) -> Table:
    width = max(len(row) for _, row in numbered)
    names = numbered[0][1] if header else ()
    body = numbered[1:] if header else numbered
    padded = [row + ("",) * (width - len(row)) for _, row in body]
    kept = [p for p in range(width) if (p < len(names) and names[p]) or any(row[p] for row in padded)]
    notes = []
    if header:
        longer = [number for number, row in body if len(row) > len(names) and any(row[len(names) :])]
        if longer:
            notes.append(f"{_rows_told(longer)} more cells than the header; they stand in columns of their own.")
    return Table(
        columns=tuple(names[p] if p < len(names) and names[p] else f"Column {p + 1}" for p in kept),
        rows=tuple(tuple(row[p] for p in kept) for row in padded),
        lines=tuple(number for number, _ in body),
        has_header=header,
        separated_by=separated_by if width > 1 else "",
        notes=tuple(notes),
    )


def _rows_told(numbers: list[int]) -> str:
    """Rows by their numbers, with the verb that follows: "Row 3 has", "Rows 3, 5 and 2 more have"."""
    shown = ", ".join(map(str, numbers[:5]))
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"Row {shown} has" if len(numbers) == 1 else f"Rows {shown}{more} have"
