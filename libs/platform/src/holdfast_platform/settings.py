"""Settings that every service reads from its environment (or from files in `SECRETS_DIR`)."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

SettingsT = TypeVar("SettingsT", bound=BaseSettings)


class SettingsRefusedError(Exception):
    """Settings cannot be right; told by the name of each variable with the reason, never with a value."""


def _parts(address: str) -> SplitResult | None:
    """Return the parts of an address; None where it is none.

    What `urlsplit` says of it is not passed on: it shows the address, with its password.
    """
    try:
        parts = urlsplit(address)
        for host in parts.netloc.rpartition("@")[2].split(","):  # PostgreSQL takes several, each with its port
            _ = urlsplit(f"//{host}").port  # raises for what is no number
    except ValueError:
        return None
    return parts


def _http_address(value: str) -> str:
    parts = _parts(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        msg = "must be an address such as https://host:port"
        raise ValueError(msg)
    return value


def postgres_address(address: str) -> str:
    """Return the address of a PostgreSQL server. Raises ValueError, which never shows it: it may hold a password."""
    if _postgres_parts(address) is None:
        msg = "must be an address such as postgresql://login:password@host:port/database"
        raise ValueError(msg)
    return address


def _postgres_parts(address: str) -> SplitResult | None:
    parts = _parts(address)
    if parts is None or parts.scheme not in ("postgresql", "postgres"):
        return None
    # `?host=` is the directory of a local server's socket.
    return parts if parts.hostname or "host" in parse_qs(parts.query) else None


def _database_address(value: SecretStr) -> SecretStr:
    parts = _postgres_parts(value.get_secret_value())
    if parts is None or not parts.path.strip("/"):
        msg = "must be postgresql://login:password@host:port/database"
        raise ValueError(msg)
    return value


def _certificates(path: str) -> str:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # SSLError is one, too
        msg = "must name a file of CA certificates (PEM) that can be read"
        raise ValueError(msg) from error
    return path


Key = Annotated[SecretStr, Field(min_length=32)]
Seconds = Annotated[float, Field(gt=0)]
HttpAddress = Annotated[str, AfterValidator(_http_address)]


class KafkaSettings(BaseSettings):
    """How to reach Kafka: what every service needs, and the operator's command."""

    # A file for each setting, named like its variable, as orchestrators mount secrets; a variable comes before a file.
    model_config = SettingsConfigDict(
        case_sensitive=False,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # it may be a secret
        secrets_dir=os.environ.get("SECRETS_DIR"),
    )

    kafka_bootstrap_servers: Annotated[str, Field(min_length=1, description="`host:port`, comma separated.")]
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], Field(description="How to talk to Kafka.")
    ] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Field(description="SASL mechanism, where SASL is used.")
    ] = "SCRAM-SHA-512"
    kafka_sasl_username: Annotated[str | None, Field(description="SASL user.")] = None
    kafka_sasl_password: Annotated[SecretStr | None, Field(description="SASL password.")] = None
    kafka_ca_file: Annotated[
        Annotated[str, AfterValidator(_certificates)] | None,
        Field(description="CA certificates for TLS; the system's where not set."),
    ] = None

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        whole = self.kafka_sasl_username and self.kafka_sasl_password
        if self.kafka_security_protocol.startswith("SASL") and not whole:
            msg = f"KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are needed for {self.kafka_security_protocol}"
            raise ValueError(msg)
        return self


class ServiceSettings(KafkaSettings):
    """What is the same for every service; a service adds its own in its `settings.py`."""

    env: Annotated[
        Literal["dev", "test", "production"],
        Field(description="Where the service runs. HS256 tokens need dev or test, checkpoints need test."),
    ] = "production"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="Least level that is logged.")
    ] = "info"

    # -- database
    database_url: Annotated[
        SecretStr,
        AfterValidator(_database_address),
        Field(description="`postgresql://login:password@host:port/database` of this service."),
    ]
    database_pool_size: Annotated[
        int, Field(ge=1, le=100, description="Most connections of each of the service's pools.")
    ] = 4
    lock_timeout_ms: Annotated[
        int, Field(ge=10, description="Longest wait for a lock; below the statement's limit.")
    ] = 2_000
    statement_timeout_ms: Annotated[int, Field(ge=10, description="Longest run of one statement.")] = 4_000
    plan_seconds: Annotated[
        Seconds, Field(description="Plans of a batch's statements are kept this long (decision 0010).")
    ] = 2.0
    idle_in_transaction_timeout_ms: Annotated[
        int, Field(ge=10, description="Longest pause inside a transaction; below the group session's limit.")
    ] = 5_000

    # -- bus
    kafka_session_timeout_ms: Annotated[
        int, Field(ge=1000, description="Silence after which a group gives a member up.")
    ] = 6_000
    kafka_heartbeat_ms: Annotated[int, Field(ge=100, description="Heartbeat of a group's member.")] = 1_000
    offset_commit_seconds: Annotated[
        Seconds, Field(description="Offsets of done batches are committed this often.")
    ] = 0.5
    event_rest_ms: Annotated[
        int, Field(ge=0, le=1_000, description="A consumer of events rests this long for each event of its last batch.")
    ] = 50
    event_gather_ms: Annotated[
        int, Field(ge=0, le=5_000, description="The longest such rest, in which events gather into one batch.")
    ] = 250

    # -- batches
    batch_max_messages: Annotated[
        int, Field(ge=1, le=5000, description="Most messages decided in one transaction.")
    ] = 500
    batch_max_seconds: Annotated[Seconds, Field(description="A batch stops deciding after this much work.")] = 0.25
    batch_tries: Annotated[
        int, Field(ge=1, le=20, description="Tries of a message that fails alone, before its dead letter.")
    ] = 3
    batch_backoff_seconds: Annotated[Seconds, Field(description="First pause between such tries; doubles.")] = 0.1
    infrastructure_backoff_seconds: Annotated[
        Seconds, Field(description="Longest pause before the database or the bus is tried again.")
    ] = 2.0

    # -- outbox, inbox
    relay_batch: Annotated[int, Field(ge=1, le=10_000, description="Most outbox rows published in one round.")] = 1_000
    relay_poll_seconds: Annotated[Seconds, Field(description="The relay looks this often without being woken.")] = 1.0
    relay_rest_ms: Annotated[
        int, Field(ge=0, le=1_000, description="Least pause between rounds of rows for which nobody waits.")
    ] = 50
    relay_round_seconds: Annotated[Seconds, Field(description="Longest wait for the bus in one round.")] = 10.0
    inbox_retention_days: Annotated[
        int, Field(ge=3, description="Stored results are kept this long; topics keep less.")
    ] = 7
    retention_sweep_seconds: Annotated[Seconds, Field(description="How often old inbox rows are removed.")] = 600.0

    # -- internal HTTP
    internal_host: Annotated[
        str, Field(description="Address of the internal port (health, metrics, internal API).")
    ] = "127.0.0.1"
    internal_port: Annotated[int, Field(ge=0, le=65535, description="The internal port.")] = 9000
    internal_token_key: Annotated[
        Key, Field(description="Signs tokens between services; 32 bytes or more, same for all.")
    ]
    asset_link_key: Annotated[
        Key, Field(description="Signs links in mails and wallets; 32 bytes or more, same for all.")
    ]
    public_url: Annotated[
        HttpAddress, Field(description="Where customers reach the gateway, for tenants without a domain.")
    ] = "http://127.0.0.1:8000"
    drain_seconds: Annotated[Seconds, Field(description="Longest time to finish work after SIGTERM.")] = 20.0

    @model_validator(mode="after")
    def _timeouts_in_order(self) -> Self:
        """Locks are freed before the group gives up on their holder [design/interleavings.md]."""
        steps = (
            self.lock_timeout_ms,
            self.statement_timeout_ms,
            self.idle_in_transaction_timeout_ms,
            self.kafka_session_timeout_ms,
        )
        if list(steps) != sorted(set(steps)):
            msg = (
                "LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS, IDLE_IN_TRANSACTION_TIMEOUT_MS and KAFKA_SESSION_TIMEOUT_MS "
                "must rise in this order"
            )
            raise ValueError(msg)
        return self


def settings_of(kind: type[SettingsT], **given: Any) -> SettingsT:  # noqa: ANN401 - of any setting
    """Return the settings of the environment; those that are `given` come before it. Raises SettingsRefusedError."""
    try:
        return kind(**given)
    except ValidationError as refused:
        raise SettingsRefusedError(_told(_reasons(refused))) from None
    except SettingsError as error:
        raise SettingsRefusedError(_told([f"SECRETS_DIR: {error}"])) from None


def read_settings(kind: type[SettingsT]) -> SettingsT:
    """Return the settings of the environment, for a service's `main`. Raises SystemExit where they cannot be right."""
    try:
        return settings_of(kind)
    except SettingsRefusedError as refused:
        raise SystemExit(str(refused)) from None


def _told(reasons: Iterable[str]) -> str:
    lines = [f"  {reason}" for reason in reasons]
    return "\n".join(["Settings that cannot be right:", *lines, "What each one means: docs/configuration.md."])


def _reasons(refused: ValidationError) -> Iterator[str]:
    for error in refused.errors(include_url=False, include_input=False):
        name = "".join(f"{str(part).upper()}: " for part in error["loc"][:1])
        yield f"{name}{_reason(error)}"


def _reason(error: ErrorDetails) -> str:
    match error["type"]:
        case "missing":
            return "must be set"
        case "too_short":  # pydantic's words are of items, and count what was given
            return f"must have {error['ctx']['min_length']} characters or more"
        case _:
            return error["msg"].removeprefix("Value error, ")
