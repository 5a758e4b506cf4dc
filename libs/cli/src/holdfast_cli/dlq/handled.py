"""Which letters of a partition are done: the group's offset, and a note of those done beyond it.

Letters may be handled in any order, but a group has one offset a partition. It stands at the first letter that is
still open; the note, which Kafka stores beside it, names what is done further on, such as `7,9-12`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

MOST_NOTED: Final = 4000
"""Characters; Kafka keeps at most 4,096 bytes beside an offset (`offset.metadata.max.bytes`)."""


class TooScatteredError(ValueError):
    """More letters are done out of order than a note can hold: handle the oldest ones first."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What is done: everything below `first_open`, and `beyond` it."""

    first_open: int = 0
    beyond: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def read(cls, offset: int, note: str) -> Handled:
        """Return what a committed offset and its note say; a note that is not ours says nothing."""
        try:
            return cls(offset, frozenset(_offsets(note))).tidied()
        except ValueError:
            return cls(offset)

    def covers(self, offset: int) -> bool:
        """Tell whether the letter is done."""
        return offset < self.first_open or offset in self.beyond

    def starting_at(self, beginning: int) -> Handled:
        """Return the same, where letters before `beginning` are gone (retention)."""
        return Handled(max(self.first_open, beginning), self.beyond).tidied()

    def with_done(self, offsets: Iterable[int]) -> Handled:
        """Return the state after these letters."""
        return Handled(self.first_open, self.beyond | frozenset(offsets)).tidied()

    def tidied(self) -> Handled:
        """Return the same with the offset as far on as it goes."""
        first_open = self.first_open
        while first_open in self.beyond:
            first_open += 1
        return Handled(first_open, frozenset(offset for offset in self.beyond if offset > first_open))

    def note(self) -> str:
        """Return the note to store beside the offset. Raises TooScatteredError."""
        text = ",".join(f"{first}-{last}" if last > first else str(first) for first, last in _ranges(self.beyond))
        if len(text) > MOST_NOTED:
            raise TooScatteredError
        return text


def _ranges(offsets: Iterable[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for offset in sorted(offsets):
        if found and found[-1][1] == offset - 1:
            found[-1] = (found[-1][0], offset)
        else:
            found.append((offset, offset))
    return found


def _offsets(note: str) -> Iterable[int]:
    for part in note.split(",") if note else ():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
