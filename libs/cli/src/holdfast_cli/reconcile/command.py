"""`holdfast reconcile`: are the promises kept?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from holdfast_cli.bus import reached
from holdfast_cli.databases import Databases
from holdfast_cli.dlq.desk import Desk
from holdfast_cli.errors import CannotError
from holdfast_cli.reconcile.findings import Allowed, Outcome, Sight, evaluate
from holdfast_cli.reconcile.invariants import CHECKS
from holdfast_cli.reconcile.ledger import Ledger
from holdfast_cli.reconcile.rest import wait_for_rest
from holdfast_cli.stack import DEFAULT, BootstrapOption, StackOption, databases_of, stack_file

SHOWN: Final = 5
"""Differences of each check that are told in detail; --json has all."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to look, and what to be patient with."""

    databases: dict[str, str]
    kafka: str | None
    ledger: Ledger | None
    allowed: Allowed
    wait: float


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and whether the system was at rest meanwhile."""

    outcomes: Sequence[Outcome]
    at_rest: bool

    @property
    def holds(self) -> bool:
        """Whether no difference was found."""
        return all(outcome.holds for outcome in self.outcomes)

    def as_dict(self) -> dict[str, object]:
        """Return the report as `--json` prints it."""
        return {
            "holds": self.holds,
            "atRest": self.at_rest,
            "checks": [
                {
                    "invariant": outcome.check.invariant,
                    "title": outcome.check.title,
                    "checked": outcome.finding.checked if outcome.finding else None,
                    "differences": list(outcome.finding.differences) if outcome.finding else None,
                }
                for outcome in self.outcomes
            ],
        }


def reconcile(
    stack: StackOption = DEFAULT,
    database: Annotated[
        list[str] | None, typer.Option("--database", help="service=url, for each service; default: the stack's.")
    ] = None,
    bootstrap: BootstrapOption = None,
    kafka: Annotated[bool, typer.Option(help="Ask Kafka too: lag and dead letters.")] = True,
    ledger: Annotated[
        Path | None, typer.Option(help="What callers were told, one JSON object a line: for I3, I4, I5 and I13.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait until the system is at rest.")] = 0,
    allow_dead_letters: Annotated[
        int, typer.Option(min=0, help="So many messages were broken on purpose and may have been given up.")
    ] = 0,
    sweep_seconds: Annotated[float, typer.Option(min=0, help="How long after its end a hold may still be there.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with every difference.")] = False,
) -> None:
    """Evaluate the invariants of the specification on a running system, read only.

    Exit code 0: all hold. 1: differences were found. 2: it could not look.
    """
    wish = Wish(
        databases_of(database or [], stack),
        (bootstrap or (None if database else stack_file(stack).bootstrap)) if kafka else None,
        Ledger.read(ledger) if ledger else None,
        Allowed(allow_dead_letters, timedelta(seconds=sweep_seconds)),
        wait,
    )
    report = asyncio.run(reached(wish.kafka or "", examine(wish)))
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        show(report)
    if not report.holds:
        raise typer.Exit(1)


async def examine(wish: Wish) -> Report:
    """Look at everything, at rest where that was asked for. Raises CannotError."""
    async with Databases(wish.databases) as databases:
        try:
            at_rest = await wait_for_rest(databases, wish.kafka, wish.wait)
            letters = len(await Desk(wish.kafka).open_letters()) if wish.kafka else None
            await databases.look_again()
            outcomes = await evaluate(CHECKS, Sight(databases, wish.ledger, wish.allowed, letters))
        except (OSError, asyncpg.PostgresError) as error:
            raise CannotError(f"A database did not answer: {error}") from error
    return Report(outcomes, at_rest)


def show(report: Report) -> None:
    """Print the report as a table, with the first differences of each check below."""
    console = Console()
    table = Table("", "Invariant", "Checked", "Differences")
    for outcome in report.outcomes:
        table.add_row(outcome.check.invariant, outcome.check.title, *_figures(outcome))
    console.print(table)
    for outcome in report.outcomes:
        _tell(console, outcome)
    if not report.at_rest:
        console.print("The system was not at rest: differences between services may be messages under way (--wait).")


def _figures(outcome: Outcome) -> tuple[str, str]:
    if outcome.finding is None:
        return (
            "[dim]not asked[/dim]",
            "[dim]no ledger[/dim]" if outcome.check.needs_ledger else "[dim]no database[/dim]",
        )
    found = len(outcome.finding.differences)
    return str(outcome.finding.checked), f"[red]{found}[/red]" if found else "[green]none[/green]"


def _tell(console: Console, outcome: Outcome) -> None:
    if outcome.finding is None or outcome.holds:
        return
    differences = outcome.finding.differences
    console.print(f"\n[bold]{outcome.check.invariant} {outcome.check.title}[/bold]")
    for difference in differences[:SHOWN]:
        console.print(f"  {difference}", highlight=False, markup=False)
    if len(differences) > SHOWN:
        console.print(f"  … and {len(differences) - SHOWN} more (--json)")
