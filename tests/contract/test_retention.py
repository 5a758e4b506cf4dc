"""Nothing that has an effect comes again after its result was forgotten (A8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast_booking.settings import BookingSettings
from holdfast_calendar.settings import CalendarSettings
from holdfast_contracts.topics import TOPICS, Topic
from holdfast_gateway.settings import GatewaySettings
from holdfast_inventory.settings import InventorySettings
from holdfast_platform.settings import ServiceSettings
from holdfast_tickets.settings import TicketsSettings

DAY = timedelta(days=1)
LEAST = timedelta(days=3)
"""The least that any service may be told to keep its results."""


def effective(topic: Topic) -> bool:
    """Commands and claims are kept from a second effect by the inbox alone; events carry versions besides."""
    return topic.name.split(".")[1] in ("commands", "claims") and not topic.name.endswith(".dlq")


def kept_too_long(topics: tuple[Topic, ...]) -> set[str]:
    """Topics from which a message may come when its result is forgotten: a day is left for what waits."""
    return {t.name for t in topics if effective(t) and (t.retention is None or t.retention > LEAST - DAY)}


def test_commands_and_claims_are_gone_before_their_results() -> None:
    assert {topic.name for topic in TOPICS if effective(topic)} == {
        "inventory.commands.v1",
        "inventory.claims.v1",
        "booking.commands.v1",
    }
    assert kept_too_long(tuple(TOPICS)) == set()


@pytest.mark.parametrize("retention", [LEAST, 7 * DAY, None])
def test_control_a_topic_that_keeps_as_long_as_an_inbox_is_seen(retention) -> None:
    assert kept_too_long((Topic("other.commands.v1", retention=retention),)) == {"other.commands.v1"}


@pytest.mark.parametrize(
    "settings", [BookingSettings, CalendarSettings, GatewaySettings, InventorySettings, TicketsSettings]
)
def test_no_service_keeps_its_results_for_less_than_another_by_default(settings) -> None:
    """What is downstream must not forget before what is upstream: all have the same default and the same least."""
    field = settings.model_fields["inbox_retention_days"]
    shared = ServiceSettings.model_fields["inbox_retention_days"]
    assert (field.default, field.metadata) == (shared.default, shared.metadata)
    assert field.default == 7
    assert min(bound.ge for bound in field.metadata) == LEAST.days
