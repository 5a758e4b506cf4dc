"""Doubles at the gateway's ports: a bus that answers by itself, owners with canned answers, a store in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import jwt
import orjson

from holdfast_contracts import envelope
from holdfast_contracts.enums import AssetLinks, Role, TenantStatus
from holdfast_contracts.problems import not_found, problem_bytes
from holdfast_contracts.public.tenants import TenantDto, TenantSettings
from holdfast_contracts.registry import message_class
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_contracts.topics import Topic
from holdfast_gateway.adapters.issuer_keys import SharedKey
from holdfast_gateway.api.table import DOCUMENT_PATHS, ROUTES
from holdfast_gateway.documents.site import documents_app
from holdfast_gateway.domain.buckets import Allowance
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.assembly import Ports, assemble
from holdfast_gateway.pipeline.door import public_door
from holdfast_gateway.pipeline.waiting import Waiters
from holdfast_gateway.ports import DependencyDown, Operation, OwnerAnswer, OwnerRefused
from holdfast_gateway.services.limits import RateLimiter, RouteClass
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_gateway.settings import GatewaySettings
from holdfast_platform.messaging.replies import Reply
from holdfast_platform.testing.databases import TEST_KEY, settings_for
from holdfast_platform.units.messages import Answer

JWT_KEY = "a key for tokens in tests, 32 bytes or more"
ISSUER = "https://auth.test.example"
TENANT = UUID("6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01")
OTHER = UUID("6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a02")
NOW = datetime(2027, 1, 10, 9, tzinfo=UTC)


def tenant(tenant_id: UUID = TENANT, slug: str = "demo", **more: Any) -> TenantDto:
    given: dict[str, Any] = {
        "id": tenant_id,
        "slug": slug,
        "name": slug.title(),
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "status": TenantStatus.ACTIVE,
        "domains": [f"{slug}.example"],
        "settings": TenantSettings(),
        "created_at": NOW,
        "updated_at": NOW,
        "version": 1,
        **more,
    }
    return TenantDto(**given)


def claims(role: Role = Role.OWNER, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    found = {
        "iss": ISSUER,
        "aud": "holdfast",
        "sub": f"acc-{role}",
        "tenant_id": str(TENANT),
        "role": str(role),
        "scope": " ".join(sorted(SCOPES_BY_ROLE[role])),
        "iat": now,
        "exp": now + 3600,
        "jti": "3d1f7a62-5f0e-4b55-8d7e-1c4f0b8f9a10",
        **changed,
    }
    return {name: value for name, value in found.items() if value is not None}


def token(role: Role = Role.OWNER, **changed: Any) -> str:
    return jwt.encode(claims(role, **changed), JWT_KEY, algorithm="HS256")


def bearer(role: Role = Role.OWNER, **changed: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role, **changed)}"}


@dataclass
class Sent:
    """A command as the bus got it."""

    topic: str
    key: str
    payload: bytes
    headers: dict[str, str]

    @property
    def message(self) -> Any:
        kind = message_class(self.topic, self.headers[envelope.CE_TYPE])
        assert kind is not None
        return kind.decode(self.payload)

    @property
    def request_ids(self) -> list[str]:
        return [address.partition(":")[2] for address in self.headers[envelope.REPLY].split(",")]


Respond = Callable[[Sent], Sequence[Answer]]


def created(sent: Sent) -> Sequence[Answer]:
    """Answer every command with 201 and its own id."""
    return [Answer(201, b'{"id":"%b"}' % sent.headers[envelope.CE_ID].encode(), '"1"')]


@dataclass
class LoopBus:
    """Takes commands and lets `respond` answer them in the next round of the loop."""

    waiters: Waiters
    respond: Respond = created
    sent: list[Sent] = field(default_factory=list)
    refuse: Exception | None = None
    taken: Callable[[], asyncio.Future[Any]] | None = None

    async def hand_over(
        self, topic: Topic, key: bytes, payload: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> asyncio.Future[Any]:
        if self.refuse is not None:
            raise self.refuse
        sent = Sent(topic.name, key.decode(), payload, {name: value.decode() for name, value in headers})
        self.sent.append(sent)
        loop = asyncio.get_running_loop()
        loop.call_soon(self._answer, sent)
        if self.taken is not None:
            return self.taken()
        future = loop.create_future()
        future.set_result(None)
        return future

    def _answer(self, sent: Sent) -> None:
        for answer in self.respond(sent):
            for request_id in sent.request_ids:
                self.waiters.hear(Reply(request_id, answer))


Ask = Callable[[str, str, Caller], OwnerAnswer]


def nothing_known(_owner: str, path: str, _caller: Caller) -> OwnerAnswer:
    return OwnerAnswer(404, problem_bytes(not_found("thing"), path), content_type="application/problem+json")


def generous() -> RateLimiter:
    """Limits that nobody reaches."""
    return RateLimiter(dict.fromkeys(RouteClass, Allowance(1e6, 1e6)))


@dataclass
class CannedOwners:
    """Answers as `answer` says; coalesced calls as `answer_call` says."""

    answer: Ask = nothing_known
    answer_call: Callable[[str, Mapping[str, Any]], tuple[int, Any, str | None]] | None = None
    asked: list[tuple[str, str, Caller]] = field(default_factory=list)
    posted: list[tuple[str, list[Mapping[str, Any]]]] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    unread: Callable[[Mapping[str, Any]], bool] = lambda _call: False
    pause: float = 0.0

    async def get(
        self, owner: str, path: str, caller: Caller, instance: str = "", *, seconds: float | None = None
    ) -> OwnerAnswer:
        self.asked.append((owner, path, caller))
        if owner in self.down:
            raise DependencyDown(owner)
        if owner in self.silent:
            await asyncio.Event().wait()
        return self.answer(owner, path, caller)

    async def post(self, owner: str, path: str, body: bytes, tenants: Sequence[UUID]) -> bytes:
        calls = orjson.loads(body)["calls"]
        self.posted.append((path, calls))
        if owner in self.down:
            raise DependencyDown(owner)
        await asyncio.sleep(self.pause)
        if any(self.unread(call) for call in calls):
            raise OwnerRefused(f"{owner}: 400")
        return orjson.dumps({"answers": [self._one(path, call) for call in calls]})

    def _one(self, path: str, call: Mapping[str, Any]) -> dict[str, Any]:
        if self.answer_call is None:
            document = orjson.loads(problem_bytes(not_found("booking"), call["instance"]))
            return {"id": call["id"], "status": 404, "etag": None, "body": document}
        status, body, etag = self.answer_call(path, call)
        return {"id": call["id"], "status": status, "etag": etag, "body": body}


@dataclass
class MemoryOperations:
    """Implements OperationStore."""

    kept: dict[tuple[UUID, UUID], Operation] = field(default_factory=dict)

    async def remember(self, operation: Operation) -> Operation:
        return self.kept.setdefault((operation.tenant_id, operation.id), operation)

    async def find(self, tenant_id: UUID, operation_id: UUID) -> Operation | None:
        return self.kept.get((tenant_id, operation_id))


@dataclass
class Gateway:
    """The public door over doubles, with a client."""

    client: httpx.AsyncClient
    bus: LoopBus
    owners: CannedOwners
    operations: MemoryOperations
    directory: TenantDirectory
    settings: GatewaySettings
    app: Any

    async def call(self, method: str, path: str, role: Role | None = Role.OWNER, **options: Any) -> httpx.Response:
        headers = {**(bearer(role) if role is not None else {}), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)


def gateway_settings(**changed: Any) -> GatewaySettings:
    given = {
        "jwt_hs256_key": JWT_KEY,
        "jwt_issuer": ISSUER,
        "answer_wait_seconds": 0.2,
        "release_wait_seconds": 0.05,
        "ready_wait_seconds": 0.1,
        "ready_poll_seconds": 0.01,
        **changed,
    }
    url = given.pop("database_url", "postgresql://nobody@127.0.0.1:1/none")
    return settings_for(GatewaySettings, url, **given)


async def _no_tenant_routes(_route: object, _exchange: object) -> Any:
    msg = "tested with a database"
    raise AssertionError(msg)


def make_gateway(keys: Any = None, *, bus: Any = None, **changed: Any) -> Gateway:
    settings = gateway_settings(**changed)
    directory = TenantDirectory(settings.tenant_base_domain)
    directory.replace([tenant(), tenant(OTHER, "other", settings=TenantSettings(asset_links=AssetLinks.OPEN))])
    waiters = Waiters(3)
    bus, owners, operations = bus or LoopBus(waiters), CannedOwners(), MemoryOperations()
    ports = Ports(directory, keys or SharedKey(JWT_KEY), owners, bus, waiters, operations)
    names = ("ListTenants", "CreateTenant", "GetTenant", "UpdateTenant")
    pipelines = assemble(settings, ports, dict.fromkeys(names, _no_tenant_routes))
    app = public_door(ROUTES, pipelines, documents_app(enabled=True), DOCUMENT_PATHS)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.test")
    return Gateway(client, bus, owners, operations, directory, settings, app)


ASSET_KEY = TEST_KEY
