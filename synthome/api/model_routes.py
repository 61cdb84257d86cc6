"""The contract's routes: models, predictions, their status and their download."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from synthome.api.answer_stream import arrow_stream, json_stream
from synthome.api.answers import finished, kept, submitted
from synthome.api.backend import TheBackend
from synthome.api.contract_schema import (
    DOWNLOAD_ANSWER,
    FAULT_RESPONSES,
    PREDICT_ANSWER,
    PREDICT_BODY,
    STATUS_ANSWER,
    ExampleQuery,
    FieldFault,
    ModelEntry,
    Models,
    QueryStatus,
    StartedQuery,
)
from synthome.api.download_links import check_signature, signature_of
from synthome.api.faults import AsciiJSONResponse, fault
from synthome.api.keys import Client, address_of, client_of
from synthome.errors import QueryError
from synthome.query.vocabulary import ARROW_STREAM
from synthome.runs import Run, RunState

__all__ = ["model_routes"]

model_routes = APIRouter(tags=["models"])
_LET_IN = [Depends(client_of)]
_UNCOMPRESSED = {"Content-Encoding": "identity"}
"""Keeps the server's compression off: it would take four times as long as making the answer (docs/API.md)."""

_NAME = {"pattern": "^[A-Za-z0-9_-]{1,64}$"}
"""The form of names, for the description alone: another one is not found, as any that is unknown."""

ModelId = Annotated[str, Path(description="A model's name, as `GET /models` lists it.", json_schema_extra=_NAME)]
QueryId = Annotated[str, Path(description="The `modelQueryId` of a prediction.", json_schema_extra=_NAME)]


@model_routes.get("/models", dependencies=_LET_IN, responses=FAULT_RESPONSES["reading"])
def list_models(backend: TheBackend) -> Models:
    """The models that answer here."""
    return Models(models=[ModelEntry(model_id=model_id) for model_id in backend.model_ids])


@model_routes.get("/models/{model_id}/example-query", dependencies=_LET_IN, responses=FAULT_RESPONSES["reading"])
def get_example_query(model_id: ModelId, backend: TheBackend) -> ExampleQuery:
    """A query that the model answers as it stands."""
    return ExampleQuery(example_query=backend.model(model_id).example_query().to_contract())


@model_routes.post(
    "/models/{model_id}/predict",
    response_class=Response,
    responses={200: PREDICT_ANSWER, **FAULT_RESPONSES["asking"]},
    openapi_extra=PREDICT_BODY,
)
async def predict(model_id: ModelId, request: Request, client: Client, backend: TheBackend) -> Response:
    """Queue a query; with `Accept: application/vnd.apache.arrow.stream` wait for its answer and stream that.

    A client that goes away while it waits for the stream ends its query.
    """
    backend.rate_limits.prediction(client)
    run = await submitted(backend, model_id, request)
    if ARROW_STREAM not in request.headers.get("accept", ""):
        return AsciiJSONResponse(StartedQuery(modelQueryId=run.id).model_dump())
    run = await finished(run, request, backend)
    if run.state is RunState.DONE:
        prediction = await run_in_threadpool(lambda: run.prediction)
        return StreamingResponse(arrow_stream(prediction), media_type=ARROW_STREAM, headers=_UNCOMPRESSED)
    if run.error is not None and run.error.fields:
        raise QueryError(run.error.fields)
    return fault(500, _why(run))


@model_routes.get(
    "/model-queries/{query_id}/status",
    dependencies=_LET_IN,
    response_class=AsciiJSONResponse,
    responses={200: STATUS_ANSWER, **FAULT_RESPONSES["reading"]},
)
def get_status(query_id: QueryId, request: Request, backend: TheBackend) -> Response:
    """Whether a query is answered, and where its answer is."""
    run = kept(backend, query_id)
    status = QueryStatus(status="running")
    if run.state is RunState.DONE:
        link = request.url_for("download", query_id=run.id).include_query_params(**signature_of(run.id))
        status = QueryStatus(status="ready", downloadUrl=str(link))
    elif run.state.finished:
        fields = run.error.fields if run.error is not None else ()
        errors = [FieldFault(path=error.path, message=error.message) for error in fields]
        status = QueryStatus(status="failed", message=_why(run), errors=errors)
    return AsciiJSONResponse(status.model_dump(exclude_none=True), headers={"Cache-Control": "no-store"})


@model_routes.get(
    "/model-queries/{query_id}/download",
    response_class=StreamingResponse,
    responses={200: DOWNLOAD_ANSWER, **FAULT_RESPONSES["downloading"]},
)
def download(
    query_id: QueryId, request: Request, backend: TheBackend, expires: str = "", signature: str = ""
) -> Response:
    """The answer as JSON, streamed sample by sample. The link of the status answer needs no key, and expires."""
    backend.rate_limits.request(address_of(request))
    check_signature(query_id, expires, signature)
    prediction = kept(backend, query_id).prediction
    return StreamingResponse(json_stream(prediction), media_type="application/json", headers=_UNCOMPRESSED)


def _why(run: Run) -> str:
    """Why there is no answer."""
    return run.error.message if run.error is not None else "The query was cancelled."
