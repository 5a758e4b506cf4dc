"""How long topics are kept, as the operator says it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from holdfast_cli import topics
from holdfast_cli.main import app
from holdfast_contracts.topics import BOOKING_COMMANDS, BOOKING_EVENTS, GATEWAY_REPLIES, INVENTORY_CLAIMS, Topic
from holdfast_platform.messaging.topics import TopicSettings

ASKED = (BOOKING_COMMANDS, INVENTORY_CLAIMS, BOOKING_EVENTS, BOOKING_EVENTS.dead_letters, GATEWAY_REPLIES)
NAMES = ("TOPIC_COMMANDS_DAYS", "TOPIC_EVENTS_DAYS", "TOPIC_REPLIES_MINUTES", "TOPIC_DEAD_LETTERS_DAYS")


@pytest.fixture
def created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[TopicSettings]:
    """With what settings `holdfast topics create` goes to Kafka."""
    for name in (*NAMES, "INBOX_RETENTION_DAYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path))
    given: list[TopicSettings] = []

    async def create(address: str, *, replication: int, settings: TopicSettings) -> list[str]:
        given.append(settings)
        return []

    monkeypatch.setattr(topics, "ensure_topics", create)
    return given


def create(*options: str) -> Result:
    return CliRunner().invoke(app, ["topics", "create", "--bootstrap", "127.0.0.1:1", *options])


def kept(settings: TopicSettings, asked: Sequence[Topic] = ASKED) -> list[timedelta | None]:
    return [settings.retention(topic) for topic in asked]


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_topics_are_kept_as_options_or_variables_say_else_by_default(created, monkeypatch) -> None:
    assert create().exit_code == 0
    monkeypatch.setenv("TOPIC_COMMANDS_DAYS", "3")
    monkeypatch.setenv("TOPIC_EVENTS_DAYS", "60")
    options = ("--keep-events-days", "90", "--keep-dead-letters-days", "21", "--keep-replies-minutes", "5")
    assert create(*options).exit_code == 0
    by_default, as_said = created
    assert kept(by_default) == [days(2), days(2), days(30), days(14), timedelta(minutes=10)]
    assert kept(as_said) == [days(3), days(3), days(90), days(21), timedelta(minutes=5)]


def test_commands_are_never_kept_until_their_results_are_forgotten(created, monkeypatch) -> None:
    refused = create("--keep-commands-days", "7")
    assert refused.exit_code == 2
    assert "TOPIC_COMMANDS_DAYS must be less than INBOX_RETENTION_DAYS" in refused.stderr
    monkeypatch.setenv("INBOX_RETENTION_DAYS", "14")
    assert create("--keep-commands-days", "7").exit_code == 0
    assert len(created) == 1


@pytest.mark.parametrize("option", ["commands-days", "events-days", "replies-minutes", "dead-letters-days"])
@pytest.mark.parametrize("value", ["0", "-1", "soon"])
def test_what_cannot_be_right_is_refused(created, option, value) -> None:
    assert create(f"--keep-{option}", value).exit_code == 2
    assert not created
