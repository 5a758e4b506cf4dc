"""A toy service on the platform: counters from which units are taken. Shows how a service uses the unit of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import CheckConstraint, Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from holdfast_contracts import envelope
from holdfast_contracts.message import Message
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_contracts.topics import Topic
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.roles import owner_name
from holdfast_platform.database.security import secure, secure_platform_tables
from holdfast_platform.database.writing import Writes
from holdfast_platform.messaging.reading import Source
from holdfast_platform.tables import NAMING, platform_tables
from holdfast_platform.units.messages import Answer, Incoming, Outcome, Outgoing

SERVICE = "toy"
COMMANDS = Topic("toy.commands.v1", partitions=3, awaited=True)
EVENTS = Topic("toy.events.v1", partitions=3)

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)
counters = Table(
    "counters",
    metadata,
    Column("tenant_id", postgresql.UUID, primary_key=True),
    Column("id", postgresql.UUID, primary_key=True),
    Column("taken", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("note", Text),
    CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
)


class Take(Message):
    """Take units of a counter; `flaw` makes it fail in a chosen way."""

    counter_id: UUID
    amount: int
    flaw: str | None = None


class Taken(Message):
    """Units were taken."""

    counter_id: UUID
    amount: int
    left: int


class GivenBack(Message):
    """What a given-up command may have held."""

    counter_id: str


@dataclass(slots=True)
class Counter:
    """A counter as the domain sees it."""

    tenant_id: UUID
    id: UUID
    taken: int
    capacity: int
    note: str | None = None
    changed: bool = False


@dataclass(slots=True)
class Counters:
    """What a batch needs, in memory."""

    by_id: dict[tuple[UUID, UUID], Counter]
    slow: bool = field(default=False)


class TakeUseCase:
    """Take units, or say how many are left."""

    def execute(self, given: Incoming[Take], state: Counters) -> Outcome:
        """Decide in memory; raises Refusal before anything changes."""
        take = given.message
        counter = state.by_id.get((given.tenant_id, take.counter_id))
        if counter is None:
            raise Refusal(ProblemCode.NOT_FOUND, "There is no such counter.")
        if take.flaw == "decide":
            msg = "this message cannot be decided"
            raise ValueError(msg)
        if take.flaw == "write":
            counter.note, counter.changed = "bad\x00text", True
        if counter.taken + take.amount > counter.capacity:
            left = counter.capacity - counter.taken
            raise Refusal(ProblemCode.SOLD_OUT, f"{left} of {take.amount} is left.", {"left": left})
        counter.taken += take.amount
        counter.changed = True
        event = Taken(counter_id=counter.id, amount=take.amount, left=counter.capacity - counter.taken)
        outgoing = Outgoing(EVENTS, str(counter.id), event, given.derive("Taken"))
        return Outcome(Answer(201, event.encode(), etag=str(counter.taken)), [outgoing])


class ToyWork:
    """Locks, loads and flushes counters."""

    usecases: ClassVar[Mapping[type[Message], Any]] = {Take: TakeUseCase().execute}

    async def lock(self, connection: Connection, batch: Sequence[Incoming[Any]]) -> None:
        """Lock all counters of the batch, sorted, in one statement."""
        await connection.execute(
            "SELECT 1 FROM counters WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE",
            [given.message.counter_id for given in batch],
        )

    async def load(
        self, connection: Connection, batch: Sequence[Incoming[Any]], now: datetime, locked: None
    ) -> Counters:
        """Read the counters of the batch."""
        rows = await connection.fetch(
            "SELECT tenant_id, id, taken, capacity FROM counters WHERE id = ANY($1::uuid[])",
            [given.message.counter_id for given in batch],
        )
        found = [Counter(row["tenant_id"], row["id"], row["taken"], row["capacity"]) for row in rows]
        if any(given.message.flaw == "slow" for given in batch):
            await asyncio.sleep(0)
        return Counters({(counter.tenant_id, counter.id): counter for counter in found})

    def flush(self, writes: Writes, state: Counters) -> None:
        """Say which counters changed; another count than decided means that somebody was faster."""
        changed = [counter for counter in state.by_id.values() if counter.changed]
        rows = [{"tenant_id": c.tenant_id, "id": c.id, "taken": c.taken, "note": c.note} for c in changed]
        writes.update(counters, rows, guard="r.taken <= t.capacity")

    def measure(self, state: Counters) -> None:
        """Nothing besides what the unit of work counts."""

    def give_back(
        self, tenant_id: UUID, message_id: UUID, type_name: str, headers: Mapping[str, str]
    ) -> Sequence[Outgoing]:
        """Give back what the headers say the message held."""
        held = headers.get("toy-counter")
        return [] if held is None else [Outgoing(EVENTS, held, GivenBack(counter_id=held), message_id)]


def take(
    tenant: UUID,
    counter: UUID,
    amount: int = 1,
    *,
    flaw: str | None = None,
    message_id: UUID | None = None,
    request_hash: str = "h",
    replies: Sequence[str] = (),
) -> Incoming[Take]:
    """Return a command as if it had been read from the bus, from gateways that wait at `replies`."""
    headers = {envelope.HASH: request_hash, envelope.SUBJECT: "acc-1", "toy-counter": str(counter)}
    return Incoming(
        message_id or uuid4(),
        tenant,
        Take(counter_id=counter, amount=amount, flaw=flaw),
        headers=headers,
        replies=list(replies),
        source=Source(COMMANDS.name, 0, 0, str(counter), b"{}", headers),
    )


@asynccontextmanager
async def refusing(admin: asyncpg.Connection[asyncpg.Record], sqlstate: str, *, above: int = 0) -> AsyncIterator[None]:
    """Let the database fail with this SQLSTATE whenever a statement changes more than so many counters."""
    await admin.execute(
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - a number and a code
        f"IF (SELECT count(*) FROM changed) > {above} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; "
        f"END IF; RETURN NULL; END $$"
    )
    await admin.execute(
        "CREATE TRIGGER refuse AFTER UPDATE ON counters REFERENCING NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
    )
    try:
        yield
    finally:
        await admin.execute("DROP FUNCTION refuse CASCADE")


def schema() -> list[str]:
    """Statements that make the toy's tables, as its migration would."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    made += [str(CreateIndex(index).compile(dialect=dialect)) for t in metadata.sorted_tables for index in t.indexes]
    return [
        f"SET ROLE {owner_name(SERVICE)}",
        *made,
        *secure_platform_tables(SERVICE),
        *secure(SERVICE, ["counters"]),
        "RESET ROLE",
    ]
