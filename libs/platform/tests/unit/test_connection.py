"""How clients reach Kafka: the services' and the operator's alike."""

from __future__ import annotations

import ssl

import pytest

from holdfast_contracts.topics import BOOKING_EVENTS, GATEWAY_REPLIES, INVENTORY_CLAIMS, TENANT_EVENTS, TOPICS
from holdfast_platform.messaging.connection import options_for
from holdfast_platform.messaging.topics import TopicSettings, topic_configuration
from holdfast_platform.settings import SettingsRefusedError

DAY_MS = 24 * 3600 * 1000


def test_an_address_alone_is_plain() -> None:
    assert options_for("a:1,b:2") == {"bootstrap_servers": ["a:1", "b:2"], "security_protocol": "PLAINTEXT"}


def test_the_operators_clients_speak_tls_and_sasl_as_the_services_do(monkeypatch) -> None:
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": "elsewhere:9092",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_USERNAME": "operator",
        "KAFKA_SASL_PASSWORD": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    options = options_for("kafka:9093")
    assert isinstance(options.pop("ssl_context"), ssl.SSLContext)
    assert options == {
        "bootstrap_servers": ["kafka:9093"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "operator",
        "sasl_plain_password": "secret",
    }


def test_what_cannot_be_right_is_told(monkeypatch) -> None:
    monkeypatch.setenv("KAFKA_CA_FILE", "/nowhere/ca.pem")
    with pytest.raises(SettingsRefusedError, match="KAFKA_CA_FILE: must name a file of CA certificates"):
        options_for("kafka:9093")


def test_topics_are_kept_as_their_settings_say(monkeypatch) -> None:
    for name in ("TOPIC_COMMANDS_DAYS", "TOPIC_EVENTS_DAYS", "TOPIC_REPLIES_MINUTES", "TOPIC_DEAD_LETTERS_DAYS"):
        monkeypatch.setenv(name, "5")
    settings = TopicSettings()
    asked = (INVENTORY_CLAIMS, BOOKING_EVENTS, BOOKING_EVENTS.dead_letters, GATEWAY_REPLIES)
    kept = [int(topic_configuration(topic, settings)["retention.ms"]) for topic in asked]
    assert kept == [5 * DAY_MS, 5 * DAY_MS, 5 * DAY_MS, 5 * 60 * 1000]
    assert "retention.ms" not in topic_configuration(TENANT_EVENTS, settings)


def test_what_is_kept_without_settings_is_what_the_contracts_say() -> None:
    assert [TopicSettings().retention(topic) for topic in TOPICS] == [topic.retention for topic in TOPICS]


@pytest.mark.parametrize(("commands", "results"), [(7, 7), (3, 3), (8, 7)])
def test_commands_are_gone_before_their_results(commands, results) -> None:
    with pytest.raises(ValueError, match="must be less than INBOX_RETENTION_DAYS"):
        TopicSettings(topic_commands_days=commands, inbox_retention_days=results)
