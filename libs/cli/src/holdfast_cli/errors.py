"""What the command says when it cannot do what it was asked."""

from __future__ import annotations

import click


class CannotError(click.ClickException):
    """Told to the operator in one sentence; exit code 2, so that scripts tell it from a difference that was found."""

    exit_code = 2
