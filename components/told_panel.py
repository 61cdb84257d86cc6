"""What real samples were told to be: a card each, with how sure the model is and what it cannot tell."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from components.analyses import prediction_of
from components.probability_bars import Weighed, probability_bars
from components.session import design, label_of, set_design
from components.words import as_text, shortened
from synthome.prediction import Prediction
from synthome.query.designs import Design, DesignCondition
from synthome.query.vocabulary import KEYS, PREDICT_METADATA, base_model, operation_of
from synthome.runs import Run

__all__ = ["certainty", "is_told", "told_panel"]

ALMOST_CERTAIN = 0.95
PROBABLE = 0.6
"""From these probabilities on a value is almost certain, or probable; below, it is unclear."""
_SIDE_BY_SIDE = 12
"""More samples are looked at one at a time, under a table of all."""
_KINDS = {"tissue": "Tissue", "cell_type": "Cell type", "cell_line": "Cell line"}
"""What a sample is described by. Where one of them is told, the others say what it would be, were it of their kind."""


def is_told(run: Run) -> bool:
    """Whether ``run`` asked what real samples are."""
    return operation_of(run.model_id) == PREDICT_METADATA


def certainty(probability: float) -> str:
    """How sure a model is, in words.

    >>> certainty(0.99), certainty(0.7), certainty(0.4)
    ('almost certainly', 'probably', 'unclear')
    """
    if probability >= ALMOST_CERTAIN:
        return "almost certainly"
    return "probably" if probability >= PROBABLE else "unclear"


@dataclass(frozen=True, slots=True)
class _Told:
    """One sample: the most probable values by metadata key, and what was weighed, by thing."""

    name: str
    metadata: Mapping[str, str]
    weighed: Mapping[str, Weighed]

    @property
    def kinds(self) -> list[str]:
        """What describes the sample; all that were weighed, where none was told."""
        weighed = [kind for kind in _KINDS if kind in self.weighed]
        return [kind for kind in weighed if _key_of(kind) in self.metadata] or weighed

    @property
    def otherwise(self) -> list[str]:
        """What would describe it, were it of another kind."""
        return [kind for kind in _KINDS if kind in self.weighed and kind not in self.kinds]

    @property
    def best(self) -> tuple[str, float]:
        """What it most probably is, and how probable that is."""
        kinds = self.kinds or list(self.weighed)
        return max((self.weighed[kind][0] for kind in kinds), key=lambda pair: pair[1])


def _key_of(thing: str) -> str:
    """The metadata key of a thing that is told."""
    return next((key for key in (f"{thing}_ontology_id", f"{thing}_id", thing) if key in KEYS), thing)


def _name_of(thing: str) -> str:
    key = _key_of(thing)
    return KEYS[key].label if key in KEYS else thing.replace("_", " ").capitalize()


def told_panel(run: Run) -> None:
    """A card a sample; of many, a table and the card of one."""
    prediction = prediction_of(run)
    samples = _samples(prediction)
    if not samples:
        st.info("The answer does not say how probable each value is.", icon=":material/help:")
        return
    shown = list(enumerate(samples))
    if len(samples) > _SIDE_BY_SIDE:
        st.dataframe(_table(samples), hide_index=True, height=320, alt="What each sample is told to be")
        chosen = st.selectbox("Sample", range(len(samples)), format_func=lambda i: samples[i].name, key="told_sample")
        shown = [shown[chosen]]
    with st.grid("auto", min_column_width=340):
        for number, sample in shown:
            with st.container(border=True, height="stretch", key=f"told_{number}"):
                _card(sample, number, base_model(run.model_id))
    _not_told(samples)


def _samples(prediction: Prediction) -> list[_Told]:
    told = prediction.classifier_probs
    if told is None:
        return []
    rows = zip(prediction.conditions, prediction.metadata.to_dict("records"), told.to_dict("records"), strict=True)
    samples = (_Told(name, _given(metadata), _weighed(weighed)) for name, metadata, weighed in rows)
    return [sample for sample in samples if sample.weighed]


def _given(metadata: Mapping[Hashable, object]) -> dict[str, str]:
    return {str(key): value for key, value in metadata.items() if isinstance(value, str)}


def _weighed(told: Mapping[Hashable, object]) -> dict[str, Weighed]:
    return {
        str(thing): sorted(values.items(), key=lambda pair: -pair[1])
        for thing, values in told.items()
        if isinstance(values, Mapping) and values
    }


def _table(samples: Sequence[_Told]) -> dict[str, list[str]]:
    return {
        "Sample": [sample.name for sample in samples],
        "Told": [label_of(sample.best[0]) or sample.best[0] for sample in samples],
        "How sure": [certainty(sample.best[1]) for sample in samples],
        "Sex": [sample.metadata.get("sex", "unclear") for sample in samples],
    }


def _card(sample: _Told, number: int, model_id: str) -> None:
    value, probability = sample.best
    label = label_of(value) or value
    word = certainty(probability)
    with st.container(gap="xxsmall"):
        st.markdown(f":small[{as_text(shortened(sample.name, 80))} is {word if word != 'unclear' else 'most like'}]")
        st.subheader(as_text(label), anchor=False)
        if word == "unclear":
            st.markdown(":small[:orange[:material/help:] Unclear: other values are nearly as probable.]")
    others = [thing for thing in sample.weighed if thing not in _KINDS]
    probability_bars((_name_of(thing), sample.weighed[thing]) for thing in [*sample.kinds, *others])
    if sample.otherwise:
        with st.expander("If it were something else", icon=":material/alt_route:", type="compact"):
            probability_bars((f"{_KINDS[kind]}, if it is one", sample.weighed[kind]) for kind in sample.otherwise)
    if st.button(
        "Use as a condition",
        key=f"use_told:{number}",
        icon=":material/edit_note:",
        help="Adds a condition with these values to the design, to make samples like this one.",
    ):
        _use(sample, model_id)


def _use(sample: _Told, model_id: str) -> None:
    """Add what was told to the design, and go there."""
    values = {key: value for key, value in sample.metadata.items() if key in KEYS}
    begun = tuple(one for one in design().conditions if one.values or one.name)
    current = replace(design(), conditions=begun) if begun else Design().for_model(model_id)
    made = current.add(DesignCondition(values, name=shortened(f"Like {sample.name}", 80)))
    set_design(made)
    st.switch_page("pages/design.py")


def _not_told(samples: Sequence[_Told]) -> None:
    """What nobody should read out of the answer."""
    told = {_key_of(thing) for sample in samples for thing in sample.weighed}
    missing = [spec.label.lower() for key, spec in KEYS.items() if spec.group != "technical" and key not in told]
    if missing:
        st.caption(f"Not told by this model: {', '.join(missing)}.")
