"""The contract's bodies as OpenAPI schemas: queries of all three operations, their answers, and the form of errors."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from synthome.query import MetadataQuery, Query, ReferenceQuery, example_query
from synthome.query.vocabulary import BULK, SINGLE_CELL

__all__ = ["FAULT_RESPONSES", "PREDICT_BODY", "Fault", "add_query_schemas", "make_keys_optional"]

_QUERIES: tuple[type[Query], ...] = (Query, ReferenceQuery, MetadataQuery)


class FieldFault(BaseModel):
    """One fault of a query: where it stands, and what is wrong and allowed."""

    path: str
    message: str


class Fault(BaseModel):
    """Every answer that is no success."""

    error: str
    errors: list[FieldFault]


_MEANINGS = {
    401: "The installation has keys, and none of them was sent.",
    403: "The link is not valid, or has expired.",
    404: "There is no such model, query or address; or the query's answer has expired.",
    405: "The method is not allowed there.",
    413: "The body is too large.",
    422: "The query is not valid; `errors` names every fault with its path.",
    429: "Too many requests in a minute; Retry-After says when to come back.",
    503: "Too many queries wait; Retry-After says when to come back.",
}


def _responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: {"model": Fault, "description": _MEANINGS[code]} for code in codes}


FAULT_RESPONSES = {
    "asking": _responses(401, 404, 413, 422, 429, 503),
    "reading": _responses(401, 404, 422, 429),
    "downloading": _responses(403, 404, 422),
    "terms": _responses(404, 422, 503),
}
"""The errors that routes may answer with, by kind of route."""

PREDICT_BODY = {
    "requestBody": {
        "required": True,
        "description": (
            "A query of the model's operation: conditions described by metadata; real samples to be perturbed "
            "(`..._reference-conditioning`); or real samples to be told what they are (`..._predict-metadata`)."
        ),
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in _QUERIES]},
                "examples": {
                    model_id: {"value": example_query(model_id).to_contract()} for model_id in (BULK, SINGLE_CELL)
                },
            }
        },
    }
}
"""What a prediction is asked with; the route reads the body itself, to name every fault at once."""


def add_query_schemas(description: dict[str, Any]) -> None:
    """Put the schemas of the queries into an OpenAPI ``description``."""
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    for kind in _QUERIES:
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[kind.__name__] = schema


def make_keys_optional(description: dict[str, Any]) -> None:
    """Say of every operation that takes a key that it also does without one."""
    for item in description["paths"].values():
        for operation in item.values():
            if "security" in operation:
                operation["security"] = [{}, *operation["security"]]
