"""Signed links to what a customer takes along [spec/02, Booking assets].

The signature is an HMAC-SHA-256 (RFC 2104) over method, path and expiry, with a key derived for each tenant. The key
id names the tenant, so that a link works on any host of the gateway.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final
from uuid import UUID

KEY_GENERATION: Final = "k1"


@lru_cache(maxsize=4096)
def _tenant_key(master: bytes, tenant_id: UUID) -> bytes:
    return hmac.digest(master, b"asset-link:" + tenant_id.bytes, sha256)


def _signature(key: bytes, method: str, path: str, expiry: int) -> str:
    digest = hmac.digest(key, f"{method}\n{path}\n{expiry}".encode(), sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class LinkSigner:
    """Signs and checks links with the key all services share."""

    def __init__(self, master_key: str, public_url: str, valid_days: int = 30) -> None:
        self._master = master_key.encode()
        self._public_url = public_url.rstrip("/")
        self._valid = timedelta(days=valid_days)

    def base_url(self, domain: str | None) -> str:
        """Return where a tenant's customers reach the gateway: its own domain, else the public address."""
        return f"https://{domain}" if domain else self._public_url

    def sign(self, tenant_id: UUID, path: str, ends_at: datetime, base_url: str, *, method: str = "GET") -> str:
        """Return the signed address of `path` (URL-safe as it is), valid `ASSET_LINK_DAYS` beyond `ends_at` (aware)."""
        expiry = int((ends_at + self._valid).timestamp())
        signature = _signature(_tenant_key(self._master, tenant_id), method, path, expiry)
        return f"{base_url}{path}?exp={expiry}&kid={KEY_GENERATION}.{tenant_id.hex}&sig={signature}"

    def verify(self, method: str, path: str, exp: str, kid: str, sig: str, now: datetime) -> UUID | None:
        """Return the tenant of a link that is genuine and not expired at `now`, else None."""
        generation, _, tenant_hex = kid.partition(".")
        if generation != KEY_GENERATION or not exp.isascii() or not exp.isdigit() or len(exp) > 12:
            return None
        try:
            tenant_id = UUID(hex=tenant_hex)
        except ValueError:
            return None
        expected = _signature(_tenant_key(self._master, tenant_id), method, path, int(exp))
        genuine = hmac.compare_digest(expected.encode(), sig.encode())
        return tenant_id if genuine and int(exp) > now.timestamp() else None
