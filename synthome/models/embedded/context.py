"""Which profile answers a condition, how it was found, and what to beware of.

The most specific description decides: a cell line over a cell type over a tissue, because each profile already holds
what the broader one would add. A tissue beside a cell type moves the cell type's profile only where an atlas has that
cell type in that tissue. A term that was not learned is the weighted mean of its learned relatives, drawn towards the
average of its kind the more the farther they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synthome.errors import FieldError
from synthome.models.embedded.notes import Notes
from synthome.models.embedded.perturbations import Perturbation
from synthome.models.embedded.vocabulary import EmbeddedVocabulary
from synthome.models.embedded.weights import Weights
from synthome.prediction import ConditionProvenance
from synthome.query.support import Support

__all__ = ["ConditionVocabulary", "Context", "ContextFinder"]

Array = npt.NDArray[np.float64]
CELL_LINE, CELL_TYPE, TISSUE = "cell_line_ontology_id", "cell_type_ontology_id", "tissue_ontology_id"
_ORDER = (CELL_LINE, CELL_TYPE, TISSUE)
SEXES = ("female", "male")
LINE_SCALE = "line"


@dataclass(frozen=True)
class Context:
    """Where the samples of one condition come from.

    ``theta`` is log expression before sex and perturbation are applied. ``sexes`` are those a sample may have;
    ``sex_applies`` is false for cell lines, whose profile is already that of its donor. ``scale`` widens
    the latents where a profile is extrapolated; ``material`` is how far samples of this kind of material differ beside
    those of donors' tissue, along latents and gene by gene.
    """

    theta: Array
    latent_centre: Array
    sexes: tuple[str, ...]
    sex_applies: bool
    scale: float
    material: float
    perturbation: Perturbation | None
    provenance: ConditionProvenance


@dataclass(frozen=True)
class _Profile:
    theta: Array
    latent_centre: Array
    confidence: float
    sex: str | None = None


class ContextFinder:
    """Finds contexts in one model's weights."""

    def __init__(self, weights: Weights, vocabulary: EmbeddedVocabulary) -> None:
        self._weights = weights
        self._vocabulary = vocabulary
        self._in_tissue = weights.in_tissue
        self._single_cell = weights.dispersion is None

    def refusals(self, provenance: ConditionProvenance, condition: int) -> list[FieldError]:
        """Every value of the condition numbered ``condition`` that the model cannot answer."""
        refused = [support for support in provenance.supports if support.status == "refused"]
        return [_refusal(support, condition, self._vocabulary) for support in refused]

    def find(self, given: Mapping[str, str]) -> Context:
        """The context of a condition; what is refused is marked and left out."""
        notes = Notes({key: self._vocabulary.support(key, value) for key, value in given.items()})
        for key in _ORDER:
            self._note_replacement(key, given, notes)
        primary = next((k for k in _ORDER if k in given and notes.supports[k].status != "refused"), None)
        if primary is None:
            profile = self._without_context(given, notes)
        else:
            profile = self._profile(primary, given[primary])
            profile = self._with_tissue(profile, primary, given, notes)
            self._note_overruled(primary, given, notes)
            self._note_origin(primary, given, notes)
        if self._single_cell and primary == TISSUE:
            notes.warn("No cell type is given: every cell is an average cell of that tissue.")
        sexes = self._sexes(profile, given, notes)
        change = self._vocabulary.circumstances.change(primary, profile.theta, given, notes)
        centre = profile.latent_centre + self._on_latents(change)
        perturbation = self._vocabulary.perturbations.find(given, notes)
        scale = 2.0 - profile.confidence
        material = self._material(primary, given, notes)
        provenance = ConditionProvenance(tuple(notes.supports[key] for key in given), tuple(notes.warnings))
        theta = profile.theta + change
        return Context(theta, centre, sexes, primary != CELL_LINE, scale, material, perturbation, provenance)

    def perturbation(self, given: Mapping[str, str]) -> tuple[Perturbation | None, ConditionProvenance]:
        """What is to be done with a sample that is at hand, and what is made of each value of ``given``."""
        notes = Notes({key: self._vocabulary.support(key, value) for key, value in given.items()})
        perturbation = self._vocabulary.perturbations.find(given, notes)
        provenance = ConditionProvenance(tuple(notes.supports[key] for key in given), tuple(notes.warnings))
        return perturbation, provenance

    def _without_context(self, given: Mapping[str, str], notes: Notes) -> _Profile:
        """Where a disease was studied, else the average of everything learned."""
        tissue = self._vocabulary.circumstances.disease_tissue(given)
        if tissue is not None and self._vocabulary.support(TISSUE, tissue).status != "refused":
            label = self._vocabulary.label(tissue)
            notes.warn(f"No tissue is given: answered in {label}, where the disease was studied.")
            return self._profile(TISSUE, tissue)
        kind = "cell types" if self._single_cell else "tissues"
        notes.warn(f"No tissue, cell type or cell line is given: answered from the average of all learned {kind}.")
        return _Profile(self._weights.centre, np.zeros(len(self._weights.biological)), 0.5)

    def _on_latents(self, change: Array) -> Array:
        """Where a change of log expression lies among the biological latents (least squares)."""
        if not change.any():
            return np.zeros(len(self._weights.biological))
        return np.asarray(np.linalg.solve(self._gram, self._weights.biological @ change), dtype=np.float64)

    @cached_property
    def _gram(self) -> Array:
        return self._weights.biological @ self._weights.biological.T

    def _note_replacement(self, key: str, given: Mapping[str, str], notes: Notes) -> None:
        if key not in given:
            return
        term = self._vocabulary.current(given[key])
        if term is not None and term.id != given[key]:
            notes.warn(f"{given[key]} was replaced; answered as {term.label} ({term.id}).")

    def _note_origin(self, primary: str, given: Mapping[str, str], notes: Notes) -> None:
        family, term = self._vocabulary.family(primary), self._vocabulary.current(given[primary])
        if primary == CELL_LINE and family is not None and term is not None and term.id in family:
            self._vocabulary.circumstances.note_origin(term.label, family.term(term.id).tissue, given, notes)

    def _note_overruled(self, primary: str, given: Mapping[str, str], notes: Notes) -> None:
        """Broader descriptions beside the one that decides, and an unlearned line above it."""
        for key in _ORDER:
            if key not in given or key == primary or self._vocabulary.current(given[key]) is None:
                continue  # that there is no such term stays an error
            if key == CELL_LINE:
                instead = self._vocabulary.named((given[primary],))
                notes.mark(
                    key,
                    status="extrapolated",
                    confidence=0.2,
                    relatives=(given[primary],),
                    reason=f"The model has not learned this cell line: answered from {instead} beside it.",
                )
            elif primary == CELL_LINE or not self._moved_by(key, primary, given):
                reason = (
                    "The cell line decides: its profile already holds what this would add."
                    if primary == CELL_LINE
                    else "The cell type decides: no atlas here tells how it differs in this tissue."
                )
                notes.mark(key, status="no effect", relatives=(), confidence=1.0, reason=reason)

    def _moved_by(self, key: str, primary: str, given: Mapping[str, str]) -> bool:
        return key == TISSUE and primary == CELL_TYPE and self._pair(given) is not None

    def _pair(self, given: Mapping[str, str]) -> str | None:
        """Key of the cell type in that tissue, if an atlas has it."""
        cell_type, tissue = (self._vocabulary.current(given[key]) for key in (CELL_TYPE, TISSUE))
        if self._in_tissue is None or cell_type is None or tissue is None:
            return None
        key = f"{cell_type.id}|{tissue.id}"
        return key if key in self._in_tissue else None

    def _with_tissue(self, profile: _Profile, primary: str, given: Mapping[str, str], notes: Notes) -> _Profile:
        """A cell type's profile moved by what an atlas of the tissue says of it."""
        if primary != CELL_TYPE or TISSUE not in given or self._in_tissue is None:
            return profile
        pair = self._pair(given)
        if pair is None:
            return profile
        label = self._in_tissue.term(pair)
        notes.mark(
            TISSUE, status="known", relatives=(), reason=f"Learned for this cell type: {', '.join(label.studies)}."
        )
        return replace(profile, theta=profile.theta + self._in_tissue.deviation(pair))

    def _profile(self, key: str, value: str) -> _Profile:
        family = self._vocabulary.family(key)
        term = self._vocabulary.current(value)
        if family is None or term is None:  # pragma: no cover - refusals() keeps such values out
            message = f"{key} {value} has no profile"
            raise LookupError(message)
        if term.id in family:
            return _Profile(family.theta(term.id), family.centre(term.id), 1.0, family.term(term.id).sex)
        found = self._vocabulary.extrapolation(key, term.id)
        if found is None:  # pragma: no cover - refusals() keeps such values out
            message = f"{key} {value} has no relatives"
            raise LookupError(message)
        average = self._family_centres[key]
        theta, latents = average.copy(), np.zeros(len(self._weights.biological))
        for relation in found.relations:
            theta += relation.weight * (family.theta(relation.id) - average)
            latents += relation.weight * family.centre(relation.id)
        sexes = {family.term(relative).sex for relative in found.relatives}
        return _Profile(theta, latents, found.confidence, sexes.pop() if len(sexes) == 1 else None)

    @cached_property
    def _family_centres(self) -> Mapping[str, Array]:
        """Mean log expression over all learned terms of a kind."""
        out = {}
        for key in _ORDER:
            family = self._vocabulary.family(key)
            if family is not None:
                out[key] = family.mean_theta()
        return out

    def _sexes(self, profile: _Profile, given: Mapping[str, str], notes: Notes) -> tuple[str, ...]:
        asked = given.get("sex")
        if asked is None:
            return (profile.sex,) if profile.sex else SEXES
        if profile.sex and asked != profile.sex:
            if CELL_LINE in given and notes.supports[CELL_LINE].status == "known":
                notes.warn(f"The line's donor was {profile.sex}: the line is answered as it is, not as {asked}.")
                notes.mark("sex", status="no effect", reason=f"The line's donor was {profile.sex}.")
                return (profile.sex,)
            chromosome = "the Y chromosome's genes are left out" if asked == "female" else "the Y chromosome is added"
            notes.warn(f"Learned from {profile.sex} donors only, but {asked} is asked for: {chromosome}.")
        return (asked,)

    def _material(self, primary: str | None, given: Mapping[str, str], notes: Notes) -> float:
        """Cultures of a line differ less than donors."""
        if given.get("sample_type") == "cell line":
            told = notes.supports["sample_type"].reason
            less = "Samples of cell lines differ less than those of donors."
            notes.mark("sample_type", status="known", reason=f"{told} {less}")
        if primary == CELL_LINE or given.get("sample_type") == "cell line":
            return self._weights.latent_scale.get(LINE_SCALE, 1.0)
        return 1.0


def _refusal(support: Support, condition: int, vocabulary: EmbeddedVocabulary) -> FieldError:
    path = f"inputs.{condition}.metadata.{support.key}"
    message = f"{support.key}: '{support.value}' cannot be answered. {support.reason}"
    allowed = f"a learned term or a relative of one; nearest: {vocabulary.named(support.relatives)}"
    suggestion = support.relatives[0] if support.relatives else None
    return FieldError(path, support.key, support.value, message, allowed, suggestion)


class ConditionVocabulary(EmbeddedVocabulary):
    """What the model accepts, also for a whole condition: one value can decide over another."""

    def supports(self, given: Mapping[str, str]) -> Mapping[str, Support]:
        """What the model makes of each value of a condition, all values considered."""
        return {support.key: support for support in self._finder.find(given).provenance.supports}

    @cached_property
    def _finder(self) -> ContextFinder:
        return ContextFinder(self._weights, self)
