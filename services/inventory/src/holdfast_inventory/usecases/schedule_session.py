"""Add a dated occurrence of a content."""

from datetime import datetime, timedelta
from typing import Any

from holdfast_contracts.enums import BookingMode, SessionStatus
from holdfast_contracts.inventory import ScheduleSession, SessionScheduled
from holdfast_contracts.problems import invalid
from holdfast_contracts.public.contents import CreateSessionDto
from holdfast_contracts.values import is_told
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import seconds, utc
from holdfast_inventory.domain.session import Counter, Session
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.showing import show_session
from holdfast_inventory.services.telling import answer, event
from holdfast_platform.units.messages import Incoming, Outcome


class ScheduleSessionUseCase:
    """Add a session; its end comes from the content's duration, its quantities from the tiers unless given."""

    def execute(self, given: Incoming[ScheduleSession], stock: Stock) -> Outcome:
        """Answer 201 with the session. Raises 404 for an unknown content, 422 for tiers that are none of its."""
        body = given.message.body
        content = stock.content(given.tenant_id, given.message.content_id)
        if content.mode != BookingMode.SESSION:
            raise invalid("startsAt", f"a content of mode {content.mode} has no sessions", "WRONG_MODE")
        quantities = _quantities(content, body)
        now, ends_at = utc(stock.now), _end(content, body)
        facts: dict[str, Any] = {
            "id": given.derive("session"),
            "tenant_id": given.tenant_id,
            "content_id": content.id,
            "starts_at": body.starts_at,
            "ends_at": ends_at,
            "timezone": content.timezone,
            "status": str(SessionStatus.SCHEDULED),
            "capacity": body.capacity,
            "taken": 0,
            "created_at": now,
            "updated_at": now,
            "version": 1,
            "tiers": [{"tier_id": tier_id, "quantity": quantity} for tier_id, quantity in quantities.items()],
        }
        stock.new_sessions.append(facts)
        session = Session(
            id=facts["id"],
            tenant_id=given.tenant_id,
            content_id=content.id,
            starts_at=seconds(body.starts_at),
            ends_at=seconds(ends_at),
            timezone=content.timezone,
            status=SessionStatus.SCHEDULED,
            whole=Counter(body.capacity),
            tiers={tier_id: Counter(quantity) for tier_id, quantity in quantities.items()},
        )
        shown = show_session(session, content, now, now, 1)
        return Outcome(answer(201, shown, 1), [event(given, SessionScheduled(session=shown), shown.id)])


def _end(content: Content, body: CreateSessionDto) -> datetime:
    if body.ends_at is not None:
        return body.ends_at
    if content.duration is None:
        raise invalid("endsAt", "is needed: the content has no duration", "REQUIRED")
    ends_at = body.starts_at + timedelta(minutes=content.duration)
    if not is_told(ends_at):
        raise invalid("startsAt", "is too near the end of the years that can be booked", "OUT_OF_RANGE")
    return ends_at


def _quantities(content: Content, body: CreateSessionDto) -> dict[Any, int | None]:
    """Quantity of each tier for this session; None is unlimited."""
    quantities = {tier.id: tier.quantity for tier in content.tiers.values()}
    for number, tier in enumerate(body.tiers):
        content.tier(tier.tier_id, f"tiers[{number}].tierId")
        quantities[tier.tier_id] = tier.quantity
    return quantities
