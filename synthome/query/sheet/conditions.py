"""The reviewed sheet as conditions: rows with the same values are one, their samples summed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from synthome.errors import SheetError
from synthome.query.designs import Design, DesignCondition
from synthome.query.sheet.columns import DESCRIPTION, IGNORE, NAME, Column
from synthome.query.sheet.findings import COUNT, Candidate, Finding
from synthome.query.sheet.table import Table
from synthome.query.vocabulary import KEYS
from synthome.settings import settings

__all__ = ["Clash", "Outcome", "SheetCondition", "add_to_design", "conditions_of"]

MOST_NAME = 80
"""Characters of a condition's name."""

Decisions = Mapping[str, Candidate | None]
"""What somebody chose, by a finding's ``uid``; ``None`` leaves the text out. Without an entry the proposal stands."""


@dataclass(frozen=True, slots=True)
class SheetCondition:
    """One condition and the rows, from 0, that it was made of."""

    values: Mapping[str, str]
    num_samples: int
    name: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Two cells of a row that say different things of one key: ``kept`` stands, ``dropped`` is not used."""

    row: int
    key: str
    kept: str
    dropped: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reviewed sheet comes to, and all that it does not use.

    ``undecided`` findings have no candidate that is likely enough, and none was chosen; ``left_out`` ones were left out
    by choice, or could mean nothing. ``ignored`` columns have cells that are looked at by nobody. ``unused_names``
    counts the rows whose name is not kept, because their condition has several.
    """

    conditions: tuple[SheetCondition, ...]
    undecided: tuple[Finding, ...] = ()
    left_out: tuple[Finding, ...] = ()
    ignored: tuple[Column, ...] = ()
    clashes: tuple[Clash, ...] = ()
    unused_names: int = 0

    @property
    def num_samples(self) -> int:
        """Samples of all conditions together."""
        return sum(condition.num_samples for condition in self.conditions)

    @property
    def says_something(self) -> bool:
        """Whether any condition has a value."""
        return any(condition.values for condition in self.conditions)


def conditions_of(
    table: Table, columns: Sequence[Column], findings: Sequence[Finding], decisions: Decisions
) -> Outcome:
    """The conditions that the rows come to, in the order in which they first appear."""
    undecided: list[Finding] = []
    left_out: list[Finding] = []
    values: list[dict[str, str]] = [{} for _ in table.rows]
    clashes: list[Clash] = []
    chosen: list[tuple[Finding, Candidate]] = []
    for finding, candidate in _by_weight(columns, findings, decisions):
        if candidate is not None:
            chosen.append((finding, candidate))
        elif finding.uid in decisions or not finding.reading.candidates:
            left_out.append(finding)
        else:
            undecided.append(finding)
    # What a column is about comes first; what its values imply besides fills the gaps.
    for finding, candidate in chosen:
        clashes += _set(values, finding, {k: v for k, v in candidate.values.items() if k == finding.key})
    for finding, candidate in chosen:
        implied = {k: v for k, v in candidate.values.items() if k != finding.key}
        told = _set(values, finding, implied)
        clashes += told if finding.key not in candidate.values else []
    names = _names(table, columns)
    conditions, unused = _grouped(values, names)
    ignored = tuple(c for c in columns if c.meaning == IGNORE and any(table.column(c.place)))
    return Outcome(conditions, tuple(undecided), tuple(left_out), ignored, tuple(clashes), unused)


def _by_weight(
    columns: Sequence[Column], findings: Sequence[Finding], decisions: Decisions
) -> list[tuple[Finding, Candidate | None]]:
    """Findings with what stands for them; those of a column of their own before what a longer text says besides."""
    own = {column.place: column.meaning for column in columns}
    weighed = [(finding, decisions.get(finding.uid, finding.reading.proposed)) for finding in findings]
    return sorted(weighed, key=lambda pair: (own[pair[0].column] == DESCRIPTION, own[pair[0].column] != pair[0].key))


def _set(rows: list[dict[str, str]], finding: Finding, values: Mapping[str, str]) -> list[Clash]:
    """Set values in the rows of a finding where nothing is set yet; clashes where something else is."""
    clashes = []
    for row in finding.rows:
        for key, value in values.items():
            kept = rows[row].setdefault(key, value)
            if kept != value:
                clashes.append(Clash(row, key, kept, value))
    return clashes


def _names(table: Table, columns: Sequence[Column]) -> list[str]:
    place = next((column.place for column in columns if column.meaning == NAME), None)
    if place is None:
        return [""] * len(table.rows)
    return [name[:MOST_NAME].strip() for name in table.column(place)]


def _grouped(values: list[dict[str, str]], names: list[str]) -> tuple[tuple[SheetCondition, ...], int]:
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for row, given in enumerate(values):
        groups.setdefault(tuple(sorted((k, v) for k, v in given.items() if k != COUNT)), []).append(row)
    proposed = {rows[0]: {names[row] for row in rows} for rows in groups.values()}
    single = [next(iter(called)) for called in proposed.values() if len(called) == 1]
    conditions, unused = [], 0
    for rows in groups.values():
        called = proposed[rows[0]]
        name = next(iter(called)) if len(called) == 1 else ""
        name = name if single.count(name) == 1 else ""
        unused += 0 if name else sum(bool(names[row]) for row in rows)
        given = {key: values[rows[0]][key] for key in (*KEYS,) if key in values[rows[0]]}
        samples = sum(int(values[row].get(COUNT, "1")) for row in rows)
        conditions.append(SheetCondition(given, samples, name, tuple(rows)))
    return tuple(conditions), unused


def add_to_design(outcome: Outcome, present: Design, *, replace_present: bool) -> Design:
    """The present design with the sheet's conditions in place of its own, or after them.

    An empty condition that nobody has written in yet is not kept. ``SheetError`` where there would be more conditions
    or samples than one design may hold.
    """
    kept = () if replace_present else tuple(c for c in present.conditions if c.values or c.name)
    added = tuple(DesignCondition(c.values, c.num_samples, c.name) for c in outcome.conditions)
    design = replace(present, conditions=(*kept, *added), title="" if replace_present else present.title)
    limits = settings()
    if len(design.conditions) > limits.max_conditions:
        message = (
            f"This makes {len(design.conditions):,} conditions; {limits.max_conditions} at most. Ignore columns that "
            "tell single samples apart, such as an age: rows that are then alike become one condition."
        )
        raise SheetError(message)
    if design.num_samples > limits.max_samples:
        message = (
            f"This makes {design.num_samples:,} samples; {limits.max_samples:,} at most. Use fewer rows, or ignore the "
            "column that gives the number of samples."
        )
        raise SheetError(message)
    return design
