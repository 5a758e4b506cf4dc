"""Identifiers: how each is made, so that a repeat of a command makes the same ones (I5)."""

from __future__ import annotations

import secrets
from hashlib import sha1
from uuid import UUID, SafeUUID, uuid4, uuid5

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32 alphabet: no I, L, O or U (https://www.crockford.com/base32.html)."""

_VERSION_AND_VARIANT = 0xF000 << 64 | 0xC000 << 48
_VERSION_5 = 5 << 76 | 0x8000 << 48
_NAMESPACE = UUID("5b1f6a3e-0c57-4d0e-9a4b-6f0f2c7a9d11")


def new_id() -> UUID:
    """Return a random UUIDv4."""
    return uuid4()


def command_id(tenant_id: UUID, subject: str, key: str) -> UUID:
    """Return the id of the command that `key` stands for; a key belongs to (tenant, subject)."""
    return uuid5(_NAMESPACE, f"{tenant_id}\x1f{subject}\x1f{key}")


def derived_id(parent: UUID, *parts: object) -> UUID:
    """Return the UUIDv5 of what a command or event makes, so that a repeat makes the same.

    It is `uuid5` (RFC 9562, section 5.5) without its detours: a rush makes several for each command.
    """
    name = "\x1f".join([str(part) for part in parts]) if len(parts) > 1 else str(parts[0])
    digest = int.from_bytes(sha1(parent.bytes + name.encode(), usedforsecurity=False).digest()[:16], "big")
    made = UUID.__new__(UUID)  # its constructor would check the form of six kinds of argument
    object.__setattr__(made, "int", digest & ~_VERSION_AND_VARIANT | _VERSION_5)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def draw_code(length: int) -> str:
    """Return `length` random Crockford characters (5 bits each)."""
    return "".join([CROCKFORD[byte & 31] for byte in secrets.token_bytes(length)])


def draw_booking_number() -> str:
    """Return a random booking number, `BK-` and 8 characters; unique per tenant once stored."""
    return f"BK-{draw_code(8)}"


def draw_ticket_code() -> str:
    """Return a random ticket or booking code of 12 characters; unique globally once stored."""
    return draw_code(12)
