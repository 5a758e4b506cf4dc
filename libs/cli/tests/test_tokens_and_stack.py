"""Tokens for development, and where the command finds a stack."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import pytest
from typer.testing import CliRunner

from holdfast_cli.errors import CannotError
from holdfast_cli.main import app
from holdfast_cli.stack import bootstrap_of, databases_of
from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE

KEY = "0123456789abcdef0123456789abcdef"
DEMO = "6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a stack that runs."""
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "JWT_HS256_KEY", "JWT_ISSUER", "JWT_AUDIENCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path))
    local = tmp_path / ".local"
    (local / "default").mkdir(parents=True)
    (local / "default" / "secrets.json").write_text(json.dumps({"jwt_hs256_key": KEY}))
    (local / "stack.json").write_text(
        json.dumps(
            {
                "databases": {"booking": "postgresql://b"},
                "kafka": {"bootstrap": "127.0.0.1:1", "kind": "apache"},
                "tenants": [{"id": DEMO, "slug": "demo", "tokens": {}}],
            }
        )
    )
    return tmp_path


def _claims(token: str) -> dict[str, object]:
    return jwt.decode(token, KEY, algorithms=["HS256"], audience="holdfast")


def test_a_token_of_the_local_stack(home):
    result = CliRunner().invoke(app, ["token", "--role", "door", "--sub", "acc-7", "--minutes", "5"])
    claims = _claims(result.stdout.strip())
    assert claims["tenant_id"] == DEMO
    assert (claims["role"], claims["sub"]) == ("door", "acc-7")
    assert set(str(claims["scope"]).split()) == set(SCOPES_BY_ROLE[Role.DOOR])
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 300


def test_a_key_of_the_environment_wins(home, monkeypatch):
    other = "another-key-of-thirty-two-bytes-at-least"
    monkeypatch.setenv("JWT_HS256_KEY", other)
    monkeypatch.setenv("JWT_ISSUER", "https://issuer.example")
    result = CliRunner().invoke(app, ["token", "--tenant", DEMO])
    claims = jwt.decode(result.stdout.strip(), other, algorithms=["HS256"], audience="holdfast")
    assert claims["iss"] == "https://issuer.example"


@pytest.mark.parametrize("arguments", [["--tenant", "nobody"], ["--stack", "absent", "--tenant", DEMO]])
def test_what_cannot_be_minted_is_told_plainly(home, arguments):
    result = CliRunner().invoke(app, ["token", *arguments])
    assert result.exit_code == 2
    assert result.stderr.startswith("holdfast: ")


def test_databases_are_given_or_the_stacks(home):
    assert databases_of([], "default") == {"booking": "postgresql://b"}
    assert databases_of(["tickets=postgresql://t"], "default") == {"tickets": "postgresql://t"}
    with pytest.raises(CannotError, match="service=url"):
        databases_of(["tickets"], "default")
    with pytest.raises(CannotError, match="Which databases"):
        databases_of([], "absent")


def test_a_database_that_cannot_be_looked_at_is_told_plainly(home):
    url = "postgresql://127.0.0.1:1/none"
    result = CliRunner().invoke(app, ["reconcile", "--no-kafka", "--database", f"booking={url}"])
    assert result.exit_code == 2
    assert result.stderr.startswith("holdfast: The database of booking does not let an auditor in")


def test_kafka_is_given_or_the_stacks(home):
    assert bootstrap_of(None, "default") == "127.0.0.1:1"
    assert bootstrap_of("elsewhere:9092", "default") == "elsewhere:9092"
    with pytest.raises(CannotError, match="Where is Kafka"):
        bootstrap_of(None, "absent")


def test_migrate_asks_for_services(home):
    result = CliRunner().invoke(app, ["migrate", "--url", "postgresql://x", "cellar"])
    assert result.exit_code == 2
    assert "Name services" in result.stderr


UNREADABLE = [
    "nonsense",
    "",
    "mysql://admin:s3cret@127.0.0.1/db",
    "postgresql://admin:s3cret@[half/db",
    "postgresql://admin:s3cret@host:port/db",
    "postgresql://admin:s3cret@127.0.0.1:99999/db",
    "postgresql://admin:s3cret@one:1,two:x/db",
    "postgresql://admin:s3cret@ho\u2100st/db",
    "postgresql://admin:s3/cret@127.0.0.1:1/db",
    "postgresql://admin:s3,c/ret@127.0.0.1:1/db",
    "postgresql://",
]


@pytest.mark.parametrize("url", UNREADABLE)
@pytest.mark.parametrize(
    "command",
    [
        ["migrate", "booking", "--url"],
        ["drift", "--url"],
        ["reconcile", "--no-kafka", "--database"],
    ],
)
def test_an_address_that_cannot_be_read_is_told_and_never_shown(home, monkeypatch, command, url):
    monkeypatch.setattr("holdfast_cli.drift.command.checkout", lambda: home)
    monkeypatch.setattr("holdfast_cli.drift.command.generated_files", dict)
    monkeypatch.setattr("holdfast_cli.drift.command.differing", lambda *_: [])
    result = CliRunner().invoke(app, [*command, f"booking={url}" if "--database" in command else url])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("holdfast: --")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "s3" not in result.output


def test_a_misspelt_service_is_told_without_its_address(home):
    result = CliRunner().invoke(app, ["reconcile", "--database", "bookin=postgresql://admin:s3cret@127.0.0.1/db"])
    assert result.exit_code == 2
    assert "'bookin'" in result.stderr
    assert "s3cret" not in result.output


@pytest.mark.parametrize("url", ["postgresql://admin:s3cret@127.0.0.1:1/db", "postgresql:///db?host=/nowhere"])
def test_a_server_that_does_not_answer_is_told_without_its_password(home, url):
    result = CliRunner().invoke(app, ["migrate", "booking", "--url", url])
    assert result.exit_code == 2
    assert result.stderr.startswith("holdfast: booking: ")
    assert "s3cret" not in result.output
