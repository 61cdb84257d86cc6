"""A sheet's cells matched: every distinct text of a column once, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from synthome.ontology import Match, Ontology, TermIndex
from synthome.query.sheet.columns import (
    DESCRIPTION,
    IGNORE,
    NAME,
    Column,
    expand_characteristics,
    is_header,
    labelled_cell,
    meaning_of,
    propose_columns,
)
from synthome.query.sheet.descriptions import Named, amounts_named, terms_named, without_numbering
from synthome.query.sheet.findings import COUNT, Candidate, Finding, Reading
from synthome.query.sheet.plain_values import NOT_GIVEN, doses_in, read_plain, times_in
from synthome.query.sheet.table import Table, read_table
from synthome.query.sheet.term_cells import candidate_of, method_in, read_perturbation, read_term
from synthome.query.values import value_fault
from synthome.query.vocabulary import KEYS

__all__ = ["SheetReader", "read_sheet"]

Progress = Callable[[int, int], None]
"""Told how many texts are done, and of how many."""

_PERTURBATION, _TYPE = "perturbation_ontology_id", "perturbation_type"
_WITHIN = {"perturbation_dose": doses_in, "perturbation_time": times_in}
_ALIKE: dict[str, tuple[Ontology, ...]] = {
    "tissue_ontology_id": ("UBERON",),
    "cell_line_ontology_id": ("CVCL",),
    "cell_type_ontology_id": ("CL",),
    "disease_ontology_id": ("MONDO",),
    _PERTURBATION: ("CHEBI",),
}
_PLAIN_ALIKE = ("sex", "perturbation_dose", "perturbation_time", "perturbation_type", "sample_type")
_LOOKED_AT = 10
"""Distinct texts that the guess at a column's meaning looks at."""


def read_sheet(text: str, header: bool | None = None) -> Table:
    """The table of a pasted sheet, its characteristics taken apart; ``SheetError`` where there is none."""
    return expand_characteristics(read_table(text, is_header, header))


class SheetReader:
    """Reads the cells of sheets, remembering what each text was read as: asking again costs nothing."""

    def __init__(self, index: TermIndex) -> None:
        self._index = index
        self._readings: dict[tuple[str, ...], dict[str, Reading]] = {}
        self._named: dict[str, list[Named]] = {}

    # Columns --------------------------------------------------------------------------------------------------------

    def columns(self, table: Table) -> tuple[Column, ...]:
        """What each column is proposed to be about: by its header, and by its values where that leaves doubt."""
        proposed = propose_columns(table)
        taken = {column.meaning for column in proposed if column.certain}
        columns = []
        for column in proposed:
            refined = self._refined(table, column)
            if refined.meaning != column.meaning and refined.meaning in taken and refined.meaning != DESCRIPTION:
                refined = replace(column, meaning=IGNORE, reason=f"{refined.reason}, as those of another column do")
            taken |= {refined.meaning} - {DESCRIPTION, IGNORE}
            columns.append(refined)
        return tuple(columns)

    def _refined(self, table: Table, column: Column) -> Column:
        if column.certain or "already" in column.reason:
            return column
        alike = self._alike(table, column.place)
        if alike is None:
            return column
        words = f"its values look like {KEYS[alike].label.lower()}"
        if column.meaning != IGNORE or not table.has_header:
            return replace(column, meaning=alike, reason=words)
        return replace(column, reason=f"{column.reason}; {words}")

    def _alike(self, table: Table, place: int) -> str | None:
        """The key that most texts of a column fit without doubt; ``None`` where fewer than half fit any."""
        texts = [text for text in dict.fromkeys(table.column(place)) if text.casefold() not in NOT_GIVEN][:_LOOKED_AT]
        fits: dict[str, int] = {}
        for key in _PLAIN_ALIKE:
            fits[key] = sum(read_plain(key, text).level == "sure" for text in texts)
        for key, ontologies in _ALIKE.items():
            found = [self._index.search(text, ontologies, 1) for text in texts if not text.isdigit()]
            fits[key] = sum(bool(m) and m[0].kind in ("id", "label", "synonym") for m in found)
        best = max(fits, key=lambda key: fits[key])
        return best if texts and 2 * fits[best] >= len(texts) else None

    # Cells ----------------------------------------------------------------------------------------------------------

    def findings(self, table: Table, columns: Sequence[Column], progress: Progress | None = None) -> list[Finding]:
        """The reading of every distinct text of the columns that are used, in the order of columns and rows."""
        types = self._types(table, columns)
        owners = {column.meaning: column.place for column in columns}
        asked: dict[tuple[int, str, str], list[int]] = {}
        for column in columns:
            if column.meaning in (NAME, IGNORE):
                continue
            for row, text in enumerate(table.column(column.place)):
                if text:
                    context = types[row] if column.meaning == _PERTURBATION else ""
                    asked.setdefault((column.place, text, context), []).append(row)
        found: list[Finding] = []
        by_place = {column.place: column for column in columns}
        for done, ((place, text, context), rows) in enumerate(asked.items()):
            if progress is not None:
                progress(done, len(asked))
            if by_place[place].meaning == DESCRIPTION:
                found += _unsaid(table, columns, place, text, self._described(text), rows)
                continue
            # Where the column that gives a dose is empty, the dose in the cell of the treatment is not lost.
            free = [
                key
                for key in (*_WITHIN, _TYPE)
                if key not in owners or not all(table.rows[row][owners[key]] for row in rows)
            ]
            for key, reading in self._read(by_place[place], text, context, free).items():
                found.append(Finding(place, text, key, reading, tuple(rows), context))
        return _joined(found)

    def typed(self, key: str, text: str) -> Candidate | None:
        """What somebody means who types ``text``, or picks the term of that id, under ``key``; ``None`` if nothing.

        Other than in a cell, the first thing that fits is taken: it was asked for, and is shown at once.
        """
        text = " ".join(text.split())
        if not text:
            return None
        if key == COUNT or not KEYS[key].ontologies:
            reading = read_plain(key, text)
            return reading.candidates[0] if reading.level != "none" else None
        term = self._index.term(text)
        if term is not None and term.ontology in KEYS[key].ontologies:
            return candidate_of(key, Match(term, term.label, "id"))
        if value_fault(key, text) is None:
            return Candidate({key: text}, text)
        return read_term(self._index, key, text).proposed

    def _types(self, table: Table, columns: Sequence[Column]) -> list[str]:
        """The type of perturbation that each row gives in a column of its own; empty where it gives none."""
        for column in columns:
            if column.meaning == _TYPE:
                return [
                    proposed.values.get(_TYPE, "")
                    if text and (proposed := self._plain(column, text).proposed) is not None
                    else ""
                    for text in table.column(column.place)
                ]
        return [""] * len(table.rows)

    def _read(self, column: Column, text: str, context: str, free: list[str]) -> dict[str, Reading]:
        """Readings of one text, remembered by all that they depend on."""
        memory = (column.meaning, column.unit, _bare_text(column, text), context, *free)
        if memory not in self._readings:
            self._readings[memory] = self._reading(column, _bare_text(column, text), context, free)
        return self._readings[memory]

    def _reading(self, column: Column, text: str, context: str, free: list[str]) -> dict[str, Reading]:
        meaning = column.meaning
        if text.casefold() in NOT_GIVEN:
            return {meaning: Reading((Candidate({}, "not given"),), 0.95, "says that nothing is known")}
        if meaning == _PERTURBATION:
            return self._treatment(text, context, free)
        if meaning != COUNT and KEYS[meaning].ontologies:
            return {meaning: read_term(self._index, meaning, text)}
        return {meaning: self._plain(column, text)}

    def _described(self, text: str) -> list[Named]:
        """What a description names; of descriptions that differ in numbers alone, the terms are looked for once."""
        quiet = without_numbering(text)
        if quiet not in self._named:
            self._named[quiet] = terms_named(self._index, quiet)
        return [*self._named[quiet], *amounts_named(text)]

    def _plain(self, column: Column, text: str) -> Reading:
        return read_plain(column.meaning, _bare_text(column, text), column.unit)

    def _treatment(self, text: str, context: str, free: list[str]) -> dict[str, Reading]:
        """A treatment, and the dose, the time and the method that stand in its cell where no column gives them."""
        readings = {_PERTURBATION: read_perturbation(self._index, text, context or None)}
        for key, stretches in _WITHIN.items():
            inside = stretches(text) if key in free else []
            if inside:
                readings[key] = read_plain(key, inside[0]).at_most(0.75, f"“{inside[0]}” in this cell")
        if _TYPE in free and method_in(text)[1] == "":
            reading = read_plain(_TYPE, "knockdown")
            readings[_TYPE] = replace(reading, reason="how the gene was changed is not said")
        return readings


def _unsaid(
    table: Table, columns: Sequence[Column], place: int, text: str, named: list[Named], rows: list[int]
) -> list[Finding]:
    """What a description says that no column of its own says of all of its ``rows``."""
    said = {column.meaning for column in columns if all(table.rows[row][column.place] for row in rows)}
    if _PERTURBATION in said:
        said.add(_TYPE)
    unsaid = [one for one in named if one.key not in said]
    if not unsaid:
        reason = "names nothing that the other columns do not give" if named else "names nothing that is known"
        return [Finding(place, text, DESCRIPTION, Reading(reason=reason), tuple(rows))]
    return [Finding(place, one.stretch, one.key, one.reading, tuple(rows), one.reading.level) for one in unsaid]


def _joined(findings: list[Finding]) -> list[Finding]:
    """Findings of which each is another: what several descriptions name in the same words is one, of all their rows."""
    joined: dict[str, Finding] = {}
    for finding in findings:
        other = joined.get(finding.uid)
        joined[finding.uid] = (
            finding if other is None else replace(other, rows=tuple(sorted({*other.rows, *finding.rows})))
        )
    return list(joined.values())


def _bare_text(column: Column, text: str) -> str:
    """A cell without a label that says again what its column is: ``tissue: liver`` under tissue."""
    labelled = labelled_cell(text)
    return labelled[1] if labelled is not None and meaning_of(labelled[0]) == column.meaning else text
