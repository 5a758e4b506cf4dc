"""/tenants over a real database: idempotent, unique, announced; other replicas see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import pytest
from gateway_doubles import generous

from holdfast_gateway.api.examples import CREATE_TENANT, UPDATE_TENANT
from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.domain.buckets import Buckets
from holdfast_gateway.handlers.tenants import TenantWork
from holdfast_gateway.pipeline.app import PublicDoor, Runner
from holdfast_gateway.pipeline.authentication import PlatformGate, unauthenticated
from holdfast_gateway.pipeline.own import Tenants
from holdfast_gateway.pipeline.routes import Local
from holdfast_gateway.repositories.tenants import TenantRepository
from holdfast_gateway.services.keeping import TenantKeeping
from holdfast_gateway.services.tenants import TenantDirectory
from holdfast_platform.database.migrate import differences
from holdfast_platform.database.pool import Database
from holdfast_platform.testing.units import unit_for_test
from holdfast_platform.units.batcher import Batcher

pytestmark = pytest.mark.integration

PLATFORM = "a platform token of thirty-two bytes or more"
AUTHORIZED = {"Authorization": f"Bearer {PLATFORM}"}


@dataclass
class Office:
    client: httpx.AsyncClient
    directory: TenantDirectory
    keeping: TenantKeeping
    admin: asyncpg.Connection

    async def call(self, method: str, path: str, key: str | None = None, **options: Any) -> httpx.Response:
        headers = {**AUTHORIZED, **({"Idempotency-Key": key} if key else {}), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def events(self) -> list[dict[str, Any]]:
        rows = await self.admin.fetch("SELECT key, headers, payload FROM outbox ORDER BY id")
        return [{"key": row["key"], **orjson.loads(row["payload"])["tenant"]} for row in rows]


async def tenants_token(authorization: bytes | None) -> object:
    """Read a bearer token as the gateway does: here only one is valid."""
    if authorization != b"Bearer of a tenant":
        raise unauthenticated()
    return authorization


def no_documents(*_: Any) -> Any:
    raise AssertionError


@pytest.fixture
async def office(
    settings: Any, consumer: Database, sweeper: Database, admin: asyncpg.Connection
) -> AsyncIterator[Office]:
    directory, repository = TenantDirectory(), TenantRepository(sweeper)
    keeping = TenantKeeping(repository, directory, consumer, lambda: None)
    changes = Batcher(unit_for_test("gateway.tenants", "gateway", TenantWork(), consumer, settings))
    tenants = Tenants(PlatformGate(PLATFORM, tenants_token), repository, changes, keeping.refresh, generous(), 262_144)
    answers = {
        "ListTenants": tenants.list,
        "CreateTenant": tenants.create,
        "GetTenant": tenants.get,
        "UpdateTenant": tenants.update,
    }
    runners = [_runner(route, answers[route.operation]) for route in ROUTES if route.operation in answers]
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(PublicDoor(runners, no_documents, ())), base_url="http://gateway.test"
    )
    async with client:
        yield Office(client, directory, keeping, admin)


def _runner(route: Any, answer: Any) -> Runner:
    assert isinstance(route, Local)
    return Runner(route, lambda exchange: answer(route, exchange))


async def test_a_tenant_is_added_once_whatever_is_repeated(office: Office) -> None:
    answers = await asyncio.gather(*(office.call("POST", "/tenants", "one", json=CREATE_TENANT) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    made = answers[0].json()
    assert (made["slug"], made["version"], made["domains"]) == ("harbour", 1, CREATE_TENANT["domains"])
    assert answers[0].headers["etag"] == '"1"'
    (event,) = await office.events()
    assert (event["key"], event["slug"]) == (made["id"], "harbour")
    known = office.directory.by_slug("harbour")
    assert known is not None
    assert office.directory.by_host("tickets.harbour.example") is known
    assert (type(known.id), str(known.id)) == (UUID, made["id"])
    assert (await office.call("GET", f"/tenants/{made['id']}")).json() == made
    listed = (await office.call("GET", "/tenants?limit=5")).json()
    assert (listed["data"], listed["total"], listed["page"], listed["limit"]) == ([made], 1, 1, 5)


async def test_the_same_key_for_another_body_or_tenant_is_422(office: Office) -> None:
    made = (await office.call("POST", "/tenants", "one", json=CREATE_TENANT)).json()
    for method, path, body in (
        ("POST", "/tenants", {**CREATE_TENANT, "name": "Another"}),
        ("PATCH", f"/tenants/{made['id']}", {"name": "Another"}),
    ):
        answer = await office.call(method, path, "one", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_slugs_and_domains_are_of_one_tenant(office: Office) -> None:
    await office.call("POST", "/tenants", json=CREATE_TENANT)
    slug = await office.call("POST", "/tenants", json={**CREATE_TENANT, "domains": []})
    assert (slug.status_code, slug.json()["code"]) == (409, "SLUG_TAKEN")
    domain = await office.call("POST", "/tenants", json={**CREATE_TENANT, "slug": "another"})
    assert (domain.status_code, domain.json()["code"]) == (409, "DOMAIN_TAKEN")
    both = [office.call("POST", "/tenants", json={**CREATE_TENANT, "slug": "rush", "domains": []}) for _ in range(5)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*both))
    assert statuses == [201, 409, 409, 409, 409]


async def test_only_what_is_sent_changes(office: Office) -> None:
    made = (await office.call("POST", "/tenants", json=CREATE_TENANT)).json()
    path = f"/tenants/{made['id']}"
    answer = await office.call("PATCH", path, json=UPDATE_TENANT, headers={"If-Match": '"1"'})
    changed = answer.json()
    assert (answer.status_code, answer.headers["etag"], changed["version"]) == (200, '"2"', 2)
    assert (changed["name"], changed["settings"]["assetLinks"]) == (UPDATE_TENANT["name"], "open")
    assert (changed["domains"], changed["timezone"]) == (made["domains"], made["timezone"])
    stale = await office.call("PATCH", path, json={"name": "Late"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "VERSION_MISMATCH")
    policies = {"settings": {"policies": {"cancellation": {"freeUntilHours": 48}}}}
    merged = (await office.call("PATCH", path, json=policies)).json()
    assert merged["settings"]["assetLinks"] == "open"
    assert merged["settings"]["policies"]["cancellation"]["freeUntilHours"] == 48
    same = await office.call("PATCH", path, json={"name": UPDATE_TENANT["name"]})
    assert same.json()["version"] == 3
    assert [event["version"] for event in await office.events()] == [1, 2, 3]


async def test_a_domain_can_move_to_another_tenant(office: Office) -> None:
    first = (await office.call("POST", "/tenants", json=CREATE_TENANT)).json()
    second = (await office.call("POST", "/tenants", json={"slug": "second", "name": "Second"})).json()
    await office.call("PATCH", f"/tenants/{first['id']}", json={"domains": []})
    moved = await office.call("PATCH", f"/tenants/{second['id']}", json={"domains": CREATE_TENANT["domains"]})
    assert moved.status_code == 200, moved.text
    known = office.directory.by_host("tickets.harbour.example")
    assert known is not None
    assert known.id.hex == second["id"].replace("-", "")


async def test_an_unknown_tenant_is_404(office: Office) -> None:
    path = f"/tenants/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    assert (await office.call("GET", path)).status_code == 404
    assert (await office.call("PATCH", path, json={"name": "Nobody"})).status_code == 404


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", f"Basic {PLATFORM}", f"Bearer {PLATFORM}x"])
async def test_only_the_platform_token_opens_tenants(office: Office, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for method, path in (("GET", "/tenants"), ("POST", "/tenants"), ("GET", "/tenants/x"), ("PATCH", "/tenants/x")):
        answer = await office.client.request(method, path, headers=headers)
        assert answer.status_code == 401, (method, path)
        answer = await office.client.request(method, path, headers={"Authorization": "Bearer of a tenant"})
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


async def test_what_another_replica_changed_is_seen_and_announced_again(office: Office, sweeper: Database) -> None:
    made = (await office.call("POST", "/tenants", json=CREATE_TENANT)).json()
    other = TenantDirectory()
    keeping = TenantKeeping(TenantRepository(sweeper), other, office.keeping._consumer, lambda: None)
    assert keeping.problem is not None
    await keeping.start()
    assert keeping.problem is None
    assert [tenant.state.slug for tenant in other.all()] == ["harbour"]
    await keeping.announce()
    assert [event["key"] for event in await office.events()] == [made["id"], made["id"]]


async def test_tables_and_migrations_say_the_same(gateway_url: str) -> None:
    assert await differences("gateway", gateway_url) == []


async def test_tenants_are_limited_as_all_routes_are(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Buckets, "take", lambda *_: 2.0)
    answer = await office.call("GET", "/tenants")
    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
