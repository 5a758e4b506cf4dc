"""Booking a time of a resource: when it may be booked, and whether it is free (I1, I2)."""

from uuid import UUID

from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_inventory.domain.calendar import Calendar
from holdfast_inventory.domain.place import Place
from holdfast_inventory.domain.refusals import Entry, slot_unavailable
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.sale import Alternatives
from holdfast_inventory.domain.wish import SlotWish


def reserve(
    calendar: Calendar, wish: SlotWish, claim_id: UUID, now: int, alternatives: Alternatives, *, staff: bool, held: bool
) -> Place:
    """Take the time for a claim or hold, or raise a refusal and take nothing.

    Staff are exempt from notice, advance, grid and opening hours, never from what is taken.
    """
    check_active(calendar.resource)
    if not staff:
        check_notice(calendar.resource, wish, now)
        if not calendar.resource.on_grid(*wish.interval):
            raise slot_unavailable("The time is closed or off the grid.", left_of(calendar, wish), alternatives())
    place = calendar.occupy(claim_id, wish.interval, wish.guests, held=held)
    if place is None:
        raise slot_unavailable("The time is taken.", left_of(calendar, wish), alternatives())
    return place


def check_active(resource: Resource) -> None:
    """Raise RESOURCE_INACTIVE for a resource that cannot be booked at present."""
    if not resource.active:
        raise Refusal(ProblemCode.RESOURCE_INACTIVE, f"{resource.name} cannot be booked at present.")


def check_notice(resource: Resource, wish: SlotWish, now: int) -> None:
    """Raise TOO_SOON inside the minimum notice and TOO_FAR beyond the days of advance booking."""
    if wish.interval.start < resource.earliest(now):
        notice = f"{resource.name} needs {resource.notice_hours} hours of notice."
        raise Refusal(ProblemCode.TOO_SOON, notice if resource.notice_hours else "The time has begun or has passed.")
    latest = resource.latest(now)
    if latest is not None and wish.interval.start >= latest:
        raise Refusal(ProblemCode.TOO_FAR, f"{resource.name} can be booked {resource.advance_days} days ahead.")


def left_of(calendar: Calendar, wish: SlotWish) -> list[Entry]:
    """What is free of the resource for the time that was wanted."""
    return [{"resourceId": str(calendar.resource.id), "remaining": max(0, calendar.left(wish.interval))}]
