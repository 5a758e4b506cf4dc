"""P2: the rush. 2,000 clients ask at once for 500 units of one session; all must have a right answer in two seconds."""

from __future__ import annotations

import secrets

from tests.load.figures import Result, interleaved, median, say
from tests.load.generator import Figures, Plan, measure
from tests.load.options import Options
from tests.load.p1_create import verify_counters
from tests.load.servers import direct
from tests.load.world import World

CLIENTS = 2_000
UNITS = 500


async def run(world: World, options: Options) -> Result:
    """Measure decisions a second, sold and refused together, beside the direct service with row locks."""
    clients, units = options.amount(CLIENTS), options.amount(UNITS)
    result = Result("P2", f"Rush: {clients:,} clients at once for {units} units of one session")
    rounds = options.rounds
    event = await world.event(rounds, units)
    bodies = event.bodies()
    async with direct("a", world.direct_environment()) as direct_a:
        ports = {"holdfast": world.port, "a": direct_a.port}

        async def drive(name: str, number: int) -> Figures:
            plan = Plan(
                port=ports[name], clients=clients, path="/bookings", tokens=world.tokens(),
                bodies=[bodies[number]], prefix=secrets.token_hex(4), each=1,
            )  # fmt: skip
            found = await measure(plan)
            say(f"P2 {name:<8} {found.rate:7.0f}/s  worst {found.worst:7.0f} ms  {found.statuses} {found.said}")
            result.verify(
                found.statuses == {"201": units, "409": clients - units}, "exactly as many sold as there were"
            )
            if name == "holdfast":
                await world.rest()
            return found

        found = await interleaved({name: lambda n, name=name: drive(name, n) for name in ports}, rounds)
    ours, a = (median([one.rate for one in found[name]]) for name in ("holdfast", "a"))
    result.at_least("decisions", ours, a, 4.0, "/s", "(a)")
    result.at_most("slowest answer", median([one.worst for one in found["holdfast"]]), 2000, "ms")
    result.note("slowest answer of (a)", f"{median([one.worst for one in found['a']]):,.0f} ms")
    await verify_counters(world, event, result)
    return result
