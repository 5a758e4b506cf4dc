"""From a request's body to a wish: what is meant by it, with local times resolved to instants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from holdfast_contracts.enums import BookingMode
from holdfast_contracts.problems import FieldError, ProblemCode, Refusal, invalid, not_found
from holdfast_contracts.public.schedules import MOST_GUESTS, SessionSchedule, TimeSlotSchedule
from holdfast_contracts.values import is_told, parse_time
from holdfast_inventory.domain.calendar import Calendar
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import (
    ForeignOffsetError,
    NonexistentLocalTimeError,
    instant,
    parse_offset,
    seconds,
    utc,
)
from holdfast_inventory.domain.place import Interval
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.domain.wish import Item, SessionWish, SlotWish, Wish

Schedule = SessionSchedule | TimeSlotSchedule


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish with all that it concerns; exactly one of session and calendar is there."""

    wish: Wish
    interval: Interval
    timezone: str
    guest_count: int
    payload: Mapping[str, object]
    content: Content | None
    session: Session | None = None
    calendar: Calendar | None = None

    @property
    def contended(self) -> UUID:
        """What it takes from."""
        return self.wish.session_id if isinstance(self.wish, SessionWish) else self.wish.resource_id


def read_wish(
    stock: Stock,
    tenant_id: UUID,
    content_id: UUID | None,
    resource_id: UUID | None,
    schedule: Schedule,
    guest_count: int | None,
) -> Asked:
    """Say what a body asks for. Raises 404 for unknown ids and 422 for values that are wrong at any time."""
    if isinstance(schedule, SessionSchedule):
        if resource_id is not None:
            raise invalid("resourceId", "must be left out: a session is booked, not a resource", "NOT_ALLOWED")
        key = _simple(tenant_id, content_id, schedule, guest_count)
        known = stock.memo.get(key) if key is not None else None
        if known is not None:
            return cast("Asked", known)
        asked = _of_session(stock, tenant_id, content_id, schedule, guest_count)
        if key is not None:
            stock.memo[key] = asked
        return asked
    return _of_time(stock, tenant_id, content_id, resource_id, schedule, guest_count or 1)


def _simple(
    tenant_id: UUID, content_id: UUID | None, schedule: SessionSchedule, guest_count: int | None
) -> tuple[object, ...] | None:
    """What a wish for units of one tier says; in a rush very many say the same, and it is read once."""
    item = schedule.items[0]
    if len(schedule.items) > 1 or item.seat_labels is not None or schedule.session_id is None:
        return None
    named = (tenant_id, schedule.session_id, content_id, schedule.content_id)
    return ("asked", *named, item.tier_id, item.quantity, guest_count)


def _of_session(
    stock: Stock, tenant_id: UUID, content_id: UUID | None, schedule: SessionSchedule, guest_count: int | None
) -> Asked:
    session = _session(stock, tenant_id, content_id, schedule)
    content = stock.content(tenant_id, session.content_id)
    if content_id not in (None, content.id) or schedule.content_id not in (None, content.id):
        raise not_found("session of this content")
    items = _items(content, schedule)
    guests = _admitted(content, items, guest_count)
    return Asked(
        wish=SessionWish(session.id, items),
        interval=Interval(session.starts_at, session.ends_at),
        timezone=session.timezone,
        guest_count=guests,
        payload=_session_payload(session.id, schedule),
        content=content,
        session=session,
    )


def _admitted(content: Content, items: tuple[Item, ...], said: int | None) -> int:
    """Guests that the tiers admit. Raises 422 where that is another number than was said, or too many for a booking."""
    guests = sum(item.quantity * content.tiers[item.tier_id].admits for item in items)
    if said not in (None, guests):
        raise invalid("guestCount", f"must be {guests}, as the tiers admit, or left out", "DERIVED")
    if guests > MOST_GUESTS:
        raise invalid("guestCount", f"must be at most {MOST_GUESTS}: the tiers admit {guests}", "OUT_OF_RANGE")
    return guests


def _session(stock: Stock, tenant_id: UUID, content_id: UUID | None, schedule: SessionSchedule) -> Session:
    if schedule.session_id is not None:
        return stock.session(tenant_id, schedule.session_id)
    content = schedule.content_id or content_id
    if content is None or schedule.starts_at is None:
        raise invalid("contentId", "is needed where a session is named by its start", "REQUIRED")
    return stock.session_at(tenant_id, content, seconds(schedule.starts_at))


def _items(content: Content, schedule: SessionSchedule) -> tuple[Item, ...]:
    for number, item in enumerate(schedule.items):
        content.tier(item.tier_id, f"schedulePayload.items[{number}].tierId")
    return tuple(Item(item.tier_id, item.quantity, tuple(sorted(item.seat_labels or ()))) for item in schedule.items)


def _session_payload(session_id: UUID, schedule: SessionSchedule) -> Mapping[str, object]:
    items = [
        {"tierId": str(item.tier_id), "quantity": item.quantity}
        | ({"seatLabels": item.seat_labels} if item.seat_labels is not None else {})
        for item in schedule.items
    ]
    return {"sessionId": str(session_id), "items": items}


def _of_time(
    stock: Stock,
    tenant_id: UUID,
    content_id: UUID | None,
    resource_id: UUID | None,
    schedule: TimeSlotSchedule,
    guests: int,
) -> Asked:
    # What can be said to be wrong without knowing more comes first: 422 before 404 [spec/10, Order of checks].
    start = _start(schedule, schedule.timezone) if schedule.timezone is not None else None
    content = stock.contents.get(content_id) if content_id is not None else None
    if content is not None and content.tenant_id == tenant_id:
        content.check_mode(BookingMode.TIME_SLOT, "schedulePayload")
    if resource_id is None:
        # Resources come from requirements later; until a content has some, nobody could serve the wish.
        raise invalid("resourceId", "is needed: no requirement of the content says who serves it", "REQUIRED")
    calendar = stock.calendar(tenant_id, resource_id)
    resource = calendar.resource
    start = _start(schedule, resource.timezone) if start is None else start
    content = stock.content(tenant_id, content_id) if content_id is not None else None
    minutes = schedule.duration_minutes or (content and content.duration) or resource.default_duration
    interval = _interval(start, minutes)
    return Asked(
        wish=SlotWish(resource_id, interval, guests),
        interval=interval,
        timezone=resource.timezone,
        guest_count=guests,
        payload=schedule.model_dump(mode="json", by_alias=True, exclude_none=True),
        content=content,
        calendar=calendar,
    )


def _start(schedule: TimeSlotSchedule, zone: str) -> int:
    """The start that is meant. Raises 422 for a time that the zone does not have on that day."""
    offset = parse_offset(schedule.offset) if schedule.offset is not None else None
    try:
        return instant(schedule.date, parse_time(schedule.start_time), zone, offset)
    except NonexistentLocalTimeError as error:
        detail = f"{schedule.start_time} does not exist on {schedule.date} in {zone}: the clocks are put forward."
        where = FieldError("schedulePayload.startTime", "NONEXISTENT_LOCAL_TIME", "does not exist on this day")
        raise Refusal(ProblemCode.NONEXISTENT_LOCAL_TIME, detail, errors=[where]) from error
    except ForeignOffsetError as error:
        raise invalid("schedulePayload.offset", "is no offset of this local time", "WRONG_OFFSET") from error


def _interval(start: int, minutes: int) -> Interval:
    """The time that is taken. Raises 422 where its start or end lies beyond the years that can be told."""
    end = start + minutes * 60
    if not (is_told(utc(start)) and is_told(utc(end))):
        raise invalid("schedulePayload.date", "is too near the end of the years that can be booked", "OUT_OF_RANGE")
    return Interval(start, end)
