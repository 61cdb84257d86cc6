"""What a perturbation changes: found by its type and id, scaled by dose and time.

The type says which family of signatures answers. Knocking a gene down and overexpressing it move the gene itself by a
prior amount whatever is known of the rest; genes without evidence stay put.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.kinetics import KINETICS, Kind, Kinetics
from synthome.models.embedded.notes import Notes
from synthome.models.embedded.related import SignatureFinder, known_signature
from synthome.models.embedded.signatures import Effects, SignatureTerm
from synthome.ontology import TermIndex
from synthome.query.support import Status, Support
from synthome.query.units import Quantity, read_dose, read_time

__all__ = ["DOSE", "IDENTITY", "TIME", "TYPE", "Perturbation", "PerturbationFinder", "Target"]

Array = npt.NDArray[np.float64]
TYPE, IDENTITY = "perturbation_type", "perturbation_ontology_id"
DOSE, TIME = "perturbation_dose", "perturbation_time"
RESIDUAL = MappingProxyType({"crispr": 0.25, "shrna": 0.3, "sirna": 0.25})
"""Part of the target's own expression that is left: a prior, usual for validated reagents."""
OVEREXPRESSED = 16.0
"""Factor on the target's expression when it is overexpressed from a vector, a prior."""
OVEREXPRESSED_CPM = 200.0
"""Least CPM that an overexpressed gene reaches."""
ANSWERED_BY_OVEREXPRESSION = frozenset({"IFNG", "TNF"})
"""Secreted factors whose overexpression was seen to move what the factor itself moves; others' moves only stress."""
FROM_OVEREXPRESSION = 0.5
"""What the overexpression of a secreted factor's gene is worth as the answer to the factor itself."""
_LOSS = ("crispr", "shrna", "sirna")
_WITHOUT_DIRECTION = {
    "genetic": "“genetic” does not say whether the gene is lost or gained; choose crispr, shrna, sirna or "
    "overexpression.",
    "coculture": "No co-culture was learned.",
    "other": "“other” does not say what was done.",
}
_KINDS = {"gene": "an Ensembl gene (ENSG…)", "compound": "a ChEBI or ChEMBL id", "taxon": "an NCBI Taxonomy number"}


@dataclass(frozen=True, slots=True)
class Target:
    """The perturbed gene itself: CPM times ``factor`` and, where it is added to, at least ``least``."""

    gene: int
    factor: float
    least: float = 0.0

    def apply(self, cpm: Array) -> Array:
        """``cpm`` with the target moved."""
        moved = cpm.copy()
        moved[self.gene] = max(moved[self.gene] * self.factor, self.least)
        return moved


@dataclass(frozen=True, slots=True)
class Perturbation:
    """``change`` is added to log expression, ``strength`` is beside the learned experiment, 1 being like it."""

    change: Array
    strength: float
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What answers for an id under a type, before dose and time."""

    kind: Kind
    change: Array
    reference: SignatureTerm | None
    status: Support
    target: Target | None = None


def kind_of(value: str) -> str:
    """``gene``, ``compound`` or ``taxon``, by the form of the id."""
    if value.startswith("ENSG"):
        return "gene"
    return "taxon" if value.isdigit() else "compound"


class PerturbationFinder:
    """Finds perturbations among the learned ``effects``; ``genes`` are the models' Ensembl ids in order."""

    def __init__(self, effects: Effects, genes: Sequence[str], symbols: Sequence[str], index: TermIndex) -> None:
        self._families = effects.families
        self._row = {gene: row for row, gene in enumerate(genes)}
        self._symbols = symbols
        self._index = index
        self._compounds = SignatureFinder(effects.families["compound"], index, siblings=False)

    def label(self, value: str) -> str:
        """What people call a perturbation's id; the id itself where nobody says."""
        if value in self._row:
            return self._symbols[self._row[value]] or value
        for kind in ("infection", "compound"):
            if value in self._families[kind]:
                return self._families[kind].term(value).label
        return self._index.label(value)

    def learned(self) -> dict[str, int]:
        """Ids with a signature of their own and the number of studies behind each."""
        found: dict[str, int] = {}
        for kind in ("compound", "knockdown", "overexpression", "infection", "ligand"):
            for term in self._families[kind].terms:
                found[term.id] = found.get(term.id, 0) + len(term.studies)
        return dict(sorted(found.items(), key=lambda pair: (-pair[1], self.label(pair[0]))))

    def alone(self, value: str) -> Support:
        """The mark of an id whose type is not said."""
        kind = kind_of(value)
        if kind == "gene":
            learned = [word for word in ("knockdown", "overexpression", "ligand") if value in self._families[word]]
            status: Status = "known" if learned else "extrapolated"
            if value not in self._row:
                return self._without(value, f"{value} is not among the model's genes.")
            what = f"Learned: {', '.join(learned)}." if learned else "Only the gene itself would change."
            return Support(IDENTITY, value, status, f"{what} The perturbation type says which.", (), 1.0)
        return self._answer("compound" if kind == "compound" else "infection", value).status

    def find(self, given: Mapping[str, str], notes: Notes) -> Perturbation | None:
        """The perturbation of a condition, with marks for its four keys; ``None`` where there is none."""
        if TYPE not in given and IDENTITY not in given:
            for key, what in ((DOSE, "dose"), (TIME, "time")):
                notes.no_effect(key, f"There is no perturbation for this {what} to apply to.")
            return None
        found = self._found(given, notes)
        if found is None:
            for key in (DOSE, TIME):
                notes.no_effect(key, "The perturbation has no effect, so neither has this.")
            return None
        dose = self._dose(found, given, notes)
        time = self._time(found, given, notes)
        strength = dose * time
        return Perturbation(found.change * strength, strength, _weakened(found.target, strength))

    def _found(self, given: Mapping[str, str], notes: Notes) -> _Found | None:
        value, kind = given.get(IDENTITY), given.get(TYPE)
        if value is None:
            reason = "A control is like an untreated sample." if kind == "control" else "It is not said with what."
            notes.no_effect(TYPE, reason)
            return None
        if kind == "control":
            notes.no_effect(TYPE, "A control is like an untreated sample.")
            notes.no_effect(IDENTITY, "What the control is for changes nothing in it.")
            return None
        if kind is None:
            kind = {"compound": "compound", "taxon": "infection"}.get(kind_of(value))
        if kind is None:
            notes.no_effect(IDENTITY, "The perturbation type is missing: knock-down or overexpression?")
            notes.warn(f"{self.label(value)} is a gene, but the perturbation type is missing: nothing was changed.")
            return None
        if kind in _WITHOUT_DIRECTION:
            for key in (TYPE, IDENTITY):
                notes.no_effect(key, _WITHOUT_DIRECTION[kind])
            return None
        found = self._answer(kind, value)
        notes.supports[IDENTITY] = found.status
        if found.status.status in ("refused", "no effect"):
            notes.no_effect(TYPE, "What was done has no learned effect.")
            return None
        notes.mark(TYPE, status="known", reason=f"Decides how {self.label(value)} is answered.", confidence=1.0)
        return found

    def _answer(self, kind: str, value: str) -> _Found:
        if kind in _LOSS or kind == "overexpression":
            return self._gene(kind, value)
        if kind == "infection":
            return self._listed("infection", "infection", value, "taxon")
        if kind == "peptide or biologic" and kind_of(value) == "gene":
            return self._ligand(value)
        return self._compound(value)

    def _gene(self, kind: str, value: str) -> _Found:
        if kind_of(value) != "gene":
            return self._empty("gene", self._mismatch(kind, value, "gene"))
        if value not in self._row:
            return self._empty("gene", self._without(value, f"{value} is not among the model's genes."))
        row = self._row[value]
        loss = kind in _LOSS
        target = Target(row, RESIDUAL[kind]) if loss else Target(row, OVEREXPRESSED, OVEREXPRESSED_CPM)
        family = self._families["knockdown" if loss else "overexpression"]
        if value not in family:
            reason = (
                f"No experiment on {self.label(value)} was learned: only the gene itself changes, by a usual amount."
            )
            status = Support(IDENTITY, value, "extrapolated", reason, (), 0.1)
            return _Found("gene", np.zeros(family.genes), None, status, target)
        term = family.term(value)
        change = family.values(value)
        change[row] = 0.0
        return _Found("gene", change, term, self._known(value, term), target)

    def _ligand(self, value: str) -> _Found:
        if value in self._families["ligand"]:
            return self._listed("ligand", "ligand", value, "gene")
        family = self._families["overexpression"]
        if value not in family or self.label(value) not in ANSWERED_BY_OVEREXPRESSION:
            names = ", ".join(term.label for term in self._families["ligand"].terms)
            reason = f"No response to {self.label(value)} was learned; learned: {names}."
            return self._empty("ligand", self._without(value, reason))
        term = family.term(value)
        reason = (
            f"No response to {self.label(value)} itself was learned: answered as cells answer that overexpress its "
            f"gene ({', '.join(term.studies)})."
        )
        confidence = round(FROM_OVEREXPRESSION * term.reliability, 2)
        status = Support(IDENTITY, value, "extrapolated", reason, (), confidence)
        change = family.values(value)
        change[self._row[value]] = 0.0
        return _Found("ligand", change, None, status)

    def _listed(self, family_name: str, kind: Kind, value: str, form: str) -> _Found:
        family = self._families[family_name]
        if kind_of(value) != form:
            return self._empty(kind, self._mismatch(kind, value, form))
        if value not in family:
            near = tuple(term.id for term in family.terms)
            names = ", ".join(f"{term.label} ({term.id})" for term in family.terms)
            reason = f"No response to {self.label(value)} was learned; learned: {names}."
            return self._empty(kind, replace(self._without(value, reason), relatives=near))
        term = family.term(value)
        return _Found(kind, family.values(value), term, self._known(value, term))

    def _compound(self, value: str) -> _Found:
        if kind_of(value) != "compound":
            return self._empty("compound", self._mismatch("compound", value, "compound"))
        family = self._families["compound"]
        term = self._index.current(value)
        if value not in family and value.startswith("CHEBI:") and term is None:
            reason = f"There is no compound {value} in ChEBI; pick one from the list."
            return self._empty("compound", Support(IDENTITY, value, "refused", reason, (), 0.0))
        current = value if value in family or term is None else term.id
        source = self._compounds.find(current)
        if source is None:
            return self._empty("compound", self._without(value, f"No response to {self.label(value)} was learned."))
        status = self._compounds.support(IDENTITY, value, source)
        return _Found("compound", self._compounds.values(source), family.term(source.ids[0]), status)

    def _known(self, value: str, term: SignatureTerm) -> Support:
        where = self._index.label(term.context) if term.context else ""
        return known_signature(IDENTITY, value, term, where)

    def _without(self, value: str, reason: str) -> Support:
        return Support(IDENTITY, value, "no effect", f"{reason} The value is kept with the samples.", (), 1.0)

    def _mismatch(self, kind: str, value: str, form: str) -> Support:
        reason = f"The perturbation type {kind} needs {_KINDS[form]}, and {value} is {_KINDS[kind_of(value)]}."
        return Support(IDENTITY, value, "refused", reason, (), 0.0)

    def _empty(self, kind: Kind, status: Support) -> _Found:
        return _Found(kind, np.zeros(0), None, status)

    def _dose(self, found: _Found, given: Mapping[str, str], notes: Notes) -> float:
        dose = read_dose(given.get(DOSE, ""))
        if dose is None:
            return 1.0
        kinetics = KINETICS[found.kind]
        factor = kinetics.dose_factor(dose, found.reference.dose if found.reference else "")
        if factor is None:
            notes.no_effect(DOSE, _unreadable(found.kind, kinetics))
            return 1.0
        self._mark_curve(DOSE, factor, found, notes, kinetics.dose, dose)
        return factor

    def _time(self, found: _Found, given: Mapping[str, str], notes: Notes) -> float:
        time = read_time(given.get(TIME, ""))
        if time is None:
            return 1.0
        kinetics = KINETICS[found.kind]
        factor = kinetics.time_factor(time, found.reference.time if found.reference else "")
        self._mark_curve(TIME, factor, found, notes, kinetics.time, time)
        return factor

    def _mark_curve(self, key: str, factor: float, found: _Found, notes: Notes, usual: str, asked: Quantity) -> None:
        own = "" if found.reference is None else (found.reference.dose if key == DOSE else found.reference.time)
        reference = own or usual
        reason = (
            f"{asked.value:g} {asked.unit} gives {factor:.2f} times the response at {reference}, by a general curve: "
            "a prior, not learned for this perturbation."
        )
        notes.mark(key, status="extrapolated", reason=reason, confidence=0.3)


def _weakened(target: Target | None, strength: float) -> Target | None:
    """A target moved by ``strength`` of the usual amount (at most all of it), on the log scale."""
    if target is None:
        return None
    share = min(strength, 1.0)
    return Target(target.gene, target.factor**share, target.least * share)


def _unreadable(kind: Kind, kinetics: Kinetics) -> str:
    if kinetics.dimension is None:
        return "The dose of a genetic perturbation has no effect."
    units = {"molar": "nm, um or mm", "mass per volume": "ng/ml", "multiplicity": "moi"}[kinetics.dimension]
    return f"For this kind of perturbation ({kind}) a dose has an effect only in {units}."
