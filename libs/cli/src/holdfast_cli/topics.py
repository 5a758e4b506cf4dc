"""`holdfast topics`: the topics of the contracts, on a Kafka."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from holdfast_cli.bus import TopicFound, reached, topics_of
from holdfast_cli.stack import DEFAULT, BootstrapOption, StackOption, bootstrap_of
from holdfast_contracts.topics import TOPICS, Topic
from holdfast_platform.messaging.topics import TopicSettings, ensure_topics, topic_configuration
from holdfast_platform.settings import settings_of

topics = typer.Typer(no_args_is_help=True, help="List and create the topics of the bus.")


def _keep(option: str, setting: str) -> Any:  # noqa: ANN401 - Typer's
    """Return the option of a setting; both say the same."""
    return typer.Option(option, envvar=setting.upper(), help=TopicSettings.model_fields[setting].description)


CommandsOption = Annotated[int, _keep("--keep-commands-days", "topic_commands_days")]
EventsOption = Annotated[int, _keep("--keep-events-days", "topic_events_days")]
RepliesOption = Annotated[int, _keep("--keep-replies-minutes", "topic_replies_minutes")]
DeadLettersOption = Annotated[int, _keep("--keep-dead-letters-days", "topic_dead_letters_days")]
_DEFAULTS = TopicSettings.model_construct()


@topics.command("list")
def list_topics(
    bootstrap: BootstrapOption = None,
    stack: StackOption = DEFAULT,
    commands: CommandsOption = _DEFAULTS.topic_commands_days,
    events: EventsOption = _DEFAULTS.topic_events_days,
    replies: RepliesOption = _DEFAULTS.topic_replies_minutes,
    dead_letters: DeadLettersOption = _DEFAULTS.topic_dead_letters_days,
) -> None:
    """Show every topic, and whether Kafka has it as `create` would make it. Exit code 1 where one differs."""
    address = bootstrap_of(bootstrap, stack)
    settings = kept(commands, events, replies, dead_letters)
    found = asyncio.run(reached(address, topics_of(address, [topic.name for topic in TOPICS])))
    against = {topic.name: differences(topic, settings, found.get(topic.name)) for topic in TOPICS}
    table = Table("Topic", "Partitions", "Kept", "On Kafka")
    for topic in TOPICS:
        keeps = "the last of each key" if topic.compacted else shown(settings.retention(topic))
        state = f"[red]{'; '.join(against[topic.name])}[/red]" if against[topic.name] else "yes"
        table.add_row(topic.name, str(topic.partitions), keeps, state)
    Console().print(table)
    if any(against.values()):
        raise typer.Exit(1)


@topics.command("create")
def create_topics(
    bootstrap: BootstrapOption = None,
    stack: StackOption = DEFAULT,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition.")] = 1,
    commands: CommandsOption = _DEFAULTS.topic_commands_days,
    events: EventsOption = _DEFAULTS.topic_events_days,
    replies: RepliesOption = _DEFAULTS.topic_replies_minutes,
    dead_letters: DeadLettersOption = _DEFAULTS.topic_dead_letters_days,
) -> None:
    """Create the topics that are missing; those that exist stay as they are."""
    address = bootstrap_of(bootstrap, stack)
    settings = kept(commands, events, replies, dead_letters)
    made = asyncio.run(reached(address, ensure_topics(address, replication=replication, settings=settings)))
    typer.echo("\n".join(f"created {name}" for name in made) or "all topics are there")


def kept(commands: int, events: int, replies: int, dead_letters: int) -> TopicSettings:
    """Return how long topics are kept. Raises SettingsRefusedError where that cannot be right."""
    return settings_of(
        TopicSettings,
        topic_commands_days=commands,
        topic_events_days=events,
        topic_replies_minutes=replies,
        topic_dead_letters_days=dead_letters,
    )


def differences(topic: Topic, settings: TopicSettings, found: TopicFound | None) -> list[str]:
    """Return in which points a topic is not as it would be created."""
    if found is None:
        return ["missing (holdfast topics create)"]
    told = [] if found.partitions == topic.partitions else [f"has {found.partitions} partitions"]
    wanted = topic_configuration(topic, settings)
    return told + [
        f"{name} is {found.configuration.get(name)}, not {value}"
        for name, value in wanted.items()
        if found.configuration.get(name) != value
    ]


def shown(retention: timedelta | None) -> str:
    """Return a retention in minutes or days."""
    if retention is None:
        return "for ever"
    minutes = int(retention.total_seconds() // 60)
    return f"{minutes} min" if minutes < 24 * 60 else f"{minutes // (24 * 60)} d"
