"""What is asked: the contract's keys and values, the query as typed objects, examples and designs."""

from synthome.query.examples import example_query
from synthome.query.schema import Condition, Metadata, Query, check_for_model, read_query
from synthome.query.support import Support, Vocabulary
from synthome.query.vocabulary import BULK, KEYS, MODEL_RULES, SINGLE_CELL

__all__ = [
    "BULK",
    "KEYS",
    "MODEL_RULES",
    "SINGLE_CELL",
    "Condition",
    "Metadata",
    "Query",
    "Support",
    "Vocabulary",
    "check_for_model",
    "example_query",
    "read_query",
]
