"""How to reach Kafka, for every kind of aiokafka client: the services' and the operator's."""

from __future__ import annotations

import ssl
from typing import Any

from holdfast_platform.settings import KafkaSettings, settings_of


def connection_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return what a client is made with."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers.split(","),
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_security_protocol.startswith("SASL") and settings.kafka_sasl_password is not None:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    return options


def options_for(bootstrap: str) -> dict[str, Any]:
    """Return the same for a Kafka at an address; the rest (TLS, SASL) is of the environment, as for a service.

    Raises SettingsRefusedError where the environment's settings cannot be right.
    """
    return connection_options(settings_of(KafkaSettings, kafka_bootstrap_servers=bootstrap))
