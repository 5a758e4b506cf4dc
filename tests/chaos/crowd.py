"""A crowd that books, holds, cancels, reads and scans all at once until it is told to stop."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.chaos.arena import Arena, Chair, Evening

SESSIONS = 8
PEOPLE = 24


class Crowd:
    """People who act at random, each with dice of their own."""

    def __init__(self, arena: Arena, evening: Evening, chair: Chair) -> None:
        self._customers = arena.customers
        self._arena = arena
        self._evening = evening
        self._chair = chair
        self._over = asyncio.Event()
        self._slot = 0
        self.admitted: Counter[str] = Counter()
        self.acts = 0

    async def person(self, number: int) -> None:
        """Act until it is over."""
        dice, subject = self._arena.dice("person", number), f"guest-{number}"
        mine: list[str] = []
        while not self._over.is_set():
            await self._act(dice, subject, mine)

    async def _act(self, dice: random.Random, subject: str, mine: list[str]) -> None:
        what = dice.random()
        if what < 0.45 or not mine:
            await self._book(dice, subject, mine)
        elif what < 0.60:
            await self._hold_and_book(dice, subject, mine)
        elif what < 0.70:
            await self._hold_and_leave(dice, subject)
        elif what < 0.80:
            await self._sit_down(subject, mine)
        elif what < 0.90:
            await self._customers.cancel("staff-1", mine.pop(dice.randrange(len(mine))))
        else:
            await self._come(subject, mine[dice.randrange(len(mine))])

    async def _book(self, dice: random.Random, subject: str, mine: list[str], **more: object) -> None:
        body = self._evening.booking(dice.randrange(SESSIONS), dice.randint(1, 3), **more)
        told = await self._customers.create(subject, body)
        self.acts += told.definite
        if told.good:
            mine.append(told.json["id"])
            await self._customers.read(subject, mine[-1])

    async def _hold_and_book(self, dice: random.Random, subject: str, mine: list[str]) -> None:
        session, quantity = dice.randrange(SESSIONS), dice.randint(1, 3)
        held = await self._customers.hold(subject, self._hold(session, quantity))
        if held.good:
            body = self._evening.booking(session, quantity, holdId=held.json["id"])
            told = await self._customers.create(subject, body)
            if told.good:
                mine.append(told.json["id"])

    async def _hold_and_leave(self, dice: random.Random, subject: str) -> None:
        held = await self._customers.hold(subject, self._hold(dice.randrange(SESSIONS), 1))
        if held.good:
            await self._customers.release(subject, held.json["id"])

    def _hold(self, session: int, quantity: int) -> dict[str, object]:
        return {
            "contentId": self._evening.content,
            "holdType": "cart",
            "schedulePayload": self._evening.wish(session, quantity),
        }

    async def _sit_down(self, subject: str, mine: list[str]) -> None:
        self._slot = (self._slot + 1) % 18
        told = await self._customers.create(subject, self._chair.booking(self._slot))
        if told.good:
            mine.append(told.json["id"])

    async def _come(self, subject: str, booking: str) -> None:
        for ticket in (await self._customers.tickets(subject, booking))[:1]:
            told = await self._customers.scan("door-1", ticket["ticketCode"])
            if told.status == 200 and told.json["result"] == "valid":
                self.admitted[ticket["id"]] += 1

    def stop(self) -> None:
        """Tell everybody that it is over."""
        self._over.set()


@asynccontextmanager
async def crowd(arena: Arena, people: int = PEOPLE, units: int = 60) -> AsyncIterator[Crowd]:
    """A crowd at work for the length of a block; afterwards everybody has their last answer."""
    made = Crowd(arena, await arena.evening(units, SESSIONS), await arena.chair())
    tasks = [asyncio.create_task(made.person(number)) for number in range(people)]
    try:
        yield made
    finally:
        made.stop()
        await asyncio.gather(*tasks)
    assert max(made.admitted.values(), default=0) <= 1, "a ticket was admitted twice (I7)"


async def busy(made: Crowd, acts: int, patience: float = 60.0) -> None:
    """Return when the crowd has had so many definite answers to creates more. Raises TimeoutError."""
    wanted, deadline = made.acts + acts, asyncio.get_running_loop().time() + patience
    while made.acts < wanted:
        if asyncio.get_running_loop().time() > deadline:
            msg = f"the crowd did {made.acts - wanted + acts} of {acts} answers in {patience:.0f} s"
            raise TimeoutError(msg)
        await asyncio.sleep(0.05)
