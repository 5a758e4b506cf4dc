"""Events whose doors are open, and scans at them."""

from __future__ import annotations

from e2e_samples import Concert, ahead, concert, scan, tickets_of
from e2e_world import Json, Tenant


def tonight(tenant: Tenant, **fields: object) -> Concert:
    """An event whose doors are open."""
    return concert(tenant, starts_at=ahead(minutes=45), **fields)


def with_policy(tenant: Tenant, policy: str) -> Concert:
    """An event tonight whose one tier has this entry policy."""
    return tonight(
        tenant, tiers=[{"name": "Pass", "kind": "paid", "price": "9.00", "quantity": 9, "entryPolicy": policy}]
    )


def sold(show: Concert, quantity: int = 1, **fields: object) -> tuple[Json, list[Json]]:
    """A booking with its tickets."""
    booking = show.booked(show.tenant.guest, quantity, **fields)
    return booking, tickets_of(show.tenant.guest, booking, quantity)


def enter(tenant: Tenant, ticket: Json, **fields: object) -> Json:
    """One scan of a ticket by the door."""
    return scan(tenant.door, ticket["ticketCode"], **fields)
