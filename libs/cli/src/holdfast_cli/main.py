"""The command `holdfast`."""

from __future__ import annotations

import typer

from holdfast_cli.dlq.command import dlq
from holdfast_cli.drift.command import drift
from holdfast_cli.migrations import migrate
from holdfast_cli.reconcile.command import reconcile
from holdfast_cli.tokens import token
from holdfast_cli.topics import topics

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Operate Holdfast.", pretty_exceptions_enable=False)
app.command()(token)
app.command()(reconcile)
app.command()(migrate)
app.command()(drift)
app.add_typer(dlq, name="dlq")
app.add_typer(topics, name="topics")

if __name__ == "__main__":
    app()
