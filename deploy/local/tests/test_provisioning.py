"""What a stack needs before its services."""

from __future__ import annotations

import pytest

from holdfast_local.errors import StackError
from holdfast_local.kafka import ExternalKafka
from holdfast_local.progress import Progress
from holdfast_local.provisioning import prepare_topics


def test_topics_are_made_by_the_settings_and_wrong_ones_are_told(monkeypatch):
    monkeypatch.setenv("TOPIC_COMMANDS_DAYS", "9")
    with pytest.raises(StackError, match="TOPIC_COMMANDS_DAYS must be less than INBOX_RETENTION_DAYS"):
        prepare_topics(ExternalKafka("127.0.0.1:1"), Progress(silent=True))
