"""Topics on a real Kafka: made as the settings say, and compared with that."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import pytest
from aiokafka.errors import UnknownTopicOrPartitionError
from typer.testing import CliRunner, Result

from holdfast_cli.bus import TopicFound, admin, topics_of
from holdfast_cli.main import app
from holdfast_cli.topics import differences
from holdfast_contracts.topics import TOPICS, Topic
from holdfast_platform.messaging.topics import TopicSettings, configurations, ensure_topics

pytestmark = pytest.mark.integration

DAY_MS = 24 * 3600 * 1000


async def made(bootstrap: str, topics: Sequence[Topic], settings: TopicSettings) -> dict[str, TopicFound]:
    """Create topics; return them as soon as Kafka tells of all, which is a little later."""
    await ensure_topics(bootstrap, topics, settings=settings)
    names = {topic.name for topic in topics}
    async with asyncio.timeout(20):
        while (found := await topics_of(bootstrap, names)).keys() != names:
            await asyncio.sleep(0.05)
    return found


async def test_topics_are_compared_with_what_they_would_be(kafka_bootstrap, tmp_path, monkeypatch):
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path))
    await made(kafka_bootstrap, TOPICS, TopicSettings())

    async def listed(*options: str) -> Result:
        given = ["topics", "list", "--bootstrap", kafka_bootstrap, *options]
        return await asyncio.to_thread(CliRunner(env={"COLUMNS": "200"}).invoke, app, given)

    assert (await listed()).exit_code == 0
    chosen = await listed("--keep-events-days", "90")
    monkeypatch.setenv("TOPIC_EVENTS_DAYS", "90")
    for other in (chosen, await listed()):
        assert other.exit_code == 1
        assert other.stdout.count("retention.ms is 2592000000, not 7776000000") == 3  # inventory, booking, tickets


async def test_a_topic_that_was_made_by_other_settings_is_right_by_them(kafka_bootstrap):
    topic = Topic(f"shop{secrets.token_hex(3)}.events.v1", partitions=1)
    chosen = TopicSettings(topic_events_days=90)
    found = (await made(kafka_bootstrap, [topic], chosen))[topic.name]
    assert found.configuration["retention.ms"] == str(90 * DAY_MS)
    assert differences(topic, chosen, found) == []
    other = Topic(topic.name, partitions=2, retention=None, compacted=True)
    assert differences(other, chosen, found) == ["has 1 partitions", "cleanup.policy is delete, not compact"]


async def test_settings_that_kafka_does_not_tell_are_no_difference(kafka_bootstrap):
    async with admin(kafka_bootstrap) as client:
        with pytest.raises(UnknownTopicOrPartitionError):
            await configurations(client, [f"absent{secrets.token_hex(3)}"])
