"""Keys and passwords of a stack: made at random once, kept in `secrets.json`, readable by its owner only."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

SERVICES = ("gateway", "inventory", "booking", "tickets", "calendar")


def _key() -> str:
    return secrets.token_urlsafe(36)


def _key_of_32_bytes() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _passwords() -> dict[str, str]:
    return {service: secrets.token_urlsafe(18) for service in SERVICES}


@dataclass(frozen=True)
class StackKeys:
    """Everything secret in one stack."""

    postgres_password: str = field(default_factory=_key)
    service_passwords: dict[str, str] = field(default_factory=_passwords)
    internal_token_key: str = field(default_factory=_key)
    asset_link_key: str = field(default_factory=_key)
    jwt_hs256_key: str = field(default_factory=_key)
    platform_token: str = field(default_factory=_key)
    ticket_key_secret: str = field(default_factory=_key_of_32_bytes)


def load_or_make(path: Path) -> StackKeys:
    """The stack's keys, made now if it has none yet; keys added by a newer version are added to the file."""
    known = json.loads(path.read_text()) if path.exists() else {}
    keys = StackKeys(**known)
    if asdict(keys) != known:
        _write(path, keys)
    return keys


def _write(path: Path, keys: StackKeys) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(keys), file, indent=2)
    draft.replace(path)
