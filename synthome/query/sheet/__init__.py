"""A sample sheet, as pasted from a spreadsheet or a repository, on its way to a design.

The way of a sheet: :func:`read_sheet` makes a table of the text; :class:`SheetReader` says what each column may be
about and what each distinct cell may mean, with its confidence; somebody reviews that; :func:`conditions_of` makes
conditions of what was decided, and tells what it did not use. Nothing is guessed without being shown.
"""

from synthome.query.sheet.columns import DESCRIPTION, IGNORE, MEANINGS, NAME, Column
from synthome.query.sheet.conditions import Clash, Outcome, SheetCondition, add_to_design, conditions_of
from synthome.query.sheet.findings import COUNT, Candidate, Finding, Level, Reading
from synthome.query.sheet.matching import SheetReader, read_sheet
from synthome.query.sheet.table import Table, decode

__all__ = [
    "COUNT",
    "DESCRIPTION",
    "IGNORE",
    "MEANINGS",
    "NAME",
    "Candidate",
    "Clash",
    "Column",
    "Finding",
    "Level",
    "Outcome",
    "Reading",
    "SheetCondition",
    "SheetReader",
    "Table",
    "add_to_design",
    "conditions_of",
    "decode",
    "read_sheet",
]
