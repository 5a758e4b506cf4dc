"""A few drawing processes, started when they are needed; one that takes too long is ended, not waited for."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Final

from prometheus_client import Counter, Histogram

from holdfast_platform import logs
from holdfast_tickets.adapters.drawing_jobs import DONE, LENGTH, NAMELESS, DrawingJob, PdfJob, QrJob
from holdfast_tickets.domain.printing import Page, PaperSize
from holdfast_tickets.ports import RenderingFailedError

RENDERING: Final = Histogram("holdfast_ticket_render_seconds", "Time to draw a document", ["kind"])
FAILURES: Final = Counter("holdfast_ticket_render_failures_total", "Drawings that failed or took too long", ["reason"])

log = logs.get(__name__)


class DrawingProcess:
    """One process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> DrawingProcess:
        """Start a process without our environment: it needs no secret, so it gets none."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "holdfast_tickets.adapters.draughtsman",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": ":".join(path for path in sys.path if path), "PYTHONHASHSEED": "0"},
            limit=2**20,
        )
        return cls(process)

    async def draw(self, job: DrawingJob) -> bytes:
        """Return DONE or NAMELESS and the document, or FAILED and why.

        Raises EOFError or OSError where the process is gone.
        """
        source, target = self._process.stdout, self._process.stdin
        assert source is not None  # noqa: S101 - both are pipes
        assert target is not None  # noqa: S101
        question = pickle.dumps(job)
        target.write(LENGTH.pack(len(question)) + question)
        await target.drain()
        return await source.readexactly(LENGTH.unpack(await source.readexactly(LENGTH.size))[0])

    async def end(self) -> None:
        """End the process at once and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Studio:
    """Draws PDFs by at most `workers` processes and QR codes by one more; further jobs wait.

    A document has `seconds`, and `page_seconds` for each of its pages; then it is tried without names.
    """

    def __init__(self, workers: int, seconds: float, page_seconds: float) -> None:
        self._seconds = seconds
        self._page_seconds = page_seconds
        self._documents = asyncio.Semaphore(workers)
        self._pictures = asyncio.Semaphore(1)  # a code takes a millisecond, and never waits behind a long document
        self._idle: list[DrawingProcess] = []
        self._closed = False

    async def start(self) -> None:
        """Be open for jobs; the first one starts the first process."""
        self._closed = False

    async def stop(self) -> None:
        """End all processes that wait for work; one that draws ends with its job."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(process.end() for process in idle))

    async def pdf(self, pages: Sequence[Page], paper: PaperSize) -> bytes:
        """Return a PDF of one page a ticket; one that is too slow is tried once more, without the holders' names."""
        seconds = self._seconds + self._page_seconds * len(pages)
        with RENDERING.labels("pdf").time():
            try:
                return await self._draw(PdfJob(tuple(pages), paper), self._documents, seconds)
            except RenderingFailedError as error:
                log.warning("ticket is drawn without a name", booking=pages[0].booking_number, reason=str(error))
                nameless = PdfJob(tuple(page.nameless() for page in pages), paper)
                return await self._draw(nameless, self._documents, seconds)

    async def qr_png(self, text: str, scale: int) -> bytes:
        """Return a PNG of the text's QR code."""
        with RENDERING.labels("qr").time():
            return await self._draw(QrJob(text, scale), self._pictures, self._seconds)

    async def _draw(self, job: DrawingJob, places: asyncio.Semaphore, seconds: float) -> bytes:
        async with places, self._process() as process:
            try:
                async with asyncio.timeout(seconds):
                    answer = await process.draw(job)
            except TimeoutError as error:
                FAILURES.labels("time").inc()
                raise RenderingFailedError(f"took longer than {seconds:g} s") from error
            except (EOFError, OSError) as error:
                FAILURES.labels("process").inc()
                raise RenderingFailedError("the drawing process ended") from error
        if answer[:1] not in (DONE, NAMELESS):
            FAILURES.labels("drawing").inc()
            raise RenderingFailedError(answer[1:].decode(errors="replace"))
        if answer[:1] == NAMELESS:
            FAILURES.labels("name").inc()
            log.warning("a ticket was drawn without its holder's name, which cannot be drawn")
        return answer[1:]

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[DrawingProcess]:
        """Give an idle process, or a new one; it is kept only where it answered."""
        process = self._idle.pop() if self._idle else await DrawingProcess.start()
        try:
            yield process
        except BaseException:
            await process.end()
            raise
        if self._closed:
            await process.end()
        else:
            self._idle.append(process)
