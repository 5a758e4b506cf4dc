"""P5: one create alone, end to end, beside the sum of its hops, each measured alone on the same stack."""

from __future__ import annotations

import asyncio
import secrets
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.load.figures import Result, interleaved, median, say
from tests.load.generator import Plan, measure
from tests.load.hops import booking_alone, inventory_alone, relay_alone
from tests.load.options import Options
from tests.load.world import World

CREATES = 300
HOPS = 300


async def run(world: World, options: Options) -> Result:
    """Measure creates one after the other, and every step of one by itself."""
    result = Result("P5", "One create alone, end to end")
    event = await world.event(50, 10_000)
    creates, hops = options.amount(CREATES, 30), options.amount(HOPS, 30)

    async def whole(_: int) -> tuple[float, float]:
        plan = Plan(
            port=world.port, clients=1, path="/bookings", tokens=world.tokens(count=1), bodies=event.bodies(),
            prefix=secrets.token_hex(4), each=creates,
        )  # fmt: skip
        found = await measure(plan)
        result.verify(found.good == creates, "every create was acknowledged")
        await world.rest()
        return found.p50, found.p99

    async def door(_: int) -> tuple[float, float]:
        plan = Plan(
            port=world.port, clients=1, path="/bookings", tokens=world.tokens(count=1),
            bodies=[event.bodies()[0].replace('"quantity":1', '"quantity":0')], prefix=secrets.token_hex(4), each=hops,
        )  # fmt: skip
        found = await measure(plan)
        result.verify(set(found.statuses) == {"422"}, "the HTTP hop is a create that the gateway itself refuses")
        return found.p50, found.p99

    async def bus(_: int) -> tuple[float, float]:
        return await _bus_hop(world.stack.bootstrap, hops)

    admin = world.stack.engines.postgres.url()
    rounds = await interleaved(
        {
            "whole": whole,
            "HTTP in and out, with token and body checked": door,
            "publish to consume": bus,
            "inventory's transaction": lambda _: inventory_alone(admin, hops),
            "relay: read the outbox row": lambda _: relay_alone(admin, hops),
            "booking's transaction": lambda _: booking_alone(admin, hops),
        },
        options.rounds,
    )
    medians = {name: median([found[0] for found in values]) for name, values in rounds.items()}
    tails = median([found[1] for found in rounds["whole"]])
    say("P5 " + ", ".join(f"{name} {value:.2f} ms" for name, value in medians.items()))
    _tell(result, medians, tails)
    return result


def _tell(result: Result, medians: dict[str, float], tail: float) -> None:
    whole = medians.pop("whole")
    times = {"publish to consume": 3}
    total = sum(value * times.get(name, 1) for name, value in medians.items())
    result.at_most("p50", whole, 12, "ms")
    result.at_most("p99", tail, 30, "ms")
    result.lines.append(_ratio(whole, total))
    for name, value in medians.items():
        result.note(f"hop: {name}" + (f" (× {times[name]})" if name in times else ""), f"{value:.2f} ms")


def _ratio(whole: float, total: float):
    from tests.load.figures import Line  # noqa: PLC0415

    ratio = whole / total
    return Line("against the sum of its hops", f"{whole:.1f} ms", f"{total:.1f} ms", ratio, "≤ 1.3 ×", ratio <= 1.3)


async def _bus_hop(bootstrap: str, count: int) -> tuple[float, float]:
    """From `send` to the consumer's hand, one message at a time; milliseconds (p50, p99)."""
    topic = f"bench-{secrets.token_hex(4)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    consumer.assign([TopicPartition(topic, 0)])
    await asyncio.gather(producer.start(), consumer.start())
    await consumer.seek_to_beginning()
    taken = []
    try:
        for number in range(count + 20):
            began = time.perf_counter()
            await producer.send(topic, b"x" * 1500)
            await consumer.getone()
            if number >= 20:
                taken.append(1000 * (time.perf_counter() - began))
    finally:
        await asyncio.gather(producer.stop(), consumer.stop())
        await admin.delete_topics([topic])
        await admin.close()
    ordered = sorted(taken)
    return ordered[len(ordered) // 2], ordered[int(0.99 * len(ordered))]
