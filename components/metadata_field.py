"""One metadata key of one condition as a field: the right widget, the model's mark, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from components.answerer_marks import PickerMarks, picker_marks
from components.session import change_condition, design, label_of, show
from components.support_marks import fault_line, quiet_line, support_line
from components.term_picker import Picked, term_picker
from components.words import as_text
from synthome.ontology import default_index
from synthome.ontology.terms import Ontology
from synthome.query.designs import DesignCondition
from synthome.query.support import Support
from synthome.query.units import suggest_dose, suggest_time
from synthome.query.values import value_fault
from synthome.query.vocabulary import KEYS, KeySpec, perturbation_ontologies

__all__ = ["Form", "metadata_field"]

_FEW = 3
"""Up to so many choices stand side by side; more make a list."""
_PLACEHOLDERS = {
    "tissue_ontology_id": "e.g. liver",
    "cell_type_ontology_id": "e.g. T cell",
    "cell_line_ontology_id": "e.g. HeLa",
    "disease_ontology_id": "e.g. asthma",
    "developmental_stage": "e.g. adult stage",
    "ethnicity": "e.g. Han Chinese",
}
_PERTURBATION_PLACEHOLDERS = {
    "CHEBI": "e.g. dexamethasone",
    "ENSEMBL": "e.g. TP53",
    "NCBITaxon": "e.g. SARS-CoV-2",
}
_SPELLINGS = {"perturbation_dose": suggest_dose, "perturbation_time": suggest_time}
"""Keys whose usual spellings are turned into the contract's while they are entered."""


@dataclass(frozen=True, slots=True)
class Form:
    """What conditions stand in: how one of them, named by its ``uid``, is changed, and what pickers are marked by."""

    change: Callable[[str, Callable[[DesignCondition], DesignCondition]], None]
    marks: Callable[[], PickerMarks]

    def set_value(self, uid: str, key: str, value: str | None) -> None:
        """Set a key of the condition ``uid``, as typed."""
        self.change(uid, lambda condition: condition.with_value(key, value))


_DESIGN = Form(change_condition, lambda: picker_marks(design().model_id))


def metadata_field(
    condition: DesignCondition, key: str, fault: str, support: Support | None, form: Form = _DESIGN
) -> None:
    """Draw the field of ``key`` and, beneath, what the model makes of its value.

    ``fault`` is one sentence about the value, or empty. ``form`` is what the condition stands in: the design.
    """
    spec = KEYS[key]
    refused = support is not None and support.status == "refused"
    with st.container(gap="xxsmall"):
        if spec.ontologies:
            _term_field(condition, spec, "" if refused else fault, form, invalid=bool(fault))
        else:
            _native_field(condition, spec, form)
            if fault and not refused:
                fault_line(fault)
        if support is not None and (refused or not fault):
            # The model card is about the embedded models alone, whose own knowledge pickers are marked by.
            quiet_line(support_line(support, explained=form.marks().keys() == {"model_id"}))
        _offer_instead(condition, key, support, form)


def _native_field(condition: DesignCondition, spec: KeySpec, form: Form) -> None:
    widget_key = f"{spec.name}:{condition.uid}"
    show(widget_key, condition.values.get(spec.name, None if spec.choices else ""))
    _native_widget(condition.uid, spec, widget_key, form)


def _native_widget(uid: str, spec: KeySpec, widget_key: str, form: Form) -> None:
    report = partial(_report, uid, spec.name, widget_key, form)
    if not spec.choices:
        st.text_input(spec.label, key=widget_key, on_change=report, placeholder=f"e.g. {spec.example}", help=spec.help)
    elif len(spec.choices) <= _FEW:
        st.segmented_control(spec.label, spec.choices, key=widget_key, on_change=report, help=spec.help)
    else:
        st.selectbox(
            spec.label, spec.choices, key=widget_key, index=None, on_change=report, placeholder="any", help=spec.help
        )


def _report(uid: str, key: str, widget_key: str, form: Form) -> None:
    value = st.session_state[widget_key]
    spell = _SPELLINGS.get(key)
    if value and spell is not None and value_fault(key, value.strip()) is not None:
        value = spell(value) or value
    form.set_value(uid, key, value)


def _offer_instead(condition: DesignCondition, key: str, support: Support | None, form: Form) -> None:
    """Buttons for what was likely meant, or for the nearest values that the model answers."""
    value = condition.values.get(key, "")
    fault = value_fault(key, value) if value else None
    instead: tuple[str, ...] = ()
    if fault is not None and fault.suggestion is not None:
        instead = (fault.suggestion,)
    elif support is not None and support.status == "refused":
        instead = support.relatives[:_FEW]
    if not instead:
        return
    with st.container(horizontal=True, gap="small"):
        for other in instead:
            st.button(
                f"Use “{as_text(label_of(other) or other)}”",
                key=f"suggest:{key}:{condition.uid}:{other}",
                type="tertiary",
                on_click=form.set_value,
                args=(condition.uid, key, other),
            )


def _term_field(condition: DesignCondition, spec: KeySpec, error: str, form: Form, *, invalid: bool) -> None:
    value = condition.values.get(spec.name, "")
    ontologies, placeholder = spec.ontologies, _PLACEHOLDERS.get(spec.name, "")
    if spec.name == "perturbation_ontology_id":
        ontologies = perturbation_ontologies(condition.values.get("perturbation_type"))
        placeholder = _PERTURBATION_PLACEHOLDERS[ontologies[0]]
    term_picker(
        spec.label,
        key=f"pick:{spec.name}:{condition.uid}",
        picked=Picked(value, (label_of(value) or "") if value else ""),
        on_pick=_on_pick(condition.uid, spec.name, ontologies, form),
        ontologies=ontologies,
        **form.marks(),
        placeholder=placeholder,
        help=spec.help,
        error=error,
        invalid=invalid,
    )


def _on_pick(uid: str, key: str, ontologies: tuple[Ontology, ...], form: Form) -> Callable[[str], None]:
    def pick(text: str) -> None:
        form.set_value(uid, key, _meant(key, text, ontologies))

    return pick


def _meant(key: str, text: str, ontologies: tuple[Ontology, ...]) -> str:
    """The id that ``text`` spells, or that of the term which it names exactly; else ``text`` as it stands."""
    if not text.strip():
        return ""
    index = default_index()
    term = index.term(text)
    if term is not None and term.ontology in ontologies:
        return term.id
    fault = value_fault(key, text.strip())
    if fault is None:
        return text.strip()
    if fault.suggestion is not None:
        return fault.suggestion
    best = next(iter(index.search(text[:300], ontologies, 1)), None)
    return best.term.id if best is not None and best.kind in ("id", "label", "synonym") else text
