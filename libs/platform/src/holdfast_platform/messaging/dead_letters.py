"""Dead letters: the message as it was, with where it came from and why it was given up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from holdfast_contracts.values import show_instant
from holdfast_platform.messaging.reading import Source
from holdfast_platform.outbox.store import OutboxRow

DLQ_TOPIC: Final = "hf-dlq-topic"
DLQ_PARTITION: Final = "hf-dlq-partition"
DLQ_OFFSET: Final = "hf-dlq-offset"
DLQ_CONSUMER: Final = "hf-dlq-consumer"
DLQ_REASON: Final = "hf-dlq-reason"
DLQ_AT: Final = "hf-dlq-at"

_LONGEST_REASON: Final = 500


def dead_letter_row(source: Source, tenant_id: UUID, consumer: str, reason: str) -> OutboxRow:
    """Return the outbox row that carries a message to `<topic>.dlq`."""
    headers = {
        **source.headers,
        DLQ_TOPIC: source.topic,
        DLQ_PARTITION: str(source.partition),
        DLQ_OFFSET: str(source.offset),
        DLQ_CONSUMER: consumer,
        DLQ_REASON: reason[:_LONGEST_REASON].replace("\x00", ""),
        DLQ_AT: show_instant(datetime.now(UTC)),
    }
    return OutboxRow(tenant_id, f"{source.topic}.dlq", source.key, headers, source.payload)
