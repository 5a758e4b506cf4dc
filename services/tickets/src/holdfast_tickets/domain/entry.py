"""Entry policies: how often a ticket admits (I7)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from holdfast_contracts.enums import EntryPolicy
from holdfast_tickets.domain.ticket import Passage


def may_enter(policy: EntryPolicy, used: Passage, at: datetime, zone: ZoneInfo) -> bool:
    """Whether a ticket used like this admits again at `at`; a day is a local day of `zone`."""
    match policy:
        case EntryPolicy.ONCE:
            return used.entries == 0
        case EntryPolicy.ONCE_PER_DAY:
            return used.last_at is None or used.last_at.astimezone(zone).date() != at.astimezone(zone).date()
        case EntryPolicy.RE_ENTRY_AFTER_EXIT:
            return not used.inside
        case EntryPolicy.UNLIMITED:
            return True
