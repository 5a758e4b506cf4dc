"""/tenants while the gateway's database is away: 503, never 500; a committed change is told whatever follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
from gateway_doubles import TENANT, generous, tenant

from holdfast_gateway.api.examples import CREATE_TENANT, UPDATE_TENANT
from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.pipeline.app import PublicDoor, Runner
from holdfast_gateway.pipeline.authentication import PlatformGate
from holdfast_gateway.pipeline.own import Tenants
from holdfast_gateway.pipeline.routes import Local
from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.units.messages import Answer

PLATFORM = "a platform token of thirty-two bytes or more"


@dataclass
class Away:
    """Stands for repository, unit of work and directory; each fails as it is told, else all is well."""

    reads: Exception | None = None
    changes: Exception | None = None
    refreshes: Exception | None = None
    submitted: list[Any] = field(default_factory=list)

    async def find(self, _tenant_id: object) -> Any:
        if self.reads is not None:
            raise self.reads
        return tenant()

    async def page(self, _page: int, _limit: int) -> Any:
        if self.reads is not None:
            raise self.reads
        return [tenant()], 1

    async def submit(self, given: Any) -> Answer:
        self.submitted.append(given)
        if self.changes is not None:
            raise self.changes
        return Answer(201, b'{"id":"t1"}', '"1"')

    async def refresh(self) -> None:
        if self.refreshes is not None:
            raise self.refreshes


@pytest.fixture
def away() -> Away:
    return Away()


@pytest.fixture
async def client(away: Away) -> AsyncIterator[httpx.AsyncClient]:
    async def nobody(_authorization: bytes | None) -> object:
        raise AssertionError

    tenants = Tenants(PlatformGate(PLATFORM, nobody), away, away, away.refresh, generous(), 262_144)  # type: ignore[arg-type]
    answers: dict[str, Any] = {
        "ListTenants": tenants.list,
        "CreateTenant": tenants.create,
        "GetTenant": tenants.get,
        "UpdateTenant": tenants.update,
    }
    door = PublicDoor([_runner(route, answers) for route in ROUTES if route.operation in answers], nobody, ())  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {PLATFORM}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://t.test", headers=headers) as one:
        yield one


def _runner(route: Any, answers: dict[str, Any]) -> Runner:
    assert isinstance(route, Local)
    return Runner(route, lambda exchange: answers[route.operation](route, exchange))


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("no"),
        TimeoutError("slow"),
        asyncpg.AdminShutdownError("bye"),
        asyncpg.QueryCanceledError("slow"),
        asyncpg.InterfaceError("connection is closed"),
        InfrastructureDown("away"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_database_that_is_away_is_503(away: Away, client: httpx.AsyncClient, error: Exception) -> None:
    away.reads = away.changes = error
    for method, path, body in (
        ("GET", "/tenants", None),
        ("GET", f"/tenants/{TENANT}", None),
        ("POST", "/tenants", CREATE_TENANT),
        ("PATCH", f"/tenants/{TENANT}", UPDATE_TENANT),
    ):
        answer = await client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN"), (method, path)
        assert answer.headers["retry-after"]
        assert ("idempotency-key" in answer.headers) == (body is not None)


async def test_a_503_tells_the_key_that_was_given_or_made(away: Away, client: httpx.AsyncClient) -> None:
    away.changes = InfrastructureDown("away")
    given = await client.post("/tenants", json=CREATE_TENANT, headers={"Idempotency-Key": "one"})
    made = await client.post("/tenants", json=CREATE_TENANT)
    again = await client.post(
        "/tenants", json=CREATE_TENANT, headers={"Idempotency-Key": made.headers["idempotency-key"]}
    )
    assert given.headers["idempotency-key"] == "one"
    assert again.status_code == 503
    first, second, third = (one.id for one in away.submitted)
    assert first != second == third


async def test_a_committed_change_is_told_though_it_cannot_be_read_again(away: Away, client: httpx.AsyncClient) -> None:
    away.refreshes = ConnectionRefusedError("no")
    answer = await client.post("/tenants", json=CREATE_TENANT)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (201, b'{"id":"t1"}', '"1"')


async def test_a_defect_is_no_503(away: Away, client: httpx.AsyncClient) -> None:
    away.reads = KeyError("ours")
    assert (await client.get("/tenants")).status_code == 500


@pytest.mark.parametrize("name", ["name", "timezone", "currency", "status", "domains", "settings"])
async def test_null_is_no_way_to_leave_a_field_out(away: Away, client: httpx.AsyncClient, name: str) -> None:
    answer = await client.patch(f"/tenants/{TENANT}", json={name: None})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"path": name, "code": "WRONG_TYPE", "message": "must not be null"}]
    assert away.submitted == []
