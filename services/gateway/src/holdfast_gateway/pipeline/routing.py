"""From method and path to a route: a trie made of the table. A fixed name always wins over a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Generic, TypeVar

from holdfast_contracts.problems import FieldError
from holdfast_gateway.pipeline.routes import TEXT_PARAMETERS

H = TypeVar("H")

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", re.ASCII)
_TEXT: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class _Node(Generic[H]):
    __slots__ = ("fixed", "handlers", "parameter")

    def __init__(self) -> None:
        self.fixed: dict[str, _Node[H]] = {}
        self.parameter: _Node[H] | None = None
        self.handlers: dict[str, tuple[H, tuple[str, ...]]] = {}


class Router(Generic[H]):
    """Finds what serves a request. `/bookings/stats` is never taken for a booking's id."""

    def __init__(self) -> None:
        self._root: _Node[H] = _Node()

    def add(self, method: str, path: str, handler: H) -> None:
        """Add a route such as `/bookings/:id`; HEAD goes with GET."""
        node = self._root
        names: list[str] = []
        for part in path.split("/")[1:]:
            if part.startswith(":"):
                names.append(part[1:])
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.fixed.setdefault(part, _Node())
        for verb in (method, "HEAD") if method == "GET" else (method,):
            if verb in node.handlers:
                msg = f"{verb} {path} is declared twice"
                raise ValueError(msg)
            node.handlers[verb] = (handler, tuple(names))

    def find(self, path: str) -> tuple[Mapping[str, tuple[H, tuple[str, ...]]], list[str]] | None:
        """Return what the path serves by method, and the values of its parameters; None for an unknown path."""
        node = self._root
        values: list[str] = []
        for part in path.split("/")[1:]:
            if (child := node.fixed.get(part)) is None:
                if node.parameter is None or not part:
                    return None
                child = node.parameter
                values.append(part)
            node = child
        return (node.handlers, values) if node.handlers else None


def allowed(methods: Iterable[str]) -> str:
    """Return the value of `Allow`."""
    return ", ".join(sorted({*methods, "OPTIONS"}))


def parameter_errors(parameters: Mapping[str, str]) -> list[FieldError]:
    """Return an error for each path parameter that is no UUID, or no code where one is meant."""
    errors: list[FieldError] = []
    for name, value in parameters.items():
        if name in TEXT_PARAMETERS:
            if not _TEXT.fullmatch(value):
                errors.append(FieldError(name, "INVALID_FORMAT", "must be letters, digits and dashes"))
        elif not _UUID.fullmatch(value):
            errors.append(FieldError(name, "INVALID_FORMAT", "must be a UUID"))
    return errors
