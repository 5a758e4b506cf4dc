"""`holdfast token`: bearer tokens for development (HS256), with the scopes of a role [spec/09, Tokens]."""

from __future__ import annotations

import os
import time
from typing import Annotated, Final
from uuid import uuid4

import jwt
import typer

from holdfast_cli.errors import CannotError
from holdfast_cli.stack import DEFAULT, StackOption, stack_file, stack_secret
from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE

ISSUER: Final = "https://auth.holdfast.invalid"
AUDIENCE: Final = "holdfast"


def token(
    tenant: Annotated[str, typer.Option(help="Slug or id of the tenant.")] = "demo",
    role: Annotated[Role, typer.Option(help="Role, which decides the scopes.")] = Role.STAFF,
    sub: Annotated[str | None, typer.Option(help="Account or visitor; default: acc-<role>.")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How long it is valid.")] = 60,
    stack: StackOption = DEFAULT,
) -> None:
    """Print a bearer token for development; for the role platform the token that opens /tenants.

    It is signed with JWT_HS256_KEY, or with the key of the local stack; JWT_ISSUER and JWT_AUDIENCE as at the gateway.
    """
    if role is Role.PLATFORM:
        typer.echo(_platform_token(stack))
        return
    key = os.environ.get("JWT_HS256_KEY") or stack_secret(stack, "jwt_hs256_key")
    if key is None:
        raise CannotError("There is no key: start a stack (make run), or set JWT_HS256_KEY.")
    typer.echo(mint(key, _tenant_id(tenant, stack), role, sub or f"acc-{role}", minutes))


def _platform_token(stack: str) -> str:
    found = os.environ.get("PLATFORM_TOKEN") or stack_secret(stack, "platform_token")
    if found is None:
        raise CannotError("There is no platform token: start a stack (make run), or set PLATFORM_TOKEN.")
    return found


def mint(key: str, tenant_id: str, role: Role, subject: str, minutes: int) -> str:
    """Return a token of one tenant and role."""
    now = int(time.time())
    claims = {
        "iss": os.environ.get("JWT_ISSUER", ISSUER),
        "aud": os.environ.get("JWT_AUDIENCE", AUDIENCE),
        "sub": subject,
        "tenant_id": tenant_id,
        "role": str(role),
        "scope": " ".join(sorted(SCOPES_BY_ROLE[role])),
        "iat": now,
        "exp": now + minutes * 60,
        "jti": str(uuid4()),
    }
    return jwt.encode(claims, key, algorithm="HS256")


def _tenant_id(named: str, stack: str) -> str:
    known = stack_file(stack).tenant_id(named)
    if known is not None:
        return known
    if len(named) == 36 and named.count("-") == 4:
        return named
    raise CannotError(f"The tenant {named!r} is not known; give its id, or start the stack that has it.")
