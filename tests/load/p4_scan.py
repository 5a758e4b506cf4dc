"""P4: the door. Fresh tickets are scanned at 1, 8, 32 and 64 doors, beside a direct service that scans in one call."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence

import asyncpg
from tests.load.figures import Result, interleaved, median, say, told
from tests.load.generator import Figures, Plan, measure
from tests.load.options import Options
from tests.load.servers import direct
from tests.load.world import Event, World, until

from holdfast_contracts.enums import Role

DOORS = (1, 8, 32, 64)
TARGETS: Mapping[int, float] = {8: 0.7, 32: 1.2, 64: 1.2}
PARTY = 10
BOOKINGS = 2_400
"""With ten tickets each: enough that every scan of a run meets a ticket that nobody has scanned."""

_TICKETS = """
SELECT t.tenant_id, t.id, t.booking_id, t.ticket_code, t.tier_id, t.seat_label, t.attendee_name
FROM tickets t JOIN admissions a ON a.tenant_id = t.tenant_id AND a.booking_id = t.booking_id
WHERE a.content_id = $1::text::uuid
"""


async def run(world: World, options: Options) -> Result:
    """Issue tickets, copy them to the baseline, scan."""
    result = Result("P4", "Scan tickets at doors, each ticket once")
    event = await world.event(1, 1_000_000, soon=True)
    await _book(world, event, options)
    codes = await _copy_tickets(world, event)
    say(f"P4 {len(codes):,} tickets are issued")
    used = {"holdfast": 0, "direct": 0}
    async with direct("b", world.direct_environment()) as server:
        ports = {"holdfast": world.port, "direct": server.port}
        for doors in DOORS:
            await _at(world, options, doors, ports, codes, used, result)
    await _verify(world, event, result)
    return result


async def _book(world: World, event: Event, options: Options) -> None:
    bookings = options.amount(BOOKINGS, 100)
    body = json.loads(event.bodies()[0])
    body["schedulePayload"]["items"][0]["quantity"] = PARTY
    plan = Plan(
        port=world.port, clients=32, path="/bookings", tokens=world.tokens(), bodies=[json.dumps(body)],
        prefix=secrets.token_hex(4), each=bookings // 32,
    )  # fmt: skip
    await measure(plan)
    booked = await world.ask(
        "booking", "SELECT count(*) FROM bookings WHERE content_id = $1::text::uuid", event.content_id
    )
    question = f"SELECT count(*) FROM ({_TICKETS}) found"

    async def issued() -> bool:
        return await world.ask("tickets", question, event.content_id) >= booked * PARTY

    await until(issued, 120, "all tickets are issued")
    await world.rest()


async def _copy_tickets(world: World, event: Event) -> list[str]:
    source = await asyncpg.connect(world.stack.database_url("tickets"))
    target = await asyncpg.connect(world.direct_url)
    try:
        tickets = await source.fetch(_TICKETS, event.content_id)
        await target.execute(
            "INSERT INTO door_bookings (tenant_id, id, booking_number, status, payment_status, content_id, title,"
            " session_id, starts_at, opens_at, closes_at, total)"
            " SELECT $1::text::uuid, b.id::uuid, 'BK-' || left(b.id, 8), 'confirmed', 'not_required',"
            " $2::text::uuid, 'Measured evening', $3::text::uuid, now() + interval '1 hour', now() - interval '1 hour',"
            " now() + interval '3 hours', $5 FROM unnest($4::text[]) AS b(id)",
            world.tenant_id, event.content_id, event.sessions[0],
            sorted({str(ticket["booking_id"]) for ticket in tickets}), PARTY,
        )  # fmt: skip
        columns = ("tenant_id", "id", "booking_id", "ticket_code", "tier_id", "seat_label", "attendee_name")
        await target.copy_records_to_table(
            "door_tickets", records=[(*(ticket[name] for name in columns), "valid", "Standard") for ticket in tickets],
            columns=[*columns, "status", "tier_name"],
        )  # fmt: skip
    finally:
        await source.close()
        await target.close()
    return [ticket["ticket_code"] for ticket in tickets]


def _bodies(codes: Sequence[str], doors: int) -> list[str]:
    return [
        json.dumps({"code": code, "gate": "North", "deviceId": f"door-{number % doors}", "nonce": secrets.token_hex(8)})
        for number, code in enumerate(codes)
    ]


async def _at(
    world: World, options: Options, doors: int, ports: Mapping[str, int], codes: list[str], used: dict[str, int],
    result: Result,
) -> None:  # fmt: skip
    share = len(codes) // (len(DOORS) * options.rounds)

    async def drive(name: str) -> Figures:
        fresh = codes[used[name] : used[name] + share]
        used[name] += share
        plan = Plan(
            port=ports[name], clients=doors, path="/bookings/scan", tokens=world.tokens(Role.DOOR, doors),
            bodies=_bodies(fresh, doors), prefix=secrets.token_hex(4), each=max(1, share // doors),
        )  # fmt: skip
        found = await measure(plan)
        say(f"P4 {doors:>2} doors {name:<8} {told(found)}")
        result.verify(set(found.statuses) == {"200"}, "every scan is answered with a result")
        if name == "holdfast":
            await world.rest()
        return found

    rounds = await interleaved({name: lambda _, name=name: drive(name) for name in ports}, options.rounds)
    ours, base = (median([one.good_rate for one in rounds[name]]) for name in ("holdfast", "direct"))
    result.at_least(f"{doors} doors" if doors > 1 else "1 door", ours, base, TARGETS.get(doors), "/s", "direct")
    if doors == 1:
        result.at_most("1 door, p50", median([one.p50 for one in rounds["holdfast"]]), 5, "ms")
    p99 = median([one.p99 for one in rounds["holdfast"]])
    result.note(f"{doors} doors, p99", f"{p99:.1f} ms")


async def _verify(world: World, event: Event, result: Result) -> None:
    twice = await world.ask(
        "tickets",
        "SELECT count(*) FROM (SELECT FROM scans WHERE result = 'valid' GROUP BY ticket_id HAVING count(*) > 1) found",
    )
    result.verify(not twice, "no ticket was admitted twice (I7)")
