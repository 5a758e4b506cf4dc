"""Where settings come from."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing.databases import settings_for

KEY = "0123456789abcdef0123456789abcdef"
SCRIPT = """
from holdfast_platform.settings import ServiceSettings
settings = ServiceSettings()
print(settings.internal_token_key.get_secret_value(), settings.kafka_bootstrap_servers)
"""


def test_secrets_may_be_mounted_files_and_a_variable_comes_first(tmp_path):
    (tmp_path / "INTERNAL_TOKEN_KEY").write_text(KEY)
    (tmp_path / "asset_link_key").write_text(KEY)
    (tmp_path / "database_url").write_text("postgresql://a:b@host/c\n")
    (tmp_path / "kafka_bootstrap_servers").write_text("from-file:9092")
    given = {"SECRETS_DIR": str(tmp_path), "KAFKA_BOOTSTRAP_SERVERS": "from-variable:9092"}
    keys = {"INTERNAL_TOKEN_KEY", "ASSET_LINK_KEY", "DATABASE_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in keys}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**environment, **given}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [KEY, "from-variable:9092"]


def test_secrets_are_not_shown():
    settings = settings_for(ServiceSettings, "postgresql://a:very-secret@host/c")
    assert "very-secret" not in repr(settings)
    assert KEY not in repr(settings)


def test_a_short_key_is_refused():
    with pytest.raises(ValidationError, match="internal_token_key"):
        settings_for(ServiceSettings, "postgresql://a:b@host/c", internal_token_key=SecretStr("short"))


def test_time_outs_must_rise():
    with pytest.raises(ValidationError, match="must rise"):
        settings_for(ServiceSettings, "postgresql://a:b@host/c", lock_timeout_ms=5_000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "nonsense"),
        ("database_url", "postgresql://a:b@host"),
        ("database_url", "postgresql:///c"),
        ("database_url", "postgresql://a:b@host:port/c"),
        ("database_url", "mysql://a:b@host/c"),
        ("public_url", "nonsense"),
        ("public_url", "https://"),
        ("public_url", "https://host:port"),
        ("public_url", "ftp://host"),
        ("kafka_ca_file", "/nowhere/ca.pem"),
        ("kafka_ca_file", "/"),
        ("kafka_ca_file", __file__),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_with_its_name(name, value) -> None:
    with pytest.raises(ValidationError, match=name):
        settings_for(ServiceSettings, **{"database_url": "postgresql://a:b@host/c", name: value})


@pytest.mark.parametrize(
    "url", ["postgres://a:b@host/c", "postgresql://a:b@h1:5432,h2:5433/c", "postgresql:///c?host=/run/postgresql"]
)
def test_a_database_may_be_named_in_every_way_that_its_driver_knows(url) -> None:
    assert settings_for(ServiceSettings, url).database_url.get_secret_value() == url


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("lacking", ["kafka_sasl_username", "kafka_sasl_password"])
def test_sasl_needs_who_and_a_password(lacking, empty) -> None:
    given = {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_username": "me", "kafka_sasl_password": SecretStr("pw")}
    settings_for(ServiceSettings, "postgresql://a:b@host/c", **given)
    with pytest.raises(ValidationError, match="KAFKA_SASL_PASSWORD are needed for SASL_SSL"):
        settings_for(ServiceSettings, "postgresql://a:b@host/c", **given | {lacking: empty})


CANARY = "canary-0f6a1c"
SECRETS = ("DATABASE_URL", "INTERNAL_TOKEN_KEY", "ASSET_LINK_KEY", "KAFKA_SASL_PASSWORD", "TICKET_KEY_SECRET",
           "JWT_HS256_KEY", "SESSION_TOKEN_KEY", "PLATFORM_TOKEN")  # fmt: skip


def refused_start(service: str, **given: str) -> list[str]:
    """Start a service with canaries for secrets; return what it says, where none of them may stand."""
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH")}
    done = subprocess.run(
        [sys.executable, "-m", f"holdfast_{service}.main"],
        env={**environment, "ENV": "production", **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@pytest.mark.parametrize("length", [1, 40])
@pytest.mark.parametrize("service", ["gateway", "booking", "inventory", "tickets", "calendar"])
def test_a_start_that_is_refused_names_variables_and_shows_no_value(service, length) -> None:
    secrets = dict.fromkeys(SECRETS, f"{CANARY}-{'x' * length}")
    said = refused_start(service, **secrets, PUBLIC_URL="nonsense")
    assert "  KAFKA_BOOTSTRAP_SERVERS: must be set" in said
    assert "  PUBLIC_URL: must be an address such as https://host:port" in said
    short = "  INTERNAL_TOKEN_KEY: must have 32 characters or more"
    assert (short in said) == (length == 1)
    assert said[-1] == "What each one means: docs/configuration.md."


def test_settings_that_do_not_fit_each_other_show_no_value_either() -> None:
    secrets = dict.fromkeys(SECRETS, f"{CANARY}-{'x' * 40}") | {"DATABASE_URL": f"postgresql://a:{CANARY}@host/c"}
    said = refused_start("gateway", **secrets, KAFKA_BOOTSTRAP_SERVERS="kafka:9092")
    assert "  JWKS_URL is needed for RS256, ES256 and EdDSA tokens" in said


@pytest.mark.parametrize("url", [f"postgresql://a:{CANARY}\u2100@host/c", f"postgresql://a:{CANARY}/x@host/c"])
def test_an_address_that_cannot_be_read_is_not_shown(url) -> None:
    """What Python says of such an address has its password in it."""
    said = refused_start("booking", DATABASE_URL=url)
    assert "  DATABASE_URL: must be postgresql://login:password@host:port/database" in said


def test_a_place_of_secrets_that_is_no_directory_is_told_by_its_name() -> None:
    assert any(line.startswith("  SECRETS_DIR: ") for line in refused_start("booking", SECRETS_DIR=__file__))
