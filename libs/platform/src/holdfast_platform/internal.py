"""Internal HTTP: short-lived tokens between the gateway and the owners, and the errors of internal routes.

The gateway signs what the caller may do; an owner verifies it and answers with public bodies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from uuid import UUID

import asyncpg
import jwt
from fastapi import FastAPI, Request, Response
from pydantic import ValidationError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from holdfast_contracts.enums import Role
from holdfast_contracts.problems import PROBLEMS, ProblemCode, Refusal, problem_document
from holdfast_contracts.scopes import Scope
from holdfast_platform import logs, metrics
from holdfast_platform.errors import InfrastructureDown, TooSlow, classify

ISSUER: Final = "holdfast-gateway"
AUDIENCE: Final = "holdfast-internal"
LIFETIME_SECONDS: Final = 60
INSTANCE_HEADER: Final = "x-instance"
CORRELATION_HEADER: Final = "x-correlation-id"
_CACHE_MOST: Final = 4096

_OF_THE_DATABASE: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Named one by one: what only the handler of all exceptions takes is raised again behind it, into the server's log."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class InternalCaller:
    """Who stands behind an internal call."""

    tenants: tuple[UUID, ...]
    subject: str
    role: Role
    scopes: frozenset[Scope]

    @property
    def tenant_id(self) -> UUID:
        """The one tenant of a call that is not a coalesced batch."""
        return self.tenants[0]

    @property
    def staff(self) -> bool:
        """Whether the caller sees what belongs to others of the tenant: internal HTTP only asks."""
        return Scope.BOOKINGS_READ in self.scopes


class InternalTokens:
    """Mints and verifies internal tokens with the key that all services share."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._verified: dict[str, tuple[float, InternalCaller]] = {}

    def mint(self, tenants: Sequence[UUID], subject: str, role: Role, scopes: Iterable[Scope]) -> str:
        """Return a token that is good for a minute."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "sub": subject,
            "role": str(role),
            "tenants": [str(tenant) for tenant in tenants],
            "scope": " ".join(sorted(scopes)),
        }
        return jwt.encode(claims, self._key, algorithm="HS256")

    def verify(self, token: str) -> InternalCaller:
        """Return the caller of a token; verified tokens are remembered until they end. Raises Refusal (401)."""
        now = time.time()
        known = self._verified.get(token)
        if known is not None and known[0] > now:
            return known[1]
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER, leeway=5)
            caller = InternalCaller(
                tuple(UUID(tenant) for tenant in claims["tenants"]),
                claims["sub"],
                Role(claims["role"]),
                frozenset(Scope(scope) for scope in claims["scope"].split()),
            )
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise Refusal(ProblemCode.UNAUTHENTICATED, "The internal token is not valid.") from error
        if len(self._verified) >= _CACHE_MOST:
            self._verified.clear()
        self._verified[token] = (float(claims["exp"]), caller)
        return caller

    def caller(self, request: Request) -> InternalCaller:
        """Return who calls an internal route. Raises Refusal (401)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(ProblemCode.UNAUTHENTICATED, "An internal route needs an internal token.")
        caller = self.verify(token)
        logs.correlation.set(request.headers.get(CORRELATION_HEADER))
        logs.tenant.set(str(caller.tenants[0]) if len(caller.tenants) == 1 else None)
        return caller


class Call(Protocol):
    """One of the calls that travel together; each is of a tenant."""

    @property
    def tenant(self) -> UUID:
        """Whose it is."""


C = TypeVar("C", bound=Call)


def coalesced_calls(read: Callable[[], Sequence[C]], caller: InternalCaller) -> Sequence[C]:
    """Return what `read` decodes. A token covers the tenants of all calls that travel with it (I12).

    Raises Refusal: 400 where it is no batch of calls, 403 where one is of a tenant that the token does not cover.
    """
    try:
        calls = read()
    except ValidationError as error:
        raise Refusal(ProblemCode.MALFORMED_REQUEST, "The body is no batch of calls.") from error
    if {call.tenant for call in calls} - set(caller.tenants):
        raise Refusal(ProblemCode.TENANT_MISMATCH, "A call is of a tenant that the token does not cover.")
    return calls


def refusal_response(request: Request, refusal: Refusal) -> Response:
    """Return the problem document of a refusal; the gateway tells the public path as `instance`."""
    instance = request.headers.get(INSTANCE_HEADER, request.url.path)
    after = PROBLEMS[refusal.code].retry_after
    headers = None if after is None else {"Retry-After": str(after)}
    return JSONResponse(
        problem_document(refusal, instance), refusal.status, headers, media_type="application/problem+json"
    )


def add_error_handlers(app: FastAPI) -> None:
    """Turn refusals into problem documents, and failures of the infrastructure into 503."""

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 - narrows what Starlette promises
        return refusal_response(request, error)

    async def on_error(request: Request, error: Exception) -> Response:
        if isinstance(classify(error), InfrastructureDown | TooSlow):
            log.warning("internal call failed for the infrastructure", path=request.url.path, reason=str(error))
            return refusal_response(request, Refusal(ProblemCode.DEPENDENCY_DOWN, "The database does not answer now."))
        log.error("internal call failed", path=request.url.path, exc_info=error)
        return refusal_response(request, Refusal(ProblemCode.COMMAND_FAILED, "The request could not be answered."))

    app.add_exception_handler(Refusal, on_refusal)
    for kind in (InfrastructureDown, TooSlow, OSError, TimeoutError, *_OF_THE_DATABASE, Exception):
        app.add_exception_handler(kind, on_error)


class MeasuredRequests:
    """Measures each request of a service's internal app by its route's template, so that no id becomes a series."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Serve a request and observe how long it took; one that fails without an answer counts as 500."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def told(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            series = metrics.HTTP_SECONDS.labels(scope["method"], route, str(status))
            series.observe(time.perf_counter() - started)
        return None


def body_response(body: bytes, *, etag: str | None = None, status: int = 200) -> Response:
    """Return a ready body with its `ETag`."""
    headers = {"etag": f'"{etag}"'} if etag is not None else None
    return Response(body, status, headers, media_type="application/json")
