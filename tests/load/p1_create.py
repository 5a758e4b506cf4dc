"""P1: create bookings spread over many sessions, at 1, 8, 64 and 256 clients."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.load import processors
from tests.load.figures import Result, interleaved, median, say, told
from tests.load.generator import Figures, Plan, measure
from tests.load.options import Options
from tests.load.servers import direct
from tests.load.world import Event, World

SESSIONS = 400
UNITS = 100_000
CLIENTS = (1, 8, 64, 256)
TARGETS: Mapping[int, tuple[float | None, float | None]] = {64: (1.5, None), 256: (2.0, 0.5)}


async def run(world: World, options: Options) -> Result:
    """Measure the public door beside both direct services."""
    result = Result("P1", "Create a booking over HTTP, spread over 400 sessions")
    event = await world.event(SESSIONS, UNITS)
    environment = world.direct_environment()
    async with direct("a", environment) as a, direct("b", environment) as b:
        doors = {"holdfast": world.port, "a": a.port, "b": b.port}
        race = _Race(world, options, event, doors, {"a": a.pid, "b": b.pid}, result)
        await race.warm_up()
        for clients in CLIENTS:
            await race.at(clients)
    await _verify(world, event, race.acknowledged, result)
    return result


@dataclass
class _Race:
    """The three that are compared, and what was acknowledged by whom."""

    world: World
    options: Options
    event: Event
    doors: Mapping[str, int]
    pids: Mapping[str, int]
    result: Result
    acknowledged: Counter[str] = field(default_factory=Counter)
    tails: list[float] = field(default_factory=list)
    costs: dict[str, dict[str, float]] = field(default_factory=dict)

    async def warm_up(self) -> None:
        """Let everybody work for a while first: a broker that has just started compiles more than it serves."""
        for name in self.doors:
            plan = self._plan(name, 64)
            await measure(replace(plan, warm=0.0, seconds=plan.seconds * (3 if name == "holdfast" else 1)))
        await self.world.rest()

    async def at(self, clients: int) -> None:
        """Measure with so many clients and tell."""
        self.tails.clear()
        runs = {name: lambda _, name=name: self._drive(name, clients) for name in self.doors}
        rounds = await interleaved(runs, self.options.rounds)
        self._tell(clients, rounds)

    async def _drive(self, name: str, clients: int) -> Figures:
        before = processors.snapshot(self.world.stack, self.pids)
        found = await measure(self._plan(name, clients))
        if name == "holdfast":
            self.tails.append(await self.world.rest())
        used = processors.spent(before, processors.snapshot(self.world.stack, self.pids))
        self.costs[name] = {part: 1e6 * seconds / max(1, found.acknowledged) for part, seconds in used.items()}
        say(f"P1 {clients:>3} clients {name:<8} {told(found)}")
        say(f"{'':12}each {processors.told(used, found.acknowledged)}")
        self.acknowledged[name] += found.acknowledged
        self.result.verify(set(found.statuses) == {"201"}, "every create is answered 201")
        return found

    def _plan(self, name: str, clients: int) -> Plan:
        return Plan(
            port=self.doors[name], clients=clients, path="/bookings", tokens=self.world.tokens(),
            bodies=self.event.bodies(), prefix=secrets.token_hex(4), warm=self.options.warm,
            seconds=self.options.seconds,
        )  # fmt: skip

    def _tell(self, clients: int, rounds: Mapping[str, list[Figures]]) -> None:
        result = self.result
        ours, a, b = (median([one.good_rate for one in rounds[name]]) for name in ("holdfast", "a", "b"))
        least_a, least_b = TARGETS.get(clients, (None, None))
        p50, p99 = (median([getattr(one, which) for one in rounds["holdfast"]]) for which in ("p50", "p99"))
        result.at_least(f"{clients} clients, against (a)", ours, a, least_a, "/s", "(a)")
        result.at_least(f"{clients} clients, against (b)", ours, b, least_b, "/s", "(b)")
        result.note(f"{clients} clients, latency", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        result.note(
            f"{clients} clients, tickets and calendar have caught up", f"{median(self.tails):.1f} s after the end"
        )
        if clients == CLIENTS[-1]:
            for name, label in (("holdfast", "Holdfast"), ("a", "(a)"), ("b", "(b)")):
                parts = processors.by_cost(self.costs[name])
                result.note(f"{clients} clients, processor time a create, {label}", parts)


async def _verify(world: World, event: Event, acknowledged: Mapping[str, int], result: Result) -> None:
    sold = await world.ask(
        "booking", "SELECT count(*) FROM bookings WHERE content_id = $1::text::uuid", event.content_id
    )
    result.verify(sold >= acknowledged["holdfast"], "every acknowledged create has its booking (I3)")
    await verify_counters(world, event, result)
    known = await world.ask(
        "direct", "SELECT count(*) FROM bookings WHERE content_id = $1::text::uuid", event.content_id
    )
    result.verify(
        known >= acknowledged["a"] + acknowledged["b"], "every acknowledged create of the baselines has its booking"
    )


async def verify_counters(world: World, event: Event, result: Result) -> None:
    """Counters are the sums of live claims and within capacity (I2), and each live claim has a booking."""
    wrong = await world.ask("inventory", """
        SELECT count(*) FROM sessions s WHERE s.content_id = $1::text::uuid AND (s.taken <> (
            SELECT coalesce(sum(c.quantity), 0) FROM claims c
             WHERE c.tenant_id = s.tenant_id AND c.session_id = s.id AND c.status = 'live')
          OR s.taken <> (SELECT sum(t.taken) FROM session_tiers t
             WHERE t.tenant_id = s.tenant_id AND t.session_id = s.id)
          OR EXISTS (SELECT FROM session_tiers t WHERE t.tenant_id = s.tenant_id AND t.session_id = s.id
             AND t.taken > t.quantity))
    """, event.content_id)  # fmt: skip
    result.verify(not wrong, "counters are the sums of live claims, none above capacity (I2)")
    live = await world.ask(
        "inventory", "SELECT count(*) FROM claims WHERE content_id = $1::text::uuid AND status = 'live'",
        event.content_id,
    )  # fmt: skip
    booked = await world.ask(
        "booking", "SELECT count(*) FROM bookings WHERE content_id = $1::text::uuid AND status <> 'cancelled'",
        event.content_id,
    )  # fmt: skip
    result.verify(live == booked, "as many live claims as bookings: none lost, no ghost (I3, I4)")
