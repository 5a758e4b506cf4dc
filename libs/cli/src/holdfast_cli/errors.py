"""What the command says when it cannot do what it was asked."""

from __future__ import annotations

from typing import Final

CANNOT: Final = 2
"""Exit code, so that scripts tell this from a difference that was found (1)."""


class CannotError(Exception):
    """Told to the operator in one sentence."""
