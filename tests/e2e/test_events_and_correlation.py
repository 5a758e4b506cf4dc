"""What other systems hear on Kafka, and how one request is followed through all logs [spec/09, Events; spec/08]."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from e2e_samples import Concert, ahead, concert, scan, tickets_of
from e2e_world import Json, Tenant, World, eventually, ok, refused

HEADERS = {"ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "ce_tenantid"}
COMPUTED = {"links", "cancellableUntil", "reschedulableUntil", "cancellationFeeNow"}


@dataclass
class Subscriber:
    """Somebody else's system: reads a topic from now on, in a thread of its own."""

    bootstrap: str
    topic: str
    records: list[ConsumerRecord] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    async def read(self) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = [TopicPartition(self.topic, number) for number in await self._partitions(consumer)]
            consumer.assign(partitions)
            await consumer.seek_to_end(*partitions)
            for partition in partitions:
                await consumer.position(partition)
            self.ready.set()
            while not self.stop.is_set():
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    self.records.extend(records)
        finally:
            await consumer.stop()

    async def _partitions(self, consumer: AIOKafkaConsumer) -> set[int]:
        await consumer._client.add_topic(self.topic)  # known only after the client was told of the topic
        return consumer.partitions_for_topic(self.topic) or {0}

    def of(self, booking: Json, count: int) -> list[ConsumerRecord]:
        """The events of a booking as soon as there are so many."""

        def enough() -> list[ConsumerRecord] | None:
            mine = [record for record in self.records if record.key == booking["id"].encode()]
            return mine if len(mine) >= count else None

        return eventually(enough) or []


@pytest.fixture(scope="module")
def subscriber(world: World) -> Iterator[Subscriber]:
    made = Subscriber(world.description["kafka"]["bootstrap"], "booking.events.v1")
    thread = threading.Thread(target=lambda: asyncio.run(made.read()), daemon=True)
    thread.start()
    assert made.ready.wait(20)
    yield made
    made.stop.set()
    thread.join(10)


def header(record: ConsumerRecord, name: str) -> str:
    return next(value.decode() for key, value in record.headers if key == name)


def told(records: list[ConsumerRecord]) -> list[tuple[str, int, str | None, str]]:
    """(type, version, previous status, status) of each event."""
    bodies = [json.loads(record.value) for record in records]
    return [
        (header(record, "ce_type"), body["version"], body["previousStatus"], body["status"])
        for record, body in zip(records, bodies, strict=True)
    ]


class TestBookingEvents:
    """Topic `booking.events.v1`: one event for each version, without gaps, with the whole booking."""

    def test_a_booking_that_begins_as_confirmed_starts_with_that(self, subscriber: Subscriber, show: Concert):
        booking = show.booked(show.tenant.guest)

        (record,) = subscriber.of(booking, 1)

        assert told([record]) == [("BookingConfirmed", 1, None, "confirmed")]
        assert {key for key, _ in record.headers} >= HEADERS
        assert header(record, "ce_specversion") == "1.0"
        assert header(record, "ce_tenantid") == show.tenant.id
        assert header(record, "ce_source").endswith("booking")
        UUID(header(record, "ce_id"))
        datetime.fromisoformat(header(record, "ce_time"))
        body = json.loads(record.value)
        assert body["bookingId"] == booking["id"]
        assert body["occurredAt"] == booking["createdAt"]
        expected = {name: value for name, value in booking.items() if name not in COMPUTED | {"pendingChange"}}
        assert {name: body["booking"][name] for name in expected} == expected
        assert not COMPUTED & set(body["booking"])

    def test_a_whole_life_has_one_event_for_each_version(self, subscriber: Subscriber, tenant: Tenant):
        policy = {"booking": {"autoConfirm": False, "approval": "always"}}
        show = concert(tenant, starts_at=ahead(minutes=45), policies=policy)
        booking = show.booked(tenant.guest)
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/confirm"))
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/confirm"))
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/check-in"))
        refused(tenant.staff.patch(f"/bookings/{booking['id']}/cancel"), 409, "INVALID_TRANSITION")

        records = subscriber.of(booking, 3)

        assert told(records) == [
            ("BookingCreated", 1, None, "pending"),
            ("BookingConfirmed", 2, "pending", "confirmed"),
            ("BookingCheckedIn", 3, "confirmed", "checked_in"),
        ]
        assert json.loads(records[2].value)["via"] == "staff"
        assert len({header(record, "ce_id") for record in records}) == 3

    def test_a_cancellation_and_a_door_are_told(self, subscriber: Subscriber, tenant: Tenant):
        show = concert(tenant, starts_at=ahead(minutes=45))
        left, came = show.booked(tenant.guest), show.booked(tenant.guest)
        ok(tenant.staff.patch(f"/bookings/{left['id']}/cancel", {"reason": "Ill"}))
        scan(tenant.door, tickets_of(tenant.guest, came, 1)[0]["ticketCode"])

        assert told(subscriber.of(left, 2))[1] == ("BookingCancelled", 2, "confirmed", "cancelled")
        checked_in = subscriber.of(came, 2)
        assert told(checked_in)[1] == ("BookingCheckedIn", 2, "confirmed", "checked_in")
        assert json.loads(checked_in[1].value)["via"] == "door"

    def test_a_refused_create_is_told_to_nobody(self, subscriber: Subscriber, tenant: Tenant):
        show = concert(tenant, session={"capacity": 1})
        booking = show.booked(tenant.guest)
        refused(show.book(tenant.guest), 409, "SOLD_OUT")
        subscriber.of(booking, 1)

        mine = [
            one for one in subscriber.records if json.loads(one.value)["booking"]["contentId"] == show.content["id"]
        ]
        assert len(mine) == 1

    def test_a_repeat_under_the_same_key_is_no_second_event(self, subscriber: Subscriber, show: Concert):
        key = str(uuid4())
        bookings = [show.book(show.tenant.guest, key=key).json() for _ in range(3)]
        last = show.booked(show.tenant.guest)
        subscriber.of(last, 1)

        assert len(subscriber.of(bookings[0], 1)) == 1


class TestCorrelation:
    """One id from the HTTP request through every message to the last log line."""

    def test_it_is_given_back_or_made(self, show: Concert):
        mine = f"e2e-{uuid4().hex}"
        named = show.tenant.guest.with_headers(X_Correlation_Id=mine)

        assert show.book(named).headers["x-correlation-id"] == mine
        assert show.book(show.tenant.guest).headers["x-correlation-id"]

    def test_it_reaches_the_event(self, subscriber: Subscriber, show: Concert):
        mine = f"e2e-{uuid4().hex}"
        booking = show.book(show.tenant.guest.with_headers(X_Correlation_Id=mine)).json()

        assert header(subscriber.of(booking, 1)[0], "ce_correlationid") == mine

    @pytest.mark.parametrize("service", ["gateway", "inventory", "booking", "tickets", "calendar"])
    def test_it_reaches_the_log_of_every_service(self, world: World, show: Concert, service: str):
        mine, trace = f"e2e-{uuid4().hex}", uuid4().hex
        headers = {"X_Correlation_Id": mine, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        show.book(show.tenant.guest.with_headers(**headers))

        def logged() -> list[Json]:
            lines = (world.logs / f"{service}.log").read_text().splitlines()
            return [json.loads(line) for line in lines if mine in line]

        entries = eventually(logged, seconds=5)
        assert all(entry["correlationId"] == mine and entry["service"] == service for entry in entries)
        assert {(entry["tenantId"], entry["traceId"]) for entry in entries} == {(show.tenant.id, trace)}


class TestHealth:
    """Each service tells its health and figures on a port of its own [spec/08]."""

    @pytest.mark.parametrize("service", ["gateway", "inventory", "booking", "tickets", "calendar"])
    def test_it_lives_is_ready_and_counts(self, world: World, service: str):
        base = world.description["health"][service]

        assert httpx.get(f"{base}/health/live", timeout=10).status_code == 200
        assert httpx.get(f"{base}/health/ready", timeout=10).status_code == 200
        assert "# TYPE" in httpx.get(f"{base}/metrics", timeout=10).text

    @pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/internal/bookings"])
    def test_none_of_it_is_on_the_public_port(self, world: World, path: str):
        refused(world.nobody.get(path), 404, "NOT_FOUND")
