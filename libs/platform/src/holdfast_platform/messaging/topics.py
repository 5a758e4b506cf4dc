"""Creates the topics that the contracts declare; nothing else may, and clients never do."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from holdfast_contracts.topics import TOPICS, Topic

_ALREADY_EXISTS = 36
"""Kafka's error code TOPIC_ALREADY_EXISTS (https://kafka.apache.org/protocol#protocol_error_codes)."""


def topic_configuration(topic: Topic) -> dict[str, str]:
    """Return the broker's settings of a topic."""
    configuration = {"max.message.bytes": "1048588", "cleanup.policy": "compact" if topic.compacted else "delete"}
    if topic.retention is not None:
        configuration["retention.ms"] = str(int(topic.retention.total_seconds() * 1000))
    elif not topic.compacted:
        configuration["retention.ms"] = "-1"
    return configuration


async def ensure_topics(bootstrap: str, topics: Sequence[Topic] = TOPICS, *, replication: int = 1) -> list[str]:
    """Create the topics that do not exist yet; return their names.

    Raises aiokafka.errors.KafkaError where the broker refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, replication, topic_configs=topic_configuration(topic))
                for topic in missing
            ]
        )
        for name, code, *_ in answer.topic_errors:
            if code not in (0, _ALREADY_EXISTS):
                raise for_code(code)(f"topic {name} cannot be created")
        return [topic.name for topic in missing]
    finally:
        await admin.close()
