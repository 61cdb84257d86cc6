"""What else changes a profile: disease, developmental stage, sample type and age, each learned or without effect.

All are added to the profile's log expression. A cell line's profile already holds what would be added, so there they
change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.notes import Notes
from synthome.models.embedded.related import SignatureFinder, SignatureSource, known_signature
from synthome.models.embedded.scale import cpm_of
from synthome.models.embedded.signatures import Effects
from synthome.ontology import TermIndex
from synthome.query.support import Support
from synthome.query.vocabulary import KEYS

__all__ = ["AGE", "DISEASE", "SAMPLE_TYPE", "STAGE", "CircumstanceFinder", "stage_of"]

Array = npt.NDArray[np.float64]
DISEASE, STAGE, SAMPLE_TYPE, AGE = "disease_ontology_id", "developmental_stage", "sample_type", "age_years"
_TISSUE, _CELL_TYPE, _LINE = "tissue_ontology_id", "cell_type_ontology_id", "cell_line_ontology_id"
HALF_EXPRESSED = 5.0
"""CPM at which half of a disease's change is applied to a cell type: what its tissue gains is not all in every cell."""
ELSEWHERE = 0.5
"""What a disease's signature is worth outside the tissue it was studied in."""
MIDDLE_AGE = 50.0
AGES = (20.0, 80.0)
"""Ages between which the slope was seen; beyond, the nearer end is taken."""
_STAGES = MappingProxyType(
    {
        **dict.fromkeys(
            ("fetal", "foetal", "fetus", "foetus", "prenatal", "embryonic", "embryo", "fetal stage", "embryonic stage"),
            "fetal",
        ),
        **dict.fromkeys(("adult", "adult stage", "human adult stage", "mature", "mature stage", "postnatal"), "adult"),
        "hsapdv:0000087": "adult",
    }
)
"""Words for the two stages that were learned, and an id of HsapDv that was given up."""
_STAGE_TERMS = MappingProxyType({"HsapDv:0000045": "fetal", "HsapDv:0000258": "adult"})
"""Terms of HsapDv for them: before birth, and the adult; all that are kinds or parts of these."""
_BLOOD_FORMING = frozenset(
    {"UBERON:0000178", "UBERON:0002371", "UBERON:0000029", "UBERON:0002106", "UBERON:0002370", "UBERON:0013756"}
)
"""Blood, bone marrow, lymph node, spleen, thymus and venous blood: cells go from one to the other."""
_POLY_A = frozenset({"cDNA", "polyA", "PolyA", "Oligo-dT", "cDNA_oligo_dT"})
_BASE = MappingProxyType(
    {
        "library_selection": "As in all data that the model was fitted on (RNA selected by its poly-A tail).",
        "library_layout": "As in most data that the model was fitted on.",
        "platform": "As in all data that the model was fitted on.",
    }
)
_NOT_TOLD = MappingProxyType(
    {
        "library_selection": "All data that the model was fitted on were selected by poly-A tails: other ways have no "
        "learned effect.",
        "library_layout": "Single-end data came from laboratories of their own, so that the layout's part in how they "
        "differ cannot be told.",
    }
)


def stage_of(value: str) -> str | None:
    """``fetal`` or ``adult`` for the words that mean them, else ``None``.

    >>> stage_of("Embryonic"), stage_of("adult stage"), stage_of("adolescent")
    ('fetal', 'adult', None)
    """
    return _STAGES.get(" ".join(value.lower().split()))


class CircumstanceFinder:
    """Finds what is learned of the keys that move a profile; ``single_cell`` where the model speaks of cells."""

    def __init__(self, effects: Effects, index: TermIndex, *, single_cell: bool) -> None:
        self._families = effects.families
        self._index = index
        self._single_cell = single_cell
        self._diseases = SignatureFinder(effects.families["disease"], index, siblings=True)

    def learned(self, key: str) -> dict[str, int]:
        """Learned values of ``key`` with the number of studies behind each, best supported first."""
        if key == DISEASE:
            terms = sorted(self._families["disease"].terms, key=lambda term: (-len(term.studies), term.label))
            return {term.id: len(term.studies) for term in terms}
        if key in (STAGE, SAMPLE_TYPE):
            family = self._families["stage" if key == STAGE else "sample_type"]
            alone = {term.id: len(term.studies) for term in family.terms if "|" not in term.id}
            return alone | ({"adult": 2} if key == STAGE else {"primary tissue": 2})
        return {}

    def support(self, key: str, value: str) -> Support:
        """The mark of a value taken by itself."""
        if key == DISEASE:
            return self._disease_support(value)
        if key == STAGE:
            return self._stage_support(value)
        if key == SAMPLE_TYPE:
            return self._sample_type_support(value)
        if key == AGE:
            return self._age_support(value)
        if value in _POLY_A or value == "PAIRED" or key == "platform":
            return Support(key, value, "known", _BASE[key])
        if key in _NOT_TOLD:
            return Support(key, value, "no effect", f"{_NOT_TOLD[key]} The value is kept with the samples.")
        label = KEYS[key].label.lower() if key in KEYS else key
        reason = f"No open data tell what {label} changes: it has no effect. The value is kept with the samples."
        return Support(key, value, "no effect", reason)

    def disease_tissue(self, given: Mapping[str, str]) -> str | None:
        """Where the given disease was mostly studied: a term id, or ``None``."""
        source = self._disease_source(given)
        return (self._families["disease"].term(source.ids[0]).context or None) if source is not None else None

    def change(self, primary: str | None, theta: Array, given: Mapping[str, str], notes: Notes) -> Array:
        """What is added to the profile ``theta`` that the key ``primary`` decided, with marks for the keys at work."""
        if primary == _LINE:
            for key in (DISEASE, STAGE, AGE):
                notes.no_effect(key, "The cell line decides: its profile already holds what this would add.")
            return self._nothing
        change = self._disease_change(primary, theta, given, notes)
        change = change + self._stage_change(given, notes)
        change = change + self._sample_type_change(primary, given, notes)
        return change + self._age_change(given, notes)

    @property
    def _nothing(self) -> Array:
        """No change of any gene."""
        return np.zeros(self._families["disease"].genes)

    def _disease_source(self, given: Mapping[str, str]) -> SignatureSource | None:
        """What answers for the given disease, if any."""
        term = self._index.current(given.get(DISEASE, ""))
        return None if term is None else self._diseases.find(term.id)

    def _disease_support(self, value: str) -> Support:
        term = self._index.current(value)
        if term is None:
            reason = f"There is no disease {value} in MONDO; pick one from the list."
            return Support(DISEASE, value, "refused", reason, (), 0.0)
        source = self._diseases.find(term.id)
        if source is None:
            reason = f"Nothing near {term.label} was learned: it has no effect. The value is kept with the samples."
            return Support(DISEASE, value, "no effect", reason)
        return self._diseases.support(DISEASE, value, source)

    def _disease_change(self, primary: str | None, theta: Array, given: Mapping[str, str], notes: Notes) -> Array:
        source = self._disease_source(given)
        if source is None:
            return self._nothing
        change = self._diseases.values(source)
        studied = self._families["disease"].term(source.ids[0]).context
        if primary == _CELL_TYPE:
            cpm = cpm_of(theta)
            change = change * (cpm / (cpm + HALF_EXPRESSED))
            notes.mark(DISEASE, reason=f"{notes.supports[DISEASE].reason} Applied to what this cell type expresses.")
        if studied and _TISSUE in given and not self._same_place(given[_TISSUE], studied):
            asked, there = self._index.label(given[_TISSUE]), self._index.label(studied)
            current = self._index.current(given[DISEASE])
            disease = given[DISEASE] if current is None else current.label
            notes.warn(f"{disease} was studied in {there}, but {asked} is asked for: what it changes there is a guess.")
            confidence = round(ELSEWHERE * notes.supports[DISEASE].confidence, 2)
            notes.mark(DISEASE, status="extrapolated", confidence=confidence)
        return change

    def note_origin(self, line: str, origin: str | None, given: Mapping[str, str], notes: Notes) -> None:
        """Warn where a cell line is asked for in a tissue that it is not from."""
        if origin is None or _TISSUE not in given or self._same_place(given[_TISSUE], origin):
            return
        if self._index.current(given[_TISSUE]) is not None:
            asked, there = self._index.label(given[_TISSUE]), self._index.label(origin)
            notes.warn(f"{line} is from {there}, not from {asked}: the line is answered as it is.")

    def _same_place(self, asked: str, studied: str) -> bool:
        """Whether one tissue is the other, or a part or kind of it, or both are of the blood-forming system."""
        graph = self._index.graph
        current = self._index.current(asked)
        own = asked if current is None else current.id
        if {own, studied} <= _BLOOD_FORMING:
            return True
        return own == studied or studied in graph.ancestors(own) or own in graph.ancestors(studied)

    def _stage(self, value: str) -> str | None:
        """``fetal`` or ``adult`` where ``value`` means one of them, in words or as a term of HsapDv."""
        if stage := stage_of(value):
            return stage
        term = self._index.current(value)
        if term is None:
            return None
        kinds = {term.id, *self._index.graph.ancestors(term.id)}
        return next((stage for kind, stage in _STAGE_TERMS.items() if kind in kinds), None)

    def _stage_support(self, value: str) -> Support:
        stage = self._stage(value)
        if stage == "adult":
            return Support(STAGE, value, "known", "As in most data that the model was fitted on.")
        family = self._families["stage"]
        if stage is None or stage not in family:
            reason = "Only fetal and adult were learned: this stage has no effect. The value is kept with the samples."
            return Support(STAGE, value, "no effect", reason)
        return known_signature(STAGE, value, family.term(stage))

    def _stage_change(self, given: Mapping[str, str], notes: Notes) -> Array:
        family = self._families["stage"]
        stage = self._stage(given.get(STAGE, ""))
        if stage is None:
            return self._nothing
        if stage == "fetal" and float(given.get(AGE, "0")) > 0:
            notes.warn("Fetal samples have no age in years: the age changes nothing.")
        for key in (_CELL_TYPE, _TISSUE):
            term = self._index.current(given.get(key, ""))
            if term is not None and f"{stage}|{term.id}" in family:
                notes.supports[STAGE] = known_signature(STAGE, given[STAGE], family.term(f"{stage}|{term.id}"))
                return family.values(f"{stage}|{term.id}")
        return family.values(stage) if stage in family else self._nothing

    def _sample_type_support(self, value: str) -> Support:
        if value == "primary tissue":
            return Support(SAMPLE_TYPE, value, "known", "As in most data that the model was fitted on.")
        family = self._families["sample_type"]
        if value in family:
            return known_signature(SAMPLE_TYPE, value, family.term(value))
        reason = f"No open data tell what is different in samples of this type ({value}): it has no effect."
        return Support(SAMPLE_TYPE, value, "no effect", f"{reason} The value is kept with the samples.")

    def _sample_type_change(self, primary: str | None, given: Mapping[str, str], notes: Notes) -> Array:
        family = self._families["sample_type"]
        value = given.get(SAMPLE_TYPE, "")
        if value not in family:
            return self._nothing
        if primary != _TISSUE:
            reason = "What a tissue loses as a cell line (blood, stroma) a cell type never had: its level stays."
            notes.no_effect(SAMPLE_TYPE, reason)
            return self._nothing
        return family.values(value)

    def _age_support(self, value: str) -> Support:
        family = self._families["age"]
        if self._single_cell or "decade" not in family:
            return Support(
                AGE, value, "no effect", "Age has no learned effect here. The value is kept with the samples."
            )
        support = known_signature(AGE, value, family.term("decade"))
        low, high = AGES
        if not low <= float(value) <= high:
            reason = (
                f"{support.reason} Learned from donors of {low:g} to {high:g} years; beyond, the nearer end is taken."
            )
            return Support(AGE, value, "extrapolated", reason, (), round(support.confidence / 2, 2))
        return support

    def _age_change(self, given: Mapping[str, str], notes: Notes) -> Array:
        family = self._families["age"]
        if AGE not in given or self._single_cell or "decade" not in family:
            return self._nothing
        if self._stage(given.get(STAGE, "")) == "fetal":
            notes.no_effect(AGE, "Fetal samples have no age in years.")
            return self._nothing
        years = float(np.clip(float(given[AGE]), *AGES))
        return family.values("decade") * (years - MIDDLE_AGE) / 10.0
