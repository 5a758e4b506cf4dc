"""A drawing process: reads jobs from its input, writes documents to its output, and can open nothing.

Started by `studio.py` with an empty environment. After its fonts and libraries are loaded it gives up the right to
open files and sockets (RLIMIT_NOFILE, setrlimit(2)), so that no text on a ticket can make it read or fetch anything.
"""

from __future__ import annotations

import pickle
import resource
import sys
from dataclasses import replace
from typing import BinaryIO

from holdfast_tickets.adapters.drawing_jobs import DONE, FAILED, LENGTH, NAMELESS, DrawingJob, PdfJob, QrJob
from holdfast_tickets.adapters.lettering import load_fonts
from holdfast_tickets.adapters.qr import qr_png
from holdfast_tickets.adapters.ticket_pdf import ticket_pdf
from holdfast_tickets.domain.printing import Page, PaperSize

MEMORY_LIMIT = 1024 * 1024 * 1024
"""Bytes of address space: a drawing that wants more is broken."""

_SPECIMEN = Page(
    "Holdfast", "#1F4E5F", "Specimen", "Monday, 1 January 2024", "10:00", "UTC (UTC+00:00)", "Hall", "Ida", "Standard",
    "A1", 1, 1, "BK-00000000", "000000000000", "T1:SPECIMEN", "Terms", True,
)  # fmt: skip
_LETTERS = "Łódź ночь حفل ערב 夜 🎉"
_FOREIGN = replace(_SPECIMEN, business=_LETTERS, title=_LETTERS, venue=_LETTERS, attendee=_LETTERS, tier=_LETTERS)
"""Letters for which Python and reportlab load codecs and tables that plain ones never touch."""


def main() -> None:
    """Serve jobs until the input ends, which is when the service that started this process ends."""
    _prepare()
    while (job := _next_job(sys.stdin.buffer)) is not None:
        _answer(sys.stdout.buffer, job)


def draw(job: DrawingJob) -> bytes:
    """Return the document of a job, behind the byte that tells whether it is whole."""
    if isinstance(job, QrJob):
        return DONE + qr_png(job.text, job.scale)
    try:
        return DONE + ticket_pdf(job.pages, job.paper)
    except Exception:  # whatever a name does to the drawing, the ticket is still needed at the door
        return NAMELESS + ticket_pdf([_drawable(page, job) for page in job.pages], job.paper)


def _drawable(page: Page, job: PdfJob) -> Page:
    """Return the page, without its holder's name where it cannot be drawn with it [spec/05, PDF]."""
    try:
        ticket_pdf([page], job.paper)
    except Exception:
        return page.nameless()
    return page


def _prepare() -> None:
    """Load all that drawing will ever import or read, then close the door."""
    load_fonts()
    for paper in PaperSize:
        ticket_pdf([_SPECIMEN, replace(_SPECIMEN, cancelled=False)], paper)
        ticket_pdf([_FOREIGN], paper)
    qr_png(_SPECIMEN.qr, 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _next_job(source: BinaryIO) -> DrawingJob | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    job: DrawingJob = pickle.loads(source.read(LENGTH.unpack(head)[0]))  # noqa: S301 - written by our own service
    return job


def _answer(target: BinaryIO, job: DrawingJob) -> None:
    try:
        body = draw(job)
    except Exception as error:
        body = FAILED + f"{type(error).__name__}: {error}".encode(errors="replace")
    target.write(LENGTH.pack(len(body)) + body)
    target.flush()


if __name__ == "__main__":
    main()
