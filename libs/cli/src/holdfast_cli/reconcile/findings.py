"""What a check sees and what it finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from holdfast_cli.databases import Databases, Row
from holdfast_cli.reconcile.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator says is no difference."""

    dead_letters: int = 0
    """Messages that were broken on purpose."""
    sweep: timedelta = timedelta(seconds=90)
    """How long after its end a hold may still be there: the sweeper's interval, and a round to spare."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What checks look at."""

    databases: Databases
    ledger: Ledger | None = None
    allowed: Allowed = field(default_factory=Allowed)
    open_letters: int | None = None
    """Dead letters on the bus that nobody has handled; None where Kafka was not asked."""

    async def rows(self, service: str, sql: str, *arguments: object) -> Sequence[Row]:
        """Return the rows of a query."""
        return await self.databases.fetch(service, sql, *arguments)

    async def count(self, service: str, table: str) -> int:
        """Return how many rows a table has."""
        rows = await self.databases.fetch(service, f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - our own names
        return int(rows[0]["n"])


@dataclass(frozen=True, slots=True)
class Finding:
    """How much was looked at, and what is not as it must be; each difference is one sentence."""

    checked: int
    differences: tuple[str, ...] = ()

    @classmethod
    def of(cls, checked: int, *differences: Iterable[str]) -> Finding:
        """Return the finding of several looks at the same rows."""
        return cls(checked, tuple(difference for found in differences for difference in found))


Look: TypeAlias = Callable[[Sight], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question about the system; `needs` names the services whose databases it reads."""

    invariant: str
    title: str
    needs: frozenset[str]
    look: Look
    needs_ledger: bool = False

    def can_look(self, sight: Sight) -> bool:
        """Tell whether what it needs is there."""
        return self.needs <= sight.databases.services and (sight.ledger is not None or not self.needs_ledger)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check and what it found; `finding` is None where it could not look."""

    check: Check
    finding: Finding | None

    @property
    def holds(self) -> bool:
        """Whether no difference was found."""
        return self.finding is None or not self.finding.differences


async def evaluate(checks: Iterable[Check], sight: Sight) -> list[Outcome]:
    """Return what each check finds, in order."""
    return [Outcome(check, await check.look(sight) if check.can_look(sight) else None) for check in checks]
