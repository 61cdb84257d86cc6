"""Errors on the wire: ``{"error": sentence, "errors": [{"path", "message"}]}`` with the contract's status codes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from synthome.api.download_links import DownloadLinkError
from synthome.errors import (
    AuthenticationError,
    FieldError,
    OntologyError,
    QueryError,
    RunNotFoundError,
    ServiceBusyError,
    ServiceUnavailableError,
    SynthomeError,
    TooManyRequestsError,
    UnknownModelError,
)

__all__ = ["AsciiJSONResponse", "add_fault_handlers", "fault"]

_RETRY_AFTER = 30

_STATUS: tuple[tuple[type[SynthomeError], int], ...] = (
    (QueryError, 422),
    (DownloadLinkError, 403),
    (UnknownModelError, 404),
    (RunNotFoundError, 404),
    (AuthenticationError, 401),
    (TooManyRequestsError, 429),
    (ServiceBusyError, 503),
    (ServiceUnavailableError, 503),
    (OntologyError, 503),
)


class AsciiJSONResponse(JSONResponse):
    """JSON in ASCII, which can repeat any text that a client may have sent, lone surrogates too."""

    def render(self, content: Any) -> bytes:
        """``content`` as bytes."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def fault(
    status: int, sentence: str, errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None
) -> AsciiJSONResponse:
    """An error answer in the contract's form."""
    listed = [{"path": error.path, "message": error.message} for error in errors]
    return AsciiJSONResponse({"error": sentence, "errors": listed}, status, headers=headers)


def add_fault_handlers(app: FastAPI) -> None:
    """Make ``app`` tell every error in the contract's form."""
    app.add_exception_handler(SynthomeError, _synthome_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _defect)


def _synthome_error(_: Request, error: Exception) -> AsciiJSONResponse:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, QueryError):
        return fault(status, "The query is not valid.", error.errors)
    if isinstance(error, ServiceBusyError):
        wait = math.ceil(_RETRY_AFTER if error.retry_after is None else error.retry_after)
        return fault(status, str(error), headers={"Retry-After": str(wait)})
    if isinstance(error, AuthenticationError):
        return fault(status, str(error), headers={"WWW-Authenticate": "Bearer"})
    return fault(status, str(error))


def _validation_error(_: Request, error: Exception) -> AsciiJSONResponse:
    """FastAPI's own findings: a missing or wrong parameter, a body that is no JSON."""
    details = error.errors() if isinstance(error, RequestValidationError) else ()
    faults = []
    for detail in details:
        path = ".".join(str(part) for part in detail["loc"][1:])
        if detail["type"] == "json_invalid":
            path, message = "", f"The body is no JSON: {detail['ctx']['error']}"
        else:
            message = f"{path or 'body'}: {detail['msg']}"
        faults.append(FieldError(path, path.rpartition(".")[2], "", message))
    return fault(422, "The request is not valid.", faults)


def _http_error(request: Request, error: Exception) -> AsciiJSONResponse:
    if not isinstance(error, HTTPException):
        return fault(500, "The request failed.")
    sentences = {
        404: f"There is nothing at {request.url.path}; /api/docs lists what there is.",
        405: f"{request.method} is not allowed here; /api/docs lists what is.",
    }
    return fault(error.status_code, sentences.get(error.status_code, str(error.detail)), headers=error.headers)


def _defect(_: Request, __: Exception) -> AsciiJSONResponse:
    """A fault of Synthome itself; the server logs its traceback, the client gets none of it."""
    return fault(500, "Synthome failed through a fault of its own. Try again; if it fails again, report it.")
