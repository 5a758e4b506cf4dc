"""The entries that a batch of events concerns, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from holdfast_calendar.domain.entry import Entry

Key = tuple[UUID, UUID]
"""Tenant and booking."""


class Entries:
    """Keeps the newest version of each entry, and knows which are new or changed. `now` is the database's clock."""

    def __init__(self, now: datetime, known: Iterable[Entry] = ()) -> None:
        self.now = now
        self._current: dict[Key, Entry] = {_key(entry): entry for entry in known}
        self._stored = frozenset(self._current)
        self._touched: dict[Key, None] = {}

    def record(self, entry: Entry) -> None:
        """Take a version of an entry over, unless the same or a newer one is known [spec/08, Delivery rules]."""
        known = self._current.get(_key(entry))
        if known is not None and known.version >= entry.version:
            return
        self._current[_key(entry)] = entry if known is None else entry.following(known)
        self._touched[_key(entry)] = None

    @property
    def new(self) -> list[Entry]:
        """Entries of bookings that were not known."""
        return [self._current[key] for key in self._touched if key not in self._stored]

    @property
    def changed(self) -> list[Entry]:
        """Entries with a newer version than is stored."""
        return [self._current[key] for key in self._touched if key in self._stored]


def _key(entry: Entry) -> Key:
    return entry.tenant_id, entry.booking_id
