"""Creates the topics that the contracts declare; nothing else may, and clients never do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Self

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code
from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from holdfast_contracts.topics import GATEWAY_REPLIES, TOPICS, Topic
from holdfast_platform.messaging.connection import options_for
from holdfast_platform.settings import settings_of

_ALREADY_EXISTS = 36
"""Kafka's error code TOPIC_ALREADY_EXISTS (https://kafka.apache.org/protocol#protocol_error_codes)."""

Days = Annotated[int, Field(ge=1, le=36_500)]


class TopicSettings(BaseSettings):
    """How long Kafka keeps what; asked where topics are created and compared."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore", frozen=True, hide_input_in_errors=True)

    topic_commands_days: Annotated[
        Days, Field(description="Commands and claims are kept this long; less than `INBOX_RETENTION_DAYS`.")
    ] = 2
    topic_events_days: Annotated[Days, Field(description="Events are kept this long.")] = 30
    topic_replies_minutes: Annotated[
        int, Field(ge=1, le=1440, description="Answers on their way to a gateway are kept this long.")
    ] = 10
    topic_dead_letters_days: Annotated[Days, Field(description="Dead letters are kept this long.")] = 14
    inbox_retention_days: Annotated[int, Field(ge=3, description="The services' setting of the same name.")] = 7

    @model_validator(mode="after")
    def _results_outlast_commands(self) -> Self:
        """A command that came again after its result was forgotten would have a second effect (A8)."""
        if self.topic_commands_days >= self.inbox_retention_days:
            msg = "TOPIC_COMMANDS_DAYS must be less than INBOX_RETENTION_DAYS"
            raise ValueError(msg)
        return self

    def retention(self, topic: Topic) -> timedelta | None:
        """Return how long a topic keeps its records; None is for ever."""
        if topic.retention is None:
            return None
        if topic.name.endswith(".dlq"):
            return timedelta(days=self.topic_dead_letters_days)
        if topic.name == GATEWAY_REPLIES.name:
            return timedelta(minutes=self.topic_replies_minutes)
        return timedelta(days=self.topic_commands_days if topic.awaited else self.topic_events_days)


def topic_configuration(topic: Topic, settings: TopicSettings) -> dict[str, str]:
    """Return the broker's settings of a topic."""
    configuration = {"max.message.bytes": "1048588", "cleanup.policy": "compact" if topic.compacted else "delete"}
    retention = settings.retention(topic)
    if retention is not None:
        configuration["retention.ms"] = str(int(retention.total_seconds() * 1000))
    elif not topic.compacted:
        configuration["retention.ms"] = "-1"
    return configuration


async def ensure_topics(
    bootstrap: str,
    topics: Sequence[Topic] = TOPICS,
    *,
    replication: int = 1,
    settings: TopicSettings | None = None,
) -> list[str]:
    """Create the topics that do not exist yet; return their names.

    Raises aiokafka.errors.KafkaError where the broker refuses, SettingsRefusedError where settings cannot be right.
    """
    kept = settings or settings_of(TopicSettings)
    admin = AIOKafkaAdminClient(**options_for(bootstrap))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in existing]
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(topic.name, topic.partitions, replication, topic_configs=topic_configuration(topic, kept))
                for topic in missing
            ]
        )
        for name, code, *_ in answer.topic_errors:
            if code not in (0, _ALREADY_EXISTS):
                raise for_code(code)(f"topic {name} cannot be created")
        return [topic.name for topic in missing]
    finally:
        await admin.close()


async def configurations(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """Return the broker's settings of topics that exist, by their names.

    Raises aiokafka.errors.KafkaError where the broker refuses, such as to one who may not see them.
    """
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, Mapping[str, str]] = {}
    for answer in await admin.describe_configs(asked):
        for code, message, _kind, name, entries in answer.resources:
            if code:
                raise for_code(code)(f"{name}: {message}")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found
