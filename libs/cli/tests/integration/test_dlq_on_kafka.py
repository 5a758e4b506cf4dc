"""Dead letters on a real Kafka: listed, replayed, dropped, and gone from the list for good."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer
from typer.testing import CliRunner, Result

from holdfast_cli.bus import writer
from holdfast_cli.main import app
from holdfast_contracts.topics import Topic
from holdfast_platform.messaging.topics import ensure_topics

pytestmark = pytest.mark.integration


@pytest.fixture
async def topic(kafka_bootstrap: str) -> str:
    """A topic of events of its own, with three dead letters; the second has no id."""
    made = Topic(f"shop{secrets.token_hex(3)}.events.v1", partitions=2)
    await ensure_topics(kafka_bootstrap, [made, made.dead_letters])
    async with writer(kafka_bootstrap) as producer:
        for number in range(3):
            headers = {
                "ce_id": f"00000000-0000-0000-0000-00000000000{number}" if number != 1 else "none",
                "ce_type": "BookingConfirmed",
                "hf-dlq-topic": made.name,
                "hf-dlq-partition": "1",
                "hf-dlq-consumer": "tickets.bookings",
                "hf-dlq-reason": f"reason {number}",
                "hf-dlq-at": "2027-01-10T09:00:00Z",
            }
            sent = [(name, value.encode()) for name, value in headers.items()]
            await producer.send_and_wait(made.dead_letters.name, b'{"n": %d}' % number, key=b"key", headers=sent)
    return made.name


@pytest.fixture
def dlq(kafka_bootstrap: str, topic: str, tmp_path, monkeypatch) -> Iterator[object]:
    """Runs `holdfast dlq` on the topic."""
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path))

    def run(*arguments: str) -> Result:
        given = ["dlq", arguments[0], "--bootstrap", kafka_bootstrap, "--topic", topic, *arguments[1:]]
        return CliRunner().invoke(app, given)

    return run


async def _in_thread(call, *arguments: str) -> Result:
    return await asyncio.to_thread(call, *arguments)


def _open(result: Result) -> list[str]:
    return [json.loads(line)["reason"] for line in result.stdout.splitlines()]


async def test_letters_are_handled_in_any_order_and_do_not_come_again(dlq, topic, kafka_bootstrap):
    assert _open(await _in_thread(dlq, "list", "--json")) == ["reason 0", "reason 1", "reason 2"]

    replayed = await _in_thread(dlq, "replay", f"{topic}@2")
    assert replayed.exit_code == 0, replayed.output
    assert _open(await _in_thread(dlq, "list", "--json")) == ["reason 0", "reason 1"]

    stays = await _in_thread(dlq, "replay", f"{topic}@1")
    assert stays.exit_code == 1
    assert "no message id" in stays.stderr

    dropped = await _in_thread(dlq, "drop", f"{topic}@0", "--yes")
    assert dropped.exit_code == 0, dropped.output
    assert _open(await _in_thread(dlq, "list", "--json")) == ["reason 1"]
    assert (await _in_thread(dlq, "drop", "--all", "--yes")).exit_code == 0
    assert "no open dead letters" in (await _in_thread(dlq, "list")).stdout

    (record,) = await _records(kafka_bootstrap, topic)
    headers = {name: value.decode() for name, value in record.headers}
    assert (record.partition, record.key, record.value) == (1, b"key", b'{"n": 2}')
    assert headers["hf-replay-of"] == "00000000-0000-0000-0000-000000000002"
    assert headers["ce_id"] != headers["hf-replay-of"]
    assert "hf-dlq-reason" not in headers


async def _records(bootstrap: str, topic: str) -> list[object]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        found = await consumer.getmany(timeout_ms=5000)
        return [record for records in found.values() for record in records]
    finally:
        await consumer.stop()


async def test_what_two_consumers_gave_up_is_sent_once(dlq, topic, kafka_bootstrap):
    async with writer(kafka_bootstrap) as producer:
        headers = {
            "ce_id": "00000000-0000-0000-0000-000000000002",
            "hf-dlq-topic": topic,
            "hf-dlq-consumer": "calendar.bookings",
        }
        sent = [(name, value.encode()) for name, value in headers.items()]
        await producer.send_and_wait(f"{topic}.dlq", b'{"n": 2}', key=b"key", headers=sent)
    await _in_thread(dlq, "replay", "00000000-0000-0000-0000-000000000002")
    assert _open(await _in_thread(dlq, "list", "--json")) == ["reason 0", "reason 1"]
    assert len(await _records(kafka_bootstrap, topic)) == 1


async def test_the_list_shows_reason_and_consumer(dlq):
    shown = (await _in_thread(dlq, "list")).stdout
    assert "tickets.bookings" in shown
    assert "reason 2" in shown


async def test_a_topic_is_named_with_or_without_its_ending_and_never_misspelt(
    kafka_bootstrap, topic, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path))

    def dlq(name: str, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["dlq", *arguments, "--bootstrap", kafka_bootstrap, "--topic", name])

    assert _open(await _in_thread(dlq, f"{topic}.dlq", "list", "--json")) == ["reason 0", "reason 1", "reason 2"]
    for command in (["list"], ["replay", "--all"], ["drop", "--all", "--yes"]):
        misspelt = await _in_thread(dlq, topic.replace("events", "event"), *command)
        assert misspelt.exit_code == 2
        assert f"{topic}.dlq" in misspelt.stderr


async def test_a_database_that_cannot_be_asked_stops_a_replay(dlq):
    refused = await _in_thread(dlq, "replay", "--all", "--database", "booking=postgresql://nobody@127.0.0.1:1/none")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("holdfast: The database of booking does not let an auditor in")
    assert len(_open(await _in_thread(dlq, "list", "--json"))) == 3
