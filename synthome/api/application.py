"""The HTTP API as one FastAPI application, to be mounted at ``/api``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse

from synthome import __version__
from synthome.api.backend import Backend
from synthome.api.body_limit import BodyLimit
from synthome.api.contract_schema import FAULT_RESPONSES, add_schemas, make_keys_optional
from synthome.api.docs_page import docs_page
from synthome.api.faults import add_fault_handlers
from synthome.api.model_routes import model_routes
from synthome.api.term_routes import term_routes
from synthome.models.protocol import Model
from synthome.ontology import TermIndex
from synthome.runs import Runner
from synthome.settings import settings

__all__ = ["create_api"]

_DESCRIPTION = (
    "The wire contract of the models gem-1-bulk and gem-1-sc and of their operations reference-conditioning and "
    "predict-metadata, answered by Synthome's embedded models, and the search over the ontologies. An error comes as "
    "an object with 'error', a sentence, and 'errors', a list of objects with 'path' and 'message'."
)
_WEEK = 7 * 24 * 3600


def create_api(
    runner: Runner | None = None, index: TermIndex | None = None, models: Mapping[str, Model] | None = None
) -> FastAPI:
    """The API over the given parts; what is not given is this process's own, made when it is first needed."""
    api = FastAPI(
        title="Synthome",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    api.state.backend = Backend(runner, index, models)
    api.add_middleware(BodyLimit, most=settings().max_body_bytes)
    add_fault_handlers(api)
    api.include_router(model_routes)
    api.include_router(term_routes, responses=FAULT_RESPONSES["terms"])
    api.add_api_route("/plotly.min.js", _plotly_js, include_in_schema=False)
    api.add_api_route("/docs", _docs, include_in_schema=False, response_class=HTMLResponse)
    api.openapi = lambda: _openapi(api)  # type: ignore[method-assign]
    return api


def _plotly_js() -> FileResponse:
    """Plotly's script from the installed package, for downloads of figures without a network."""
    from synthome.export import plotly_js_path  # brings the figures along, which a starting server need not wait for

    headers = {"Cache-Control": f"public, max-age={_WEEK}"}
    return FileResponse(plotly_js_path(), media_type="text/javascript", headers=headers)


def _docs(request: Request) -> HTMLResponse:
    return HTMLResponse(docs_page(request.app.openapi(), request.scope.get("root_path", "")))


def _openapi(api: FastAPI) -> dict[str, Any]:
    """FastAPI's description of the routes, with the schemas of queries, whose bodies the route reads itself."""
    if not api.openapi_schema:
        schema = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
        add_schemas(schema)
        if not settings().api_keys:
            make_keys_optional(schema)
        api.openapi_schema = schema
    return api.openapi_schema
