"""How long and how often benchmarks measure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Rounds are interleaved; `warm` and `seconds` are of each measurement. `scale` shrinks amounts of work."""

    rounds: int = 3
    warm: float = 1.0
    seconds: float = 4.0
    scale: float = 1.0

    @classmethod
    def quick(cls) -> Options:
        """Enough to see that all of it works."""
        return cls(rounds=1, warm=0.5, seconds=1.5, scale=0.1)

    def amount(self, whole: int, least: int = 1) -> int:
        """So many, fewer in a quick run."""
        return max(least, int(whole * self.scale))
