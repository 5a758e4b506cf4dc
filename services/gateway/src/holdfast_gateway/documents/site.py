"""FastAPI's part: `/docs`, `/openapi.json` and `/asyncapi`."""

from __future__ import annotations

import json
from functools import lru_cache

from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from holdfast_contracts import asyncapi
from holdfast_gateway.documents.openapi import openapi_document
from holdfast_gateway.pipeline.exchange import NOSNIFF


def documents_app(*, enabled: bool) -> FastAPI:
    """Return the application that serves the documents; without them its paths answer 404."""
    app = FastAPI(
        title="Holdfast",
        openapi_url="/openapi.json" if enabled else None,
        docs_url="/docs" if enabled else None,
        redoc_url=None,
    )
    app.add_middleware(_NotSniffed)
    app.openapi = openapi_document  # type: ignore[method-assign]
    if enabled:
        app.add_api_route("/asyncapi", _asyncapi, include_in_schema=False)
    return app


class _NotSniffed:
    """Gives the documents the header that all other answers have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], NOSNIFF]
            await send(message)

        await self._app(scope, receive, told)


@lru_cache(maxsize=1)
def _asyncapi_bytes() -> bytes:
    return json.dumps(asyncapi.document(), ensure_ascii=False).encode()


def _asyncapi() -> Response:
    return Response(_asyncapi_bytes(), media_type="application/json")
