"""The contract's bodies as OpenAPI schemas: queries of all three operations, their answers, and the form of errors.

Queries and answers are read and written by other means; these models describe them, and tests hold both to each other.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from synthome.api.contract_examples import ANSWER_EXAMPLES, QUERY_EXAMPLES, STATUS_EXAMPLES
from synthome.api.query_schemas import QUERIES, query_schemas
from synthome.query.vocabulary import ARROW_STREAM

__all__ = [
    "DOWNLOAD_ANSWER",
    "FAULT_RESPONSES",
    "PREDICT_ANSWER",
    "PREDICT_BODY",
    "STATUS_ANSWER",
    "ExampleQuery",
    "Fault",
    "FieldFault",
    "ModelEntry",
    "Models",
    "QueryStatus",
    "StartedQuery",
    "add_schemas",
    "make_keys_optional",
]

_REFERENCE = "#/components/schemas/{model}"


class ModelEntry(BaseModel):
    """One model."""

    model_id: str


class Models(BaseModel):
    """The models that answer here."""

    models: list[ModelEntry]


class ExampleQuery(BaseModel):
    """A query that the model answers as it stands."""

    example_query: dict[str, Any]


class StartedQuery(BaseModel):
    """A query that was taken: ask for its status."""

    modelQueryId: str  # noqa: N815 - the contract's name


class FieldFault(BaseModel):
    """One fault of a query."""

    path: str = Field(description="Where it stands, as `inputs.0.metadata.sex`; empty for the request as a whole.")
    message: str = Field(description="What is wrong, what is allowed, and where one is near, the closest valid value.")


class Fault(BaseModel):
    """Every answer that is no success."""

    error: str = Field(description="A sentence.")
    errors: list[FieldFault] = Field(description="Every fault of the query with its place; empty for other errors.")


class QueryStatus(BaseModel):
    """How far a query is: `downloadUrl` comes with `ready`, `message` and `errors` with `failed`."""

    status: Literal["running", "ready", "failed"]
    downloadUrl: str | None = Field(default=None, description="A link that needs no key, and expires.")  # noqa: N815
    message: str | None = None
    errors: list[FieldFault] | None = None


class Latents(BaseModel):
    """Where a sample lies in the model's latent spaces."""

    biological: list[float]
    technical: list[float]
    perturbation: list[float]


class Sample(BaseModel):
    """One sample that was made."""

    counts: list[int] = Field(description="One count for each gene of `gene_order`.")
    metadata: dict[str, str]
    latents: Latents


class DecoderSample(BaseModel):
    """A real sample as the model sees it."""

    counts: list[int] = Field(description="One count for each gene of `gene_order`.")


class ToldSample(BaseModel):
    """One real sample that was told what it is."""

    metadata: dict[str, str] = Field(description="The most probable value of each key.")
    classifier_probs: dict[str, dict[str, float]] = Field(
        description="For each thing told (`tissue`, `cell_type`, `disease`, `sex`, …) the probability of each value."
    )
    latents: Latents
    decoder_sample: DecoderSample


class Answer(BaseModel):
    """The answer of a model that makes samples."""

    gene_order: list[str] = Field(description="Ensembl ids, in the order of every `counts`.")
    outputs: list[Sample]
    model_version: str
    seed: int | None = Field(description="The seed that was used: sent again, it gives the same answer.")


class ToldAnswer(BaseModel):
    """The answer of a model that tells what samples are."""

    gene_order: list[str] = Field(description="Ensembl ids, in the order of every `counts`.")
    outputs: list[ToldSample]
    model_version: str
    seed: int | None = Field(description="The seed that was used: sent again, it gives the same answer.")


_ANSWERS = (Answer, ToldAnswer)

# Errors -------------------------------------------------------------------------------------------------------------

_MEANINGS = {
    401: "The installation has keys, and none of them was sent.",
    403: "The link was not given out here, or has expired: ask for the query's status to get a fresh one.",
    404: "There is no such model, query or address; or the query's answer has expired.",
    413: "The body is too large.",
    422: "The query is not valid; `errors` names every fault with its path.",
    429: "Too many requests in a minute.",
    500: "The model failed, or Synthome did; the query is not to blame.",
    503: "Too many queries wait, or what is needed cannot be reached just now.",
}
_RETRY_AFTER = {"description": "Seconds after which to come back.", "schema": {"type": "integer", "minimum": 1}}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}},
    429: {"Retry-After": _RETRY_AFTER},
    503: {"Retry-After": _RETRY_AFTER},
}


def _responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {
        code: {
            "model": Fault,
            "description": _MEANINGS[code],
            **({"headers": _HEADERS[code]} if code in _HEADERS else {}),
        }
        for code in codes
    }


FAULT_RESPONSES = {
    "asking": _responses(401, 404, 413, 422, 429, 500, 503),
    "reading": _responses(401, 404, 422, 429, 500),
    "downloading": _responses(403, 404, 422, 429, 500),
    "terms": _responses(404, 422, 500, 503),
}
"""The errors that routes may answer with, by kind of route."""

# Requests and answers -----------------------------------------------------------------------------------------------


def _one_of(kinds: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    return {"oneOf": [{"$ref": _REFERENCE.format(model=kind.__name__)} for kind in kinds]}


PREDICT_BODY = {
    "requestBody": {
        "required": True,
        "description": (
            "A query of the model's operation: conditions described by metadata (`Query`); real samples to be "
            "perturbed (`ReferenceQuery`, for `..._reference-conditioning`); or real samples to be told what they are "
            "(`MetadataQuery`, for `..._predict-metadata`)."
        ),
        "content": {"application/json": {"schema": _one_of(QUERIES), "examples": QUERY_EXAMPLES}},
    }
}
"""What a prediction is asked with; the route reads the body itself, to name every fault at once."""

PREDICT_ANSWER: dict[str, Any] = {
    "description": (
        "The id to ask the status of. Or the answer itself as an Arrow IPC stream of one row a sample, with "
        "`request_type`, `model_version`, `gene_order` (a JSON list) and `seed` in the metadata of its schema. Its "
        "columns are `counts`, `metadata`, `biological_latent`, `technical_latent`, `perturbation_latent`; or, of "
        "samples that were told what they are, `metadata`, `latents`, `classifier_probs`, `decoder_sample`."
    ),
    "content": {
        "application/json": {
            "schema": {"$ref": _REFERENCE.format(model="StartedQuery")},
            "example": {"modelQueryId": "3q2-7wQ1yZ0"},
        },
        ARROW_STREAM: {"schema": {"type": "string", "format": "binary"}},
    },
}

STATUS_ANSWER: dict[str, Any] = {
    "model": QueryStatus,
    "description": "How far the query is.",
    "content": {"application/json": {"examples": STATUS_EXAMPLES}},
}

DOWNLOAD_ANSWER: dict[str, Any] = {
    "description": "The answer, one output a sample.",
    "content": {"application/json": {"schema": _one_of(_ANSWERS), "examples": ANSWER_EXAMPLES}},
}


def add_schemas(description: dict[str, Any]) -> None:
    """Put the schemas of queries and answers into an OpenAPI ``description``."""
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    _, answers = models_json_schema(
        [(kind, "serialization") for kind in (StartedQuery, *_ANSWERS)], ref_template=_REFERENCE
    )
    schemas.update(query_schemas(_REFERENCE) | answers["$defs"])


def make_keys_optional(description: dict[str, Any]) -> None:
    """Say of every operation that takes a key that it also does without one."""
    for item in description["paths"].values():
        for operation in item.values():
            if "security" in operation:
                operation["security"] = [{}, *operation["security"]]
