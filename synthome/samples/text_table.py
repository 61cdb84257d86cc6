"""A text file as a grid of cells: what separates them, its header, its numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from synthome.errors import SampleFileError
from synthome.samples.decoding import decoded
from synthome.samples.gene_names import gene_likeness, is_no_gene
from synthome.samples.number_marks import NumberMarks, number_marks

__all__ = ["Grid", "read_grid"]

_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
_LOOKED_AT = 30
"""Lines that the separator is judged by."""
_MOST_COLUMNS = 100_000
"""Widest table: 60,000 genes and more in columns. Each column costs time, however little it holds."""
_MOST_CELLS = 60_000_000
"""Largest table: 20,000 genes in 3,000 samples, half a gigabyte of numbers."""
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)*|[.,]\d+)(?:[eE][-+]?\d+)?$")
_CORNER = re.compile(
    r"(?:(?:ensembl|entrez|gene|hgnc|hugo|feature|target)[ _.]?)*(?:ids?|names?|symbols?|genes?)", re.I
)
"""What the column of genes is called."""
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
    text, comment, notes = _without_preamble(decoded(content, file_name))
    separator = _separator(_first_lines(text, file_name), file_name)
    text = _with_commented_header(text, comment, separator)
    rows = [_split(line, separator) for line in _first_lines(text, file_name)]
    width = max(map(len, rows))
    _check_size(text, width, file_name)
    header, has_header = _header(rows, width)
    if has_header:
        _check_evenness(rows, separator, file_name)
    marks = number_marks(text, separator)
    cells = _cells(text, separator, has_header, width, marks, file_name)
    while width > 1 and header[width - 1] == "" and cells[width - 1].isna().all():  # a separator ends each line
        width -= 1
    told = [f"Cells are separated by {_SEPARATORS[separator]}.", *marks.note(), *notes]
    return Grid(tuple(header[:width]), cells.iloc[:, :width], has_header, tuple(told))


def _without_preamble(text: str) -> tuple[str, str, list[str]]:
    """Without what stands above the table, the last comment line there, and what is told of it."""
    text = re.sub(r"\A(?:[ \t]*\n)+", "", text)
    if text.startswith(_GCT):
        _, sizes, body = (*text.split("\n", 2), "", "")[:3]
        above = int(sizes.split("\t")[3]) if re.fullmatch(r"\d+\t\d+\t\d+\t\d+\s*", sizes) else 0
        header, *lines = body.split("\n")
        return "\n".join([header, *lines[above:]]), "", ["It is a GCT file."]
    text = re.sub(r"\Asep=.\n", "", text, flags=re.IGNORECASE)  # Excel's word to itself
    start, comment = 0, ""
    while text.startswith("#", start):
        end = text.find("\n", start) + 1 or len(text)
        start, comment = end, text[start:end]
    return text[start:].lstrip("\n"), comment.lstrip("#").strip("\n"), []


def _with_commented_header(text: str, comment: str, separator: str) -> str:
    """With the line above the table as its header, where that fits and the table has none of its own."""
    first, names = _split(text.split("\n", 1)[0], separator), _split(comment, separator)
    fits = len(names) == len(first) > 1 and _are_numbers(first[1:]) and not _are_numbers(names[1:])
    return f"{comment}\n{text}" if fits else text


def _first_lines(text: str, file_name: str) -> list[str]:
    lines = [line for line in text[:2_000_000].splitlines()[:_LOOKED_AT] if line.strip()]
    if len(lines) < 2:
        found = "one line alone" if lines else "no line"
        message = f"{file_name} has {found}; a table needs a header and a line for each gene or sample."
        raise SampleFileError(message)
    return lines


def _separator(lines: Sequence[str], file_name: str) -> str:
    """What splits lines into the same number of cells, most of them; the first of several in the order above.

    What does not split the header as well is a decimal mark rather: ``gene a b`` above ``TP53 1,5 2,5``.
    """
    best, most = None, 0.0
    for separator in _SEPARATORS:
        widths = [len(_split(line, separator)) for line in lines]
        usual = max(set(widths[1:]), key=widths[1:].count)
        if usual < 2:
            continue
        share = sum(width in (usual, usual - 1) for width in widths) / len(widths)
        if widths[0] < usual - 1:
            share /= 2
        if share > most + 0.05:
            best, most = separator, share
    if best is None:
        message = (
            f"{file_name} is no table: its lines hold one cell each. Save it with columns separated by commas or tabs."
        )
        raise SampleFileError(message)
    return best


def _split(line: str, separator: str) -> list[str]:
    if '"' not in line:  # as good, and without csv's limit on the length of a cell
        return line.split() if separator == " " else line.split(separator)
    try:
        return next(csv.reader([line.strip(" ")], delimiter=separator, skipinitialspace=separator == " "), [])
    except csv.Error:
        return [line]


def _check_size(text: str, width: int, file_name: str) -> None:
    if width > _MOST_COLUMNS:
        message = f"{file_name} has {width:,} columns; {_MOST_COLUMNS:,} are read at most. Bring fewer samples at once."
        raise SampleFileError(message)
    cells = width * (text.count("\n") + 1)
    if cells > _MOST_CELLS:
        message = (
            f"{file_name} holds about {cells / 1e6:,.0f} million values; {_MOST_CELLS // 1_000_000} million are read "
            "at most. Bring fewer samples at once, or cells as an h5ad file with a sparse matrix."
        )
        raise SampleFileError(message)


# The header ---------------------------------------------------------------------------------------------------------


def _header(rows: Sequence[list[str]], width: int) -> tuple[list[str], bool]:
    """The names of the columns: the first line, unless that is one of numbers like the others.

    R leaves the corner of a table empty, so that its first line is one cell short.
    """
    names = [name.strip() for name in ([""] if _lacks_corner(rows) else []) + rows[0]]
    if _are_numbers(names[1:]) and not _names_numbers(names, [row[0] for row in rows[1:]]):
        return [f"column {place + 1}" for place in range(width)], False
    return names + [""] * (width - len(names)), True


def _check_evenness(rows: Sequence[list[str]], separator: str, file_name: str) -> None:
    """Name a line with more cells than there are columns; the corner may be missing, as R leaves it."""
    most = len(rows[0]) + _lacks_corner(rows)
    for place, row in enumerate(rows[1:], 2):
        if len(row) > most and any(cell.strip() for cell in row[most:]):
            message = (
                f"{file_name} is no even table: its line {place} has {len(row)} cells, and there are {most} columns. "
                f"Look at that line for {_SEPARATORS[separator]} within a cell, or save the table again."
            )
            raise SampleFileError(message)


def _lacks_corner(rows: Sequence[list[str]]) -> bool:
    """Whether most lines have one cell more than the first; a separator that ends them makes none."""
    longer = sum(len(row) == len(rows[0]) + 1 and row[-1].strip() != "" for row in rows[1:])
    return longer > len(rows[1:]) / 2


def _are_numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_NUMBER.match(cell.strip()) for cell in cells)


def _names_numbers(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a line of numbers names samples: its corner names no gene, as the cells ``below`` it do."""
    corner = names[0]
    if is_no_gene(corner) or len(set(names)) < len(names):
        return False
    if corner == "" or _CORNER.fullmatch(corner) or list(names[1:]) == [str(p) for p in range(1, len(names))]:
        return True
    return gene_likeness([corner]) == 0 and gene_likeness(below) >= len(below) / 2


# The cells ----------------------------------------------------------------------------------------------------------


def _missing(width: int) -> dict[Any, list[str]]:
    """What stands for a missing value, in every column but that of names: a gene is called NA."""
    return dict.fromkeys(range(1, width), _MISSING)


def _cells(text: str, separator: str, has_header: bool, width: int, marks: NumberMarks, file_name: str) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.BytesIO(text.encode()),  # a text would be copied at four bytes a letter
            sep=r"\s+" if separator == " " else separator,
            header=None,
            names=range(width),
            skiprows=1 if has_header else 0,
            index_col=False,
            decimal=marks.decimal,
            thousands=marks.thousands,
            keep_default_na=False,
            na_values=_missing(width),
            low_memory=False,
            skip_blank_lines=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        message = f"{file_name} is no even table ({reason}). Look at that line, or save the table again."
        raise SampleFileError(message) from None
