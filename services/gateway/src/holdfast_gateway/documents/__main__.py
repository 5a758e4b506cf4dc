"""Writes the documents: `python -m holdfast_gateway.documents <folder>` (the folder `docs`)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from holdfast_gateway.documents.errors import errors_text
from holdfast_gateway.documents.openapi import openapi_text
from holdfast_gateway.documents.status import status_text

DOCUMENTS: Final[Mapping[str, Callable[[], str]]] = {
    "status.md": status_text,
    "errors.md": errors_text,
    "api/openapi.json": openapi_text,
}
"""Path below `docs/` and what makes it."""


def main(folder: Path) -> None:
    """Write every document."""
    for name, text in DOCUMENTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
