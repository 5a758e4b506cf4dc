"""Runs one baseline: `python -m tests.load.direct --kind a --port 9100`, its settings in the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import orjson
import uvicorn
from fastapi import Depends, FastAPI, Header, Request, Response
from pydantic import ValidationError
from tests.load.direct.one_call import OneCall
from tests.load.direct.sale import Till, read_order, refused
from tests.load.direct.scans import Scans
from tests.load.direct.statements import StatementByStatement

from holdfast_contracts.message import TenantFacts
from holdfast_contracts.problems import Refusal, not_found
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.authentication import Authenticator, Issuer
from holdfast_local.environment import AUDIENCE, ISSUER
from holdfast_platform.units.messages import Answer

Creator = StatementByStatement | OneCall


class _LeanConnection(asyncpg.Connection):
    """Not reset on release: nothing is set on it, and a reset costs a round trip."""

    def get_reset_query(self) -> str:
        return ""


class _OneKey:
    """The key of HS256 tokens, as the gateway's authenticator asks for it."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def key(self, _key_id: str | None) -> str:
        return self._key


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads
    )


def build(kind: str) -> FastAPI:
    """Return the service: kind `a`, `b` or `scan`."""
    key = os.environ["JWT_HS256_KEY"]
    authenticator = Authenticator(Issuer(ISSUER, AUDIENCE, "HS256"), _OneKey(key), key)

    async def caller(authorization: str = Header()) -> Caller:
        return await authenticator.caller(authorization.encode())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        size = int(os.environ.get("POOL", "32"))
        async with asyncpg.create_pool(
            os.environ["DATABASE_URL"], min_size=size, max_size=size, connection_class=_LeanConnection, init=_prepare,
            server_settings={"jit": "off", "timezone": "UTC"},
        ) as pool:  # fmt: skip
            till = Till(TenantFacts.decode(os.environ["TENANT"].encode()), os.environ["ASSET_LINK_KEY"])
            app.state.creator = OneCall(pool, till) if kind == "b" else StatementByStatement(pool, till)
            app.state.scans = Scans(pool)
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    _add_routes(app, caller)
    return app


def _add_routes(app: FastAPI, caller: Callable[[str], Awaitable[Caller]]) -> None:
    async def create(
        request: Request,
        idempotency_key: str = Header(),
        who: Caller = Depends(caller),  # noqa: B008
    ) -> Response:
        try:
            order = read_order(who, idempotency_key, await request.body())
            return _response(await app.state.creator.create(order))
        except ValidationError as error:
            return Response(error.json(), 422, media_type="application/problem+json")
        except Refusal as refusal:
            return _response(refused(refusal))

    async def scan(request: Request, who: Caller = Depends(caller)) -> Response:  # noqa: B008
        body = await app.state.scans.scan(who, await request.body())
        return Response(body, 200, media_type="application/json") if body else _response(refused(not_found("ticket")))

    app.add_api_route("/bookings", create, methods=["POST"], response_model=None)
    app.add_api_route("/bookings/scan", scan, methods=["POST"], response_model=None)


def _response(answer: Answer) -> Response:
    headers = {"etag": f'"{answer.etag}"'} if answer.etag is not None else None
    kind = "application/json" if answer.status < 400 else "application/problem+json"
    return Response(answer.body, answer.status, headers, media_type=kind)


def main() -> None:
    """Serve with uvloop and httptools, one process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=["a", "b"], required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    uvicorn.run(
        build(options.kind), host="127.0.0.1", port=options.port, loop="uvloop", http="httptools", access_log=False,
        log_level="warning", ws="none", backlog=4096, server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
