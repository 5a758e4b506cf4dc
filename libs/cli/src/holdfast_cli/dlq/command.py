"""`holdfast dlq list|replay|drop`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import asyncpg
import typer

from holdfast_cli.bus import reached
from holdfast_cli.databases import Databases
from holdfast_cli.dlq.desk import Desk
from holdfast_cli.dlq.handled import TooScatteredError
from holdfast_cli.dlq.letters import Letter, objection
from holdfast_cli.errors import CannotError
from holdfast_cli.stack import DEFAULT, BootstrapOption, StackOption, bootstrap_of, databases_of, stack_file

dlq = typer.Typer(no_args_is_help=True, help="Look at, replay or drop dead letters.")

TopicsOption = Annotated[
    list[str] | None,
    typer.Option("--topic", help="Only what was read from this topic (also <topic>.dlq); may be given several times."),
]
LettersArgument = Annotated[list[str] | None, typer.Argument(help="<topic>@<offset> or message id, as `list` shows.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every open letter (of the topics given).")]
DatabasesOption = Annotated[
    list[str] | None, typer.Option("--database", help="service=url, to ask its inbox; default: the stack's.")
]

_STORED = "SELECT outcome FROM inbox WHERE id = $1"


@dlq.command("list")
def list_letters(
    topic: TopicsOption = None,
    bootstrap: BootstrapOption = None,
    stack: StackOption = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with all headers.")] = False,
) -> None:
    """Show the letters that nobody has handled yet."""
    address = bootstrap_of(bootstrap, stack)
    letters = asyncio.run(reached(address, Desk(address, topic).open_letters()))
    if as_json:
        for letter in letters:
            typer.echo(json.dumps(letter.described(), ensure_ascii=False))
        return
    if not letters:
        typer.echo("There are no open dead letters.")
        return
    for letter in letters:
        typer.echo(f"{letter.address}  {letter.type} {letter.message_id or '(without id)'}")
        typer.echo(f"    given up by {letter.consumer} at {letter.at}: {letter.reason}")


@dlq.command("replay")
def replay_letters(
    letters: LettersArgument = None,
    every: AllOption = False,
    topic: TopicsOption = None,
    bootstrap: BootstrapOption = None,
    stack: StackOption = DEFAULT,
    database: DatabasesOption = None,
) -> None:
    """Send letters to their topic again. What was told to its caller as failed stays; exit code 1 where some did."""
    address = bootstrap_of(bootstrap, stack)
    refused = asyncio.run(
        reached(address, _replay(Desk(address, topic), letters or [], every, _databases(database, stack)))
    )
    if refused:
        raise typer.Exit(1)


@dlq.command("drop")
def drop_letters(
    letters: LettersArgument = None,
    every: AllOption = False,
    topic: TopicsOption = None,
    bootstrap: BootstrapOption = None,
    stack: StackOption = DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Mark letters as done without another try; Kafka keeps them until their retention is over."""
    address = bootstrap_of(bootstrap, stack)
    asyncio.run(reached(address, _drop(Desk(address, topic), letters or [], every, yes)))


def _databases(given: Sequence[str] | None, stack: str) -> dict[str, str]:
    """The databases to ask; none where none are known, which only what may be repeated can do without."""
    return databases_of(given or [], stack) if given or stack_file(stack).databases else {}


async def _replay(desk: Desk, wanted: Sequence[str], every: bool, urls: dict[str, str]) -> int:
    chosen = choose(await desk.open_letters(), wanted, every=every)
    going = []
    async with Databases(urls) as databases:
        for letter in chosen:
            against = await _objection(letter, databases)
            if against is None:
                going.append(letter)
            else:
                typer.echo(f"{letter.address} {letter.type} stays: {against}", err=True)
    await _noting(desk.replay(going))
    for letter in going:
        typer.echo(f"{letter.address} {letter.type} sent to {letter.topic} again")
    return len(chosen) - len(going)


async def _objection(letter: Letter, databases: Databases) -> str | None:
    if letter.message_id is not None and letter.unreadable is not None:
        return f"it cannot be read and would come back ({letter.unreadable}); drop it"
    if letter.may_be_repeated or letter.message_id is None or letter.service not in databases.services:
        return objection(letter, None, known=False)
    try:
        rows = await databases.fetch(letter.service, _STORED, letter.message_id)
    except asyncpg.PostgresError as error:
        raise CannotError(f"{letter.service}: {error}") from error
    return objection(letter, str(rows[0]["outcome"]) if rows else None, known=True)


async def _drop(desk: Desk, wanted: Sequence[str], every: bool, yes: bool) -> None:
    chosen = choose(await desk.open_letters(), wanted, every=every)
    if chosen and not yes:
        typer.confirm(f"Drop {len(chosen)} dead letters?", abort=True)
    await _noting(desk.done(chosen))
    for letter in chosen:
        typer.echo(f"{letter.address} {letter.type} dropped")


async def _noting(work: object) -> None:
    try:
        await work  # type: ignore[misc]  # a coroutine of the desk
    except TooScatteredError as error:
        raise CannotError("Too many letters were handled out of order; handle the oldest ones first.") from error


def choose(letters: Sequence[Letter], wanted: Sequence[str], *, every: bool) -> list[Letter]:
    """Return the letters that were named. Raises CannotError where one is unknown, or none is named."""
    if every:
        return list(letters)
    if not wanted:
        raise CannotError("Name letters as `holdfast dlq list` shows them, or give --all.")
    chosen: dict[str, Letter] = {}
    for name in wanted:
        found = [letter for letter in letters if name in (letter.address, str(letter.message_id))]
        if not found:
            raise CannotError(f"There is no open letter {name!r}.")
        chosen |= {letter.address: letter for letter in found}
    return list(chosen.values())
