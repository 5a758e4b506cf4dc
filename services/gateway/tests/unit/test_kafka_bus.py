"""What is handed over and what is not; a producer that failed for good is replaced."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError, OutOfOrderSequenceNumber

from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_gateway.adapters.kafka_bus import KafkaBus
from holdfast_gateway.ports import NotHandedOver


@dataclass
class FakeProducer:
    """Takes records, or fails as it is told."""

    failure: Exception | None = None
    taken: list[bytes] = field(default_factory=list)
    stopped: bool = False

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, _topic: str, payload: bytes, **_more: Any) -> asyncio.Future[None]:
        if self.failure is not None:
            raise self.failure
        self.taken.append(payload)
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future


async def hand_over(bus: KafkaBus) -> None:
    await (await bus.hand_over(INVENTORY_COMMANDS, b"key", b"payload", []))


async def test_before_the_start_nothing_is_handed_over() -> None:
    bus = KafkaBus(FakeProducer)
    assert bus.problem is not None
    with pytest.raises(NotHandedOver):
        await hand_over(bus)


async def test_a_producer_without_room_stays() -> None:
    producer = FakeProducer(KafkaTimeoutError())
    bus = KafkaBus(lambda: producer)
    await bus.start()
    with pytest.raises(NotHandedOver):
        await hand_over(bus)
    producer.failure = None
    await hand_over(bus)
    assert (producer.taken, producer.stopped) == ([b"payload"], False)
    await bus.stop()
    assert producer.stopped


async def test_a_producer_that_failed_for_good_is_replaced() -> None:
    made = [FakeProducer(OutOfOrderSequenceNumber()), FakeProducer()]
    waiting = iter(made)
    bus = KafkaBus(lambda: next(waiting))
    await bus.start()
    with pytest.raises(NotHandedOver):
        await hand_over(bus)
    async with asyncio.timeout(5):
        while not made[0].stopped:
            await asyncio.sleep(0)
    await hand_over(bus)
    assert made[1].taken == [b"payload"]
    await bus.stop()


class StuckProducer(FakeProducer):
    """Waits for room, or for knowledge of the topic, and never gets it; appends as its last step, like the real one."""

    async def send(self, topic: str, payload: bytes, **more: Any) -> asyncio.Future[None]:
        await asyncio.Event().wait()
        return await super().send(topic, payload, **more)


async def test_what_waits_for_room_too_long_was_never_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast_gateway.adapters.kafka_bus._HAND_OVER_SECONDS", 0.05)
    stuck = StuckProducer()
    bus = KafkaBus(lambda: stuck)
    await bus.start()
    with pytest.raises(NotHandedOver):
        await hand_over(bus)
    assert stuck.taken == []
    await bus.stop()
