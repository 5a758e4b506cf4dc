"""A guest token for a visitor of a storefront [spec/09, POST /public/session]."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from holdfast_contracts.enums import Role
from holdfast_contracts.ids import new_id
from holdfast_contracts.public.tenants import PublicSessionDto
from holdfast_contracts.scopes import SCOPES_BY_ROLE


class IssueVisitorSessionUseCase:
    """Signs tokens with the gateway's own key: scopes of a guest, `sub` is the session's id."""

    def __init__(
        self, key: str, issuer: str, audience: str, lifetime: timedelta, now: Callable[[], datetime] | None = None
    ) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._now = now or (lambda: datetime.now(UTC))
        self._scope = " ".join(sorted(SCOPES_BY_ROLE[Role.GUEST]))

    def execute(self, tenant_id: UUID) -> PublicSessionDto:
        """Return a new session of a tenant."""
        session_id, now = new_id(), self._now().replace(microsecond=0)
        expires_at = now + self._lifetime
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(session_id),
            "tenant_id": str(tenant_id),
            "role": Role.GUEST.value,
            "scope": self._scope,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": str(new_id()),
        }
        token = jwt.encode(claims, self._key, algorithm="HS256")
        return PublicSessionDto(token=token, session_id=session_id, expires_at=expires_at)
