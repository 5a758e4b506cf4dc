"""What is known of a stack from outside: addresses, tenants, tokens; and how it is spoken to."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import httpx
import jwt

from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_local.environment import AUDIENCE, ISSUER
from holdfast_local.keys import StackKeys

Json = dict[str, Any]
T = TypeVar("T")


class Caller:
    """Somebody who calls the API: an address, a pool of connections, and headers of one's own."""

    def __init__(self, http: httpx.Client, headers: Mapping[str, str], subject: str = "") -> None:
        self._http = http
        self.headers = dict(headers)
        self.subject = subject

    def send(self, method: str, path: str, body: object = None, **options: Any) -> httpx.Response:
        """One request; `key` is its idempotency key, `content` a body that is no JSON, `headers` come on top."""
        headers = {**self.headers, **options.pop("headers", {})}
        if key := options.pop("key", None):
            headers["Idempotency-Key"] = key
        if body is not None:
            options["json"] = body
        return self._http.request(method, path, headers=headers, **options)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.send("GET", path, params=query or None)

    def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        return self.send("POST", path, body, **options)

    def patch(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.send("DELETE", path, **options)

    def with_headers(self, **headers: str) -> Caller:
        """The same caller with more headers; `X_Tenant_Slug` stands for `X-Tenant-Slug`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Caller(self._http, {**self.headers, **more}, self.subject)


@dataclass(frozen=True)
class Tenant:
    """One business, and who may call for it."""

    world: World
    data: Json

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def slug(self) -> str:
        return str(self.data["slug"])

    def as_(self, role: str, subject: str | None = None, **claims: Any) -> Caller:
        """A caller with a token of this tenant; `claims` replace single claims, `None` takes one out."""
        subject = subject or f"{role}-{uuid.uuid4().hex[:8]}"
        return self.world.bearer(self.world.token(self.id, role, subject, **claims), subject)

    def visitor(self) -> Caller:
        """Somebody new who looks at the storefront."""
        return self.as_("guest")

    @cached_property
    def owner(self) -> Caller:
        return self.as_("owner")

    @cached_property
    def staff(self) -> Caller:
        return self.as_("staff")

    @cached_property
    def door(self) -> Caller:
        return self.as_("door")

    @cached_property
    def auditor(self) -> Caller:
        return self.as_("auditor")

    @cached_property
    def guest(self) -> Caller:
        return self.as_("guest")


@dataclass(frozen=True)
class World:
    """A running stack, as `stack.json` describes it, with its keys and log files."""

    description: Mapping[str, Any]
    keys: StackKeys
    logs: Path
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        client = httpx.Client(base_url=self.description["gateway"], timeout=40, limits=limits)
        object.__setattr__(self, "http", client)

    @property
    def platform(self) -> Caller:
        """Whoever runs the platform: makes tenants."""
        return self.bearer(self.keys.platform_token)

    @property
    def nobody(self) -> Caller:
        """A caller without any token."""
        return Caller(self.http, {})

    def bearer(self, token: str, subject: str = "") -> Caller:
        return Caller(self.http, {"Authorization": f"Bearer {token}"}, subject)

    def new_tenant(self, **fields: Any) -> Tenant:
        """A tenant with a slug of its own."""
        body = {"slug": f"t-{uuid.uuid4().hex[:10]}", "name": "A tenant", "timezone": "UTC", "currency": "EUR"}
        return Tenant(self, created(self.platform.post("/tenants", {**body, **fields})))

    def token(self, tenant_id: str, role: str, subject: str, /, *, key: str | None = None, **claims: Any) -> str:
        """A signed token as an issuer would make it."""
        now = int(time.time())
        all_claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "tenant_id": tenant_id,
            "role": role,
            "scope": " ".join(sorted(SCOPES_BY_ROLE[Role(role)])),
            "iat": now,
            "exp": now + 3600,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        present = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(present, key or self.keys.jwt_hs256_key, algorithm="HS256")


def answered(response: httpx.Response, status: int) -> Any:
    """The JSON of an answer that has this status; anything else fails with what came instead."""
    assert response.status_code == status, f"{response.request.method} {response.request.url}: {shown(response)}"
    return response.json()


def created(response: httpx.Response) -> Json:
    return answered(response, 201)


def ok(response: httpx.Response) -> Any:
    return answered(response, 200)


def shown(response: httpx.Response) -> str:
    return f"{response.status_code} {response.text[:800]}"


def refused(response: httpx.Response, status: int, code: str) -> Json:
    """The problem document of a refusal, after all that every one of them must have was checked [spec/09, Errors]."""
    assert response.status_code == status, f"{response.request.method} {response.request.url}: {shown(response)}"
    assert response.headers["content-type"].split(";")[0] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code, problem
    assert problem["type"] == f"urn:holdfast:problem:{code}"
    assert problem["status"] == problem["statusCode"] == status
    assert isinstance(problem["title"], str)
    assert problem["title"]
    assert problem["detail"] == problem["message"]
    assert problem["error"] == HTTPStatus(status).phrase
    assert problem["instance"] == response.request.url.path
    return problem


def invalid(response: httpx.Response, *paths: str, code: str | None = None) -> Json:
    """A 422 whose `errors` name at least these paths, each with a code and a sentence."""
    problem = refused(response, 422, "VALIDATION_FAILED")
    assert all(set(error) >= {"path", "code", "message"} for error in problem["errors"])
    found = {error["path"]: error["code"] for error in problem["errors"]}
    assert set(paths) <= set(found), f"{paths} is not all in {problem['errors']}"
    if code is not None:
        assert all(found[path] == code for path in paths), found
    return problem


def eventually(look: Callable[[], T], *, seconds: float = 10, every: float = 0.05) -> T:
    """What `look` gives as soon as it gives something true; fails when the time is up."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {look}"
        time.sleep(every)
    return found
