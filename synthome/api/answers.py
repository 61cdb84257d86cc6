"""From a query that came in over HTTP to its answer: submitted, waited for, kept for a while."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from anyio import to_thread
from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from synthome.api.backend import Backend
from synthome.api.query_body import read_body
from synthome.errors import PredictionCancelled, QueryError, RunNotFoundError
from synthome.query import Query, read_query
from synthome.runs import Run
from synthome.runs.workspaces import API_WORKSPACE
from synthome.settings import settings

__all__ = ["finished", "kept", "submitted"]

_LOOK_EVERY = 0.05


async def submitted(backend: Backend, model_id: str, request: Request) -> Run:
    """The run of the query that ``request`` holds.

    Raises
    ------
    UnknownModelError, QueryError, ServiceBusyError
    """
    model = await run_in_threadpool(backend.model, model_id)
    body, content_type = await request.body(), request.headers.get("content-type", "")

    def checked() -> Query:
        query = read_query(read_body(body, content_type), model_id)
        faults = model.faults(query)
        if faults:
            raise QueryError(faults)
        return query

    def submit(query: Query) -> Run:
        limits = settings()
        backend.forget_expired()
        title, most = f"{model_id} over HTTP", limits.max_running + limits.api_waiting
        return backend.runner.submit(API_WORKSPACE, query, model, title=title, most_unfinished=most)

    return await run_in_threadpool(submit, await to_thread.run_sync(checked, limiter=backend.reading))


async def finished(run: Run, request: Request, backend: Backend) -> Run:
    """``run`` once it is finished, waited for without holding a thread; a client that goes away cancels it."""
    while not run.state.finished:
        if await request.is_disconnected():
            await run_in_threadpool(backend.runner.cancel, API_WORKSPACE, run.id)
            message = "The client went away, and its query was cancelled."
            raise PredictionCancelled(message)
        await asyncio.sleep(_LOOK_EVERY)
        run = await run_in_threadpool(backend.runner.get, API_WORKSPACE, run.id)
    return run


def kept(backend: Backend, query_id: str) -> Run:
    """The run of that id, unless it is older than answers are kept; ``RunNotFoundError`` where there is none."""
    hours = settings().api_kept_hours
    try:
        run = backend.runner.get(API_WORKSPACE, query_id)
    except RunNotFoundError:
        message = (
            f"There is no query '{query_id[:64]}' here: its answer has expired (answers are kept for {hours} hours), "
            "was removed to make room, or it was never asked. Ask it again."
        )
        raise RunNotFoundError(message) from None
    if run.finished is not None and run.finished + timedelta(hours=hours) < datetime.now(UTC):
        backend.runner.delete(API_WORKSPACE, query_id)
        message = f"The answer to query '{query_id}' has expired: answers are kept for {hours} hours. Ask it again."
        raise RunNotFoundError(message)
    return run
