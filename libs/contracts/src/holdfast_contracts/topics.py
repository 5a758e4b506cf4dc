"""Topics of the bus: name, partitions and retention; `registry` knows which messages each carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it is created. `retention` None keeps for ever; `compacted` keeps the last of each key.

    `awaited` tells that a caller waits for what its messages lead to: they are never held back to gather.
    """

    name: str
    partitions: int = 12
    retention: timedelta | None = DAY * 2
    compacted: bool = False
    awaited: bool = False

    @property
    def dead_letters(self) -> Topic:
        """The topic for what could not be read or done; kept 14 days unless a setting says otherwise."""
        return Topic(f"{self.name}.dlq", partitions=1, retention=DAY * 14)


INVENTORY_COMMANDS = Topic("inventory.commands.v1", awaited=True)
INVENTORY_CLAIMS = Topic("inventory.claims.v1", awaited=True)
INVENTORY_EVENTS = Topic("inventory.events.v1", retention=DAY * 30)
BOOKING_COMMANDS = Topic("booking.commands.v1", awaited=True)
BOOKING_EVENTS = Topic("booking.events.v1", retention=DAY * 30)
TICKETS_EVENTS = Topic("tickets.events.v1", retention=DAY * 30)
TENANT_EVENTS = Topic("tenant.events.v1", partitions=3, retention=None, compacted=True)
GATEWAY_REPLIES = Topic("gateway.replies.v1", retention=timedelta(minutes=10))

CONSUMED = (INVENTORY_COMMANDS, INVENTORY_CLAIMS, BOOKING_COMMANDS, BOOKING_EVENTS, TICKETS_EVENTS)
"""Topics that services of ours consume, and that so have dead letters."""

TOPICS: tuple[Topic, ...] = (
    INVENTORY_COMMANDS,
    INVENTORY_CLAIMS,
    INVENTORY_EVENTS,
    BOOKING_COMMANDS,
    BOOKING_EVENTS,
    TICKETS_EVENTS,
    TENANT_EVENTS,
    GATEWAY_REPLIES,
    *(topic.dead_letters for topic in CONSUMED),
)
