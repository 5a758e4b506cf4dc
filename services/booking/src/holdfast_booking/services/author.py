"""Who stands behind a command, as the domain knows them."""

from __future__ import annotations

from holdfast_booking.domain.history import Author
from holdfast_contracts.message import Actor


def author_of(actor: Actor) -> Author:
    """Return the author of what an actor asks for."""
    return Author(actor.type, actor.subject, staff=actor.staff)
