"""Drawing in processes of their own: a time limit, a fallback without names, and nothing to read or fetch."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import pytest

from holdfast_tickets.adapters.draughtsman import _SPECIMEN as PAGE
from holdfast_tickets.adapters.drawing_jobs import PdfJob
from holdfast_tickets.adapters.lettering import load_fonts
from holdfast_tickets.adapters.studio import DrawingProcess, Studio
from holdfast_tickets.adapters.ticket_pdf import ticket_pdf
from holdfast_tickets.domain.printing import PaperSize
from holdfast_tickets.ports import RenderingFailedError

pytestmark = pytest.mark.integration


@pytest.fixture
async def studio():
    made = Studio(workers=2, seconds=20)
    await made.start()
    yield made
    await made.stop()


class Hostile:
    """Runs in the drawing process, as a flaw in a library would."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __reduce__(self):
        return {
            "file": (open, ("/etc/passwd",)),
            "socket": (socket.socket, ()),
            "nothing": (int, ("7",)),
            "sleep": (time.sleep, (60,)),
        }[self.kind]


async def test_it_draws_what_is_drawn_here(studio) -> None:
    load_fonts()
    first, second = await asyncio.gather(*(studio.pdf([PAGE], paper) for paper in PaperSize))
    assert [first, second] == [ticket_pdf([PAGE], paper) for paper in PaperSize]
    assert (await studio.qr_png("4H7KQ2M9XW3T", 4))[:4] == b"\x89PNG"


async def test_one_that_is_too_slow_is_ended_and_drawn_without_names(monkeypatch) -> None:
    asked: list[str] = []

    async def slow_with_a_name(_self, job: PdfJob) -> bytes:
        asked.append(job.pages[0].attendee)
        if job.pages[0].attendee:
            await asyncio.Event().wait()
        return b"%PDF-nameless"

    monkeypatch.setattr(DrawingProcess, "draw", slow_with_a_name)
    studio = Studio(workers=1, seconds=0.05)
    assert await studio.pdf([PAGE], PaperSize.A4) == b"%PDF-nameless"
    assert asked == ["Ida", ""]
    await studio.stop()


@pytest.mark.parametrize("kind", ["file", "socket"])
async def test_a_drawing_process_can_open_nothing(kind) -> None:
    """The attempt ends the process: it has no right to another file descriptor."""
    process = await DrawingProcess.start()
    with pytest.raises(EOFError):
        await process.draw(Hostile(kind))
    await process.end()


async def test_negative_control_what_opens_nothing_does_not_end_it() -> None:
    process = await DrawingProcess.start()
    with pytest.raises(RenderingFailedError):
        await process.draw(Hostile("nothing"))
    await process.end()


async def test_one_that_hangs_is_ended_for_good(monkeypatch) -> None:
    ended: list[int] = []
    end = DrawingProcess.end

    async def noted(self) -> None:
        await end(self)
        ended.append(self._process.returncode)

    monkeypatch.setattr(DrawingProcess, "end", noted)
    studio = Studio(workers=1, seconds=0.5)
    with pytest.raises(RenderingFailedError, match="longer"):
        await studio._draw(Hostile("sleep"))
    assert ended == [-9]


async def test_a_process_that_died_is_replaced(studio) -> None:
    await studio.qr_png("A", 1)
    (idle,) = studio._idle
    await idle.end()
    with pytest.raises(RenderingFailedError, match="ended"):
        await studio.qr_png("A", 1)
    assert (await studio.qr_png("A", 1))[:4] == b"\x89PNG"


async def test_never_more_processes_than_allowed(monkeypatch) -> None:
    running, most = 0, 0

    async def counted(_self, _job) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return b""

    monkeypatch.setattr(DrawingProcess, "draw", counted)
    studio = Studio(workers=2, seconds=20)
    await asyncio.gather(*(studio.qr_png("A", 1) for _ in range(20)))
    assert most == 2
    assert len(studio._idle) == 2
    await studio.stop()


def test_the_name_is_what_a_nameless_page_lacks() -> None:
    assert (PAGE.attendee, PAGE.nameless().attendee) == ("Ida", "")


def environment_of(process: DrawingProcess) -> bytes:
    return Path(f"/proc/{process._process.pid}/environ").read_bytes()


async def test_a_process_gets_none_of_our_environment(monkeypatch) -> None:
    monkeypatch.setenv("TICKET_KEY_SECRET", "canary")
    process = await DrawingProcess.start()
    given = environment_of(process)
    await process.end()
    assert b"canary" not in given
