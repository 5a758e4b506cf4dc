"""P1: create bookings spread over many sessions, at 1, 8, 64 and 256 clients."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from tests.load.figures import Result, interleaved, median, say
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
    acknowledged: dict[str, int] = {"holdfast": 0, "direct": 0}
    async with direct("a", environment) as port_a, direct("b", environment) as port_b:
        ports = {"holdfast": world.port, "a": port_a, "b": port_b}
        for clients in CLIENTS:
            await _at(world, options, event, ports, clients, result, acknowledged)
    await _verify(world, event, acknowledged, result)
    return result


async def _at(
    world: World, options: Options, event: Event, ports: Mapping[str, int], clients: int, result: Result,
    acknowledged: dict[str, int],
) -> None:  # fmt: skip
    tails: list[float] = []

    async def drive(name: str) -> Figures:
        plan = Plan(
            port=ports[name], clients=clients, path="/bookings", tokens=world.tokens(), bodies=event.bodies(),
            prefix=secrets.token_hex(4), warm=options.warm, seconds=options.seconds,
        )  # fmt: skip
        found = await measure(plan)
        acknowledged["holdfast" if name == "holdfast" else "direct"] += found.acknowledged
        result.verify(set(found.statuses) == {"201"}, "every create is answered 201")
        if name == "holdfast":
            tails.append(await world.rest())
        say(f"P1 {clients:>3} clients {name:<8} {found.good_rate:7.0f}/s  p50 {found.p50:6.1f}  p99 {found.p99:7.1f} ms"
            f"  {found.statuses} {found.said[:1] or ''}")  # fmt: skip
        return found

    rounds = await interleaved({name: lambda _, name=name: drive(name) for name in ports}, options.rounds)
    ours, a, b = (median([one.good_rate for one in rounds[name]]) for name in ("holdfast", "a", "b"))
    least_a, least_b = TARGETS.get(clients, (None, None))
    p50, p99 = (median([getattr(one, which) for one in rounds["holdfast"]]) for which in ("p50", "p99"))
    result.at_least(f"{clients} clients, against (a)", ours, a, least_a, "/s", "(a)")
    result.at_least(f"{clients} clients, against (b)", ours, b, least_b, "/s", "(b)")
    result.note(f"{clients} clients, latency", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    result.note(f"{clients} clients, until tickets and calendar have caught up", f"{median(tails):.1f} s after the end")


async def _verify(world: World, event: Event, acknowledged: dict[str, int], result: Result) -> None:
    sold = await world.ask(
        "booking", "SELECT count(*) FROM bookings WHERE content_id = $1::text::uuid", event.content_id
    )
    result.verify(sold >= acknowledged["holdfast"], "every acknowledged create has its booking (I3)")
    await verify_counters(world, event, result)
    known = await world.ask(
        "direct", "SELECT count(*) FROM bookings WHERE content_id = $1::text::uuid", event.content_id
    )
    result.verify(known >= acknowledged["direct"], "every acknowledged create of the baselines has its booking")


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
