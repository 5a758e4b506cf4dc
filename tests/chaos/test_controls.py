"""Negative controls: with a guard taken away, reconcile must see the harm that the guard prevents.

What cannot come about in a running system without several guards gone at once is harmed in the data instead, for each
checker, in tests/reconcile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
from tests.chaos.arena import MANY, Arena, names, open_arena
from tests.chaos.crowd import busy, crowd
from tests.chaos.faults import everything_again, without_inbox

from holdfast_local.fixtures import temporary_stack
from holdfast_local.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]

MUTANTS = Path(__file__).parent / "mutants"


@pytest.fixture(scope="module")
def doomed_stack():
    """A stack of its own: what is done to it is not healed."""
    with temporary_stack(settings={"gateway": MANY}) as stack:
        yield stack


@pytest.fixture(scope="module")
async def doomed(doomed_stack, chaos_seed, tmp_path_factory):
    async with open_arena(doomed_stack, tmp_path_factory.mktemp("doomed"), chaos_seed) as made:
        yield made


async def _rush(arena: Arena) -> None:
    evening = await arena.evening(units=5)
    await asyncio.gather(*(arena.customers.create(who, evening.booking()) for who in names("guest", 20)))


async def _one_slot(arena: Arena) -> None:
    chair = await arena.chair()
    await asyncio.gather(*(arena.customers.create(who, chair.booking(0)) for who in names("guest", 5)))


async def _book(arena: Arena) -> str:
    made = await arena.customers.create("guest-0", (await arena.evening(units=5)).booking())
    assert made.good, made.content
    return str(made.json["id"])


async def _book_only(arena: Arena) -> None:
    await _book(arena)


async def _book_and_cancel(arena: Arena) -> None:
    cancelled = await arena.customers.cancel("staff-1", await _book(arena))
    assert cancelled.good, cancelled.content


async def _book_and_repeat(arena: Arena) -> None:
    key, body = "the-same-key", (await arena.evening(units=5)).booking()
    told = [await arena.customers.create("guest-0", body, key) for _ in range(2)]
    assert all(answer.good for answer in told)


async def _enter_twice(arena: Arena) -> None:
    booking = await _book(arena)
    async with asyncio.timeout(20):
        while not (issued := await arena.customers.tickets("owner-0", booking)):
            await asyncio.sleep(0.1)
    told = [await arena.customers.scan(door, issued[0]["ticketCode"]) for door in ("door-1", "door-2")]
    assert [answer.json["result"] for answer in told] == ["valid", "valid"]


@dataclass(frozen=True)
class Control:
    """A guard that is taken away from a service, what is then done, and the invariant that must be seen broken."""

    mutant: str
    service: str
    act: Callable[[Arena], Awaitable[None]]
    invariant: str
    says: str
    dropped: Sequence[str] = field(default=())
    """Constraints that would prevent it once more: `table.constraint`."""

    def __str__(self) -> str:
        return self.mutant


CONTROLS = (
    Control("admits_again", "tickets", _enter_twice, "I7", "admitted"),
    Control("answers_in_other_words", "booking", _book_and_repeat, "I5", "different bodies"),
    Control("keeps_what_ended", "booking", _book_and_cancel, "I4", "claim"),
    Control("forgets_what_happened", "booking", _book_only, "I11", "history"),
    Control("tells_nobody", "booking", _book_only, "I6", "ticket"),
    Control("acknowledges_without_writing", "booking", _book_only, "I3", "acknowledged"),
    Control(
        "sells_what_is_gone",
        "inventory",
        _rush,
        "I2",
        "5",
        ("session_tiers.ck_session_tiers_taken_within_quantity", "sessions.ck_sessions_taken_within_capacity"),
    ),
    Control(
        "sees_every_unit_free", "inventory", _one_slot, "I1", "is taken twice", ("claim_places.claim_places_apart",)
    ),
)


async def _without(stack: Stack, service: str, constraints: Sequence[str]) -> None:
    connection = await asyncpg.connect(stack.database_url(service))
    try:
        for name in constraints:
            table, _, constraint = name.partition(".")
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    finally:
        await connection.close()


@pytest.mark.parametrize("control", CONTROLS, ids=str)
async def test_control_without_a_guard_the_harm_is_seen(doomed: Arena, control: Control):
    assert control.says not in await doomed.differences(control.invariant), "it is broken before it is harmed"
    await _without(doomed.stack, control.service, control.dropped)
    settings = {"PYTHONPATH": str(MUTANTS), "HOLDFAST_MUTANT": control.mutant}
    await doomed.do(doomed.stack.restart, control.service, **settings)
    await control.act(doomed)
    await doomed.do(doomed.stack.restart, control.service)
    assert control.says in await doomed.differences(control.invariant)


async def test_control_without_the_inbox_duplicates_are_seen(doomed: Arena):
    """What was done once and is forgotten is done again, as far as keys of tables let it."""
    async with crowd(doomed, people=8) as made:
        await busy(made, 60)
    assert "gave up" not in await doomed.differences("I10")
    await without_inbox(doomed.stack)
    await everything_again(doomed.stack)
    assert "gave up" in await doomed.differences("I10")
