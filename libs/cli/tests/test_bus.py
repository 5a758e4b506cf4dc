"""The operator's clients reach Kafka with the same settings as the services."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from holdfast_cli import bus
from holdfast_cli.main import app
from holdfast_platform.messaging import topics

ADDRESS = "kafka-1:9093,kafka-2:9093"


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A file with the certificate of a CA of this test's own."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "The authority of this test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    path = tmp_path / "ca.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def secured(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KAFKA_BOOTSTRAP_SERVERS": "elsewhere:9092",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
        "KAFKA_SASL_USERNAME": "operator",
        "KAFKA_SASL_PASSWORD": "secret",
        "KAFKA_CA_FILE": str(authority),
    }.items():
        monkeypatch.setenv(name, value)


async def _opened(client: AbstractAsyncContextManager[object]) -> None:
    async with client:
        pass


@pytest.mark.parametrize(
    ("module", "kind", "use"),
    [
        pytest.param(bus, "AIOKafkaAdminClient", lambda: _opened(bus.admin(ADDRESS)), id="admin"),
        pytest.param(bus, "AIOKafkaConsumer", lambda: _opened(bus.reader(ADDRESS)), id="reader"),
        pytest.param(bus, "AIOKafkaProducer", lambda: _opened(bus.writer(ADDRESS)), id="writer"),
        pytest.param(topics, "AIOKafkaAdminClient", lambda: topics.ensure_topics(ADDRESS), id="creation of topics"),
    ],
)
async def test_every_client_of_the_operator_speaks_tls_and_sasl(
    module: object, kind: str, use: Callable[[], Awaitable[object]], secured: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []

    class Unreachable:
        def __init__(self, **options: Any) -> None:
            made.append(options)

        async def start(self) -> None:
            raise KafkaConnectionError

    monkeypatch.setattr(module, kind, Unreachable)
    with pytest.raises(KafkaConnectionError):
        await use()
    (options,) = made
    assert options["bootstrap_servers"] == ["kafka-1:9093", "kafka-2:9093"]
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-256"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("operator", "secret")
    context = options["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    (trusted,) = context.get_ca_certs()
    assert trusted["subject"] == ((("commonName", "The authority of this test"),),)


@pytest.mark.parametrize("command", [["topics", "list"], ["dlq", "list"], ["dlq", "drop", "--all", "--yes"]])
def test_settings_that_cannot_be_right_are_no_finding(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 would say that something was found."""
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path))
    monkeypatch.setenv("KAFKA_CA_FILE", "/nowhere/ca.pem")
    told = CliRunner().invoke(app, [*command, "--bootstrap", ADDRESS])
    assert told.exit_code == 2
    assert told.stderr.startswith("holdfast: Settings that cannot be right:\n  KAFKA_CA_FILE: must name a file")
