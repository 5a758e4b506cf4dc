"""The steps of the demo's evening: each does one thing over HTTP and says what happened."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from holdfast_local.client import Answer, Api, JsonObject
from holdfast_local.errors import StackError
from holdfast_local.progress import Progress

BUYERS = 200
STANDARD, BALCONY = 20, 5
PLACES = STANDARD + BALCONY
# Inside the check-in window, which opens two hours before the start.
STARTS_IN = timedelta(minutes=45)
LATE_CANCELLATION_PERCENT = "50"


@dataclass
class Evening:
    """One evening: the people who take part, and what has come of it so far."""

    owner: Api
    guest: Api
    door: Api
    progress: Progress
    output: Path
    content: JsonObject = field(default_factory=dict)
    session: JsonObject = field(default_factory=dict)
    sold: list[JsonObject] = field(default_factory=list)

    def say(self, text: str) -> None:
        """One line of the story."""
        self.progress.say("evening", text)

    def keep(self, name: str, answer: Answer) -> Path:
        """Write what was fetched to a file of the demo's directory."""
        self.output.mkdir(parents=True, exist_ok=True)
        path = self.output / name
        path.write_bytes(answer.content)
        return path


def demand(holds: bool, what: str) -> None:
    """The demo tells the truth or stops: raise StackError unless the sentence holds."""
    if not holds:
        raise StackError(f"This should not happen: {what}")


async def announce(evening: Evening) -> None:
    """Create the event with its two tiers, and the session of tonight."""
    evening.content = await evening.owner.create("/contents", _event())
    starts_at = (datetime.now(UTC) + STARTS_IN).replace(second=0, microsecond=0)
    path = f"/contents/{evening.content['id']}/sessions"
    body = {"startsAt": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", "capacity": PLACES}
    evening.session = await evening.owner.create(path, body)
    evening.say(
        f"{evening.content['title']}: {STANDARD} Standard and {BALCONY} Balcony, {PLACES} places in all, "
        f"tonight at {str(evening.session['localStart'])[11:16]}"
    )


def _event() -> Mapping[str, object]:
    return {
        "kind": "event",
        "mode": "session",
        "title": "Harbour concert, the last evening",
        "venue": "Pier 7",
        "durationMinutes": 120,
        "status": "published",
        "tiers": [
            {"name": "Standard", "kind": "paid", "price": "25.00", "quantity": STANDARD},
            {"name": "Balcony", "kind": "paid", "price": "40.00", "quantity": BALCONY},
        ],
        "policies": {
            "cancellation": {
                "customerCancel": True,
                "freeUntilHours": 24,
                "tiers": [{"hoursBefore": 0, "feeType": "percent", "value": LATE_CANCELLATION_PERCENT}],
            }
        },
    }


async def rush(evening: Evening) -> None:
    """Let all buyers press the button at once, and count what they are told."""
    evening.say(f"{BUYERS} buyers want a ticket, all at once …")
    began = time.monotonic()
    answers = await asyncio.gather(*(buy(evening, number) for number in range(BUYERS)))
    seconds = time.monotonic() - began
    evening.sold = [answer.json() for answer in answers if answer.status == 201]
    refused = Counter(answer.code for answer in answers if answer.status != 201)
    told = ", ".join(f"{count} × {code}" for code, count in refused.items())
    evening.say(f"{len(evening.sold)} bought, the others were refused ({told})")
    evening.say(f"every answer within {seconds:.2f} s, {BUYERS / seconds:.0f} decisions a second")
    demand(len(evening.sold) == PLACES, f"{len(evening.sold)} tickets were sold for {PLACES} places")
    demand(set(refused) == {"SOLD_OUT"}, f"buyers were refused for other reasons than SOLD_OUT: {told}")


async def buy(evening: Evening, number: int) -> Answer:
    """One buyer's attempt; every fifth wants the balcony."""
    wanted = cast(list[JsonObject], evening.session["tiers"])[1 if number % 5 == 0 else 0]
    body = {
        "contentId": evening.content["id"],
        "bookingMode": "session",
        "schedulePayload": {
            "sessionId": evening.session["id"],
            "items": [{"tierId": wanted["tierId"], "quantity": 1}],
        },
        "customerName": f"Buyer {number + 1}",
        "customerEmail": f"buyer{number + 1}@example.com",
    }
    return await evening.guest.write("POST", "/bookings", body)


async def fetch_papers(evening: Evening) -> JsonObject:
    """Fetch the first buyer's ticket as PDF, QR and calendar file; returns the ticket."""
    booking = evening.sold[0]
    ticket = await ticket_of(evening, booking)
    evening.say(f"{booking['customerName']} has booking {booking['bookingNumber']}, ticket {ticket['ticketCode']}")
    path = f"/bookings/{booking['id']}"
    links = cast(Mapping[str, str], booking["links"])
    qr = urlsplit(links["qr"])
    papers = {
        "ticket.pdf": (f"{path}/tickets/{ticket['id']}/pdf", b"%PDF-"),
        "ticket.png": (f"{qr.path}?{qr.query}&ticketId={ticket['id']}", b"\x89PNG"),
        "booking.ics": (f"{path}/calendar.ics", b"BEGIN:VCALENDAR"),
    }
    for name, (address, magic) in papers.items():
        answer = await evening.guest.read(address)
        demand(answer.content.startswith(magic), f"{address} is not what {name} should be")
        evening.say(f"wrote {evening.keep(name, answer)} ({len(answer.content):,} bytes)")
    return ticket


async def ticket_of(evening: Evening, booking: JsonObject) -> JsonObject:
    """The ticket of a booking for one; it is issued in reaction to the booking, a moment later."""
    for _ in range(100):
        tickets = (await evening.guest.read(f"/bookings/{booking['id']}/tickets")).array()
        if tickets:
            return tickets[0]
        await asyncio.sleep(0.1)
    raise StackError(f"Booking {booking['bookingNumber']} has no ticket after 10 s.")


async def until_cancelled(evening: Evening, booking: JsonObject) -> None:
    """Wait until the doors know of a cancellation; they hear of it a moment later."""
    for _ in range(100):
        if (await ticket_of(evening, booking))["status"] == "cancelled":
            return
        await asyncio.sleep(0.1)
    raise StackError(f"The ticket of {booking['bookingNumber']} is not cancelled after 10 s.")


async def open_doors(evening: Evening, ticket: JsonObject) -> None:
    """Scan the ticket at one door, and again at another."""
    first = await scan(evening, ticket, "North")
    evening.say(f"gate North scans {ticket['ticketCode']}: {first['result']}")
    demand(first["result"] == "valid", "the first scan was not valid")
    second = await scan(evening, ticket, "South")
    admission = cast(JsonObject, second["firstAdmission"])
    evening.say(f"gate South scans it again: {second['result']} (in at {admission['at']}, gate {admission['gate']})")
    demand(second["admitted"] is False, "the second scan was admitted")


async def scan(evening: Evening, ticket: JsonObject, gate: str) -> JsonObject:
    """One scan at a gate."""
    body = {"code": ticket["ticketCode"], "direction": "entry", "gate": gate, "deviceId": f"door-{gate.lower()}"}
    return (await evening.door.write("POST", "/bookings/scan", body)).json()


async def change_of_mind(evening: Evening) -> None:
    """One buyer cancels; the place is free at once, for one other and no more."""
    booking = evening.sold[-1]
    lost = await ticket_of(evening, booking)
    answer = await evening.guest.write("PATCH", f"/bookings/{booking['id']}/cancel", {"reason": "Ill"})
    demand(answer.status == 200, f"the cancellation answered {answer.status}: {answer.content[:300]!r}")
    evening.say(
        f"{booking['customerName']} cancels {booking['bookingNumber']}, which costs {LATE_CANCELLATION_PERCENT} %"
    )
    latecomers = [BUYERS + offset for offset in range(10)]
    same_tier = [number for number in latecomers if (number % 5 == 0) == _is_balcony(evening, booking)][:2]
    answers = [await buy(evening, number) for number in same_tier]
    evening.say(f"one place is free: the next buyer gets {answers[0].status}, the one after that {answers[1].status}")
    demand([answer.status for answer in answers] == [201, 409], "not exactly one place came free")
    await until_cancelled(evening, booking)
    result = (await scan(evening, lost, "North"))["result"]
    evening.say(f"the cancelled ticket at the door: {result}")
    demand(result == "cancelled", "a cancelled ticket was not refused as cancelled")


def _is_balcony(evening: Evening, booking: JsonObject) -> bool:
    payload = cast(JsonObject, booking["schedulePayload"])
    item = cast(list[JsonObject], payload["items"])[0]
    return item["tierId"] == cast(list[JsonObject], evening.session["tiers"])[1]["tierId"]
