"""The three kinds of query as JSON Schema, with the limits, values and older spellings that reading them knows."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from synthome.query import KEYS, MetadataQuery, Query, ReferenceQuery
from synthome.query.schema import MAX_SEED, MAX_TOTAL_COUNT, MIN_TOTAL_COUNT
from synthome.settings import settings

__all__ = ["QUERIES", "query_schemas"]

QUERIES: tuple[type[Query], ...] = (Query, ReferenceQuery, MetadataQuery)
"""What the three operations are asked, in the order of the contract."""

Schema = dict[str, Any]


def query_schemas(ref_template: str) -> dict[str, Schema]:
    """The schemas of ``QUERIES`` and of what they hold, by name."""
    _, made = models_json_schema([(kind, "validation") for kind in QUERIES], ref_template=ref_template)
    schemas: dict[str, Schema] = made["$defs"]
    limits = settings()
    for schema in schemas.values():
        schema["description"] = schema["description"].replace("``", "`")
    for kind in QUERIES:
        fields = schemas[kind.__name__]["properties"]
        _bound(fields["total_count"], MIN_TOTAL_COUNT, MAX_TOTAL_COUNT)
        _bound(fields["seed"], 0, MAX_SEED)
        fields["inputs"] |= {"minItems": 1, "maxItems": limits.max_conditions}
        fields["source"] = {"description": "The client's name for itself; it is not read."}
    for kind_name in ("Condition", "Reference", "Unlabelled"):
        fields = schemas[kind_name]["properties"]
        _bound(fields["num_samples"], 1, 1 if kind_name == "Unlabelled" else limits.max_samples)
        empty = {"type": "array", "maxItems": 0, "description": "No metadata, as R writes it."}
        fields["metadata"] = {"anyOf": [{"$ref": fields["metadata"]["$ref"]}, empty]}
        if "counts" in fields:
            fields["counts"] = _counts(fields["counts"])
    conditioning = schemas["ReferenceQuery"]["properties"]["conditioning"]
    conditioning["anyOf"] = [{"type": "array", "items": conditioning.pop("items"), "minItems": 1}, _one_word()]
    del conditioning["type"]
    for key, spec in KEYS.items():
        choices = f" One of: {', '.join(spec.choices)}." if spec.choices else ""
        schemas["Metadata"]["properties"][key] |= {"description": spec.help + choices, "examples": [spec.example]}
    return schemas


def _bound(field: Schema, minimum: int, maximum: int) -> None:
    """Say which whole numbers ``field`` takes, which may also be left empty."""
    whole = next(part for part in field.get("anyOf", [field]) if part.get("type") == "integer")
    whole |= {"minimum": minimum, "maximum": maximum}


def _counts(counts: Schema) -> Schema:
    older = {
        "type": "object",
        "properties": {"counts": counts},
        "required": ["counts"],
        "additionalProperties": False,
        "description": "The contract's older form.",
    }
    return {"anyOf": [counts, older], "description": "One count for each of the model's genes, in the model's order."}


def _one_word() -> Schema:
    return {"enum": ["biological", "technical"], "description": "A list of one, as R writes it."}
