"""The wire contract and the term search as HTTP routes: one FastAPI application, to be mounted at ``/api``."""

from synthome.api.application import create_api

__all__ = ["create_api"]
