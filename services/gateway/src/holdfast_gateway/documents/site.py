"""FastAPI's part: `/docs`, `/openapi.json` and `/asyncapi`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fastapi import FastAPI, Response

from holdfast_gateway.documents.openapi import openapi_document


def documents_app(*, enabled: bool) -> FastAPI:
    """Return the application that serves the documents; without them its paths answer 404."""
    app = FastAPI(
        title="Holdfast",
        openapi_url="/openapi.json" if enabled else None,
        docs_url="/docs" if enabled else None,
        redoc_url=None,
    )
    app.openapi = openapi_document  # type: ignore[method-assign]
    if enabled:
        app.add_api_route("/asyncapi", _asyncapi, include_in_schema=False)
    return app


def _asyncapi() -> Response:
    return Response(asyncapi_text(), media_type="application/json")


def asyncapi_text() -> str:
    """Return the AsyncAPI document of the bus, which the contracts make."""
    module: Any = import_module("holdfast_contracts.asyncapi")
    text: str = module.asyncapi_text()
    return text
