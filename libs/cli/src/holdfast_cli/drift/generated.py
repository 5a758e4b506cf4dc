"""Everything generated, as text by path; the services' parts come from those that are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from holdfast_cli.drift.configuration import configuration_text
from holdfast_cli.errors import CannotError
from holdfast_cli.stack import SERVICES
from holdfast_contracts import asyncapi
from holdfast_contracts.golden_messages import golden, golden_names, missing_goldens
from holdfast_contracts.schema_documents import as_text, schema_files
from holdfast_platform.database.migrate import package_of
from holdfast_platform.settings import ServiceSettings

SCHEMAS: Final = "libs/contracts/src/holdfast_contracts/schemas"
GOLDEN: Final = "libs/contracts/src/holdfast_contracts/golden"

_GATEWAYS: Final[Mapping[str, tuple[str, str]]] = {
    "docs/api/openapi.json": ("openapi", "openapi_text"),
    "docs/errors.md": ("errors", "errors_text"),
    "docs/status.md": ("status", "status_text"),
}
"""Documents of the gateway's route table: path → module and function of `holdfast_gateway.documents`."""


def generated_files() -> dict[str, str]:
    """Return the text of every generated file by its path below the root of the checkout. Raises CannotError."""
    files = {f"{SCHEMAS}/{path}": text for path, text in schema_files().items()}
    files["docs/api/asyncapi.json"] = as_text(asyncapi.document())
    files["docs/configuration.md"] = configuration_text(settings_classes())
    for path, (module, function) in _GATEWAYS.items():
        files[path] = _text_of(module, function)
    return files


def _text_of(module: str, function: str) -> str:
    name = f"{package_of('gateway')}.documents.{module}"
    try:
        made: Callable[[], str] = getattr(import_module(name), function)
    except (ImportError, AttributeError) as error:
        raise CannotError(f"{name}.{function} makes a document and cannot be called: {error}") from error
    return made()


def settings_classes() -> dict[str, type[ServiceSettings]]:
    """Return each service's class of settings. Raises CannotError where a service has none."""
    return {service: _settings_of(service) for service in SERVICES}


def _settings_of(service: str) -> type[ServiceSettings]:
    name = f"{package_of(service)}.settings"
    if find_spec(package_of(service)) is None:
        raise CannotError(f"{package_of(service)} is not installed; run this in the checkout (make install).")
    try:
        module = import_module(name)
    except ImportError as error:
        raise CannotError(f"{name} cannot be imported: {error}") from error
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value.__module__ == name
    ]
    if len(found) != 1:
        raise CannotError(f"{name} should have one class of settings and has {len(found)}.")
    return found[0]


def differing(root: Path, files: Mapping[str, str]) -> list[str]:
    """Return the paths whose file is missing or differs, and schemas that nothing generates any more."""
    stale = [path for path, text in files.items() if not (root / path).is_file() or _read(root / path) != text]
    left = [str(path.relative_to(root)) for path in sorted((root / SCHEMAS).rglob("*.json"))]
    return sorted([*stale, *(path for path in left if path not in files)])


def write(root: Path, files: Mapping[str, str], paths: list[str]) -> None:
    """Write these paths as they are generated; remove those that nothing generates any more."""
    for path in paths:
        target = root / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8")
        else:
            target.unlink()


def golden_faults() -> list[str]:
    """Return what is wrong with the golden messages; they are written by hand, once, and never again."""
    faults = [f"{GOLDEN}/{name}.json is missing: write one, as it travels" for name in missing_goldens()]
    for name in sorted(golden_names()):
        try:
            golden(name).read()
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            faults.append(f"{GOLDEN}/{name}.json can no longer be read: {error}")
    return faults


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
