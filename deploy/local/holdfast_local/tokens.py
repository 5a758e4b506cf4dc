"""Bearer tokens for development: HS256, long-lived, one a role [spec/09, Tokens]."""

import time
import uuid

import jwt

from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_local.environment import AUDIENCE, ISSUER

TENANT_ROLES = (Role.OWNER, Role.MANAGER, Role.STAFF, Role.DOOR, Role.AUDITOR, Role.GUEST)
LIFETIME_SECONDS = 30 * 24 * 3600


def mint(key: str, tenant_id: str, role: Role, subject: str | None = None) -> str:
    """A token of one tenant and role; `subject` is the account, by default one a role."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject or f"acc-{role}",
        "tenant_id": tenant_id,
        "role": str(role),
        "scope": " ".join(sorted(SCOPES_BY_ROLE[role])),
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key, algorithm="HS256")


def mint_all(key: str, tenant_id: str) -> dict[str, str]:
    """A token for each role of a tenant."""
    return {str(role): mint(key, tenant_id, role) for role in TENANT_ROLES}
