"""`make demo` tells its evening truthfully: each of its sentences is checked by the demo itself before it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e_world import World

from holdfast_local import demo, evening
from holdfast_local.errors import StackError


def test_the_demo_tells_its_evening(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.tell(world.description, tmp_path)
    told = capsys.readouterr().out
    assert told.rstrip().endswith("what is held, holds. Good night.")
    assert f"{evening.PLACES} bought, the others were refused" in told
    assert (tmp_path / "ticket.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "ticket.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "booking.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")


def test_control_a_demo_that_finds_something_else_stops(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: with too few buyers the evening is not sold out, and the story does not go on."""
    monkeypatch.setattr(evening, "BUYERS", 10)
    with pytest.raises(StackError, match="10 tickets were sold for 25 places"):
        demo.tell(world.description, tmp_path)
