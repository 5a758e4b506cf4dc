"""Drawing in processes of their own: a time limit, a fallback without names, and nothing to read or fetch."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from holdfast_tickets.adapters.draughtsman import _SPECIMEN as PAGE
from holdfast_tickets.adapters.drawing_jobs import DONE, FAILED, NAMELESS, PdfJob
from holdfast_tickets.adapters.lettering import load_fonts
from holdfast_tickets.adapters.studio import FAILURES, DrawingProcess, Studio
from holdfast_tickets.adapters.ticket_pdf import ticket_pdf
from holdfast_tickets.domain.printing import PaperSize
from holdfast_tickets.ports import RenderingFailedError

pytestmark = pytest.mark.integration


def new_studio(workers: int = 2, seconds: float = 20) -> Studio:
    return Studio(workers, seconds, page_seconds=0.001)


@pytest.fixture
async def studio():
    made = new_studio()
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
        return DONE + b"%PDF-nameless"

    monkeypatch.setattr(DrawingProcess, "draw", slow_with_a_name)
    studio = new_studio(workers=1, seconds=0.05)
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
    assert (await process.draw(Hostile("nothing")))[:1] == FAILED
    await process.end()


async def test_one_that_hangs_is_ended_for_good(monkeypatch) -> None:
    ended: list[int] = []
    end = DrawingProcess.end

    async def noted(self) -> None:
        await end(self)
        ended.append(self._process.returncode)

    monkeypatch.setattr(DrawingProcess, "end", noted)
    studio = new_studio(workers=1, seconds=0.5)
    with pytest.raises(RenderingFailedError, match="longer"):
        await studio._draw(Hostile("sleep"), studio._documents, 0.5)
    assert ended == [-9]


async def test_a_drawing_that_fails_is_counted_and_costs_no_process(studio) -> None:
    counted = FAILURES.labels("drawing")._value
    before = counted.get()
    with pytest.raises(RenderingFailedError):
        await studio._draw(Hostile("nothing"), studio._documents, 20)
    (kept,) = studio._idle
    assert (await studio.qr_png("A", 1))[:4] == b"\x89PNG"
    assert (studio._idle, counted.get() - before) == ([kept], 1)


@pytest.mark.parametrize("paper", PaperSize)
@pytest.mark.parametrize(
    "text", ["Łódź č ž š", "Ελληνική βραδιά", "Вечер джаза", "حفل موسيقي", "ערב", "日本の夜", "Party 🎉", "नमस्ते", "﷽"]
)
async def test_titles_and_names_of_any_language_are_drawn(studio, text, paper) -> None:
    """In the process that can open nothing any more: what letters need is loaded before."""
    page = replace(PAGE, title=text, business=text, venue=text, attendee=text, tier=text, seat=text, terms=text)
    assert (await studio.pdf([page], paper)).startswith(b"%PDF")
    assert studio._idle, "the process is kept"


async def test_a_code_does_not_wait_behind_documents(studio) -> None:
    async with asyncio.timeout(20):
        for _ in range(2):
            await studio._documents.acquire()
        assert (await studio.qr_png("A", 1))[:4] == b"\x89PNG"


async def test_a_document_may_take_longer_the_more_pages_it_has(monkeypatch) -> None:
    async def slow(_self, job: PdfJob) -> bytes:
        await asyncio.sleep(0.01 * len(job.pages))
        return DONE + b"%PDF"

    monkeypatch.setattr(DrawingProcess, "draw", slow)
    studio = Studio(workers=1, seconds=0.05, page_seconds=0.1)
    assert await studio.pdf([PAGE] * 30, PaperSize.A4) == b"%PDF"
    await studio.stop()


async def test_a_name_that_was_left_out_is_counted(monkeypatch) -> None:
    def named() -> float:
        return REGISTRY.get_sample_value("holdfast_ticket_render_failures_total", {"reason": "name"}) or 0.0

    async def nameless(_self, _job) -> bytes:
        return NAMELESS + b"%PDF"

    before = named()
    monkeypatch.setattr(DrawingProcess, "draw", nameless)
    studio = Studio(workers=1, seconds=1, page_seconds=0.1)
    assert await studio.pdf([PAGE], PaperSize.A4) == b"%PDF"
    await studio.stop()
    assert named() - before == 1


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
        return DONE

    monkeypatch.setattr(DrawingProcess, "draw", counted)
    studio = new_studio()
    drawn = [studio.pdf([PAGE], PaperSize.A4) for _ in range(20)]
    await asyncio.gather(*drawn, *(studio.qr_png("A", 1) for _ in range(20)))
    assert most == 3
    assert len(studio._idle) == 3
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
