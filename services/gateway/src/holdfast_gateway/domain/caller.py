"""Who asks: what a verified token says, ready for use in every request that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from holdfast_contracts.enums import BookingActorType, BookingOrigin, Role
from holdfast_contracts.message import Actor
from holdfast_contracts.scopes import STAFF_SCOPES, Scope

_KNOWN_SCOPES: Final[Mapping[str, Scope]] = {scope.value: scope for scope in Scope}
_KNOWN_ROLES: Final[Mapping[str, Role]] = {role.value: role for role in Role}
_ACTOR_TYPES: Final[Mapping[Role, BookingActorType]] = {
    Role.GUEST: BookingActorType.GUEST,
    Role.SERVICE: BookingActorType.API,
    Role.PLATFORM: BookingActorType.API,
}
_ORIGINS: Final[Mapping[BookingActorType, BookingOrigin]] = {
    BookingActorType.GUEST: BookingOrigin.STOREFRONT,
    BookingActorType.CUSTOMER: BookingOrigin.STOREFRONT,
    BookingActorType.STAFF: BookingOrigin.DASHBOARD,
    BookingActorType.API: BookingOrigin.API,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a verified token. `expires_at` is its `exp`, seconds since the epoch.

    `actor` is who asks for a change, `reader_json` the same who asks to see: each is staff by the scope of its own.
    """

    tenant_id: UUID
    subject: str
    role: Role
    scopes: frozenset[Scope]
    actor: Actor
    actor_json: bytes
    reader_json: bytes
    expires_at: float

    @property
    def staff(self) -> bool:
        """Whether they change things for the business rather than their own bookings."""
        return self.actor.staff

    @property
    def sees_all(self) -> bool:
        """Whether they see what belongs to others of the tenant."""
        return Scope.BOOKINGS_READ in self.scopes


def parse_scopes(text: str) -> frozenset[Scope]:
    """Return the scopes of a claim; words that Holdfast does not know mean nothing here."""
    return frozenset(_KNOWN_SCOPES[word] for word in text.split() if word in _KNOWN_SCOPES)


def make_caller(tenant_id: UUID, subject: str, role_name: str | None, scope: str, expires_at: float) -> Caller:
    """Return the caller of a token's claims. The scopes decide what they may do; the role only names them."""
    scopes = parse_scopes(scope)
    staff = not scopes.isdisjoint(STAFF_SCOPES)
    role = _KNOWN_ROLES.get(role_name or "")
    kind = _actor_type(role, staff)
    actor = Actor(
        subject=subject,
        role=role or (Role.STAFF if staff else Role.GUEST),
        type=kind,
        origin=_ORIGINS[kind],
        staff=Scope.BOOKINGS_WRITE in scopes,
    )
    reader = actor.model_copy(update={"staff": Scope.BOOKINGS_READ in scopes})
    return Caller(tenant_id, subject, actor.role, scopes, actor, actor.encode(), reader.encode(), expires_at)


def _actor_type(role: Role | None, staff: bool) -> BookingActorType:
    if role is None:
        return BookingActorType.STAFF if staff else BookingActorType.CUSTOMER
    return _ACTOR_TYPES.get(role, BookingActorType.STAFF)
