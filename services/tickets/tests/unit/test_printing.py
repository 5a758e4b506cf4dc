"""The printed ticket: what stands on it, what never does, and the same bytes for the same ticket."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.units import mm

from holdfast_tickets.adapters import pencil, sheet, slip
from holdfast_tickets.adapters.draughtsman import draw
from holdfast_tickets.adapters.drawing_jobs import DONE, NAMELESS, PdfJob
from holdfast_tickets.adapters.lettering import fit, load_fonts, width_of
from holdfast_tickets.adapters.qr import QUIET_ZONE, qr_code, qr_png, qr_runs
from holdfast_tickets.adapters.ticket_pdf import ticket_pdf
from holdfast_tickets.domain.printing import Page, PaperSize, local_day, local_hours, printable, zone_name

PAGE = Page(
    business="Harbour Hall",
    colour="#0E5E6F",
    title="Harbour concert",
    day="Saturday, 12 June 2027",
    hours="20:00 – 22:00",
    zone="Europe/Berlin (UTC+02:00)",
    venue="Pier 7",
    attendee="Ida Berg",
    tier="Standard",
    seat="A1",
    position=2,
    party=5,
    booking_number="BK-7Q2M9KX4",
    code="9XK2M4QT7HWC",
    qr="T1:" + "A2B7" * 37 + "A",
    terms="Doors open two hours before the start.",
    cancelled=False,
)
BERLIN = ZoneInfo("Europe/Berlin")
PAPERS = pytest.mark.parametrize("paper", PaperSize)


@pytest.fixture(scope="module", autouse=True)
def _fonts():
    load_fonts()


def read(document: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages]


@PAPERS
def test_all_of_it_stands_on_the_ticket(paper) -> None:
    (text,) = read(ticket_pdf([PAGE], paper))
    said = (
        "Harbour Hall", "Harbour concert", "Saturday, 12 June 2027", "20:00 – 22:00", "Europe/Berlin (UTC+02:00)",
        "Pier 7", "Ida Berg", "Standard", "A1", "2 / 5", "9XK2 M4QT 7HWC", "BK-7Q2M9KX4", "Doors open",
    )  # fmt: skip
    assert [part for part in said if part not in text] == []
    assert "CANCELLED" not in text


@PAPERS
def test_a_page_each_on_the_right_paper(paper) -> None:
    pages = pypdf.PdfReader(io.BytesIO(ticket_pdf([PAGE, replace(PAGE, position=3)], paper))).pages
    width = {PaperSize.A4: 210, PaperSize.ROLL: 80}[paper]
    assert [round(float(page.mediabox.width) / mm) for page in pages] == [width, width]


@PAPERS
def test_the_same_ticket_has_the_same_bytes(paper) -> None:
    assert ticket_pdf([PAGE], paper) == ticket_pdf([PAGE], paper)
    assert ticket_pdf([PAGE], paper) != ticket_pdf([replace(PAGE, seat="A2")], paper)


@PAPERS
def test_a_cancelled_ticket_says_so(paper) -> None:
    assert "CANCELLED" in read(ticket_pdf([replace(PAGE, cancelled=True)], paper))[0]


@PAPERS
@pytest.mark.parametrize(
    "name", ["Ελευθερία Παπαδοπούλου", "Юлия Жданова", "Nguyễn Thị Ánh", "Łukasz Żółć", "Çağrı Şahin"]
)
def test_names_of_many_scripts_are_embedded(paper, name) -> None:
    document = ticket_pdf([replace(PAGE, attendee=name)], paper)
    assert name.split()[0] in read(document)[0]
    fonts = pypdf.PdfReader(io.BytesIO(document)).pages[0]["/Resources"]["/Font"]
    embedded = [font.get_object() for font in fonts.values() if "DejaVu" in str(font.get_object()["/BaseFont"])]
    assert embedded
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_the_code_is_large_enough() -> None:
    assert min(sheet.QR_EDGE, slip.QR_EDGE) >= pencil.MIN_QR


@PAPERS
def test_nothing_is_missing_where_little_is_known(paper) -> None:
    bare = replace(PAGE, venue="", attendee="", tier="", seat="", terms="", day="", hours="")
    (text,) = read(ticket_pdf([bare], paper))
    assert "ATTENDEE" not in text
    assert "Harbour concert" in text


wild = st.text(max_size=300).map(printable)


@settings(max_examples=40, deadline=None)
@given(wild, wild, wild, wild, wild)
def test_every_text_can_be_drawn(business, title, venue, attendee, seat) -> None:
    page = replace(PAGE, business=business, title=title, venue=venue, attendee=attendee, seat=seat, tier=seat)
    for paper in PaperSize:
        assert len(read(ticket_pdf([page], paper))) == 1


@given(
    st.text(min_size=1, max_size=400).map(printable).filter(bool), st.floats(20, 400), st.integers(1, 3), st.booleans()
)
def test_no_line_leaves_its_box(text, width, lines, bold) -> None:
    set_text = fit(text, width, sizes=(20, 6), lines=lines, bold=bold)
    assert len(set_text.lines) <= lines
    for line in set_text.lines:
        assert len(line) == 1 or width_of(line, set_text.font, set_text.size) <= width + 0.01


def test_a_long_name_shrinks_before_it_is_cut() -> None:
    long = fit("Maximiliane-Alexandra von und zu Hohenschwangau", 150, sizes=(15, 7), lines=2, bold=True)
    assert long.size < 15
    assert "".join(long.lines).replace("…", "").startswith("Maximiliane-Alexandra")
    assert fit("Ida", 150, sizes=(15, 7)).size == 15


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Ida\u202egreB", "IdagreB"),
        ("Ida\u2066\u2069\u200f Berg", "Ida Berg"),
        ("Ida\r\nBerg\t\tLund", "Ida Berg Lund"),
        ("I\x00d\x1ba\x7f", "Ida"),
        ("e\u0301", "é"),
        ("x" * 400, "x" * 300),
        (None, ""),
        ("  ", ""),
    ],
)
def test_texts_are_made_safe(raw, shown) -> None:
    assert printable(raw) == shown


def test_local_times() -> None:
    start, end = datetime(2027, 6, 12, 20, 0, tzinfo=UTC), datetime(2027, 6, 13, 0, 0, tzinfo=UTC)
    assert local_day(start, BERLIN) == "Saturday, 12 June 2027"
    assert local_hours(start, end, BERLIN) == "22:00 – 02:00 (+1 day)"
    assert local_hours(start, None, BERLIN) == "22:00"
    assert zone_name(start, BERLIN) == "Europe/Berlin (UTC+02:00)"
    assert zone_name(datetime(2027, 1, 1, tzinfo=UTC), BERLIN) == "Europe/Berlin (UTC+01:00)"


@pytest.mark.parametrize("scale", [1, 8, 20])
def test_the_picture_has_the_size_asked_for(scale) -> None:
    picture = Image.open(io.BytesIO(qr_png(PAGE.qr, scale)))
    modules = len(qr_code(PAGE.qr).matrix) + 2 * QUIET_ZONE
    assert picture.size == (modules * scale, modules * scale)
    assert qr_png(PAGE.qr, scale) == qr_png(PAGE.qr, scale)


@pytest.mark.parametrize("scale", [0, 21])
def test_other_scales_are_refused(scale) -> None:
    with pytest.raises(ValueError, match="scale"):
        qr_png(PAGE.qr, scale)


def test_runs_are_exactly_the_dark_modules() -> None:
    code = qr_code(PAGE.qr)
    drawn = {(run.row, run.column + step) for run in qr_runs(code) for step in range(run.length)}
    dark = {(row, column) for row, line in enumerate(code.matrix) for column, module in enumerate(line) if module}
    assert drawn == dark


def test_a_name_that_cannot_be_drawn_is_left_out(monkeypatch) -> None:
    def breaks(pages, paper):
        if any(page.attendee == "Broken" for page in pages):
            raise ValueError("a font failed")
        return ticket_pdf(pages, paper)

    monkeypatch.setattr("holdfast_tickets.adapters.draughtsman.ticket_pdf", breaks)
    drawn = draw(PdfJob((replace(PAGE, attendee="Broken"), PAGE), PaperSize.A4))
    assert (drawn[:1], draw(PdfJob((PAGE,), PaperSize.A4))[:1]) == (NAMELESS, DONE)
    texts = read(drawn[1:])
    assert "Ida Berg" not in texts[0]
    assert "9XK2 M4QT 7HWC" in texts[0]
    assert "Ida Berg" in texts[1]
