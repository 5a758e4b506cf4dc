"""What a package says it needs is what its code imports, or what something loads for it at run time."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PACKAGES = sorted(
    path.parent.relative_to(CHECKOUT).as_posix()
    for pattern in ("libs/*/pyproject.toml", "services/*/pyproject.toml", "deploy/*/pyproject.toml")
    for path in CHECKOUT.glob(pattern)
)
LOADED = {
    "httptools": "uvicorn's parser of HTTP, which its protocol of this name imports",
    "tzdata": "the zones of `zoneinfo` where the system has none",
}
"""Needed at run time and imported by others."""


def declared(package: str) -> set[str]:
    project = tomllib.loads((CHECKOUT / package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[^\w.-]", one)[0].lower() for one in project["dependencies"]}


def imported(package: str) -> set[str]:
    """Return the distributions that a package's code imports, tests left out."""
    known = packages_distributions()
    modules = {name for path in _sources(CHECKOUT / package) for name in top_modules(path.read_text(encoding="utf-8"))}
    return {found.lower().replace("_", "-") for module in modules for found in known.get(module, ())}


def _sources(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*.py") if "tests" not in path.relative_to(root).parts)


def top_modules(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_required_that_is_not_used(package: str):
    assert declared(package) - imported(package) - LOADED.keys() == set()


def test_what_is_not_used_would_be_seen():
    assert "aiohttp" in declared("services/gateway") - imported("libs/platform")
    assert list(top_modules("import os.path\nfrom sqlalchemy.ext import x\nfrom . import y")) == ["os", "sqlalchemy"]
