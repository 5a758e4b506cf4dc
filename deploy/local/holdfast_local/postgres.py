"""PostgreSQL of a stack: a private server from the machine's own programs, or the one of `DATABASE_URL`."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from holdfast_local import postgres_place, waiting
from holdfast_local.errors import StackError
from holdfast_local.paths import StackPaths
from holdfast_local.ports import HOST
from holdfast_local.postgres_binaries import PostgresBinaries, choose
from holdfast_local.process import ManagedProcess, run_as

SUPERUSER = "postgres"
START_SECONDS = 60.0
# What a server says whose predecessor was killed and still has children that are on their way out.
_STILL_ENDING = "pre-existing shared memory block"
_NOT_YET = (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, TimeoutError)
# Durable as in production (fsync, synchronous_commit), and no surprise plans for short statements.
SETTINGS: Mapping[str, str] = {
    "max_connections": "200",
    # Used as it fills. With 256 MB, a batch of a well-filled database waited for pages to be written to make room.
    "shared_buffers": "1GB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Often enough for tables that grow from nothing; at 5 s, sampling them was a third of the work of the server.
    "autovacuum_naptime": "30s",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "logging_collector": "off",
}


class Postgres(Protocol):
    """A server on which the stack's databases are."""

    @property
    def process(self) -> ManagedProcess | None:
        """The server's process, where it is ours."""

    def url(self, database: str = "postgres") -> str:
        """TCP URL of the superuser for one database."""

    def start(self) -> None:
        """Return when the server answers. Raises StackError."""


class ExternalPostgres:
    """The server of `DATABASE_URL`; it is used, never started or stopped."""

    process: ManagedProcess | None = None

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url

    def url(self, database: str = "postgres") -> str:
        """The given URL with another database."""
        return urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{database}"))

    def start(self) -> None:
        """Check that it answers and that we may make databases and roles there."""
        try:
            allowed = waiting.finished(_ask(self._admin_url, "SELECT rolsuper FROM pg_roles WHERE rolname = user"))
        except (OSError, asyncpg.PostgresError) as error:
            raise StackError(f"DATABASE_URL does not answer: {error}", "Check it, or unset it.") from error
        if not allowed:
            raise StackError("The user of DATABASE_URL is no superuser.", "Databases and roles are made with it.")


class PrivatePostgres:
    """A server of our own, in a private directory, on a port of 127.0.0.1 and a private socket."""

    def __init__(self, paths: StackPaths, port: int, password: str) -> None:
        self.place = postgres_place.choose(paths)
        self.process = ManagedProcess(
            "postgres", paths.logs / "postgres.log", str(self.place.data), stop_signal=signal.SIGINT
        )
        self._port = port
        self._password = password

    def url(self, database: str = "postgres") -> str:
        """TCP URL of the superuser."""
        return f"postgresql://{SUPERUSER}:{quote(self._password)}@{HOST}:{self._port}/{database}"

    def start(self) -> None:
        """Make the data directory if there is none, start the server, wait until it answers, check that it is ours."""
        place = self.place
        binaries = choose(place.data)
        place.make()
        if not (place.data / "PG_VERSION").exists():
            self._initialise(binaries)
        self._spawn(binaries)
        waiting.until(lambda: self._answers(binaries), START_SECONDS, lambda: self._failure("did not answer in time"))
        self._assert_ours()

    def _initialise(self, binaries: PostgresBinaries) -> None:
        with self.place.password_file(self._password) as password_file:
            command = [
                binaries.program("initdb"),
                f"--pgdata={self.place.data}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                f"--locale={_locale()}",
            ]
            made = run_as(self.place.account, command, _environment(), self.place.directory)
        if made.returncode:
            raise StackError(f"initdb failed:\n{made.stderr.strip()}")

    def _spawn(self, binaries: PostgresBinaries) -> None:
        own = {
            "listen_addresses": HOST,
            "port": str(self._port),
            "unix_socket_directories": f'"{self.place.sockets}"',  # a list: quoted, for paths with blanks
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in {**SETTINGS, **own}.items() for part in ("-c", f"{name}={value}")]
        command = [binaries.program("postgres"), "-D", self.place.data, *options]
        self.process.spawn(command, _environment(), account=self.place.account, directory=self.place.directory)

    def _answers(self, binaries: PostgresBinaries) -> bool:
        if not self.process.alive:
            if _STILL_ENDING not in self.process.last_lines():
                raise self._failure(self.process.ending())
            self._spawn(binaries)
            return False
        try:
            waiting.finished(_ask(self.url(), "SELECT 1"))
        except _NOT_YET:
            return False
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise self._failure(f"on port {self._port} does not take the password of secrets.json") from error
        return True

    def _failure(self, what: str) -> StackError:
        return StackError(f"PostgreSQL {what}. Its last lines:\n{self.process.last_lines()}")

    def _assert_ours(self) -> None:
        told = waiting.finished(_ask(self.url(), "SHOW data_directory"))
        if Path(str(told)).resolve() != self.place.data.resolve():
            raise StackError(
                f"Another PostgreSQL answers on port {self._port} (its data is in {told}).",
                "Nothing was changed there. Choose another PORT.",
            )


async def _ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def _locale() -> str:
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    for wanted in ("C.utf8", "C.UTF-8", "en_US.utf8", "en_US.UTF-8"):
        if wanted in listed:
            return wanted
    return "C"


def _environment() -> dict[str, str]:
    # None of the caller's PG* variables may lead the programs elsewhere.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_MESSAGES": "C", "TZ": "UTC"}


def postgres_of(paths: StackPaths, port: int, password: str, environment: Mapping[str, str]) -> Postgres:
    """`DATABASE_URL` where it is set, else a private server."""
    given = environment.get("DATABASE_URL")
    return ExternalPostgres(given) if given else PrivatePostgres(paths, port, password)
