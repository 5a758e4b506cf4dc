"""The house rules that import-linter cannot say, as checks of the code itself; each with its negative control."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SERVICES = ("gateway", "booking", "inventory", "tickets", "calendar")

ROOMS = {
    "main", "settings", "api", "handlers", "usecases", "services", "domain", "ports", "adapters", "repositories",
    "tables", "migrations",
}  # fmt: skip
OWN_ROOMS = {"gateway": {"pipeline", "documents"}, "tickets": {"fonts"}}
"""Routes are data in the gateway: a pipeline serves them, documents tell of them. Fonts are no code."""

CLIENTS = {
    "AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient", "KafkaBroker", "PatientConsumer",
    "Producer", "Consumer", "AdminClient",
}  # fmt: skip
CLIENT_MAKERS = {
    "libs/platform/src/holdfast_platform/messaging/factory.py": "the one factory",
    "libs/platform/src/holdfast_platform/messaging/topics.py": "creates topics before services start",
    "libs/cli/src/holdfast_cli/bus.py": "the operator's own clients",
    "deploy/local/holdfast_local/kafka.py": "waits until the stack's Kafka answers",
    "deploy/local/holdfast_local/kafka_mock.py": "makes the mock cluster",
}

SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO\s|UPDATE\s+\w+\s+(AS\s+\w+\s+)?SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX|POLICY)\s"
    r"|ALTER\s+TABLE\s|FOR\s+(NO\s+KEY\s+)?UPDATE\b)",
    re.DOTALL,
)
SQL_PLACES = (
    "services/*/src/*/repositories/**/*.py",
    "services/*/src/*/repositories.py",
    "services/*/src/*/tables.py",
    "services/*/src/*/migrations/**/*.py",
    "libs/platform/src/holdfast_platform/database/**/*.py",
    "libs/platform/src/holdfast_platform/inbox/**/*.py",
    "libs/platform/src/holdfast_platform/outbox/**/*.py",
    "libs/platform/src/holdfast_platform/testing/**/*.py",
    "libs/cli/src/holdfast_cli/databases.py",
    "libs/cli/src/holdfast_cli/dlq/command.py",
    "libs/cli/src/holdfast_cli/drift/migrated.py",
    "libs/cli/src/holdfast_cli/reconcile/**/*.py",
    "deploy/local/holdfast_local/postgres.py",
)


def sources(*patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        yield from (path for path in sorted(CHECKOUT.glob(pattern)) if "__pycache__" not in path.parts)


ALL_SOURCES = tuple(sources("libs/*/src/**/*.py", "services/*/src/**/*.py", "deploy/local/holdfast_local/**/*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def named(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


# -- Kafka clients ----------------------------------------------------------------------------------------------


def clients_made(tree: ast.AST) -> set[str]:
    """Names of Kafka clients that the code calls."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    return names & CLIENTS


def test_kafka_clients_are_made_in_one_place():
    makers = {named(path) for path in ALL_SOURCES if clients_made(parsed(path))}
    assert makers - set(CLIENT_MAKERS) == set()


def test_a_client_made_elsewhere_would_be_seen():
    assert clients_made(ast.parse("from aiokafka import AIOKafkaProducer\np = AIOKafkaProducer()")) == {
        "AIOKafkaProducer"
    }
    assert clients_made(ast.parse("import aiokafka\np = aiokafka.AIOKafkaConsumer('t')")) == {"AIOKafkaConsumer"}
    assert clients_made(ast.parse("def f(p: AIOKafkaProducer) -> None: ...")) == set()


# -- rooms --------------------------------------------------------------------------------------------------------


def rooms_of(service: str) -> set[str]:
    package = CHECKOUT / "services" / service / "src" / f"holdfast_{service}"
    entries = {path for path in package.iterdir() if path.name not in {"__pycache__", "__init__.py", "py.typed"}}
    return {path.stem for path in entries}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_only_the_rooms_of_the_house(service: str):
    assert rooms_of(service) - ROOMS - OWN_ROOMS.get(service, set()) == set()


# -- use-cases ------------------------------------------------------------------------------------------------------

USECASES = tuple(sources("services/*/src/*/usecases/*.py"))


def usecase_classes(tree: ast.Module) -> list[ast.ClassDef]:
    """Classes that carry out an operation: all that have `execute`, or are named so."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [one for one in classes if one.name.endswith("UseCase") or "execute" in public_methods(one)]


def public_methods(one: ast.ClassDef) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    methods = [node for node in one.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {method.name: method for method in methods if not method.name.startswith("_")}


def takes_a_command(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it decides a message, as the unit of work calls it."""
    return any(a.annotation is not None and "Incoming" in ast.unparse(a.annotation) for a in method.args.args)


def usecase_faults(tree: ast.Module) -> list[str]:
    faults = []
    for one in usecase_classes(tree):
        methods = public_methods(one)
        if not one.name.endswith("UseCase"):
            faults.append(f"{one.name} has `execute` and is not named UseCase")
        if set(methods) != {"execute"}:
            faults.append(f"{one.name} has {', '.join(sorted(methods)) or 'nothing'} instead of `execute` alone")
        elif takes_a_command(methods["execute"]) and isinstance(methods["execute"], ast.AsyncFunctionDef):
            faults.append(f"{one.name} decides a command and is async")
    return faults


def test_usecases_are_found():
    found = [one.name for path in USECASES for one in usecase_classes(parsed(path))]
    assert {"PlaceClaimUseCase", "RecordBookingUseCase", "CancelBookingUseCase"} <= set(found)


def test_the_room_of_usecases_holds_nothing_else():
    """What several of them share is a service's or the domain's."""
    modules = [path for path in USECASES if path.name != "__init__.py"]
    assert [named(path) for path in modules if not usecase_classes(parsed(path))] == []


def test_a_usecase_has_one_public_method_execute_and_commands_never_await():
    faults = {named(path): faults for path in USECASES if (faults := usecase_faults(parsed(path)))}
    assert faults == {}


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("class Cancel:\n def execute(self): ...", "not named UseCase"),
        ("class CancelUseCase:\n def execute(self): ...\n def undo(self): ...", "execute, undo instead"),
        ("class CancelUseCase:\n def run(self): ...", "run instead"),
        ("class CUseCase:\n async def execute(self, given: Incoming[C], state: S): ...", "is async"),
    ],
)
def test_a_faulty_usecase_would_be_seen(code: str, fault: str):
    (found,) = usecase_faults(ast.parse(code))
    assert fault in found


def test_a_query_may_await():
    assert usecase_faults(ast.parse("class ListUseCase:\n async def execute(self, query: Q): ...")) == []


# -- SQL --------------------------------------------------------------------------------------------------------------


def sql_in(tree: ast.Module) -> list[str]:
    """Strings that are SQL, but for docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    return [text for text in strings if SQL.search(text)]


def test_sql_stands_in_repositories_tables_and_migrations_only():
    allowed = {path for pattern in SQL_PLACES for path in sources(pattern)}
    found = {named(path): sql for path in ALL_SOURCES if path not in allowed and (sql := sql_in(parsed(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM bookings",
        "UPDATE sessions AS s SET taken = 1",
        "INSERT INTO inbox VALUES (1)",
        "DELETE FROM outbox",
        "SELECT 1 FROM a\nWHERE b FOR NO KEY UPDATE",
    ],
)
def test_sql_elsewhere_would_be_seen(statement: str):
    assert sql_in(ast.parse(f"_Q = {statement!r}")) == [statement]


def test_prose_is_no_sql():
    assert (
        sql_in(ast.parse('"""Select what you want from the list and update it."""\nA = "Select a slot from these"'))
        == []
    )


# -- clocks -----------------------------------------------------------------------------------------------------------

DECIDING = (
    *(f"services/{service}/src/**/*.py" for service in SERVICES if service != "gateway"),
    "libs/platform/src/holdfast_platform/units/**/*.py",
    "libs/platform/src/holdfast_platform/inbox/**/*.py",
)
"""What decides, or tells those who decide what time it is: by the database's clock, which all replicas share."""

WALL_CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "strftime"},
}


def wall_clocks_in(tree: ast.Module) -> list[str]:
    """Where the code asks its own machine what time it is; `monotonic`, which measures a duration, is no such clock."""
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "time"]
    found = [f"time.{name.name}" for node in imported for name in node.names if name.name in WALL_CLOCKS["time"]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if node.attr in WALL_CLOCKS.get(owner, set()):
                found.append(f"{owner}.{node.attr}")
    return found


def test_owners_decide_by_the_clock_of_their_database_only():
    """A service whose clock is ten minutes off ends no hold and no pending booking early (I8)."""
    found = {named(path): clocks for path in sources(*DECIDING) if (clocks := wall_clocks_in(parsed(path)))}
    assert found == {}


@pytest.mark.parametrize(
    ("code", "clock"),
    [
        ("from datetime import datetime\nnow = datetime.now(UTC)", "datetime.now"),
        ("import datetime\nnow = datetime.datetime.utcnow()", "datetime.utcnow"),
        ("import datetime\nday = datetime.date.today()", "date.today"),
        ("import time\nended = hold.expires_at < time.time()", "time.time"),
        ("from time import time_ns\nnow = time_ns()", "time.time_ns"),
        ("class A:\n clock = field(default_factory=datetime.now)", "datetime.now"),
    ],
)
def test_a_clock_of_the_machine_would_be_seen(code: str, clock: str):
    assert wall_clocks_in(ast.parse(code)) == [clock]


def test_a_stopwatch_and_the_databases_clock_are_none():
    assert wall_clocks_in(ast.parse("s = time.monotonic()\nhold.live(stock.now)\nd = datetime.time(8)")) == []


# -- words ------------------------------------------------------------------------------------------------------------

FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "misc"}


def test_no_module_is_named_after_nothing():
    assert [named(path) for path in ALL_SOURCES if path.stem in FORBIDDEN_NAMES] == []


def test_no_comment_waits_for_somebody():
    later = re.compile(r"#.*\b(TODO|FIXME|XXX)\b")
    assert [named(path) for path in ALL_SOURCES if later.search(path.read_text(encoding="utf-8"))] == []


def test_every_ignored_type_error_says_which():
    bare = re.compile(r"#\s*type:\s*ignore(?!\[)")
    assert [named(path) for path in ALL_SOURCES if bare.search(path.read_text(encoding="utf-8"))] == []
