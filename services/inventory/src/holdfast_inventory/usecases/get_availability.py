"""When something can be booked: slots of a resource, or sessions of a content [spec/04, Availability]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from holdfast_contracts.enums import BookingMode, SlotStatus
from holdfast_contracts.problems import FieldError, ProblemCode, Refusal, invalid, not_found
from holdfast_contracts.public.availability import AvailabilityResponseDto, SlotDto, SlotPrice
from holdfast_inventory.domain.calendar import Calendar, Search
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import DAY_SECONDS, edge, seconds
from holdfast_inventory.domain.place import Interval
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.slot import Slot
from holdfast_inventory.repositories.availability import AvailabilityRepository
from holdfast_inventory.services.dynamic_pricing import DynamicPricingService
from holdfast_inventory.services.showing import session_offer, show_session_slot, show_slot, slot_price

MOST_DAYS = 62
MOST_SESSIONS = 5_000
WEEK = 7
PADDING = 3 * DAY_SECONDS
"""Around a range, so that no zone, buffer or long booking is cut off."""
LISTED = (SlotStatus.AVAILABLE, SlotStatus.LIMITED, SlotStatus.FULL)
FREE = (SlotStatus.AVAILABLE, SlotStatus.LIMITED)


@dataclass(frozen=True, slots=True)
class AvailabilityQuery:
    """What is asked: local days, inclusive, in `timezone` or else in the zone of the resource or content."""

    date_from: date
    date_to: date
    content_id: UUID | None = None
    resource_id: UUID | None = None
    guests: int = 1
    duration_minutes: int | None = None
    timezone: str | None = None
    tier_id: UUID | None = None
    unavailable: bool = False
    channel: str = "storefront"

    def check(self) -> None:
        """Raise 422 for a range that is none, or longer than 62 days, and where nothing is asked for."""
        if self.content_id is None and self.resource_id is None:
            raise invalid("contentId", "either contentId or resourceId is needed", "REQUIRED")
        if self.date_to < self.date_from:
            raise invalid("dateTo", "must not be before dateFrom", "OUT_OF_RANGE")
        if (self.date_to - self.date_from).days >= MOST_DAYS:
            raise too_long(f"A range has at most {MOST_DAYS} days.")

    def span(self, zone: str, days_later: int = 0) -> Interval:
        """The days as instants, or as many days after them."""
        if days_later:
            first = self.date_to + timedelta(days=1)
            return Interval(edge(first, 0, zone), edge(first + timedelta(days=days_later), 0, zone))
        return Interval(edge(self.date_from, 0, zone), edge(self.date_to + timedelta(days=1), 0, zone))


def too_long(detail: str) -> Refusal:
    """Return the 422 for a range that holds more than one answer may."""
    where = FieldError("dateTo", str(ProblemCode.RANGE_TOO_LONG), "is too late for one answer")
    return Refusal(ProblemCode.RANGE_TOO_LONG, detail, errors=[where])


class GetAvailabilityUseCase:
    """Advice: a claim is checked again when it is taken. `most_slots` of a grid are looked at for one answer."""

    def __init__(self, repository: AvailabilityRepository, most_slots: int) -> None:
        self._repository = repository
        self._most_slots = most_slots
        self._pricing = DynamicPricingService()

    async def execute(self, tenant_id: UUID, query: AvailabilityQuery) -> AvailabilityResponseDto:
        """Slots with what is left of each, and the next that is free. Raises 404, 422, and 501 for modes to come."""
        query.check()
        content = await self._content(tenant_id, query.content_id)
        if content is not None and content.mode == BookingMode.SESSION:
            return await self._sessions(tenant_id, content, query)
        if content is not None and content.mode != BookingMode.TIME_SLOT:
            raise Refusal(ProblemCode.NOT_IMPLEMENTED, f"Availability in mode {content.mode} is planned.")
        if query.resource_id is None or (content is not None and not content.published):
            zone = query.timezone or (content.timezone if content is not None else "UTC")
            return AvailabilityResponseDto(slots=[], next_available=None, waitlist=False, timezone=zone)
        return await self._times(tenant_id, query.resource_id, content, query)

    async def _content(self, tenant_id: UUID, content_id: UUID | None) -> Content | None:
        if content_id is None:
            return None
        content = await self._repository.content(tenant_id, content_id)
        if content is None:
            raise not_found("content")
        return content

    # -- times of a resource --------------------------------------------------------------------------------------

    async def _times(
        self, tenant_id: UUID, resource_id: UUID, content: Content | None, query: AvailabilityQuery
    ) -> AvailabilityResponseDto:
        calendar, now = await self._calendar(tenant_id, resource_id, query.span("UTC"))
        search = _search(query, calendar, content, now)
        self._check_grid(calendar, search)
        slots = calendar.slots(search)
        free = next((slot for slot in slots if slot.reason is None), None)
        if free is None:
            free = await self._later(tenant_id, resource_id, search)
        return AvailabilityResponseDto.model_construct(
            slots=self._shown(slots, calendar, content, search, query.channel),
            next_available=free.starts if free is not None else None,
            waitlist=False,
            timezone=search.zone,
        )

    def _check_grid(self, calendar: Calendar, search: Search) -> None:
        """Raise 422 for a grid so fine that its answer would keep everybody else waiting."""
        if calendar.resource.grid_size(search.first, search.last, search.duration) > self._most_slots:
            raise too_long(f"One answer has at most {self._most_slots} slots: ask for fewer days.")

    async def _calendar(self, tenant_id: UUID, resource_id: UUID, span: Interval) -> tuple[Calendar, int]:
        padded = Interval(span.start - PADDING, span.end + PADDING + MOST_DAYS * DAY_SECONDS)
        found = await self._repository.calendars(tenant_id, [resource_id], padded)
        if not found.calendars:
            raise not_found("resource")
        return found.calendars[0], seconds(found.now)

    async def _later(self, tenant_id: UUID, resource_id: UUID, search: Search) -> Slot | None:
        """The first free slot of the 62 days after the range, looked for week by week."""
        days = [search.last + timedelta(days=number) for number in range(1, MOST_DAYS + 1)]
        calendar, _ = await self._calendar(tenant_id, resource_id, search.of(days[0], days[-1]).span)
        weeks = [days[first : first + WEEK] for first in range(0, MOST_DAYS, WEEK)]
        return next((slot for week in weeks for slot in calendar.slots(search.of(week[0], week[-1]))), None)

    def _shown(
        self, slots: Sequence[Slot], calendar: Calendar, content: Content | None, search: Search, channel: str
    ) -> list[SlotDto]:
        """Slots with their prices; without price rules all of them cost the same."""
        one = content is None or not content.rules
        prices: list[SlotPrice] = []
        for slot in slots:
            if one and prices:
                prices.append(prices[0])
            else:
                cost = self._pricing.of_time(
                    content, calendar.resource, slot.interval, search.guests, search.now, channel
                )
                prices.append(slot_price(cost))
        return [show_slot(slot, calendar.resource, search.zone, cost) for slot, cost in zip(slots, prices, strict=True)]

    # -- sessions of a content ------------------------------------------------------------------------------------

    async def _sessions(self, tenant_id: UUID, content: Content, query: AvailabilityQuery) -> AvailabilityResponseDto:
        if query.tier_id is not None:
            content.tier(query.tier_id, "tierId")
        zone = query.timezone or content.timezone
        now, found = await self._repository.sessions(tenant_id, content.id, query.span(zone), MOST_SESSIONS)
        shown = [self._session_slot(session, content, zone, query, seconds(now)) for session in found]
        free: SlotDto | None = next((slot for slot in shown if slot.status in FREE), None)
        if free is None:
            _, later = await self._repository.sessions(tenant_id, content.id, query.span(zone, MOST_DAYS), 200)
            after = (self._session_slot(session, content, zone, query, seconds(now)) for session in later)
            free = next((slot for slot in after if slot.status in FREE), None)
        return AvailabilityResponseDto.model_construct(
            slots=[slot for slot in shown if query.unavailable or slot.status in LISTED],
            next_available=free.start if free is not None else None,
            waitlist=False,
            timezone=zone,
        )

    def _session_slot(
        self, session: Session, content: Content, zone: str, query: AvailabilityQuery, now: int
    ) -> SlotDto:
        offer = session_offer(session, content, query.tier_id, query.guests, now)
        price = self._pricing.cheapest(content, session, query.tier_id, now, query.channel)
        return show_session_slot(session, content, zone, offer, price)


def _search(query: AvailabilityQuery, calendar: Calendar, content: Content | None, now: int) -> Search:
    resource = calendar.resource
    minutes = query.duration_minutes or (content and content.duration) or resource.default_duration
    return Search(
        query.date_from,
        query.date_to,
        query.timezone or resource.timezone,
        minutes * 60,
        query.guests,
        now,
        query.unavailable,
    )
