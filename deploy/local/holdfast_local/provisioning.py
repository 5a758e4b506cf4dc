"""What a stack needs before its services: databases, roles, migrations, topics. All of it may be repeated."""

from holdfast_platform.database.migrate import upgrade
from holdfast_platform.database.roles import provision
from holdfast_platform.messaging.topics import ensure_topics

from holdfast_local.keys import SERVICES, StackKeys
from holdfast_local.postgres import Postgres
from holdfast_local.progress import Progress
from holdfast_local.waiting import finished


def database_name(service: str) -> str:
    """The database of a service."""
    return f"holdfast_{service}"


def prepare_databases(postgres: Postgres, keys: StackKeys, progress: Progress) -> dict[str, str]:
    """Make each service's database and roles, bring its tables to the newest version; the services' URLs come back."""
    with progress.step("postgres", "databases, roles, migrations"):
        urls = finished(_provision(postgres.url(), keys))
        for service in SERVICES:
            upgrade(service, postgres.url(database_name(service)))
    return urls


async def _provision(admin_url: str, keys: StackKeys) -> dict[str, str]:
    return {service: await provision(admin_url, service, keys.service_passwords[service]) for service in SERVICES}


def prepare_topics(bootstrap: str, progress: Progress) -> None:
    """Make every topic that is not there yet."""
    with progress.step("kafka", "topics"):
        finished(ensure_topics(bootstrap))
