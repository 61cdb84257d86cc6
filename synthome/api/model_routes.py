"""The contract's routes: models, predictions, their status and their download."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from synthome.api.answer_stream import ARROW_STREAM, arrow_stream, json_stream
from synthome.api.backend import WORKSPACE, Backend, TheBackend
from synthome.api.faults import AsciiJSONResponse, fault
from synthome.errors import PredictionCancelled, QueryError
from synthome.query import read_query
from synthome.runs import Run, Runner, RunState

__all__ = ["QUERY_SCHEMA", "model_routes"]

QUERY_SCHEMA = "Query"
"""Name under which the OpenAPI description holds the schema of a query."""

_LOOK_EVERY = 0.05
_KEPT = timedelta(hours=1)

model_routes = APIRouter(tags=["models"])


class ModelEntry(BaseModel):
    """One model."""

    model_id: str


class Models(BaseModel):
    """The models that answer here."""

    models: list[ModelEntry]


class ExampleQuery(BaseModel):
    """A query that the model answers as it stands."""

    example_query: dict[str, Any]


@model_routes.get("/models")
def list_models(backend: TheBackend) -> Models:
    """The models that answer here."""
    return Models(models=[ModelEntry(model_id=model_id) for model_id in backend.model_ids])


@model_routes.get("/models/{model_id}/example-query")
def get_example_query(model_id: str, backend: TheBackend) -> ExampleQuery:
    """A query that the model answers as it stands."""
    return ExampleQuery(example_query=backend.model(model_id).example_query().to_contract())


@model_routes.post(
    "/models/{model_id}/predict",
    response_class=Response,
    responses={
        200: {
            "description": "The id to ask the status of, or the answer itself as an Arrow IPC stream.",
            "content": {
                "application/json": {"schema": {"type": "object", "properties": {"modelQueryId": {"type": "string"}}}},
                ARROW_STREAM: {},
            },
        }
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{QUERY_SCHEMA}"}}},
        }
    },
)
async def predict(model_id: str, body: Annotated[Any, Body()], request: Request, backend: TheBackend) -> Response:
    """Queue a query; with ``Accept: application/vnd.apache.arrow.stream`` wait for its answer and stream that."""
    run = await run_in_threadpool(_submit, backend, model_id, body)
    if ARROW_STREAM not in request.headers.get("accept", ""):
        return AsciiJSONResponse({"modelQueryId": run.id})
    run = await _finished(run, request, backend)
    if run.state is RunState.DONE:
        prediction = await run_in_threadpool(lambda: run.prediction)
        return StreamingResponse(arrow_stream(prediction), media_type=ARROW_STREAM)
    if run.state is RunState.CANCELLED:
        raise PredictionCancelled("The prediction was cancelled.")
    if run.error is not None and run.error.fields:
        raise QueryError(run.error.fields)
    return fault(500, run.error.message if run.error is not None else "The prediction failed.")


@model_routes.get("/model-queries/{query_id}/status")
def get_status(query_id: str, request: Request, backend: TheBackend) -> Response:
    """Whether a query is answered, and where its answer is."""
    run = backend.runner.get(WORKSPACE, query_id)
    answer: dict[str, Any] = {"status": "running"}
    if run.state is RunState.DONE:
        answer = {"status": "ready", "downloadUrl": str(request.url_for("download", query_id=run.id))}
    elif run.state.finished:
        message = run.error.message if run.error is not None else "The query was cancelled."
        fields = run.error.fields if run.error is not None else ()
        errors = [{"path": error.path, "message": error.message} for error in fields]
        answer = {"status": "failed", "message": message, "errors": errors}
    return AsciiJSONResponse(answer, headers={"Cache-Control": "no-store"})


@model_routes.get("/model-queries/{query_id}/download", response_class=StreamingResponse)
def download(query_id: str, backend: TheBackend) -> Response:
    """The answer as JSON, streamed sample by sample."""
    prediction = backend.runner.get(WORKSPACE, query_id).prediction
    return StreamingResponse(json_stream(prediction), media_type="application/json")


def _submit(backend: Backend, model_id: str, body: Any) -> Run:
    model = backend.model(model_id)
    query = read_query(_without_source(body), model_id)
    faults = model.faults(query)
    if faults:
        raise QueryError(faults)
    _forget_old(backend.runner)
    return backend.runner.submit(WORKSPACE, query, model, title=f"{model_id} over HTTP")


def _forget_old(runner: Runner) -> None:
    """Remove answers that clients have had time to download, so that they do not crowd out people's runs."""
    oldest = datetime.now(UTC) - _KEPT
    for run in runner.runs(WORKSPACE):
        if run.finished is not None and run.finished < oldest:
            runner.delete(WORKSPACE, run.id)


def _without_source(body: Any) -> Any:
    """The query without the key in which the official clients name themselves."""
    return {key: value for key, value in body.items() if key != "source"} if isinstance(body, dict) else body


async def _finished(run: Run, request: Request, backend: Backend) -> Run:
    """Wait for ``run`` without holding a thread; a client that goes away cancels it."""
    while not run.state.finished:
        if await request.is_disconnected():
            return await run_in_threadpool(backend.runner.cancel, WORKSPACE, run.id)
        await asyncio.sleep(_LOOK_EVERY)
        run = await run_in_threadpool(backend.runner.get, WORKSPACE, run.id)
    return run
