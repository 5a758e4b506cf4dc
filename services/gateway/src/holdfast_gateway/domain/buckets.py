"""Token buckets: so many at once, refilled at a steady rate."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """`rate` a second after a burst of `burst`."""

    rate: float
    burst: float


class Buckets:
    """One bucket for each key; the fullest are forgotten when there are too many to remember."""

    def __init__(self, allowance: Allowance, most: int = 50_000) -> None:
        self._allowance = allowance
        self._most = most
        self._levels: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable, now: float) -> float:
        """Take one token at `now` (monotonic seconds); return 0.0, or how many seconds to wait for the next."""
        level, seen = self._levels.get(key, (self._allowance.burst, now))
        level = min(self._allowance.burst, level + (now - seen) * self._allowance.rate)
        if level < 1.0:
            self._levels[key] = (level, now)
            return (1.0 - level) / self._allowance.rate
        if len(self._levels) >= self._most and key not in self._levels:
            self._forget(now)
        self._levels[key] = (level - 1.0, now)
        return 0.0

    def __len__(self) -> int:
        return len(self._levels)

    def _forget(self, now: float) -> None:
        """Drop what has refilled; if nothing has, the older half (they lose a limit, never a request)."""
        full_after = self._allowance.burst / self._allowance.rate
        kept = {key: value for key, value in self._levels.items() if now - value[1] < full_after}
        if len(kept) >= self._most:
            kept = dict(list(kept.items())[len(kept) // 2 :])
        self._levels = kept
