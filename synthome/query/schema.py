"""What is asked: the contract's query as typed objects, and every fault of a query told in words.

``Query.model_validate`` accepts the contract's JSON; :func:`read_query` does the same and tells all faults at once as
:class:`~synthome.errors.QueryError`. Values keep the contract's spelling, so that
``read_query(query.to_contract()) == query`` for every valid query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from synthome.errors import FieldError, QueryError
from synthome.query.counts import COUNTS_ALLOWED, Counts
from synthome.query.faults import as_pydantic
from synthome.query.values import closest, refusal, shown, spelled, value_fault
from synthome.query.vocabulary import (
    KEYS,
    MODEL_RULES,
    PREDICT_METADATA,
    REFERENCE_CONDITIONING,
    base_model,
    operation_of,
)
from synthome.settings import settings

__all__ = [
    "MAX_SEED",
    "MAX_TOTAL_COUNT",
    "MIN_TOTAL_COUNT",
    "Condition",
    "Metadata",
    "MetadataQuery",
    "Query",
    "Reference",
    "ReferenceQuery",
    "Unlabelled",
    "check_for_model",
    "query_type",
    "read_query",
]

MIN_TOTAL_COUNT = 1_000
MAX_TOTAL_COUNT = 1_000_000_000
"""Bounds of the library size: below, counts say nothing; above, sums no longer fit 32-bit counts."""
MAX_SEED = 2**53 - 1
"""Largest seed: the largest integer that JSON carries without loss everywhere."""


def _refused(key: str, value: object, allowed: str, suggestion: str | None = None) -> PydanticCustomError:
    return as_pydantic(refusal(key, value, allowed, suggestion))


def _validator(key: str) -> BeforeValidator:
    def validate(value: object) -> object:
        if value is None:
            return None
        value = spelled(key, value)
        fault = value_fault(key, value)
        if fault is not None:
            raise as_pydantic(fault)
        return value

    return BeforeValidator(validate)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Metadata(_Strict):
    """What is known of a sample. Every key is optional; values are spelled as the contract spells them."""

    tissue_ontology_id: Annotated[str | None, _validator("tissue_ontology_id")] = None
    cell_type_ontology_id: Annotated[str | None, _validator("cell_type_ontology_id")] = None
    cell_line_ontology_id: Annotated[str | None, _validator("cell_line_ontology_id")] = None
    disease_ontology_id: Annotated[str | None, _validator("disease_ontology_id")] = None
    sample_type: Annotated[str | None, _validator("sample_type")] = None
    sex: Annotated[str | None, _validator("sex")] = None
    age_years: Annotated[str | None, _validator("age_years")] = None
    developmental_stage: Annotated[str | None, _validator("developmental_stage")] = None
    ethnicity: Annotated[str | None, _validator("ethnicity")] = None
    race: Annotated[str | None, _validator("race")] = None
    genotype: Annotated[str | None, _validator("genotype")] = None
    perturbation_type: Annotated[str | None, _validator("perturbation_type")] = None
    perturbation_ontology_id: Annotated[str | None, _validator("perturbation_ontology_id")] = None
    perturbation_dose: Annotated[str | None, _validator("perturbation_dose")] = None
    perturbation_time: Annotated[str | None, _validator("perturbation_time")] = None
    study: Annotated[str | None, _validator("study")] = None
    library_selection: Annotated[str | None, _validator("library_selection")] = None
    library_layout: Annotated[str | None, _validator("library_layout")] = None
    platform: Annotated[str | None, _validator("platform")] = None

    def given(self) -> dict[str, str]:
        """The keys that are set, in the contract's order."""
        return {key: value for key in KEYS if (value := getattr(self, key)) is not None}


def _whole_number(key: str, minimum: int, maximum: Callable[[], int]) -> BeforeValidator:
    def validate(value: object) -> object:
        if value is None:
            return None
        most = maximum()
        allowed = f"a whole number from {minimum:,} to {most:,}"
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            number = value.strip() if isinstance(value, str) else ""
            fits = number.isascii() and number.isdigit() and len(number) < 20 and minimum <= int(number) <= most
            raise _refused(key, value, allowed, number if fits else None)
        if not minimum <= value <= most:
            raise _refused(key, value, allowed)
        return value

    return BeforeValidator(validate)


def _some_conditions(value: object) -> object:
    if not isinstance(value, (list, tuple)) or not value:
        raise _refused("inputs", value, "a list of one or more conditions")
    return value


def _strategy(value: object) -> object:
    if value in ("sample generation", "mean estimation"):
        return value
    choices = ("sample generation", "mean estimation")
    raise _refused("sampling_strategy", value, " or ".join(choices), closest(str(value), choices))


def _true_or_false(key: str) -> BeforeValidator:
    def validate(value: object) -> object:
        if isinstance(value, bool):
            return value
        guess = {"true": "true", "false": "false"}.get(str(value).strip().lower())
        raise _refused(key, value, "true or false", guess)

    return BeforeValidator(validate)


def _object(value: object) -> object:
    """R writes an empty object as an empty list."""
    return {} if isinstance(value, list) and not value else value


class Condition(_Strict):
    """One biological condition and how many samples of it to make."""

    metadata: Annotated[Metadata, BeforeValidator(_object)]
    num_samples: Annotated[int, _whole_number("num_samples", 1, lambda: settings().max_samples)]


class Query(_Strict):
    """A whole question to a model.

    ``total_count`` is the library size; ``None`` stands for the model's default (10,000,000 for bulk, 10,000 for
    single-cell). Without a ``seed`` the model draws one and reports it.
    """

    sampling_strategy: Annotated[Literal["sample generation", "mean estimation"], BeforeValidator(_strategy)]
    inputs: Annotated[tuple[Condition, ...], BeforeValidator(_some_conditions)]
    total_count: Annotated[int | None, _whole_number("total_count", MIN_TOTAL_COUNT, lambda: MAX_TOTAL_COUNT)] = None
    deterministic_latents: Annotated[bool, _true_or_false("deterministic_latents")] = False
    seed: Annotated[int | None, _whole_number("seed", 0, lambda: MAX_SEED)] = None

    @property
    def num_samples(self) -> int:
        """Samples of all conditions together."""
        return sum(condition.num_samples for condition in self.inputs)

    def to_contract(self) -> dict[str, Any]:
        """The query as the contract's JSON object: only what is set."""
        return {"sampling_strategy": self.sampling_strategy, "inputs": self._inputs(), **self._options()}

    def _inputs(self) -> list[dict[str, Any]]:
        return [
            {"metadata": condition.metadata.given(), "num_samples": condition.num_samples} for condition in self.inputs
        ]

    def _options(self) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if self.total_count is not None:
            body["total_count"] = self.total_count
        if self.deterministic_latents:
            body["deterministic_latents"] = True
        if self.seed is not None:
            body["seed"] = self.seed
        return body


Conditioning = Literal["biological", "technical"]
_LATENT_SPACES: tuple[Conditioning, ...] = ("biological", "technical")


def _conditioning(value: object) -> object:
    """The latent spaces named, in the contract's order; R writes a list of one as the one."""
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, (list, tuple)) or not named or any(name not in _LATENT_SPACES for name in named):
        raise _refused("conditioning", value, "a list of biological, technical, or both")
    return tuple(name for name in _LATENT_SPACES if name in named)


class Reference(Condition):
    """A real sample and what to do with it: ``counts`` of the model's genes, in the model's order."""

    counts: Counts
    metadata: Annotated[Metadata, BeforeValidator(_object)] = Metadata()


class ReferenceQuery(Query):
    """Real samples to be perturbed. The metadata of an input are those of its perturbation alone.

    Latents named in ``conditioning`` are those of the real sample; the others are drawn. Samples are as large as their
    reference, or with ``fixed_total_count`` as ``total_count`` says.
    """

    inputs: Annotated[tuple[Reference, ...], BeforeValidator(_some_conditions)]
    conditioning: Annotated[tuple[Conditioning, ...], BeforeValidator(_conditioning)] = _LATENT_SPACES
    fixed_total_count: Annotated[bool, _true_or_false("fixed_total_count")] = False

    def _inputs(self) -> list[dict[str, Any]]:
        rows = zip(super()._inputs(), self.inputs, strict=True)
        return [{"counts": list(reference.counts), **row} for row, reference in rows]

    def _options(self) -> dict[str, Any]:
        body = {"conditioning": list(self.conditioning), **super()._options()}
        return body | {"fixed_total_count": True} if self.fixed_total_count else body


class Unlabelled(Condition):
    """A real sample of which only ``counts`` are known, of the model's genes in the model's order."""

    counts: Counts
    metadata: Annotated[Metadata, BeforeValidator(_object)] = Metadata()
    num_samples: Annotated[int, _whole_number("num_samples", 1, lambda: 1)] = 1


class MetadataQuery(Query):
    """Real samples to be told what they are."""

    sampling_strategy: Annotated[Literal["mean estimation"], BeforeValidator(_strategy)] = "mean estimation"
    inputs: Annotated[tuple[Unlabelled, ...], BeforeValidator(_some_conditions)]

    def to_contract(self) -> dict[str, Any]:
        """The query as the contract's JSON object: only what is set."""
        return {"inputs": [{"counts": list(sample.counts)} for sample in self.inputs], **self._options()}


_METADATA_KEYS = tuple(KEYS)
_KNOWN_ALIASES = {"mode": "sampling_strategy", "tissue": "tissue_ontology_id", "disease": "disease_ontology_id"}


_QUERIES: Mapping[str, tuple[type[Query], type[Condition]]] = {
    REFERENCE_CONDITIONING: (ReferenceQuery, Reference),
    PREDICT_METADATA: (MetadataQuery, Unlabelled),
}


def _kind(model_id: str | None) -> tuple[type[Query], type[Condition]]:
    """The types of a query to ``model_id`` and of its inputs."""
    return _QUERIES.get(operation_of(model_id or ""), (Query, Condition))


def query_type(model_id: str) -> type[Query]:
    """The type of a query to ``model_id``."""
    return _kind(model_id)[0]


def read_query(body: object, model_id: str | None = None) -> Query:
    """A query from the contract's JSON object; with ``model_id``, also checked against that model's rules.

    What a query holds depends on the operation of ``model_id``: a :class:`Query`, a :class:`ReferenceQuery` or a
    :class:`MetadataQuery`.

    Raises
    ------
    QueryError
        With one entry a fault: the path, the value, what is allowed, and the closest valid value.
    """
    if not isinstance(body, Mapping):
        message = f"query: '{shown(body)}' is not allowed; a JSON object with inputs"
        raise QueryError([FieldError("", "query", shown(body), message, "a JSON object")])
    try:
        query = _kind(model_id)[0].model_validate(body)
    except ValidationError as error:
        raise QueryError(_field_errors(error, model_id)) from None
    faults = [*_size_faults(query), *_metadata_faults(query)]
    if model_id is not None:
        faults += check_for_model(query, model_id)
    if faults:
        raise QueryError(faults)
    return query


def check_for_model(query: Query, model_id: str) -> list[FieldError]:
    """What the contract's rules for ``model_id`` find wrong with a valid query; empty where nothing is."""
    rules = MODEL_RULES.get(base_model(model_id))
    if rules is None or query.sampling_strategy in rules.strategies:
        return []
    allowed = " or ".join(rules.strategies)
    message = (
        f"sampling_strategy: '{query.sampling_strategy}' is not allowed; {model_id} answers '{allowed}' only; "
        f"did you mean {rules.strategies[0]}?"
    )
    return [
        FieldError(
            "sampling_strategy", "sampling_strategy", query.sampling_strategy, message, allowed, rules.strategies[0]
        )
    ]


def _size_faults(query: Query) -> Iterator[FieldError]:
    limits = settings()
    if len(query.inputs) > limits.max_conditions:
        allowed = f"1 to {limits.max_conditions} conditions"
        message = f"inputs: {len(query.inputs):,} conditions are not allowed; {allowed}; split the query"
        yield FieldError("inputs", "inputs", str(len(query.inputs)), message, allowed)
    if query.num_samples > limits.max_samples:
        allowed = f"at most {limits.max_samples:,} samples in one query"
        message = f"num_samples: {query.num_samples:,} samples altogether are not allowed; {allowed}; ask in parts"
        yield FieldError("inputs", "num_samples", str(query.num_samples), message, allowed)


def _metadata_faults(query: Query) -> Iterator[FieldError]:
    """Metadata that stand beside counts and are not the perturbation's."""
    allowed = _METADATA_OF.get(type(query))
    if allowed is None:
        return
    for index, condition in enumerate(query.inputs):
        for key, value in condition.metadata.given().items():
            if key not in allowed:
                path = f"inputs.{index}.metadata.{key}"
                words = f"allowed here: {', '.join(allowed)}" if allowed else "no metadata is allowed here"
                message = f"{key}: what the sample is follows from its counts; {words}"
                yield FieldError(path, key, value, message, ", ".join(allowed))


_METADATA_OF: Mapping[type[Query], tuple[str, ...]] = {
    ReferenceQuery: tuple(key for key, spec in KEYS.items() if spec.group == "perturbational"),
    MetadataQuery: (),
}
"""The metadata keys that may stand beside counts."""


def _field_errors(error: ValidationError, model_id: str | None) -> list[FieldError]:
    query, condition = _kind(model_id)
    keys = (tuple(query.model_fields), tuple(condition.model_fields))
    return [_field_error(detail, *keys) for detail in error.errors(include_url=False)]


def _field_error(detail: ErrorDetails, query_keys: tuple[str, ...], condition_keys: tuple[str, ...]) -> FieldError:
    location = detail["loc"]
    path = ".".join(str(part) for part in location)
    key = next((part for part in reversed(location) if isinstance(part, str)), "query")
    value = shown(detail["input"])
    context = detail.get("ctx", {})
    if detail["type"] == "synthome":
        return FieldError(path, key, value, context["message"], context["allowed"], context["suggestion"])
    if detail["type"] == "extra_forbidden":
        known = _METADATA_KEYS if "metadata" in location[:-1] else condition_keys if len(location) > 1 else query_keys
        suggestion = _KNOWN_ALIASES.get(key) or closest(key, known)
        suggestion = suggestion if suggestion in known else None
        message = f"{shown(key)}: unknown key; allowed: {', '.join(known)}"
        if suggestion is not None:
            message += f"; did you mean {suggestion}?"
        return FieldError(path, key, value, message, ", ".join(known), suggestion)
    if detail["type"] == "missing":
        allowed = _REQUIRED.get(key, "a value")
        return FieldError(path, key, "", f"{key}: missing; {allowed} is required", allowed)
    allowed = _REQUIRED.get(key, detail["msg"])
    return FieldError(path, key, value, f"{key}: '{value}' is not allowed; {allowed} is required", allowed)


_REQUIRED = {
    "sampling_strategy": "sample generation or mean estimation",
    "inputs": "a list of one or more conditions",
    "metadata": "an object of metadata keys and values",
    "num_samples": "a whole number of samples",
    "counts": COUNTS_ALLOWED,
}
