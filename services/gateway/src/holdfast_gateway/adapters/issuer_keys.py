"""Keys that verify bearer tokens: one shared key for development, the issuer's JWKS in production (RFC 7517)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import jwt

from holdfast_gateway.ports import DependencyDown
from holdfast_platform import logs

log = logs.get(__name__)

_LARGEST: Final = 1_000_000
_TYPES: Final[Mapping[str, str]] = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}


class SharedKey:
    """One HS256 key, for development and tests."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def key(self, key_id: str | None) -> object | None:
        """Return the key."""
        return self._key


class PublishedKeys:
    """The keys at an address, cached; an unknown id fetches them again, at most every so many seconds."""

    def __init__(self, url: str, algorithm: str, *, refresh_seconds: float, timeout_seconds: float) -> None:
        self._url = url
        self._algorithm = algorithm
        self._refresh_seconds = refresh_seconds
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._keys: dict[str, object] = {}
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()

    async def key(self, key_id: str | None) -> object | None:
        """Return the key of an id; without an id, the only one there is. Raises DependencyDown."""
        if (found := self._find(key_id)) is not None:
            return found
        async with self._lock:
            if self._find(key_id) is None and self._may_fetch():
                await self._fetch()
        return self._find(key_id)

    def _find(self, key_id: str | None) -> object | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _may_fetch(self) -> bool:
        return self._fetched_at is None or time.monotonic() - self._fetched_at >= self._refresh_seconds

    async def _fetch(self) -> None:
        self._fetched_at = time.monotonic()
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                response.raise_for_status()
                body = await response.content.read(_LARGEST)
            document = jwt.PyJWKSet.from_json(body.decode())
        except (aiohttp.ClientError, TimeoutError, jwt.PyJWTError, ValueError) as error:
            log.warning("keys cannot be fetched", url=self._url, reason=f"{type(error).__name__}: {error}")
            if not self._keys:
                self._fetched_at = None
                raise DependencyDown(self._url) from error
            return
        self._keys = {str(key.key_id): key for key in document.keys if self._fits(key)}

    def _fits(self, key: jwt.PyJWK) -> bool:
        """Tell whether a key is of the configured algorithm's family; others are never used."""
        raw: Mapping[str, Any] = key._jwk_data  # noqa: SLF001 - PyJWK shows its type only here
        return key.key_type == _TYPES[self._algorithm] and raw.get("use", "sig") == "sig"
