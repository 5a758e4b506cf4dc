"""React to confirmed bookings: a subscriber to copy. It needs `aiokafka` and nothing of Holdfast.

    python examples/subscriber.py --bootstrap 127.0.0.1:8007 --group accounting --database accounting.sqlite3

It keeps a small account of confirmed bookings. Put your own work into `Account.book`, and keep the rest:

- a group of its own, beginning with the oldest event that the topic still has;
- an offset is committed after the work is done, never before, so a killed subscriber gets its events again;
- so events come *at least* once: the newest version of each booking is kept in the same transaction as the work, and
  an event with the same or an older version is dropped;
- types that it does not know are ignored: later releases add some;
- a record that cannot be read is told and passed over; a failure of its own database ends it, with nothing committed.

If your work cannot share a transaction with the versions (a mail, another system's API), do it before the commit of
the version and give it `ce_id` as its idempotency key: a repeat has the same one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

TOPIC = "booking.events.v1"
KNOWN_TYPES = frozenset(
    {
        "BookingCreated",
        "BookingConfirmed",
        "BookingUpdated",
        "BookingRescheduled",
        "BookingCheckedIn",
        "BookingCheckInUndone",
        "BookingCompleted",
        "BookingNoShowMarked",
        "BookingCancelled",
        "BookingExpired",
        "BookingWaitlisted",
    }
)


class Record(Protocol):
    """What aiokafka gives."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class BookingEvent:
    """What this subscriber reads of an event; there is much more in `booking`."""

    id: str
    type: str
    tenant_id: str
    booking_id: str
    version: int
    booking: dict[str, Any]


class Account:
    """Confirmed bookings, and the newest version known of every booking."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript(
            "CREATE TABLE IF NOT EXISTS versions (booking_id TEXT PRIMARY KEY, version INTEGER NOT NULL);"
            "CREATE TABLE IF NOT EXISTS confirmed (booking_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL,"
            " number TEXT NOT NULL, total TEXT NOT NULL, currency TEXT NOT NULL, event_id TEXT NOT NULL);"
        )

    def record(self, event: BookingEvent) -> bool:
        """Do the work of an event once, in one transaction with its version; False where there is nothing to do."""
        with self._database:
            wanted = self._is_newer(event) and event.type == "BookingConfirmed"
            if wanted:
                self.book(event)
        return wanted

    def _is_newer(self, event: BookingEvent) -> bool:
        """Note the version of a booking; False where it is known, or a newer one is."""
        changed = self._database.execute(
            "INSERT INTO versions VALUES (?, ?) ON CONFLICT (booking_id) DO UPDATE SET version = excluded.version"
            " WHERE versions.version < excluded.version",
            (event.booking_id, event.version),
        )
        return changed.rowcount == 1

    def book(self, event: BookingEvent) -> None:
        """React to a confirmed booking: this is where your own work goes."""
        price = event.booking["price"]
        row = (event.booking_id, event.tenant_id, event.booking["bookingNumber"], price["total"], price["currency"])
        self._database.execute("INSERT OR REPLACE INTO confirmed VALUES (?, ?, ?, ?, ?, ?)", (*row, event.id))

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def read(record: Record) -> BookingEvent | None:
    """Return the event of a record, None for a type that is not known.

    Raises ValueError, KeyError or TypeError for what is no event of this topic.
    """
    headers = {name: value.decode() for name, value in record.headers}
    if headers["ce_type"] not in KNOWN_TYPES:
        return None
    payload = json.loads(record.value or b"")
    return BookingEvent(
        id=headers["ce_id"],
        type=headers["ce_type"],
        tenant_id=headers["ce_tenantid"],
        booking_id=str(payload["bookingId"]),
        version=int(payload["version"]),
        booking=dict(payload["booking"]),
    )


def handle(record: Record, account: Account) -> None:
    """Do one record to its end. Raises sqlite3.Error where the work itself fails; then it must come again."""
    where = f"{record.topic}[{record.partition}]@{record.offset}"
    try:
        event = read(record)
        if event is not None and account.record(event):
            print(f"confirmed {event.booking['bookingNumber']} of tenant {event.tenant_id}", flush=True)
    except (ValueError, KeyError, TypeError) as error:
        print(f"passed over {where}, which cannot be read: {error!r}", file=sys.stderr, flush=True)


async def follow(consumer: AIOKafkaConsumer, account: Account) -> None:
    """Take records as they come, for ever."""
    while True:
        batches: dict[TopicPartition, list[Record]] = await consumer.getmany(timeout_ms=1000, max_records=200)
        for partition, records in batches.items():
            for record in records:
                handle(record, account)
            await commit(consumer, {partition: records[-1].offset + 1})


async def commit(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """Commit what is done. It may fail where the group shares its partitions anew: then the events come again."""
    try:
        await consumer.commit(offsets)
    except KafkaError as error:
        print(f"offsets not committed, the repeat does no harm: {error!r}", file=sys.stderr, flush=True)


async def subscribe(bootstrap: str, group: str, account: Account) -> None:
    """Follow the topic until SIGTERM or SIGINT, then leave the group in order. Raises KafkaError at the start."""
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap.split(","),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        await consumer.start()
        following = asyncio.create_task(follow(consumer, account))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, following.cancel)
        print(f"following {TOPIC} as {group}", flush=True)
        await following
    finally:
        await consumer.stop()


def main() -> None:
    """Read the arguments and follow the topic."""
    parser = argparse.ArgumentParser(description="React to confirmed bookings.")
    parser.add_argument("--bootstrap", required=True, help="host:port of Kafka, comma separated")
    parser.add_argument("--group", default="example-subscriber", help="consumer group: one for each application")
    parser.add_argument("--database", default="confirmed.sqlite3", help="SQLite file that keeps the account")
    given = parser.parse_args()
    try:
        account = Account(given.database)
    except sqlite3.OperationalError as error:
        sys.exit(f"{given.database} cannot be opened: {error}")
    try:
        asyncio.run(subscribe(given.bootstrap, given.group, account))
    except asyncio.CancelledError:
        print("left the group", flush=True)
    except KafkaError as error:
        sys.exit(f"Kafka at {given.bootstrap} does not answer: {error}")
    finally:
        account.close()


if __name__ == "__main__":
    main()
