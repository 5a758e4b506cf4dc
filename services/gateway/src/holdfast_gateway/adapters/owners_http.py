"""Internal HTTP to the owners: one session each, short-lived tokens in the callers' names, time-outs on every call."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import aiohttp
from yarl import URL

from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import Scope
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.ports import DependencyDown, OwnerAnswer, OwnerRefused
from holdfast_platform import logs
from holdfast_platform.internal import CORRELATION_HEADER, INSTANCE_HEADER, InternalTokens

_TOKEN_SECONDS: Final = 30.0
"""Tokens live a minute; they are made anew after half of it."""
_MOST_TOKENS: Final = 20_000
_GATEWAY: Final = "gateway"

TokenKey = tuple[tuple[UUID, ...], str, Role, frozenset[Scope]]


class TokenPurse:
    """Internal tokens, kept while they are fresh."""

    def __init__(self, tokens: InternalTokens) -> None:
        self._tokens = tokens
        self._kept: dict[TokenKey, tuple[float, str]] = {}

    def token(self, tenants: Sequence[UUID], subject: str, role: Role, scopes: frozenset[Scope]) -> str:
        """Return the value of `Authorization`."""
        key = (tuple(tenants), subject, role, scopes)
        now = time.monotonic()
        kept = self._kept.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        if len(self._kept) >= _MOST_TOKENS:
            self._kept = {one: value for one, value in self._kept.items() if value[0] > now}
        value = f"Bearer {self._tokens.mint(tenants, subject, role, scopes)}"
        self._kept[key] = (now + _TOKEN_SECONDS, value)
        return value


class HttpOwners:
    """Implements Owners over aiohttp."""

    def __init__(
        self, urls: Mapping[str, str], tokens: InternalTokens, *, timeout_seconds: float, connections: int
    ) -> None:
        self._urls = {owner: URL(url) for owner, url in urls.items()}
        self._purse = TokenPurse(tokens)
        self._timeout = _time_out(timeout_seconds)
        self._connections = connections
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def start(self) -> None:
        """Open a session for each owner."""
        for owner, url in self._urls.items():
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=30)
            self._sessions[owner] = aiohttp.ClientSession(
                url.origin(), connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )

    async def stop(self) -> None:
        """Close all sessions."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def get(
        self, owner: str, path: str, caller: Caller, instance: str = "", *, seconds: float | None = None
    ) -> OwnerAnswer:
        """Ask in the name of a caller, with the usual time-out or one of `seconds`. Raises DependencyDown."""
        headers = {
            "Authorization": self._purse.token((caller.tenant_id,), caller.subject, caller.role, caller.scopes),
            INSTANCE_HEADER: instance or path,
            CORRELATION_HEADER: logs.correlation.get() or "",
        }
        try:
            timeout = self._timeout if seconds is None else _time_out(seconds)
            async with self._sessions[owner].get(URL(path, encoded=True), headers=headers, timeout=timeout) as response:
                return _answer(response, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DependencyDown(f"{owner}: {type(error).__name__}") from error

    async def post(self, owner: str, path: str, body: bytes, tenants: Sequence[UUID]) -> bytes:
        """Send coalesced calls of these tenants in the gateway's own name. Raises DependencyDown, OwnerRefused."""
        headers = {
            "Authorization": self._purse.token(tenants, _GATEWAY, Role.SERVICE, frozenset()),
            "Content-Type": "application/json",
        }
        try:
            async with self._sessions[owner].post(URL(path, encoded=True), data=body, headers=headers) as response:
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise DependencyDown(f"{owner}: {type(error).__name__}") from error
        if response.status != 200:
            failure = OwnerRefused if 400 <= response.status < 500 else DependencyDown
            raise failure(f"{owner}: {response.status}")
        return answer


def _time_out(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, connect=min(2.0, seconds))


def _answer(response: aiohttp.ClientResponse, body: bytes) -> OwnerAnswer:
    headers = response.headers
    kept = {
        name.lower(): value
        for name, value in headers.items()
        if name.lower().startswith(("hf-", "content-disposition"))
    }
    kind = headers.get("Content-Type", "application/json")
    return OwnerAnswer(response.status, body, headers.get("ETag"), kind, kept)
