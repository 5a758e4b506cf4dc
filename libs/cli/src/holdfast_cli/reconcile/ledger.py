"""What callers were told, as tests and chaos runs write it down: one JSON object a line, in the order of the answers.

`{"operation", "status", "bookingId", "key", "tenant", "body_sha256", "subject"}`: the public operation, the HTTP status
(0 or null where no answer came), the booking of the answer or of the request, the idempotency key, the tenant's id, the
hash of the answer's body, and who asked. `subject` may be missing; with it refusals are traced exactly. A ledger is
expected to hold every create of the tenants it names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from holdfast_cli.errors import CannotError
from holdfast_contracts.ids import command_id, derived_id

CREATE: Final = "CreateBooking"
CANCEL: Final = "CancelBooking"
READ: Final = "GetBookingById"
_NOT_CARRIED_OUT_BUT_UNKNOWN: Final = {408, 429}

KeyOf: TypeAlias = tuple[UUID, str | None, str]


class Verdict(Enum):
    """What a caller knows of a request after all its tries."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer."""

    operation: str
    status: int
    tenant: UUID
    key: str | None
    booking: UUID | None
    body_sha256: str | None
    subject: str | None

    @property
    def verdict(self) -> Verdict:
        """What this answer alone tells: a 202, a 5xx, a 429 and silence tell nothing."""
        if self.status in (200, 201):
            return Verdict.ACKNOWLEDGED
        if 400 <= self.status < 500 and self.status not in _NOT_CARRIED_OUT_BUT_UNKNOWN:
            return Verdict.REFUSED
        return Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Request:
    """All tries of one idempotency key."""

    key: KeyOf
    entries: Sequence[Entry]

    @property
    def verdict(self) -> Verdict:
        """Acknowledged by one answer is acknowledged; else refused by one is refused."""
        found = {entry.verdict for entry in self.entries}
        return next((verdict for verdict in Verdict if verdict in found), Verdict.UNKNOWN)

    @property
    def told(self) -> list[Entry]:
        """The answers that acknowledged it."""
        return [entry for entry in self.entries if entry.verdict is Verdict.ACKNOWLEDGED]

    @property
    def booking(self) -> UUID | None:
        """The booking that it makes, where that can be known: told, or derived from key and subject."""
        told = next((entry.booking for entry in self.told if entry.booking is not None), None)
        tenant, subject, key = self.key
        if told is None and subject is not None:
            return derived_id(command_id(tenant, subject, key), "booking")
        return told

    def __str__(self) -> str:
        return f"key {self.key[2]!r} of tenant {self.key[0]}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every line of a ledger."""

    entries: Sequence[Entry]

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Return the ledger of a file. Raises CannotError for a line that is none."""
        entries = []
        try:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if line.strip():
                    entries.append(_entry(line, f"{path}, line {number}"))
        except OSError as error:
            raise CannotError(f"The ledger cannot be read: {error}") from error
        return cls(entries)

    @property
    def tenants(self) -> set[UUID]:
        """The tenants that it names."""
        return {entry.tenant for entry in self.entries}

    def creates(self) -> list[Request]:
        """Return the creates, each with all its tries."""
        return self.requests(CREATE)

    def requests(self, operation: str) -> list[Request]:
        """Return what was asked by one operation, each key with all its tries."""
        tries: dict[KeyOf, list[Entry]] = {}
        for entry in self.entries:
            if entry.operation == operation and entry.key is not None:
                tries.setdefault((entry.tenant, entry.subject, entry.key), []).append(entry)
        return [Request(key, entries) for key, entries in tries.items()]

    def of(self, operation: str) -> Iterable[Entry]:
        """Return the lines of one operation."""
        return (entry for entry in self.entries if entry.operation == operation)


def _entry(line: str, where: str) -> Entry:
    try:
        told = json.loads(line)
        return Entry(
            operation=str(told["operation"]),
            status=int(told.get("status") or 0),
            tenant=UUID(told["tenant"]),
            key=told.get("key"),
            booking=UUID(told["bookingId"]) if told.get("bookingId") else None,
            body_sha256=told.get("body_sha256"),
            subject=told.get("subject"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotError(f"{where} is no line of a ledger: {error!r}") from error
