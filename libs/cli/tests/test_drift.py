"""What is generated is compared word for word, and what differs is named and written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from holdfast_cli.drift.configuration import configuration_text
from holdfast_cli.drift.generated import SCHEMAS, differing, generated_files, golden_faults, write
from holdfast_platform.settings import Key, ServiceSettings

CHECKOUT = Path(__file__).parents[3]


class ShopSettings(ServiceSettings):
    """Settings of a service of the tests."""

    colour: Annotated[Literal["red", "blue"], Field(description="Paint.")] = "red"
    patience: Annotated[float, Field(gt=0, description="Seconds.")] = 3.0
    door_key: Annotated[Key | None, Field(description="Opens the door.")] = None
    name: Annotated[str, Field(description="Whose.")]
    code: Annotated[SecretStr, Field(description="Of the safe.")]
    open: Annotated[bool, Field(description="Now.")] = True


def test_settings_are_told_with_type_default_and_meaning():
    lines = configuration_text({"shop": ShopSettings}).splitlines()
    assert "| `COLOUR` | `red`, `blue` | `red` | Paint. |" in lines
    assert "| `PATIENCE` | number | `3` | Seconds. |" in lines
    assert "| `DOOR_KEY` | text | none | **Secret.** Opens the door. |" in lines
    assert "| `NAME` | text | *required* | Whose. |" in lines
    assert "| `CODE` | text | *required* | **Secret.** Of the safe. |" in lines
    assert "| `OPEN` | `true` or `false` | `true` | Now. |" in lines


def test_settings_of_all_services_stand_once():
    lines = configuration_text({"shop": ShopSettings}).splitlines()
    assert len([line for line in lines if line.startswith("| `DATABASE_URL` |")]) == 1


def test_every_setting_has_a_meaning():
    text = (CHECKOUT / "docs" / "configuration.md").read_text()
    assert [line for line in text.splitlines() if line.endswith("|  |")] == []


def test_goldens_are_read_by_todays_classes():
    assert golden_faults() == []


def test_a_change_a_lack_and_a_left_over_are_seen_and_mended(tmp_path: Path):
    files = {"docs/a.md": "a\n", f"{SCHEMAS}/t/M.json": "{}\n"}
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("b\n")
    left = tmp_path / SCHEMAS / "t" / "Old.json"
    left.parent.mkdir(parents=True)
    left.write_text("{}")
    found = differing(tmp_path, files)
    assert found == sorted(["docs/a.md", f"{SCHEMAS}/t/M.json", f"{SCHEMAS}/t/Old.json"])
    write(tmp_path, files, found)
    assert differing(tmp_path, files) == []
    assert not left.exists()


def test_the_repository_is_as_it_would_be_generated():
    assert differing(CHECKOUT, generated_files()) == []
