"""`docs/messages.md` says what the contracts say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from holdfast_contracts import envelope
from holdfast_contracts.booking import BookingEvent
from holdfast_contracts.registry import MESSAGES
from holdfast_contracts.topics import BOOKING_COMMANDS, BOOKING_EVENTS, TOPICS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "messages.md").read_text(encoding="utf-8")
ROWS = {row.split("`")[1]: row for row in DOCUMENT.splitlines() if row.startswith("| `")}


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS if not topic.name.endswith(".dlq")])
def test_every_topic_has_a_row_with_its_messages(topic) -> None:
    told = set(re.findall(r"`([A-Z]\w+)`", ROWS[topic]))
    assert told == set(MESSAGES.get(topic, {}))


@pytest.mark.parametrize(
    "header",
    [
        value
        for name, value in vars(envelope).items()
        if name.startswith("CE_") or name in ("CONTENT_TYPE", "TRACEPARENT")
    ],
)
def test_every_public_header_has_a_row(header) -> None:
    assert header in ROWS


def test_retention_is_as_it_is_told() -> None:
    days = {topic.retention.days for topic in (BOOKING_EVENTS, BOOKING_EVENTS.dead_letters, BOOKING_COMMANDS)}
    assert days == {30, 14, 2}
    assert "Events are kept 30 days, commands and claims 2, replies 10 minutes, dead letters 14 days." in DOCUMENT


def test_the_example_has_the_fields_of_an_event() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    fields = {field.alias or name for name, field in BookingEvent.model_fields.items()}
    assert set(json.loads(block)) == fields
