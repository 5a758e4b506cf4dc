"""`holdfast drift`: is what is generated up to date?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from holdfast_cli.drift.generated import differing, generated_files, golden_faults, write
from holdfast_cli.drift.migrated import migration_faults
from holdfast_cli.errors import CannotError


def drift(
    fix: Annotated[bool, typer.Option("--write", help="Write what differs.")] = False,
    migrations: Annotated[bool, typer.Option(help="Compare tables and migrations too (needs PostgreSQL).")] = True,
    url: Annotated[
        str | None,
        typer.Option(
            envvar="DATABASE_URL", help="A superuser's PostgreSQL for scratch databases; else one is started."
        ),
    ] = None,
) -> None:
    """Compare everything generated with the repository. Exit code 1 where something differs.

    JSON Schemas, golden messages, AsyncAPI, OpenAPI, docs/errors.md, docs/status.md, docs/configuration.md, and each
    service's migrations against its tables.
    """
    root = checkout()
    files = generated_files()
    stale = differing(root, files)
    if fix:
        write(root, files, stale)
        for path in stale:
            typer.echo(f"wrote {path}" if path in files else f"removed {path}")
        stale = []
    faults = golden_faults() + (migration_faults(url) if migrations else [])
    for path in stale:
        typer.echo(f"{path} is not what the code says now", err=True)
    for fault in faults:
        typer.echo(fault, err=True)
    if stale:
        typer.echo("\nRun `holdfast drift --write` and commit what it wrote.", err=True)
    if stale or faults:
        raise typer.Exit(1)
    typer.echo(f"{len(files)} generated files, golden messages{' and migrations' if migrations else ''}: no drift")


def checkout() -> Path:
    """Return the root of the checkout. Raises CannotError outside of one."""
    here = Path.cwd()
    for place in (here, *here.parents):
        if (place / "libs" / "contracts" / "pyproject.toml").is_file():
            return place
    raise CannotError("Run this inside the checkout.")
