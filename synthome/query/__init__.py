"""What is asked: the contract's keys and values, the query as typed objects, examples and designs."""

from synthome.query.examples import example_query
from synthome.query.schema import (
    Condition,
    Metadata,
    MetadataQuery,
    Query,
    Reference,
    ReferenceQuery,
    Unlabelled,
    check_for_model,
    query_type,
    read_query,
)
from synthome.query.support import Support, Vocabulary
from synthome.query.vocabulary import (
    BULK,
    CONTRACT_MODELS,
    KEYS,
    MODEL_RULES,
    SINGLE_CELL,
    base_model,
    model_named,
    operation_of,
)

__all__ = [
    "BULK",
    "CONTRACT_MODELS",
    "KEYS",
    "MODEL_RULES",
    "SINGLE_CELL",
    "Condition",
    "Metadata",
    "MetadataQuery",
    "Query",
    "Reference",
    "ReferenceQuery",
    "Support",
    "Unlabelled",
    "Vocabulary",
    "base_model",
    "check_for_model",
    "example_query",
    "model_named",
    "operation_of",
    "query_type",
    "read_query",
]
