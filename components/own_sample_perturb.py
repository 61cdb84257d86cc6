"""Real samples as if they had been treated: the perturbation, how many samples to make, and how to sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from components.answerer_failure import Asked
from components.answerer_marks import PickerMarks
from components.metadata_field import Form, metadata_field
from components.own_sample_draft import change_treatment, given_samples, treatment
from components.own_sample_treatment import LATENT_SPACES, PERTURBATION_KEYS, Treatment
from components.predicting import ask, pending_run
from components.session import label_of
from components.support_marks import fault_line
from components.words import as_text, counted, shortened
from synthome.errors import FieldError
from synthome.query.schema import Conditioning
from synthome.query.support import Support
from synthome.query.values import value_fault
from synthome.query.vocabulary import KEYS, MODEL_RULES, REFERENCE_CONDITIONING, model_named
from synthome.runs import vocabulary_for
from synthome.samples import SampleTable

__all__ = ["perturb_card"]

_LABELS = {
    "num_samples": "Samples of each",
    "total_count": "Library size",
    "seed": "Seed",
    "sampling_strategy": "Sampling",
    "conditioning": "Kept of the sample",
}
_KEPT_WORDS: dict[tuple[Conditioning, ...], str] = {
    LATENT_SPACES: "all of it: biology and technique",
    ("biological",): "its biology, as in another laboratory",
    ("technical",): "its technique, as of another donor",
}


def perturb_card(table: SampleTable, model_id: str) -> None:
    """The form, and the button that starts it."""
    current = treatment()
    current = replace(current, design=current.design.for_model(model_id))
    supports = _supports(current, model_id)
    faults = _faults(current, supports, len(table.samples))
    told = {fault.key: _in_words(fault) for fault in reversed(faults)}
    st.subheader("Perturb it" if len(table.samples) == 1 else "Perturb them", anchor=False)
    _fields(current, told, supports, model_id)
    _sampling(current, told, model_id)
    _more(current, told, model_id)
    _predict_button(current, table, faults)


# The perturbation ---------------------------------------------------------------------------------------------------


def _supports(current: Treatment, model_id: str) -> Mapping[str, Support]:
    """What the model makes of every value that is spelled as it should be."""
    values = current.condition.values
    spelled = {key: value for key, value in values.items() if key in KEYS and value_fault(key, value) is None}
    return vocabulary_for(model_named(model_id, REFERENCE_CONDITIONING)).supports(spelled)


def _faults(current: Treatment, supports: Mapping[str, Support], samples: int) -> list[FieldError]:
    """Everything that stands between the form and a prediction, each once."""
    by_key = {fault.key: fault for fault in reversed(current.faults(samples))}
    for key, support in supports.items():
        if support.status == "refused":
            by_key[key] = FieldError(f"inputs.0.metadata.{key}", key, support.value, support.reason)
    return list(by_key.values())


def _in_words(fault: FieldError) -> str:
    """The fault with the field's label in place of its key."""
    label = KEYS[fault.key].label if fault.key in KEYS else _LABELS.get(fault.key, fault.key)
    return fault.message.replace(f"{fault.key}:", f"{label}:", 1)


def _fields(current: Treatment, told: Mapping[str, str], supports: Mapping[str, Support], model_id: str) -> None:
    form = Form(
        lambda _, change: change_treatment(lambda kept: kept.changed(change)), lambda: PickerMarks(model_id=model_id)
    )
    pairs = zip(PERTURBATION_KEYS[::2], PERTURBATION_KEYS[1::2], strict=True)  # type and what with; dose and time
    for pair in pairs:
        for place, key in zip(st.columns(2, gap="small"), pair, strict=True):
            with place:
                metadata_field(current.condition, key, told.get(key, ""), supports.get(key), form)


# How to sample ------------------------------------------------------------------------------------------------------
#
# Widgets begin with what is kept, and are new with each treatment. A value that is only assigned to their state may be
# lost where a run of the page is cut short by the next; the browser would then report the widget's own default.


def _sampling(current: Treatment, told: Mapping[str, str], model_id: str) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        _number("num_samples", current.condition.num_samples, told, "Treated samples made of each sample.")
    with right:
        strategies = MODEL_RULES[model_id].strategies
        key = f"own_strategy:{model_id}:{current.condition.uid}"
        st.selectbox(
            "Sampling",
            strategies,
            index=strategies.index(current.design.sampling_strategy),
            key=key,
            format_func=str.capitalize,
            on_change=lambda: _set(sampling_strategy=st.session_state[key]),
            help="Mean estimation gives the expected level of each gene, so that small effects can be seen. "
            "Sample generation adds the error of a real measurement.",
        )
    _toggle(
        "Make the untreated sample too",
        "own_untreated",
        current.untreated,
        lambda value: change_treatment(lambda kept: replace(kept, untreated=value)),
        "As many untreated samples of each, as a condition of its own: figures then show treated against untreated.",
    )


def _more(current: Treatment, told: Mapping[str, str], model_id: str) -> None:
    """What is rarely needed."""
    design = current.design
    wrong = sum(key in told for key in ("total_count", "seed", "conditioning"))
    words = f"More · :red[{wrong} to correct]" if wrong else "More: what is kept, library size, seed"
    with st.expander(words, icon=":material/tune:", type="compact", key="own_more"):
        _kept_of_sample(current)
        _toggle(
            "Mean latents",
            "own_deterministic",
            design.deterministic_latents,
            lambda value: _set(deterministic_latents=value),
            "Take the most probable latents of each sample instead of drawing them. "
            "With mean estimation, all samples of a condition are then identical.",
        )
        _toggle(
            "Fixed library size",
            "own_fixed",
            current.fixed_total_count,
            lambda value: change_treatment(lambda kept: replace(kept, fixed_total_count=value)),
            "All samples are then equally large; otherwise each is as large as its own.",
        )
        if current.fixed_total_count:
            default = f"{MODEL_RULES[model_id].default_total_count:,} (default)"
            _number("total_count", design.total_count, told, "Counts of each sample altogether.", default)
        _number(
            "seed",
            design.seed,
            told,
            "The same seed gives the same numbers again. Empty: one is drawn.",
            "automatic",
        )


def _kept_of_sample(current: Treatment) -> None:
    key = f"own_conditioning:{current.condition.uid}"
    st.selectbox(
        "Kept of the sample",
        list(_KEPT_WORDS),
        index=list(_KEPT_WORDS).index(current.conditioning),
        key=key,
        format_func=_KEPT_WORDS.__getitem__,
        on_change=lambda: change_treatment(lambda kept: replace(kept, conditioning=st.session_state[key])),
        help="Which latents are the sample's own (conditioning). The others are drawn anew, as for another sample of "
        "the same kind.",
    )


def _set(**changes: Any) -> None:
    change_treatment(lambda kept: kept.sampled(**changes))


def _toggle(label: str, name: str, value: bool, report: Callable[[bool], None], help: str) -> None:
    key = f"{name}:{treatment().condition.uid}"
    st.toggle(label, value, key=key, on_change=lambda: report(st.session_state[key]), help=help)


def _number(name: str, value: int | None, told: Mapping[str, str], help: str, placeholder: str = "") -> None:
    key = f"own_{name}:{treatment().condition.uid}"

    def report() -> None:
        number = st.session_state[key]
        if name == "num_samples":
            change_treatment(lambda kept: kept.changed(lambda condition: replace(condition, num_samples=number)))
        else:
            _set(**{name: number})

    st.number_input(
        _LABELS[name], value=value, step=1, key=key, on_change=report, help=help, placeholder=placeholder or None
    )
    if name in told:
        fault_line(told[name])


# Predicting ---------------------------------------------------------------------------------------------------------


def _predict_button(current: Treatment, table: SampleTable, faults: list[FieldError]) -> None:
    conditions = current.per_sample * len(table.samples)
    number = conditions * (current.condition.num_samples or 0)
    if not current.perturbs:
        st.caption("Nothing is set yet. Predict would make more samples like the given, untreated.")
    if st.button(
        f"Predict {counted(number, 'sample')}",
        key="own_predict",
        type="primary" if current.perturbs else "secondary",
        icon=":material/play_arrow:",
        disabled=pending_run() is not None,
        width="stretch",
    ):
        if faults:
            st.toast("Something is to be corrected first; it is listed under the button.", icon=":material/error:")
        else:
            _predict(current, table)
            st.rerun()
    if faults:
        title = "One entry to correct" if len(faults) == 1 else f"{len(faults)} entries to correct"
        st.warning("\n".join(f"- {as_text(_in_words(fault))}" for fault in faults), title=title)


def _predict(current: Treatment, table: SampleTable) -> None:
    samples = given_samples(table)
    model_id = model_named(current.design.model_id, REFERENCE_CONDITIONING)
    whose = samples[0].name if len(samples) == 1 else counted(len(samples), "sample")
    done = current.in_words(label_of)
    title = f"{whose}, {done}" if done else f"More like {whose}"
    names = current.names(samples, label_of)
    ask(Asked(current.query(samples), model_id, shortened(title, 160), names), "embedded")
