"""What callers were told, written down as `holdfast reconcile --ledger` reads it, and what still has no answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

UNKNOWN = frozenset({0, 202, 408, 429, 500, 502, 503, 504})
"""Statuses after which a caller does not know what happened; 0 stands for no answer at all."""


@dataclass(frozen=True)
class Ask:
    """One request that may be repeated under its key."""

    operation: str
    method: str
    path: str
    key: str | None
    subject: str
    body: Mapping[str, Any] | None = None
    booking: str | None = None


@dataclass(frozen=True)
class Told:
    """What came back: status (0 for nothing) and the body."""

    status: int
    content: bytes = b""

    @property
    def json(self) -> Any:
        """The body, or an empty object where it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return {}

    @property
    def definite(self) -> bool:
        """Whether the caller knows what happened."""
        return self.status not in UNKNOWN

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return self.status in {200, 201, 204}


@dataclass
class Ledger:
    """Every answer of a run, in order, in a file; and every keyed request with its answers."""

    path: Path
    tenant: str
    asked: dict[tuple[str, str], Ask] = field(default_factory=dict)
    told: dict[tuple[str, str], list[Told]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path.touch()

    def write(self, ask: Ask, told: Told) -> None:
        """Write an answer down."""
        if ask.key is not None:
            self.asked[ask.subject, ask.key] = ask
            self.told.setdefault((ask.subject, ask.key), []).append(told)
        body = told.json
        made = body.get("id") if ask.operation == "CreateBooking" and told.good and isinstance(body, dict) else None
        line = {
            "operation": ask.operation,
            "status": told.status,
            "bookingId": made or ask.booking,
            "key": ask.key,
            "tenant": self.tenant,
            "body_sha256": hashlib.sha256(told.content).hexdigest() if told.good else None,
            "subject": ask.subject,
        }
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def open(self) -> list[Ask]:
        """Requests of which nobody knows yet what became of them."""
        return [ask for key, ask in self.asked.items() if not any(told.definite for told in self.told[key])]

    def count(self, operation: str, *statuses: int) -> int:
        """How many requests of an operation had one of these statuses."""
        return sum(
            any(told.status in statuses for told in self.told[key])
            for key, ask in self.asked.items()
            if ask.operation == operation
        )
