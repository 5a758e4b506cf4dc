"""Scopes by role, word for word as the table of the specification [spec/09, Tokens]."""

from __future__ import annotations

from enum import StrEnum

from holdfast_contracts.enums import Role


class Scope(StrEnum):
    """What a token allows."""

    AVAILABILITY_READ = "availability:read"
    HOLDS_WRITE = "holds:write"
    BOOKINGS_CREATE = "bookings:create"
    BOOKINGS_OWN = "bookings:own"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    SCANS_WRITE = "scans:write"
    CATALOG_WRITE = "catalog:write"
    STATS_READ = "stats:read"
    EXPORTS_READ = "exports:read"
    CALENDAR_WRITE = "calendar:write"


_GUEST = frozenset({Scope.AVAILABILITY_READ, Scope.HOLDS_WRITE, Scope.BOOKINGS_CREATE, Scope.BOOKINGS_OWN})
_STAFF = frozenset(
    {
        Scope.AVAILABILITY_READ,
        Scope.HOLDS_WRITE,
        Scope.BOOKINGS_CREATE,
        Scope.BOOKINGS_READ,
        Scope.BOOKINGS_WRITE,
        Scope.SCANS_WRITE,
    }
)
_ALL_BUSINESS = _STAFF | {Scope.CATALOG_WRITE, Scope.STATS_READ, Scope.EXPORTS_READ, Scope.CALENDAR_WRITE}
_AUDITOR = frozenset({Scope.AVAILABILITY_READ, Scope.BOOKINGS_READ, Scope.STATS_READ, Scope.EXPORTS_READ})

SCOPES_BY_ROLE: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(_ALL_BUSINESS),
    Role.MANAGER: frozenset(_ALL_BUSINESS),
    Role.STAFF: _STAFF,
    Role.DOOR: frozenset({Scope.SCANS_WRITE}),
    Role.AUDITOR: _AUDITOR,
    Role.GUEST: _GUEST,
    Role.SERVICE: frozenset(_ALL_BUSINESS),
    Role.PLATFORM: frozenset(),
}

STAFF_SCOPES = frozenset({Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE})
"""Whoever holds one of these is of the business; what they may see and change, each scope says for itself."""
