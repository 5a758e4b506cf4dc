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
