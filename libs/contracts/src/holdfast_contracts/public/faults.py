"""What is wrong between the fields of one object, or inside free JSON: told with its path like any other value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic_core import PydanticCustomError

FAULTS: Final = "faults"
"""Kind of the error, and the place in its context where the faults stand."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that does not go with the others: where it is below its object, a stable code, and plain words.

    Of free JSON any value in it, below the field that holds it.
    """

    field: tuple[str | int, ...]
    code: str
    message: str


def refuse(faults: Iterable[Fault | None]) -> None:
    """Raise one error that names every fault; None is none. For validators only."""
    found = tuple(fault for fault in faults if fault is not None)
    if found:
        raise PydanticCustomError(FAULTS, "fields do not go together", {FAULTS: found})
