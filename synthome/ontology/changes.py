"""What a refresh changed: new, renamed and obsolete terms of each ontology, and those that stayed as they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from synthome.ontology.snapshot import Row
from synthome.ontology.terms import Ontology, full_id

__all__ = ["MOST_LISTED", "Change", "Outcome", "Renamed", "Retired", "Summary", "TermName", "compare", "in_words"]

Outcome = Literal["updated", "unchanged", "kept"]
"""Read and taken; not fetched because the release is the same; left as it was because something went wrong."""
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class TermName:
    """A term by its id and label."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """A term whose label changed."""

    id: str
    before: str
    label: str


@dataclass(frozen=True, slots=True)
class Retired:
    """A term that became obsolete; ``replacement`` is empty where its makers name none, or one elsewhere."""

    id: str
    label: str
    replaced_by: str = ""
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one ontology. The lists hold the first :data:`MOST_LISTED` of as many as the numbers say.

    ``num_revised`` counts terms of the same label whose other names or definition changed. ``reason`` is a sentence
    that says why an ontology was kept as it was.
    """

    ontology: Ontology
    outcome: Outcome
    before: str
    after: str
    num_new: int = 0
    num_renamed: int = 0
    num_retired: int = 0
    num_revised: int = 0
    new: tuple[TermName, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    retired: tuple[Retired, ...] = ()
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Change:
        """The inverse of :meth:`to_dict`."""
        lists = {
            "new": tuple(TermName(**each) for each in content["new"]),
            "renamed": tuple(Renamed(**each) for each in content["renamed"]),
            "retired": tuple(Retired(**each) for each in content["retired"]),
        }
        return cls(**{**content, **lists})


@dataclass(frozen=True, slots=True)
class Summary:
    """What a refresh did, ontology by ontology."""

    changes: tuple[Change, ...]

    def of(self, outcome: Outcome) -> tuple[Change, ...]:
        """The ontologies of that outcome."""
        return tuple(change for change in self.changes if change.outcome == outcome)


def compare(ontology: Ontology, before: str, old: Sequence[Row], after: str, new: Sequence[Row]) -> Change:
    """What differs between the lines of two releases, whose versions are ``before`` and ``after``."""
    earlier = {row.local: row for row in old}
    later = {row.local: row for row in new}
    current = [(earlier.get(row.local), row) for row in new if not row.obsolete]
    fresh = [
        TermName(full_id(ontology, row.local), row.label) for past, row in current if past is None or past.obsolete
    ]
    both = [(past, row) for past, row in current if past is not None and not past.obsolete]
    renamed = [
        Renamed(full_id(ontology, row.local), past.label, row.label) for past, row in both if past.label != row.label
    ]
    labels = {full_id(ontology, row.local): row.label for row in new}
    retired = [
        Retired(full_id(ontology, row.local), row.label, now.replaced_by, labels.get(now.replaced_by, ""))
        for row in old
        if not row.obsolete and (now := later.get(row.local)) is not None and now.obsolete
    ]
    return Change(
        ontology,
        "updated",
        before,
        after,
        num_new=len(fresh),
        num_renamed=len(renamed),
        num_retired=len(retired),
        num_revised=sum(1 for past, row in both if past.label == row.label and _said(past) != _said(row)),
        new=tuple(fresh[:MOST_LISTED]),
        renamed=tuple(renamed[:MOST_LISTED]),
        retired=tuple(retired[:MOST_LISTED]),
    )


def _said(row: Row) -> tuple[str, str]:
    return row.synonyms, row.definition


def in_words(change: Change) -> Iterator[str]:
    """Lines of text that tell a change."""
    before, after = change.before or "no version", change.after or "no version"
    if change.outcome == "kept":
        yield f"{change.ontology}: stays at {before}. {change.reason}"
        return
    if change.outcome == "unchanged":
        yield f"{change.ontology}: {before} is still the newest release"
        return
    yield (
        f"{change.ontology}: {before} -> {after}: {change.num_new:,} new, {change.num_renamed:,} renamed, "
        f"{change.num_retired:,} obsolete, {change.num_revised:,} with other synonyms or definition"
    )
    yield from (f"  new       {term.id} {term.label}" for term in change.new)
    yield from _more(change.num_new, "new")
    yield from (f"  renamed   {term.id} {term.before} -> {term.label}" for term in change.renamed)
    yield from _more(change.num_renamed, "renamed")
    for term in change.retired:
        instead = f"; use {term.replaced_by} {term.replacement}".rstrip() if term.replaced_by else ""
        yield f"  obsolete  {term.id} {term.label}{instead}"
    yield from _more(change.num_retired, "obsolete")


def _more(number: int, kind: str) -> Iterator[str]:
    if number > MOST_LISTED:
        yield f"  … and {number - MOST_LISTED:,} more {kind}"
