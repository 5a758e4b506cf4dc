"""The table: on the terminal, and with all that is known in docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.load.figures import Line, Result

from holdfast_local.paths import checkout

_KEPT = checkout() / ".local" / "benchmarks"
_PAGE = checkout() / "docs" / "benchmarks.md"
_PROFILES = Path(__file__).parent / "profiles"
_LIBRARIES = ("asyncpg", "aiokafka", "fastapi", "faststream", "pydantic", "uvicorn", "uvloop")

_HEAD = """# Benchmarks

Written by `make bench`; one alone runs with `make bench-P1`, a short run with `make bench ARGS=--quick`.

Every figure stands beside a baseline that was measured in the same run, in turns with it, on the same machine, the same
PostgreSQL (durable commits) and with the same load generator; figures are medians of the rounds. The ratio is what
counts: the machine has few cores, is shared, and runs PostgreSQL, Kafka, five services and the load generator together.
After each benchmark its invariants are checked in the databases; a run in which one does not hold has no figures.

Baseline **(a)** is one FastAPI and asyncpg process that does the same create statement by statement in one transaction
behind the session's row lock; **(b)** does it in one call of one function. Both check the same token, validate with the
same body, apply the same domain rules, write the same booking, history and outbox rows and answer the same bytes
(`tests/load/direct`). They have no bus, no row-level security, no second database, and issue no tickets.
"""


def table(results: Sequence[Result]) -> str:
    """The results as Markdown."""
    return "\n\n".join(_section(result) for result in results)


def _section(result: Result) -> str:
    if result.failure is not None:
        return f"## {result.name}\n\nNo figures, because the run was not right: {result.failure}"
    lines = [
        f"## {result.name}: {result.title}",
        "",
        "| What | Holdfast | Baseline | Ratio | Target | Reached |",
        "|---|---|---|---|---|---|",
        *(_row(line) for line in result.lines),
    ]
    if result.checks:
        lines += ["", f"Verified after the run: {'; '.join(result.checks)}."]
    return "\n".join([*lines, *(f"\n{remark}" for remark in result.remarks)])


def _row(line: Line) -> str:
    ratio = f"{line.ratio:.2f} ×" if line.ratio is not None else "–"
    reached = {True: "yes", False: "**no**", None: "–"}[line.reached]
    return f"| {line.what} | {line.figure} | {line.baseline} | {ratio} | {line.target} | {reached} |"


def keep(results: Sequence[Result]) -> None:
    """Keep the results of this run, so that the page can be written when one is measured again."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    for result in results:
        told = {**asdict(result), "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "machine": _machine()}
        (_KEPT / f"{result.name}.json").write_text(json.dumps(told, indent=1))


def write() -> None:
    """Write the page from all results that are kept."""
    parts = [_HEAD]
    for path in sorted(_KEPT.glob("P*.json"), key=lambda path: int(path.stem[1:])):
        told = json.loads(path.read_text())
        at, machine = told.pop("at"), told.pop("machine")
        told["lines"] = [Line(**line) for line in told["lines"]]
        profile = _PROFILES / f"{path.stem}.md"
        why = f"\n\n{profile.read_text().strip()}" if profile.exists() else ""
        parts.append(f"{_section(Result(**told))}{why}\n\nMeasured {at} on {machine}.\n")
    _PAGE.write_text("\n".join(parts))


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {libraries}"
