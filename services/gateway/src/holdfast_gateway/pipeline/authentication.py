"""Bearer tokens: verified once, then known by their bytes until they expire [spec/07, Tokens]."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import jwt

from holdfast_contracts.enums import Role
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_gateway.domain.caller import Caller, make_caller
from holdfast_gateway.ports import DependencyDown, VerificationKeys

LEEWAY: Final = 30
"""Seconds that clocks may differ."""
SESSION_ISSUER: Final = "holdfast"
"""Issuer of visitors' tokens, which the gateway signs itself."""

_REQUIRED: Final = ["iss", "aud", "sub", "exp", "iat", "jti", "tenant_id", "scope"]
_MOST_KNOWN: Final = 20_000
_LONGEST_TOKEN: Final = 8_192
_LONGEST_SUBJECT: Final = 255


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed: one issuer, one audience, one algorithm."""

    name: str
    audience: str
    algorithm: str


def unauthenticated(detail: str = "A bearer token is needed.") -> Refusal:
    """Return the 401."""
    return Refusal(ProblemCode.UNAUTHENTICATED, detail)


_EXPIRED: Final = "The token has expired."


class Authenticator:
    """Turns the header `Authorization` into a caller. Raises Refusal (401) for everything else."""

    def __init__(self, issuer: Issuer, keys: VerificationKeys, session_key: str) -> None:
        self._issuer = issuer
        self._keys = keys
        self._session_key = session_key
        self._known: dict[bytes, Caller] = {}

    async def caller(self, authorization: bytes | None) -> Caller:
        """Return who asks. Raises Refusal: 401, or 503 where the issuer's keys cannot be fetched."""
        if authorization is None:
            raise unauthenticated()
        known = self._known.get(authorization)
        if known is not None:
            if known.expires_at + LEEWAY > time.time():
                return known
            raise Refusal(ProblemCode.TOKEN_EXPIRED, _EXPIRED)
        caller = await self._verify(bearer(authorization))
        if len(self._known) >= _MOST_KNOWN:
            self._forget()
        self._known[authorization] = caller
        return caller

    def _forget(self) -> None:
        """Drop expired tokens, and the older half where that is not enough."""
        now = time.time()
        kept = {token: caller for token, caller in self._known.items() if caller.expires_at > now}
        self._known = kept if len(kept) < _MOST_KNOWN // 2 else dict(list(kept.items())[len(kept) // 2 :])

    async def _verify(self, token: str) -> Caller:
        try:
            return await self._decode(token)
        except jwt.ExpiredSignatureError:
            raise Refusal(ProblemCode.TOKEN_EXPIRED, _EXPIRED) from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise unauthenticated("The token is not valid.") from None
        except DependencyDown:
            raise Refusal(ProblemCode.DEPENDENCY_DOWN, "The issuer's keys cannot be fetched.") from None

    async def _decode(self, token: str) -> Caller:
        unverified = jwt.decode(token, options={"verify_signature": False})
        if isinstance(unverified, dict) and unverified.get("iss") == SESSION_ISSUER:
            session = Issuer(SESSION_ISSUER, self._issuer.audience, "HS256")
            return _guest(_claims(token, self._session_key, session))
        header = jwt.get_unverified_header(token)
        if header.get("alg") != self._issuer.algorithm:
            raise unauthenticated("The token is signed in a way that is not accepted.")
        key_id = header.get("kid")
        key = await self._keys.key(key_id if isinstance(key_id, str) else None)
        if key is None:
            raise unauthenticated("The token's key is not known.")
        return _caller(_claims(token, key, self._issuer))


def bearer(authorization: bytes) -> str:
    """Return the token of `Bearer <token>` (RFC 6750, section 2.1). Raises Refusal (401)."""
    kind, _, token = authorization.decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not token.strip() or len(token) > _LONGEST_TOKEN:
        raise unauthenticated()
    return token.strip()


def _claims(token: str, key: Any, issuer: Issuer) -> Mapping[str, Any]:  # noqa: ANN401 - PyJWT's own
    claims: Mapping[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[issuer.algorithm],
        audience=issuer.audience,
        issuer=issuer.name,
        leeway=LEEWAY,
        options={"require": _REQUIRED},
    )
    return claims


def _caller(claims: Mapping[str, Any]) -> Caller:
    subject, scope, role = claims["sub"], claims["scope"], claims.get("role")
    if not (isinstance(subject, str) and isinstance(scope, str) and isinstance(claims["tenant_id"], str)):
        raise unauthenticated("The token's claims have wrong types.")
    if not subject or len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
        raise unauthenticated("The token's `sub` is not usable.")
    role_name = role if isinstance(role, str) else None
    return make_caller(UUID(claims["tenant_id"]), subject, role_name, scope, float(claims["exp"]))


def _guest(claims: Mapping[str, Any]) -> Caller:
    """Return a visitor: whatever the token says, it never opens more than a guest's scopes."""
    caller = _caller({**claims, "role": Role.GUEST.value})
    allowed = " ".join(caller.scopes & SCOPES_BY_ROLE[Role.GUEST])
    return make_caller(caller.tenant_id, caller.subject, Role.GUEST.value, allowed, caller.expires_at)


class PlatformGate:
    """Opens /tenants to the bearer of the platform token, compared in constant time."""

    def __init__(self, token: str | None, read_token: Callable[[bytes | None], Awaitable[object]]) -> None:
        self._token = token.encode() if token is not None else None
        self._read_token = read_token

    async def check(self, authorization: bytes | None) -> None:
        """Raise Refusal unless the platform token is there: 403 for a tenant's valid token, else 401."""
        if authorization is None:
            raise unauthenticated("The platform token is needed.")
        given = bearer(authorization).encode("latin-1")
        if self._token is not None and hmac.compare_digest(given, self._token):
            return
        await self._read_token(authorization)
        raise Refusal(ProblemCode.FORBIDDEN, "Tenants are the platform's: its token is needed.")
