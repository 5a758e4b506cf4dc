"""How far behind the consumer groups are, as the broker tells."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


async def lag_of_all_groups(bootstrap: str) -> int:
    """Messages that some group has not committed yet, over all groups and topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await asyncio.gather(admin.start(), consumer.start())
    try:
        groups = [name for name, *_ in await admin.list_consumer_groups()]
        offsets = await asyncio.gather(*(admin.list_consumer_group_offsets(group) for group in groups))
        wanted: set[TopicPartition] = set().union(*(set(found) for found in offsets))
        ends = await consumer.end_offsets(list(wanted)) if wanted else {}
        return sum(
            max(0, ends[where] - told.offset) for found in offsets for where, told in found.items() if told.offset >= 0
        )
    finally:
        await asyncio.gather(admin.close(), consumer.stop())
