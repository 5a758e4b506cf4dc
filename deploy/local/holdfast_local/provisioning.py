"""What a stack needs before its services: databases, roles, migrations, topics. All of it may be repeated."""

from collections.abc import Mapping

from holdfast_local.errors import StackError
from holdfast_local.kafka import Kafka
from holdfast_local.keys import SERVICES
from holdfast_local.postgres import Postgres
from holdfast_local.progress import Progress
from holdfast_local.waiting import finished
from holdfast_platform.database.revisions import current_revision, head_of
from holdfast_platform.database.roles import provision
from holdfast_platform.database.security import database_name
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.settings import SettingsRefusedError


def prepare_databases(postgres: Postgres, passwords: Mapping[str, str], progress: Progress) -> dict[str, str]:
    """Make each service's database and roles, bring its tables to the newest version; the services' URLs come back."""
    with progress.step("postgres", "databases, roles, migrations"):
        return finished(_prepare(postgres, passwords))


async def _prepare(postgres: Postgres, passwords: Mapping[str, str]) -> dict[str, str]:
    urls = {}
    # One after the other: Alembic keeps the operations that migrations call in one global place.
    for service in SERVICES:
        urls[service] = await provision(postgres.url(), service, passwords[service])
        await _migrate(service, postgres.url(database_name(service)))
    return urls


async def _migrate(service: str, admin_url: str) -> None:
    if await current_revision(admin_url) == head_of(service):
        return
    # More than a second of imports, which a stack that is up to date does without.
    from holdfast_platform.database.migrate import upgrade  # noqa: PLC0415

    await upgrade(service, admin_url)


def prepare_topics(kafka: Kafka, progress: Progress) -> None:
    """Make every topic that is not there yet; the mock has made its own. Raises StackError where settings are wrong."""
    if kafka.kind == "mock":
        return
    with progress.step("kafka", "topics"):
        try:
            finished(ensure_topics(kafka.bootstrap))
        except SettingsRefusedError as refused:
            raise StackError(str(refused)) from refused
