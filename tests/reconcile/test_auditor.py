"""`reconcile` looks through the auditor's role, in transactions that cannot write; and the command as a whole."""

from __future__ import annotations

import json

import asyncpg
import pytest
from typer.testing import CliRunner

from holdfast_cli.databases import Databases
from holdfast_cli.errors import CannotError
from holdfast_cli.main import app
from holdfast_cli.stack import SERVICES
from holdfast_platform.database.security import database_name

pytestmark = pytest.mark.integration


async def test_an_auditor_sees_every_tenant_and_cannot_write(filled):
    async with Databases({"booking": filled["booking"]}) as databases:
        rows = await databases.fetch("booking", "SELECT current_user AS who, count(*) AS n FROM bookings")
        assert (rows[0]["who"], rows[0]["n"]) == ("holdfast_booking_auditor", 3)
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await databases.fetch("booking", "CREATE TABLE mine (id int)")
        await databases.look_again()
        with pytest.raises((asyncpg.ReadOnlySQLTransactionError, asyncpg.InsufficientPrivilegeError)):
            await databases.fetch("booking", "DELETE FROM bookings")


async def test_the_role_alone_forbids_writing_too(filled):
    connection = await asyncpg.connect(filled["booking"])
    try:
        await connection.execute("SET ROLE holdfast_booking_auditor")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM bookings")
    finally:
        await connection.close()


async def test_the_services_own_login_may_become_the_auditor(filled):
    connection = await asyncpg.connect(filled["inventory"])
    try:
        for service in SERVICES:
            login, auditor = database_name(service), f"{database_name(service)}_auditor"
            assert await connection.fetchval("SELECT pg_has_role($1, $2, 'MEMBER')", login, auditor)
    finally:
        await connection.close()


async def test_a_database_that_does_not_answer_is_told_plainly():
    with pytest.raises(CannotError, match="booking does not let an auditor in"):
        async with Databases({"booking": "postgresql://nobody@127.0.0.1:1/nothing"}):
            pass


def test_the_command_says_what_holds_and_what_does_not(filled, tmp_path):
    given = [part for service, url in filled.items() for part in ("--database", f"{service}={url}")]
    runner = CliRunner()
    good = runner.invoke(app, ["reconcile", *given, "--no-kafka", "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.stdout)["holds"] is True

    ledger = tmp_path / "ledger.jsonl"
    lost = {"operation": "CreateBooking", "status": 201, "tenant": "0" * 31 + "1", "key": "k", "bookingId": "f" * 32}
    ledger.write_text(json.dumps(lost) + "\n")
    bad = runner.invoke(app, ["reconcile", *given, "--no-kafka", "--ledger", str(ledger)])
    assert bad.exit_code == 1
    assert "does not exist" in bad.stdout

    none = runner.invoke(app, ["reconcile", "--database", "booking"])
    assert none.exit_code == 2
