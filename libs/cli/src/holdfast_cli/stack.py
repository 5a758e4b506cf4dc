"""Where things are: a running stack's `stack.json`, or the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from holdfast_cli.errors import CannotError
from holdfast_platform.settings import postgres_address

SERVICES: Final = ("gateway", "inventory", "booking", "tickets", "calendar")
DEFAULT: Final = "default"

StackOption = Annotated[str, typer.Option("--stack", help="Name of a local stack (STACK of `make run`).")]
BootstrapOption = Annotated[
    str | None,
    typer.Option(
        "--bootstrap",
        envvar="KAFKA_BOOTSTRAP_SERVERS",
        help="Kafka; default: the stack's. KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, "
        "KAFKA_SASL_PASSWORD and KAFKA_CA_FILE of the environment say how to talk to it, as to the services.",
    ),
]


@dataclass(frozen=True)
class StackFile:
    """What `stack.json` says; empty where no stack runs."""

    databases: Mapping[str, str]
    bootstrap: str | None
    tenants: tuple[Mapping[str, Any], ...]

    def tenant_id(self, named: str) -> str | None:
        """Return the id of a tenant that is named by slug or id."""
        return next((str(one["id"]) for one in self.tenants if named in (one["slug"], one["id"])), None)


def local_directory() -> Path:
    """Return `.local` of the checkout: below HOLDFAST_HOME, else below this directory or one above it."""
    home = os.environ.get("HOLDFAST_HOME")
    places: Iterable[Path] = (Path(home),) if home else (Path.cwd(), *Path.cwd().parents)
    return next((place / ".local" for place in places if (place / ".local").is_dir()), Path.cwd() / ".local")


def stack_file(name: str = DEFAULT) -> StackFile:
    """Return what a stack says of itself; empty where it does not run."""
    local = local_directory()
    path = local / "stack.json" if name == DEFAULT else local / name / "stack.json"
    if not path.exists():
        return StackFile({}, None, ())
    told = json.loads(path.read_text(encoding="utf-8"))
    return StackFile(told["databases"], told["kafka"]["bootstrap"], tuple(told["tenants"]))


def stack_secret(name: str, key: str) -> str | None:
    """Return a key of a local stack."""
    path = local_directory() / name / "secrets.json"
    found = json.loads(path.read_text(encoding="utf-8")).get(key) if path.exists() else None
    return str(found) if found else None


def bootstrap_of(given: str | None, stack: str) -> str:
    """Return where Kafka is. Raises CannotError where nobody says."""
    found = given or stack_file(stack).bootstrap
    if found is None:
        raise CannotError("Where is Kafka? Start a stack (make run), or give --bootstrap or KAFKA_BOOTSTRAP_SERVERS.")
    return found


def readable(url: str, what: str) -> str:
    """Return the address of a PostgreSQL. Raises CannotError, which never shows it, for what is none."""
    try:
        return postgres_address(url)
    except ValueError as error:
        raise CannotError(f"{what} {error}.") from None


def databases_of(given: Iterable[str], stack: str) -> dict[str, str]:
    """Return each service's database: those given as `service=url`, else the stack's. Raises CannotError."""
    found: dict[str, str] = {}
    for pair in given:
        service, _, url = pair.partition("=")
        if service not in SERVICES or not url:
            # What follows `=` is not told: it may hold a password.
            raise CannotError(f"--database takes service=url with a service of {', '.join(SERVICES)}; not {service!r}.")
        found[service] = readable(url, f"--database of {service}")
    found = found or dict(stack_file(stack).databases)
    if not found:
        raise CannotError("Which databases? Start a stack (make run), or give --database service=url for each.")
    return found
