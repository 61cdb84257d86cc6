"""A fault of a field as pydantic carries it up."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from synthome.errors import FieldError

__all__ = ["as_pydantic"]


def as_pydantic(fault: FieldError) -> PydanticCustomError:
    """``fault`` as an error that pydantic tells with its place in the query."""
    context = {"message": fault.message, "allowed": fault.allowed, "suggestion": fault.suggestion}
    return PydanticCustomError("synthome", "{message}", context)
