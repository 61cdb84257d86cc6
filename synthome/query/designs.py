"""A design: the conditions of an experiment as a person is writing them, valid or not yet.

A :class:`Design` keeps what was typed, so that a slip is never lost; :meth:`Design.to_query` turns it into a valid
:class:`~synthome.query.Query` or tells every fault. Designs are values: each change gives a new one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from synthome.errors import FieldError, QueryError
from synthome.query.schema import Query, read_query
from synthome.query.vocabulary import BULK, KEYS, MODEL_RULES

__all__ = ["DEFAULT_SAMPLES", "Design", "DesignCondition", "describe", "design_from_json", "design_from_query"]

DEFAULT_SAMPLES = 5
_VERSION = 1

LabelOf = Callable[[str], str | None]
"""Gives the label of a term id, or ``None`` where the id is unknown."""


@dataclass(frozen=True, slots=True)
class DesignCondition:
    """One condition being written: ``values`` by metadata key, as typed; an empty ``name`` is described from them.

    ``uid`` tells conditions apart while names and order change.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    num_samples: int | None = DEFAULT_SAMPLES
    name: str = ""
    uid: str = field(default_factory=lambda: secrets.token_hex(4))

    def __post_init__(self) -> None:
        kept = {key: value for key, value in self.values.items() if value.strip()}
        object.__setattr__(self, "values", MappingProxyType(kept))

    def with_value(self, key: str, value: str | None) -> DesignCondition:
        """The condition with ``key`` set to ``value``; empty or ``None`` unsets it."""
        values = {**self.values, key: value or ""}
        return replace(self, values=values)


@dataclass(frozen=True, slots=True)
class Design:
    """An experiment being written. ``total_count`` and ``seed`` are ``None`` where the model shall choose."""

    conditions: tuple[DesignCondition, ...] = ()
    model_id: str = BULK
    sampling_strategy: str = MODEL_RULES[BULK].strategies[0]
    total_count: int | None = None
    deterministic_latents: bool = False
    seed: int | None = None
    title: str = ""

    # Changing the conditions ---------------------------------------------------------------------------------------

    def condition(self, uid: str) -> DesignCondition:
        """The condition of that ``uid``; ``KeyError`` where there is none."""
        for condition in self.conditions:
            if condition.uid == uid:
                return condition
        raise KeyError(uid)

    def with_condition(self, changed: DesignCondition) -> Design:
        """The design with the condition of the same ``uid`` replaced."""
        self.condition(changed.uid)
        return replace(self, conditions=tuple(changed if c.uid == changed.uid else c for c in self.conditions))

    def add(self, condition: DesignCondition | None = None) -> Design:
        """The design with one more condition at its end."""
        return replace(self, conditions=(*self.conditions, condition or DesignCondition()))

    def duplicate(self, uid: str) -> Design:
        """The design with a copy of a condition beside it; a given name gets "copy" behind it."""
        out: list[DesignCondition] = []
        for condition in self.conditions:
            out.append(condition)
            if condition.uid == uid:
                name = f"{condition.name} copy" if condition.name else ""
                out.append(replace(condition, name=name, uid=secrets.token_hex(4)))
        return replace(self, conditions=tuple(out))

    def remove(self, uid: str) -> Design:
        """The design without that condition."""
        return replace(self, conditions=tuple(c for c in self.conditions if c.uid != uid))

    def for_model(self, model_id: str) -> Design:
        """The design asked of another model; a strategy that it does not answer becomes its first one."""
        strategies = MODEL_RULES[model_id].strategies
        strategy = self.sampling_strategy if self.sampling_strategy in strategies else strategies[0]
        return replace(self, model_id=model_id, sampling_strategy=strategy)

    # Reading it ----------------------------------------------------------------------------------------------------

    @property
    def num_samples(self) -> int:
        """Samples of all conditions together, as far as their numbers are given."""
        return sum(condition.num_samples or 0 for condition in self.conditions)

    def names(self, label_of: LabelOf) -> tuple[str, ...]:
        """A name for each condition, all different: the given one, or a description of its values."""
        names: list[str] = []
        for condition in self.conditions:
            name = condition.name.strip() or describe(condition.values, label_of)
            base, number = name, 2
            while name in names:
                name = f"{base} ({number})"
                number += 1
            names.append(name)
        return tuple(names)

    def to_contract(self) -> dict[str, Any]:
        """The design as the contract's JSON object, valid or not."""
        body: dict[str, Any] = {
            "sampling_strategy": self.sampling_strategy,
            "inputs": [{"metadata": dict(c.values), "num_samples": c.num_samples} for c in self.conditions],
            "deterministic_latents": self.deterministic_latents,
        }
        if self.total_count is not None:
            body["total_count"] = self.total_count
        if self.seed is not None:
            body["seed"] = self.seed
        return body

    def to_query(self) -> Query:
        """The design as a valid query for its model; ``QueryError`` with every fault otherwise."""
        if not self.conditions:
            message = "There is no condition yet; add one to say what to make."
            raise QueryError([FieldError("inputs", "inputs", "", message, "one or more conditions")])
        return read_query(self.to_contract(), self.model_id)

    def to_json(self) -> dict[str, Any]:
        """Everything, names and faults included, for keeping; read back by :func:`design_from_json`."""
        return {
            "synthome_design": _VERSION,
            "title": self.title,
            "model_id": self.model_id,
            "names": [condition.name for condition in self.conditions],
            **self.to_contract(),
        }


def describe(values: Mapping[str, str], label_of: LabelOf) -> str:
    """A short name for a condition, from its values: the most telling first.

    >>> describe({"sex": "female", "tissue_ontology_id": "UBERON:0002107"}, {"UBERON:0002107": "liver"}.get)
    'Liver, female'
    >>> describe({}, {}.get)
    'Any sample'
    """
    parts: list[str] = []
    for key in _TELLING:
        value = values.get(key)
        if value is None:
            continue
        if KEYS[key].ontology is not None or key == "perturbation_ontology_id":
            parts.append(label_of(value) or value)
        elif key == "age_years":
            parts.append(f"{value} years")
        elif not (key == "sample_type" and parts):
            parts.append(value)
    text = ", ".join(" ".join(part.split())[:60] for part in parts[:5]) or "Any sample"
    return text[0].upper() + text[1:]


_TELLING = (
    "cell_line_ontology_id",
    "cell_type_ontology_id",
    "tissue_ontology_id",
    "disease_ontology_id",
    "perturbation_ontology_id",
    "perturbation_dose",
    "perturbation_time",
    "sex",
    "age_years",
    "developmental_stage",
    "genotype",
    "ethnicity",
    "race",
    "sample_type",
    "study",
    "library_selection",
    "library_layout",
)


def design_from_query(query: Query, model_id: str, names: Iterable[str] = (), title: str = "") -> Design:
    """The design that asks ``query`` of ``model_id``."""
    given = [*names]
    given += [""] * (len(query.inputs) - len(given))
    conditions = tuple(
        DesignCondition(condition.metadata.given(), condition.num_samples, name)
        for condition, name in zip(query.inputs, given, strict=False)
    )
    return Design(
        conditions,
        model_id,
        query.sampling_strategy,
        query.total_count,
        query.deterministic_latents,
        query.seed,
        title,
    )


def design_from_json(body: object) -> Design:
    """A design from what :meth:`Design.to_json` gave, or from a query of the contract.

    Only its outline must fit; values may still be wrong, :meth:`Design.to_query` tells of them. ``QueryError`` where
    the outline does not fit.
    """
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except json.JSONDecodeError as error:
            message = f"This is not JSON: {error.msg} in line {error.lineno}."
            raise QueryError([FieldError("", "design", "", message, "JSON")]) from None
    inputs = body.get("inputs") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(inputs, list):
        message = "This is no design: a JSON object with a list 'inputs' is needed."
        raise QueryError([FieldError("inputs", "inputs", "", message, "a list of conditions")])
    names = body.get("names")
    names = [*names] if isinstance(names, list) else []
    asked = body.get("model_id")
    model_id = asked if isinstance(asked, str) and asked in MODEL_RULES else BULK
    names += [""] * (len(inputs) - len(names))
    return Design(
        conditions=tuple(_condition_from_json(*pair) for pair in zip(inputs, names, strict=False)),
        model_id=model_id,
        sampling_strategy=str(body.get("sampling_strategy", MODEL_RULES[model_id].strategies[0])),
        total_count=_whole(body.get("total_count")),
        deterministic_latents=body.get("deterministic_latents") is True,
        seed=_whole(body.get("seed")),
        title=str(body.get("title") or ""),
    )


def _condition_from_json(item: object, name: object) -> DesignCondition:
    metadata = item.get("metadata") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(metadata, Mapping):
        message = "Each entry of 'inputs' needs an object 'metadata'."
        raise QueryError([FieldError("inputs", "metadata", "", message, "an object of keys and values")])
    values = {str(key): str(value) for key, value in metadata.items() if value is not None}
    return DesignCondition(values, _whole(item.get("num_samples")), name if isinstance(name, str) else "")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
