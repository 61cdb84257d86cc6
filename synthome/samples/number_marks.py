"""How a table writes its numbers: which mark begins the decimals, and which, if any, groups the thousands."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["NumberMarks", "number_marks"]

_LOOKED_AT = 2_000_000
"""Characters that the marks are judged by."""
_FEWEST = 3
"""So many numbers with a mark and three digits after it, at least, before that is one of thousands."""


class NumberMarks(NamedTuple):
    """The mark before decimals, and the one that groups thousands; ``None`` where none does."""

    decimal: str = "."
    thousands: str | None = None

    def note(self) -> list[str]:
        """What is told of them: nothing where they are the usual ones."""
        if self.thousands is not None:
            return [f"“{self.thousands}” in numbers was read as a mark of thousands."]
        return ["The comma in numbers was read as their decimal mark."] if self.decimal == "," else []


def number_marks(text: str, separator: str) -> NumberMarks:
    """The marks of the numbers in ``text``, whose cells ``separator`` separates.

    A number with a mark before exactly three digits may be either. It is a thousand only where all are written so,
    none begins with a zero, and no number of four digits goes without a mark.

    >>> number_marks("gene;a;b\\nTP53;3,5;12", ";"), number_marks('gene,a\\nA,"1,231"\\nB,"3,400"\\nC,"12,100"', ",")
    (NumberMarks(decimal=',', thousands=None), NumberMarks(decimal='.', thousands=','))
    """
    cells = _numbers(text[:_LOOKED_AT], separator)
    commas = [cell for cell in cells if "," in cell]
    points = [cell for cell in cells if "." in cell]
    if commas:
        if _are_thousands(commas, cells):
            return NumberMarks(thousands=",")
        surely_decimal = any(re.fullmatch(r"0,\d+|\d+,(?:\d{1,2}|\d{4,})", cell) for cell in commas)
        return NumberMarks(decimal=",") if surely_decimal and not points else NumberMarks()
    return NumberMarks(decimal=",", thousands=".") if points and _are_thousands(points, cells) else NumberMarks()


def _numbers(text: str, separator: str) -> list[str]:
    """The cells that are numbers. Commas that separate cells are no marks, unless within quotes."""
    bounds = r'[\t; \n"]' if separator != "," else r'[,\n"]'
    mark = r"[.,]" if separator != "," else r"[.]"
    plain = rf"(?<={bounds})[-+]?\d+(?:{mark}\d+)*(?={bounds}|$)"
    if separator != "," or not re.search(r'"\d+,\d', text):
        return re.findall(plain, text)
    return re.findall(r'(?<=")[-+]?\d+(?:[.,]\d+)*(?=")', text) + re.findall(plain, re.sub(r'"[^"\n]*"', '""', text))


def _are_thousands(marked: list[str], cells: list[str]) -> bool:
    mark = "," if "," in marked[0] else r"\."
    grouped = re.compile(rf"[-+]?[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?:\.\d+)?")
    if not all(grouped.fullmatch(cell) for cell in marked):
        return False
    if any(len(cell) > 3 and cell.isdigit() for cell in cells):
        return False
    return len(marked) >= _FEWEST or any(len(re.findall(mark, cell)) > 1 for cell in marked)
