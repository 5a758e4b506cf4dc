"""What a batch of commands contends for and needs to know, collected before the first statement."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast_contracts.inventory import (
    ExpireHold,
    ExtendHold,
    PlaceClaim,
    PlaceHold,
    ReleaseClaim,
    ReleaseHold,
    ScheduleSession,
)
from holdfast_contracts.public.schedules import SessionSchedule, TimeSlotSchedule
from holdfast_inventory.domain.local_time import DAY_SECONDS, edge
from holdfast_inventory.domain.refusals import ALTERNATIVE_DAYS
from holdfast_platform.units.messages import Incoming

Key = tuple[UUID, UUID]
"""(tenant_id, id)"""


@dataclass(slots=True)
class Wanted:
    """Ids by kind, each with its tenant, so that a join never finds another's (I12)."""

    contents: set[Key] = field(default_factory=set)
    sessions: set[Key] = field(default_factory=set)
    starts: set[tuple[UUID, UUID, datetime]] = field(default_factory=set)
    resources: set[Key] = field(default_factory=set)
    holds: set[Key] = field(default_factory=set)
    claims: set[Key] = field(default_factory=set)
    visitors: set[tuple[UUID, str]] = field(default_factory=set)
    labels: defaultdict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Seats asked for in each session; of sessions named by their start, under their content."""
    demand: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    """Most that the batch can take of each session, and so."""
    slots: dict[Key, list[TimeSlotSchedule]] = field(default_factory=dict)
    """Times that are wished of each resource."""

    def seats(self, session_id: UUID, content_id: UUID) -> set[str]:
        """Labels asked for in a session."""
        return self.labels.get(session_id, set()) | self.labels.get(content_id, set())

    @property
    def indirect(self) -> bool:
        """Whether something is named whose session or resource must be found first."""
        return bool(self.starts or self.holds or self.claims)


def wanted(batch: Sequence[Incoming[Any]]) -> Wanted:
    """Collect what the commands of a batch name."""
    found = Wanted()
    for given in batch:
        _collect(found, given)
    return found


def _collect(found: Wanted, given: Incoming[Any]) -> None:
    message, tenant = given.message, given.tenant_id
    match message:
        case PlaceClaim():
            _schedule(found, tenant, message.body.content_id, message.body.resource_id, message.body.schedule_payload)
            if message.body.hold_id is not None:
                found.holds.add((tenant, message.body.hold_id))
        case PlaceHold():
            _schedule(found, tenant, message.body.content_id, message.body.resource_id, message.body.schedule_payload)
            found.visitors.add((tenant, message.visitor))
        case ExtendHold() | ReleaseHold() | ExpireHold():
            found.holds.add((tenant, message.hold_id))
        case ReleaseClaim():
            found.claims.add((tenant, message.claim_id))
        case ScheduleSession():
            found.contents.add((tenant, message.content_id))
        case _:
            """Adds to the catalog: contends for nothing."""


def _schedule(
    found: Wanted,
    tenant: UUID,
    content: UUID | None,
    resource: UUID | None,
    payload: SessionSchedule | TimeSlotSchedule,
) -> None:
    if content is not None:
        found.contents.add((tenant, content))
    if isinstance(payload, SessionSchedule):
        _session(found, tenant, payload.content_id or content, payload)
    elif resource is not None:
        found.resources.add((tenant, resource))
        found.slots.setdefault((tenant, resource), []).append(payload)


def _session(found: Wanted, tenant: UUID, content: UUID | None, payload: SessionSchedule) -> None:
    named: UUID | None = None
    if payload.session_id is not None:
        named = payload.session_id
        found.sessions.add((tenant, named))
    elif payload.starts_at is not None and content is not None:
        named = content
        found.starts.add((tenant, content, payload.starts_at))
    if named is None:
        return
    for item in payload.items:
        found.demand[named] += item.quantity
        if item.seat_labels:
            found.labels[named].update(item.seat_labels)


def around(wish: TimeSlotSchedule, usual_minutes: int) -> tuple[int, int]:
    """Instants around a wish, wide enough for any zone, its buffers and its alternatives.

    One that does not say how long lasts `usual_minutes` at most.
    """
    day: date = wish.date
    start = edge(day - timedelta(days=2), 0, "UTC")
    minutes = wish.duration_minutes or usual_minutes
    return start, start + (ALTERNATIVE_DAYS + 5) * DAY_SECONDS + minutes * 120
