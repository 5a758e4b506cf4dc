"""Who is let in: tokens, tenants, scopes, in the order of the specification."""

from __future__ import annotations

import time

import jwt
import pytest
from gateway_doubles import (
    ISSUER,
    JWT_KEY,
    OTHER,
    Gateway,
    bearer,
    claims,
    gateway_settings,
    make_gateway,
    tenant,
    token,
)
from pydantic import ValidationError

from holdfast_contracts.enums import Role, TenantStatus
from holdfast_gateway.ports import OwnerAnswer

LIST = "/bookings/resources"


def owners_answer(gateway: Gateway) -> None:
    gateway.owners.answer = lambda _owner, _path, _caller: OwnerAnswer(200, b'{"data":[]}')


async def test_a_valid_token_opens_what_its_scopes_allow(gateway: Gateway) -> None:
    owners_answer(gateway)
    answer = await gateway.call("GET", LIST, Role.GUEST)
    assert (answer.status_code, answer.json()) == (200, {"data": []})
    _, _, caller = gateway.owners.asked[0]
    assert (caller.subject, caller.role, caller.staff) == ("acc-guest", Role.GUEST, False)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "UNAUTHENTICATED"),
        ("", "UNAUTHENTICATED"),
        ("Basic abc", "UNAUTHENTICATED"),
        ("Bearer", "UNAUTHENTICATED"),
        ("Bearer not.a.token", "UNAUTHENTICATED"),
        (f"Bearer {jwt.encode(claims(), 'another key of thirty-two bytes or more', 'HS256')}", "UNAUTHENTICATED"),
        (f"Bearer {jwt.encode(claims(), JWT_KEY, 'HS512')}", "UNAUTHENTICATED"),
        (f"Bearer {jwt.encode(claims(), '', 'none')}", "UNAUTHENTICATED"),
        (f"Bearer {token(exp=int(time.time()) - 31)}", "TOKEN_EXPIRED"),
        (f"Bearer {token(iss='https://evil.example')}", "UNAUTHENTICATED"),
        (f"Bearer {token(aud='another')}", "UNAUTHENTICATED"),
        (f"Bearer {token(iat=int(time.time()) + 3000)}", "UNAUTHENTICATED"),
        (f"Bearer {token(tenant_id='no uuid')}", "UNAUTHENTICATED"),
        (f"Bearer {token(sub='')}", "UNAUTHENTICATED"),
        (f"Bearer {token(scope=['bookings:read'])}", "UNAUTHENTICATED"),
        *((f"Bearer {token(**{name: None})}", "UNAUTHENTICATED") for name in claims() if name != "role"),
    ],
)
async def test_other_credentials_are_401(gateway: Gateway, authorization: str | None, code: str) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = await gateway.call("GET", LIST, None, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == code
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_clocks_may_differ_by_thirty_seconds(gateway: Gateway) -> None:
    owners_answer(gateway)
    answer = await gateway.call("GET", LIST, headers=bearer(exp=int(time.time()) - 20))
    assert answer.status_code == 200


async def test_a_known_token_ends_with_its_time(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    owners_answer(gateway)
    headers = bearer()
    assert (await gateway.call("GET", LIST, headers=headers)).status_code == 200
    later = time.time() + 4000
    monkeypatch.setattr("holdfast_gateway.pipeline.authentication.time.time", lambda: later)
    answer = await gateway.call("GET", LIST, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_EXPIRED")


async def test_a_missing_scope_is_403(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/bookings", Role.GUEST)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert gateway.owners.asked == []


async def test_another_tenants_slug_is_403(gateway: Gateway) -> None:
    answer = await gateway.call("GET", LIST, headers={"X-Tenant-Slug": "other"})
    assert (answer.status_code, answer.json()["code"]) == (403, "TENANT_MISMATCH")
    owners_answer(gateway)
    assert (await gateway.call("GET", LIST, headers={"X-Tenant-Slug": "demo"})).status_code == 200


async def test_another_tenants_host_is_403(gateway: Gateway) -> None:
    answer = await gateway.call("GET", LIST, headers={"Host": "other.example"})
    assert answer.json()["code"] == "TENANT_MISMATCH"
    owners_answer(gateway)
    assert (await gateway.call("GET", LIST, headers={"Host": "DEMO.example:443"})).status_code == 200


async def test_another_tenant_in_a_body_is_403(gateway: Gateway) -> None:
    answer = await gateway.call("POST", "/bookings/holds", json={"tenantId": str(OTHER)})
    assert answer.json()["code"] == "TENANT_MISMATCH"


@pytest.mark.parametrize("status", [TenantStatus.SUSPENDED, TenantStatus.CLOSED])
async def test_a_tenant_that_is_not_open_answers_404(gateway: Gateway, status: TenantStatus) -> None:
    gateway.directory.replace([tenant(status=status)])
    assert (await gateway.call("GET", LIST)).status_code == 404
    assert (await gateway.call("POST", "/public/session", None, headers={"X-Tenant-Slug": "demo"})).status_code == 404


async def test_a_pending_tenant_is_served(gateway: Gateway) -> None:
    gateway.directory.replace([tenant(status=TenantStatus.PENDING)])
    owners_answer(gateway)
    assert (await gateway.call("GET", LIST)).status_code == 200


async def test_credentials_are_checked_before_the_body(gateway: Gateway) -> None:
    answer = await gateway.call("POST", "/bookings", None, content=b"{")
    assert answer.status_code == 401
    answer = await gateway.call("POST", "/bookings", Role.DOOR, content=b"{")
    assert answer.status_code == 403


async def test_a_visitors_session_opens_a_guests_routes(gateway: Gateway) -> None:
    answer = await gateway.call("POST", "/public/session", None, headers={"X-Tenant-Slug": "demo"})
    assert answer.status_code == 201
    session = answer.json()
    assert set(session) == {"token", "sessionId", "expiresAt"}
    owners_answer(gateway)
    headers = {"Authorization": f"Bearer {session['token']}"}
    assert (await gateway.call("GET", LIST, None, headers=headers)).status_code == 200
    assert (await gateway.call("GET", "/bookings", None, headers=headers)).status_code == 403
    assert gateway.owners.asked[0][2].subject == session["sessionId"]


async def test_a_visitors_token_never_opens_more_than_a_guests(gateway: Gateway) -> None:
    headers = bearer(Role.OWNER, iss="holdfast")
    answer = await gateway.call("GET", "/bookings", None, headers=headers)
    assert answer.status_code == 403


async def test_a_tenant_is_found_by_slug_then_by_host() -> None:
    gateway = make_gateway(tenant_base_domain="shop.test")
    async with gateway.client:
        for headers in ({"Host": "demo.example"}, {"Host": "demo.shop.test:8000"}, {"X-Tenant-Slug": "demo"}):
            answer = await gateway.call("POST", "/public/session", None, headers=headers)
            assert answer.status_code == 201, headers
        for headers in ({"Host": "nobody.shop.test"}, {"X-Tenant-Slug": "nobody", "Host": "demo.example"}, {}):
            answer = await gateway.call("POST", "/public/session", None, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), headers


async def test_sessions_of_an_address_are_limited() -> None:
    gateway = make_gateway(session_rate=0.01, session_burst=2)
    async with gateway.client:
        codes = [
            (await gateway.call("POST", "/public/session", None, headers={"X-Tenant-Slug": "demo"})) for _ in range(3)
        ]
    assert [answer.status_code for answer in codes] == [201, 201, 429]
    assert codes[2].json()["code"] == "RATE_LIMITED"
    assert int(codes[2].headers["retry-after"]) >= 1


def test_production_refuses_shared_keys() -> None:
    with pytest.raises(ValidationError, match="HS256 tokens need"):
        gateway_settings(env="production", jwt_algorithm="HS256")
    with pytest.raises(ValidationError, match="JWKS_URL"):
        gateway_settings(env="production", jwt_hs256_key=None)
    with pytest.raises(ValidationError, match="SESSION_TOKEN_KEY"):
        gateway_settings(env="production", jwt_hs256_key=None, jwks_url="https://auth.example/jwks")
    with pytest.raises(ValidationError):
        gateway_settings(jwt_hs256_key="short")
    assert ISSUER
