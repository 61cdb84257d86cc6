"""The contract's routes: models, predictions, their status and their download."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from synthome.api.answer_stream import ARROW_STREAM, arrow_stream, json_stream
from synthome.api.backend import WORKSPACE, Backend, TheBackend
from synthome.api.contract_schema import FAULT_RESPONSES, PREDICT_BODY
from synthome.api.download_links import check_signature, signature_of
from synthome.api.faults import AsciiJSONResponse, fault
from synthome.api.keys import Client
from synthome.errors import PredictionCancelled, QueryError, RunNotFoundError, ServiceBusyError
from synthome.query import read_query
from synthome.runs import Run, Runner, RunState
from synthome.settings import settings

__all__ = ["model_routes"]

_LOOK_EVERY = 0.05


def _counted(client: Client, backend: TheBackend) -> None:
    """Let nobody in without a key where keys are asked for, and nobody too often."""
    backend.rate_limits.request(client)


model_routes = APIRouter(tags=["models"])
_LET_IN = [Depends(_counted)]


class ModelEntry(BaseModel):
    """One model."""

    model_id: str


class Models(BaseModel):
    """The models that answer here."""

    models: list[ModelEntry]


class QueryStatus(BaseModel):
    """How far a query is: ``downloadUrl`` comes with ``ready``, ``message`` and ``errors`` with ``failed``."""

    status: Literal["running", "ready", "failed"]
    downloadUrl: str | None = None  # noqa: N815 - the contract's name
    message: str | None = None
    errors: list[dict[str, str]] | None = None


class ExampleQuery(BaseModel):
    """A query that the model answers as it stands."""

    example_query: dict[str, Any]


@model_routes.get("/models", dependencies=_LET_IN, responses=FAULT_RESPONSES["reading"])
def list_models(backend: TheBackend) -> Models:
    """The models that answer here."""
    return Models(models=[ModelEntry(model_id=model_id) for model_id in backend.model_ids])


@model_routes.get("/models/{model_id}/example-query", dependencies=_LET_IN, responses=FAULT_RESPONSES["reading"])
def get_example_query(model_id: str, backend: TheBackend) -> ExampleQuery:
    """A query that the model answers as it stands."""
    return ExampleQuery(example_query=backend.model(model_id).example_query().to_contract())


@model_routes.post(
    "/models/{model_id}/predict",
    dependencies=_LET_IN,
    response_class=Response,
    responses={
        200: {
            "description": "The id to ask the status of, or the answer itself as an Arrow IPC stream.",
            "content": {
                "application/json": {"schema": {"type": "object", "properties": {"modelQueryId": {"type": "string"}}}},
                ARROW_STREAM: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **FAULT_RESPONSES["asking"],
    },
    openapi_extra=PREDICT_BODY,
)
async def predict(
    model_id: str, body: Annotated[Any, Body()], request: Request, client: Client, backend: TheBackend
) -> Response:
    """Queue a query; with ``Accept: application/vnd.apache.arrow.stream`` wait for its answer and stream that."""
    backend.rate_limits.prediction(client)
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


@model_routes.get(
    "/model-queries/{query_id}/status",
    dependencies=_LET_IN,
    response_class=AsciiJSONResponse,
    responses={200: {"model": QueryStatus}, **FAULT_RESPONSES["reading"]},
)
def get_status(query_id: str, request: Request, backend: TheBackend) -> Response:
    """Whether a query is answered, and where its answer is."""
    run = _kept(backend.runner, query_id)
    answer: dict[str, Any] = {"status": "running"}
    if run.state is RunState.DONE:
        link = request.url_for("download", query_id=run.id).include_query_params(**signature_of(run.id))
        answer = {"status": "ready", "downloadUrl": str(link)}
    elif run.state.finished:
        message = run.error.message if run.error is not None else "The query was cancelled."
        fields = run.error.fields if run.error is not None else ()
        errors = [{"path": error.path, "message": error.message} for error in fields]
        answer = {"status": "failed", "message": message, "errors": errors}
    return AsciiJSONResponse(answer, headers={"Cache-Control": "no-store"})


@model_routes.get(
    "/model-queries/{query_id}/download",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`gene_order`, `outputs` with one object a sample, `model_version`, `seed`.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **FAULT_RESPONSES["downloading"],
    },
)
def download(query_id: str, backend: TheBackend, expires: str = "", signature: str = "") -> Response:
    """The answer as JSON, streamed sample by sample. The link of the status answer needs no key, for an hour."""
    check_signature(query_id, expires, signature)
    prediction = _kept(backend.runner, query_id).prediction
    return StreamingResponse(json_stream(prediction), media_type="application/json")


def _submit(backend: Backend, model_id: str, body: Any) -> Run:
    model = backend.model(model_id)
    query = read_query(_without_source(body), model_id)
    faults = model.faults(query)
    if faults:
        raise QueryError(faults)
    _forget_old(backend.runner)
    _check_share(backend.runner)
    return backend.runner.submit(WORKSPACE, query, model, title=f"{model_id} over HTTP")


def _check_share(runner: Runner) -> None:
    """Leave people at the pages a part of the queue."""
    limits = settings()
    if runner.unfinished(WORKSPACE) >= limits.max_running + limits.api_waiting:
        message = f"{limits.api_waiting} queries wait already, which is all that may; try again in half a minute."
        raise ServiceBusyError(message, retry_after=30)


def _kept(runner: Runner, query_id: str) -> Run:
    """The run of that id, unless it is older than answers are kept."""
    run = runner.get(WORKSPACE, query_id)
    if _has_expired(run):
        runner.delete(WORKSPACE, query_id)
        hours = settings().api_kept_hours
        message = f"The answer to query '{query_id}' has expired: answers are kept for {hours} hours. Ask it again."
        raise RunNotFoundError(message)
    return run


def _forget_old(runner: Runner) -> None:
    """Remove answers that have expired, so that they do not crowd out people's runs."""
    for run in runner.runs(WORKSPACE):
        if _has_expired(run):
            runner.delete(WORKSPACE, run.id)


def _has_expired(run: Run) -> bool:
    kept = timedelta(hours=settings().api_kept_hours)
    return run.finished is not None and run.finished + kept < datetime.now(UTC)


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
