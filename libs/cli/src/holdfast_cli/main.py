"""The command `holdfast`."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from holdfast_cli.dlq.command import dlq
from holdfast_cli.drift.command import drift
from holdfast_cli.errors import CANNOT, CannotError
from holdfast_cli.migrations import migrate
from holdfast_cli.reconcile.command import reconcile
from holdfast_cli.tokens import token
from holdfast_cli.topics import topics
from holdfast_platform.settings import SettingsRefusedError


class Plainly(TyperGroup):
    """Tells what cannot be done in one sentence instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's context and a command's return value
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (CannotError, SettingsRefusedError) as error:
            typer.echo(f"holdfast: {error}", err=True)
            raise typer.Exit(CANNOT) from error


app = typer.Typer(
    cls=Plainly, no_args_is_help=True, add_completion=False, help="Operate Holdfast.", pretty_exceptions_enable=False
)
app.command()(token)
app.command()(reconcile)
app.command()(migrate)
app.command()(drift)
app.add_typer(dlq, name="dlq")
app.add_typer(topics, name="topics")

if __name__ == "__main__":
    app()
