"""Results: figures beside their baselines, medians over interleaved rounds, and whether a target is reached."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.load.generator import Figures

T = TypeVar("T")


@dataclass
class Line:
    """One line of the table. `ratio` is figure by baseline; `reached` None where the line has no target."""

    what: str
    figure: str
    baseline: str = "–"
    ratio: float | None = None
    target: str = "–"
    reached: bool | None = None


@dataclass
class Result:
    """What one benchmark found. `checks` are the invariants that were verified after it; `failure` says why
    there are no figures."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failure: str | None = None

    def at_least(self, what: str, figure: float, baseline: float, least: float | None, unit: str, base: str) -> None:
        """Add a rate beside a baseline's, with the ratio that is wanted."""
        ratio = figure / baseline if baseline else 0.0
        target, reached = ("–", None) if least is None else (f"≥ {least:g} ×", ratio >= least)
        self.lines.append(Line(what, f"{figure:,.0f} {unit}", f"{base} {baseline:,.0f} {unit}", ratio, target, reached))

    def at_most(self, what: str, figure: float, most: float, unit: str) -> None:
        """Add a figure with an upper bound of its own."""
        self.lines.append(Line(what, f"{figure:,.1f} {unit}", target=f"≤ {most:g} {unit}", reached=figure <= most))

    def note(self, what: str, figure: str) -> None:
        """Add a figure without a target."""
        self.lines.append(Line(what, figure))

    def verify(self, holds: bool, what: str) -> None:
        """Record an invariant. Raises AssertionError where it does not hold: a wrong run has no figures."""
        if not holds:
            msg = f"{self.name}: does not hold: {what}"
            raise AssertionError(msg)
        if what not in self.checks:
            self.checks.append(what)


def told(found: Figures) -> str:
    """A measurement in a line."""
    first = f" {found.said[0]}" if found.said else ""
    return (
        f"{found.good_rate:7.0f}/s  p50 {found.p50:7.1f}  p99 {found.p99:7.1f}  worst {found.worst:7.0f} ms"
        f"  {found.statuses}{first}"
    )


_began = time.monotonic()


def say(text: str) -> None:
    """Tell progress on standard error, with the seconds since the start."""
    sys.stderr.write(f"  {time.monotonic() - _began:7.1f} s  {text}\n")
    sys.stderr.flush()


def median(values: Sequence[float]) -> float:
    """The median; 0 for nothing."""
    return statistics.median(values) if values else 0.0


async def interleaved(variants: Mapping[str, Callable[[int], Awaitable[T]]], rounds: int) -> dict[str, list[T]]:
    """Run all variants in turn, so many rounds, so that noise of the machine meets all alike."""
    found: dict[str, list[T]] = {name: [] for name in variants}
    for number in range(rounds):
        for name, run in variants.items():
            found[name].append(await run(number))
    return found
