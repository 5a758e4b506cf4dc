"""`holdfast topics`: the topics of the contracts, on a Kafka."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from holdfast_cli.bus import partitions_of, reached
from holdfast_cli.stack import DEFAULT, BootstrapOption, StackOption, bootstrap_of
from holdfast_contracts.topics import TOPICS, Topic
from holdfast_platform.messaging.topics import ensure_topics

topics = typer.Typer(no_args_is_help=True, help="List and create the topics of the bus.")


@topics.command("list")
def list_topics(bootstrap: BootstrapOption = None, stack: StackOption = DEFAULT) -> None:
    """Show every topic, and whether Kafka has it as the contracts declare it. Exit code 1 where one differs."""
    address = bootstrap_of(bootstrap, stack)
    found = asyncio.run(reached(address, partitions_of(address)))
    table = Table("Topic", "Partitions", "Kept", "On Kafka")
    for topic in TOPICS:
        table.add_row(topic.name, str(topic.partitions), _kept(topic), _state(topic, found.get(topic.name)))
    Console().print(table)
    if any(found.get(topic.name) != topic.partitions for topic in TOPICS):
        raise typer.Exit(1)


@topics.command("create")
def create_topics(
    bootstrap: BootstrapOption = None,
    stack: StackOption = DEFAULT,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition.")] = 1,
) -> None:
    """Create the topics that are missing; those that exist stay as they are."""
    address = bootstrap_of(bootstrap, stack)
    made = asyncio.run(reached(address, ensure_topics(address, replication=replication)))
    typer.echo("\n".join(f"created {name}" for name in made) or "all topics are there")


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "the last of each key"
    if topic.retention is None:
        return "for ever"
    minutes = int(topic.retention.total_seconds() // 60)
    return f"{minutes} min" if minutes < 24 * 60 else f"{minutes // (24 * 60)} d"


def _state(topic: Topic, partitions: int | None) -> str:
    if partitions is None:
        return "[red]missing[/red] (holdfast topics create)"
    return "yes" if partitions == topic.partitions else f"[red]has {partitions} partitions[/red]"
