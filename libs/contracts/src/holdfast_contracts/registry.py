"""Which messages each topic carries: one union per topic, told apart by the header `ce_type`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from holdfast_contracts import booking, gateway, inventory, tickets
from holdfast_contracts.message import Message
from holdfast_contracts.topics import (
    BOOKING_COMMANDS,
    BOOKING_EVENTS,
    INVENTORY_CLAIMS,
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    TENANT_EVENTS,
    TICKETS_EVENTS,
)

_CARRIES: Final[Mapping[str, tuple[type[Message], ...]]] = {
    INVENTORY_COMMANDS.name: inventory.COMMANDS,
    INVENTORY_CLAIMS.name: inventory.CLAIMS,
    INVENTORY_EVENTS.name: inventory.EVENTS,
    BOOKING_COMMANDS.name: booking.COMMANDS,
    BOOKING_EVENTS.name: booking.EVENTS,
    TICKETS_EVENTS.name: tickets.EVENTS,
    TENANT_EVENTS.name: gateway.EVENTS,
}

MESSAGES: Final[Mapping[str, Mapping[str, type[Message]]]] = {
    topic: {message.type_name(): message for message in messages} for topic, messages in _CARRIES.items()
}
"""Topic name → `ce_type` → class."""


def message_class(topic: str, type_name: str) -> type[Message] | None:
    """Return the class of a message, or None where the topic carries no such type (a later version's)."""
    return MESSAGES.get(topic, {}).get(type_name)
