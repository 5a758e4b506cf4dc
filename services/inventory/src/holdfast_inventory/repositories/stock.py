"""Loads a `Stock` for a batch of commands and writes what became of it [design/walk.md]."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from holdfast_inventory.domain.local_time import seconds
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.stock import Loaded, Stock
from holdfast_inventory.repositories import stock_reading as reading
from holdfast_inventory.repositories import stock_writing as writing
from holdfast_inventory.repositories.wanted import Wanted, wanted
from holdfast_platform.database.pool import Connection
from holdfast_platform.database.writing import Writes
from holdfast_platform.units.work import AnyIncoming


class StockRepository:
    """Locks, loads and flushes; the number of statements does not depend on the size of the batch."""

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> Wanted:
        """Lock all sessions, then all resources that the batch contends for, each by id; return what it names."""
        named = await _named(connection, batch)
        await reading.lock(connection, named)
        return named

    async def load(self, connection: Connection, now: datetime, named: Wanted) -> Stock:
        """Read what is locked and what hangs on it, in statements later than the locks."""
        sessions = await reading.read_sessions(connection, named)
        named.contents.update((session.tenant_id, session.content_id) for session in sessions.values())
        hold_rows = await reading.read_holds(connection, named, now)
        held = {(row["tenant_id"], row["claim_id"]) for row in hold_rows.values()}
        claims = await reading.read_claims(connection, named.claims | held)
        gone = named.holds - {(row["tenant_id"], row["id"]) for row in hold_rows.values()}
        contents = await reading.read_contents(connection, named.contents)
        loaded = Loaded(
            now=seconds(now),
            contents=contents,
            sessions=sessions,
            calendars=await reading.read_calendars(connection, named, contents.values()),
            holds=reading.holds_with(hold_rows, claims),
            claims=claims,
            ended_holds=await reading.read_ended(connection, gone),
            others=await reading.read_others(connection, short(sessions, named), now),
        )
        return Stock(loaded)

    def flush(self, writes: Writes, stock: Stock) -> None:
        """Say what changed: what ended first, since what is new may take its place."""
        writing.write_endings(writes, stock)
        writes.after()
        writing.write_counters(writes, stock.sessions.values())
        writing.write_catalog(writes, stock)
        writing.write_claims(writes, stock)
        writing.write_holds(writes, stock)


class SweepingStockRepository(StockRepository):
    """Leaves alone what others have locked (SKIP LOCKED): the sweeper finds it again in its next round."""

    async def lock(self, connection: Connection, batch: Sequence[AnyIncoming]) -> Wanted:
        """Lock what is free of the sessions and resources; the rest is as if it were not named."""
        named = await _named(connection, batch)
        obtained = await reading.lock_free(connection, named)
        named.sessions &= obtained
        named.resources &= obtained
        return named


async def _named(connection: Connection, batch: Sequence[AnyIncoming]) -> Wanted:
    """What the batch contends for, also where it names only a hold or a claim."""
    named = wanted(batch)
    if named.indirect:
        await reading.resolve(connection, named)
    return named


def short(sessions: dict[UUID, Session], named: Wanted) -> list[Session]:
    """Sessions that may not have enough for the batch: only for these alternatives are read."""
    return [session for session in sessions.values() if _may_refuse(session, named)]


def _may_refuse(session: Session, named: Wanted) -> bool:
    wanted_of = named.demand[session.id] + named.demand[session.content_id]
    if not wanted_of:
        return False
    counters = [session.whole, *session.tiers.values()]
    return bool(named.seats(session.id, session.content_id)) or any(
        c.left is not None and c.left < wanted_of for c in counters
    )
