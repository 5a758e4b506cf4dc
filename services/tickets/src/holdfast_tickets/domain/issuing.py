"""Which tickets a booking has: one per admission, each with an id that a repeat makes again (I6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from uuid import UUID

from holdfast_contracts.enums import BookingMode, EntryPolicy
from holdfast_contracts.ids import derived_id
from holdfast_tickets.domain.admission import WITHOUT_TICKETS, Admission, Guest, TierTerms
from holdfast_tickets.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Place:
    """One admission that was bought: tier, seat and how it may be used."""

    tier_id: UUID | None = None
    seat_label: str | None = None
    entry_policy: EntryPolicy = EntryPolicy.ONCE


def places(admission: Admission) -> Iterator[Place]:
    """Yield one place per admission: quantity × admits for a session, else one a guest [spec/10, Tickets]."""
    if admission.mode in WITHOUT_TICKETS:
        return
    if admission.mode is not BookingMode.SESSION:
        yield from (Place() for _ in range(admission.guest_count))
        return
    for item in admission.items:
        terms = admission.tiers.get(item.tier_id) or TierTerms(item.tier_id, "")
        for unit in range(item.quantity):
            seat = item.seat_labels[unit] if unit < len(item.seat_labels) else None
            yield from (Place(item.tier_id, seat, terms.entry_policy) for _ in range(terms.admits))


def attendees(admission: Admission) -> Iterator[Guest]:
    """Yield who holds ticket 1, 2 …: the guests in their order, then for ever the customer."""
    yield from (guest if guest.name else Guest(admission.customer.name, guest.email) for guest in admission.guests)
    while True:
        yield admission.customer


def issue(admission: Admission, key_number: int, draw_code: Callable[[], str], now: datetime) -> list[Ticket]:
    """Return the tickets of a booking, new and valid."""
    return [
        Ticket(
            id=derived_id(admission.booking_id, "ticket", position),
            tenant_id=admission.tenant_id,
            booking_id=admission.booking_id,
            position=position,
            ticket_code=draw_code(),
            created_at=now,
            updated_at=now,
            key_number=key_number,
            tier_id=place.tier_id,
            seat_label=place.seat_label,
            attendee_name=guest.name,
            attendee_email=guest.email,
            entry_policy=place.entry_policy,
        )
        for position, place, guest in zip(count(1), places(admission), attendees(admission), strict=False)
    ]


def renamed(admission: Admission, tickets: list[Ticket], now: datetime) -> list[Ticket]:
    """Return the tickets whose holder's name or address differs from what the booking says now."""
    holders = list(islice(attendees(admission), max((ticket.position for ticket in tickets), default=0)))
    pairs = [(ticket, holders[ticket.position - 1]) for ticket in tickets]
    return [
        ticket.rename(guest.name, guest.email, now)
        for ticket, guest in pairs
        if (ticket.attendee_name, ticket.attendee_email) != (guest.name, guest.email)
    ]
