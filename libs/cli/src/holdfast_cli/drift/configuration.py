"""`docs/configuration.md`, made from the settings of every service."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from holdfast_platform.messaging.topics import TopicSettings
from holdfast_platform.settings import ServiceSettings

_HEAD: Final = """# Configuration

Every setting of every service, made from the settings' classes; do not edit (`holdfast drift --write`).

A service reads its settings from environment variables of these names, or from files of the same name (lower case) in
the directory that `SECRETS_DIR` names, as Kubernetes mounts secrets. What is marked **secret** is never logged. A
setting without a default must be set; a value that cannot be right stops the service at its start with its name.
"""

_TOPICS: Final = (
    "Read where a stack is set up, and by `holdfast topics create` and `list`, which have options for them\n"
    "(`--keep-commands-days` and so on). Topics that exist stay as they are; `holdfast topics list` tells what differs."
)


def configuration_text(settings: Mapping[str, type[ServiceSettings]]) -> str:
    """Return the document; `settings` are the services' classes by service."""
    common = ServiceSettings.model_fields
    parts = [_HEAD, "## Every service", "", *_table(common)]
    for service, kind in settings.items():
        own = {name: field for name, field in kind.model_fields.items() if name not in common}
        parts += ["", f"## {service}", ""]
        parts += _table(own) if own else ["Nothing of its own."]
    parts += ["", "## Topics", "", _TOPICS, "", *_table(TopicSettings.model_fields)]
    return "\n".join(parts) + "\n"


def _table(fields: Mapping[str, FieldInfo]) -> Iterable[str]:
    yield "| Name | Type | Default | Meaning |"
    yield "|---|---|---|---|"
    for name, field in fields.items():
        meaning = field.description or ""
        marked = f"**Secret.** {meaning}" if is_secret(field) else meaning
        yield f"| `{name.upper()}` | {_type(field.annotation)} | {_default(field)} | {marked} |"


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a setting is secret, by its type."""
    return SecretStr in _parts(field.annotation)


def _parts(annotation: Any) -> set[Any]:  # noqa: ANN401 - an annotation
    inner = {part for argument in get_args(annotation) for part in _parts(argument)}
    return {annotation, *inner} if not isinstance(annotation, str | FieldInfo) and _hashable(annotation) else inner


def _hashable(value: object) -> bool:
    return value.__hash__ is not None


def _type(annotation: Any) -> str:  # noqa: ANN401 - an annotation
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type(get_args(annotation)[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return _type(next(part for part in get_args(annotation) if part is not type(None)))
    names = {str: "text", SecretStr: "text", int: "integer", float: "number", bool: "`true` or `false`"}
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.default
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{int(value)}`" if isinstance(value, float) and value.is_integer() else f"`{value}`"
