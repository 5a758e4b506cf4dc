"""Processor time by part: what a create costs, whoever else uses the machine meanwhile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from holdfast_local.process import descendants
from holdfast_local.stack import Stack

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """Processor seconds of a process, user and system, with its children that have ended (Linux, proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def snapshot(stack: Stack, others: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds of every part so far; `others` are further processes by name."""
    pids = {name: process.pid for name, process in stack.processes().items()} | dict(others)
    return {
        name: sum(seconds_of(one) for one in (pid, *(descendants(pid) if name == "postgres" else ())))
        for name, pid in pids.items()
        if pid is not None
    }


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was used between two snapshots."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


def told(used: Mapping[str, float], count: int) -> str:
    """Microseconds a piece, by part."""
    return by_cost({name: 1e6 * seconds / max(1, count) for name, seconds in used.items()})


def by_cost(costs: Mapping[str, float]) -> str:
    """Microseconds by part, the dearest first; parts that did next to nothing are left out."""
    listed = sorted(costs.items(), key=lambda pair: -pair[1])
    parts = [f"{name} {cost:,.0f}" for name, cost in listed if cost >= 20]
    return f"{sum(costs.values()):,.0f} µs: {', '.join(parts)}"
